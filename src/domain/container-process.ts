/**
 * What a container starts, as far as the manifest says it. Commands may hold more than was veiled: nothing of their text may ever stand
 * in a verdict, a log or a metric. What matched a pattern is told by the pattern.
 */
export interface ContainerProcess {
  /** `command` with `args`, and the commands of probes and hooks; none where the image decides alone. */
  readonly commands: readonly CommandLine[];
  /** Names of environment variables, in their order, repeats kept. */
  readonly env: readonly string[];
  /** Environment variables that name a log file, and where it lies. */
  readonly logSettings: readonly { readonly name: string; readonly to: LogTarget }[];
  /** ConfigMaps and Secrets that the environment refers to. */
  readonly references: readonly ConfigReference[];
  /** `readinessProbe`, `livenessProbe`, `startupProbe`, `lifecycle.preStop`, `lifecycle.postStart`: those that are there. */
  readonly handlers: readonly string[];
}

export interface CommandLine {
  /** Below the container, such as `command` or `livenessProbe.exec.command`. */
  readonly path: string;
  /** The words, joined by single spaces, with `…` where a secret is or may be. */
  readonly text: string;
  /** Set where the text is longer than what is held of it. */
  readonly cut?: true;
}

/** `stdout` is any spelling of the standard streams; `unknown` is a value that is taken from elsewhere. */
export type LogTarget = 'stdout' | 'file' | 'unknown';

/** A ConfigMap or Secret that a container or a volume needs. */
export interface ConfigReference {
  /** Below the container or the pod's `spec`. */
  readonly path: string;
  readonly kind: 'ConfigMap' | 'Secret';
  readonly name: string;
  readonly optional: boolean;
}

/** Names of the resources that a container (or a pod as a whole) states, such as `cpu`; an amount of 0 states none. */
export interface StatedResources {
  /** What limits alone are stated for has the same request. */
  readonly requests: readonly string[];
  readonly limits: readonly string[];
  /** Requests that a LimitRange put in on admission. */
  readonly defaulted?: readonly string[];
  /** Where 0 is written: `limits.memory`. */
  readonly zero?: readonly string[];
}
