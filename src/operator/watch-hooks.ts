import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { WatchedHooks, Witness } from './watched.ts';
import type { OutageLog } from './outage-log.ts';

/** What is told of the watches, in log and metrics. */
export function watchHooks(options: {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly outages: OutageLog;
  /** At the start every resource changes; what is missing then is said once all have been read. */
  readonly ready: () => boolean;
  readonly onAvailability: () => void;
  readonly onReadability: WatchedHooks['onReadability'];
  readonly onRolledBack: (witness: Witness) => void;
}): WatchedHooks {
  const { logger, metrics, outages, ready, onAvailability, onReadability, onRolledBack } = options;
  return {
    onAvailability: ({ name: resource, problem }) => {
      const level = ready() ? 'info' : 'debug';
      logger[level]('a source changed', { resource, available: problem === undefined, problem });
      onAvailability();
    },
    onReadability,
    onEvent: (watched, event) => {
      const { name: resource } = watched;
      if (event.type === 'restart') {
        metrics.increment('plumbline_watch_restarts_total', { resource, reason: event.reason });
        outages.watchEnded(event.reason, event.error);
      } else if (event.type === 'relist') {
        metrics.increment('plumbline_watch_relists_total', { resource });
      } else if (event.type === 'rolled-back') {
        onRolledBack(watched);
      } else {
        const { namespace, name, error } = event;
        logger.warn('an object cannot be read', { resource, namespace, name, error });
      }
    },
  };
}
