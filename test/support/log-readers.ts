import type { LogReader } from '../../src/domain/log-readers.ts';
import { container, podSpec } from './builders.ts';

export interface ReaderOptions {
  readonly name?: string;
  readonly image?: string;
  readonly hostPath?: string;
  readonly labels?: LogReader['labels'];
  readonly ready?: boolean;
  readonly since?: number;
}

/** A ready fluentd that mounts /var/log, unless told otherwise. */
export function logReader(options: ReaderOptions = {}): LogReader {
  const {
    name = 'fluentd',
    image = 'app',
    hostPath = '/var/log',
    labels = {},
    ready = true,
    since,
  } = options;
  const volumeMounts = [{ name: 'logs', mountPath: '/logs', readOnly: true }];
  return {
    spec: podSpec({
      volumes: [{ index: 0, name: 'logs', sources: ['hostPath'], hostPath }],
      containers: [container({ name, image, volumeMounts })],
    }),
    labels,
    ready,
    ...(since === undefined ? {} : { since }),
  };
}
