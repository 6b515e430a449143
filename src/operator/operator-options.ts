import type { KubeConfig } from '@kubernetes/client-node';
import type { Clock } from '../base/clock.ts';
import type { Control } from '../domain/control.ts';
import type { Settings } from '../settings.ts';
import type { Logger } from '../telemetry/log.ts';
import type { LeaseTimes } from './leadership.ts';

export interface OperatorOptions {
  readonly settings: Settings;
  /** Loaded and checked: the base class alone would throw a bare ENOENT. */
  readonly kubeConfig: KubeConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly catalogue: readonly Control[];
  readonly random?: () => number;
  /** Milliseconds; shorter ones for tests. */
  readonly intervals?: {
    /** Least time between two writes of one report. */
    readonly write?: number;
    /** Between two writes of a summary. */
    readonly heartbeat?: number;
    /** Between two words of one replica to the others about what it hears. */
    readonly signs?: number;
    /** Between two looks at the metrics of sensors. */
    readonly metrics?: number;
    readonly lease?: LeaseTimes;
  };
}
