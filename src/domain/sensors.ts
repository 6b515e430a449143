/** A stretch of time in which events were lost; milliseconds since the epoch. */
export interface Loss {
  /** When it began, for people. */
  readonly since: number;
  /** So long at least it lasted, to the minute. */
  readonly until: number;
  /** Who lost them: the sensor on the node, Falcosidekick, or Plumbline. */
  readonly by: 'sensor' | 'sidekick' | 'operator';
}

/** Metrics that are to be read, and were not within runtime.blindSensorAfter. */
export interface MetricsGap {
  readonly of: 'falco' | 'falcosidekick';
  /** When they were read last, milliseconds since the epoch; absent where they never were. */
  readonly since?: number;
  /** Why not; absent where nobody has tried yet. */
  readonly why?: string;
}

/** Absent where no profile asks for metrics. */
export type MetricsState = 'read' | MetricsGap;

/** A pod of a runtime sensor. */
export interface SensorPod {
  /** One of `knownSensors`. */
  readonly sensor: string;
  readonly namespace: string;
  readonly name: string;
  /** Absent until it is scheduled. */
  readonly node?: string;
  readonly ready: boolean;
  /** Since when it is ready or not, milliseconds since the epoch; absent where nobody knows. */
  readonly since?: number;
  /** One of its containers waits to be started again, having failed again and again. */
  readonly crashing?: true;
  /** When one of its containers, which had to be started several times, failed last. */
  readonly crashedAt?: number;
  /** Events that the sensor on this node has lost. */
  readonly lost?: Loss;
  readonly metrics?: MetricsState;
}

/** What runs on a node cannot be watched by a sensor: nothing of the kind can run there. */
export type Uncoverable = 'windows' | 'virtual';

/** A node that runs pods of the namespace. */
export interface SensorNode {
  readonly name: string;
  /** When the first pod was seen on it, milliseconds since the epoch; absent when it was there before anybody looked. */
  readonly since?: number;
  readonly uncoverable?: Uncoverable;
  /** With those that went not long ago, which are not ready since then. */
  readonly pods: readonly SensorPod[];
  /** Whether an event of this node reached Plumbline within runtime.blindSensorAfter, and ever. */
  readonly signs: 'heard' | 'silent' | 'never';
  /** The last sign of one that is silent, milliseconds since the epoch. */
  readonly lastSign?: number;
  /** Since when no gap between signs was longer than runtime.blindSensorAfter; absent where there was never one. */
  readonly unbrokenSince?: number;
  /** There were signs before, and then a gap. */
  readonly broken?: true;
  /**
   * The same where pages of metrics count too; absent where the profile does not ask for them. They prove that a sensor
   * lives, and not that its events reach anybody.
   */
  readonly withPages?: Pick<SensorNode, 'signs' | 'lastSign'>;
  /** The last events of it, or of any node, that are known to be lost. */
  readonly lost?: Loss;
  /** Of its sensor and of what carries its events on. */
  readonly metrics?: MetricsState;
}

/** Runtime sensors whose pods are recognised; only what Falco sends is read as signs of life. */
export const knownSensors = ['falco', 'tetragon', 'tracee', 'kubescape', 'neuvector'] as const;
