import type { PodSpec } from './pod-spec.ts';
import type { Labels } from './workload.ts';

/** A pod that mounts the directories in which its node keeps the logs of containers. */
export interface LogReader {
  readonly spec: PodSpec;
  readonly labels: Labels;
  readonly ready: boolean;
  /** Milliseconds since the epoch; absent where nobody knows. */
  readonly since?: number;
}

/** A node that runs pods of the namespace. */
export interface LogNode {
  readonly name: string;
  /** When the first pod was seen on it, milliseconds since the epoch; absent when it was there before anybody looked. */
  readonly since?: number;
  /** With those that went not long ago, which are not ready since then. */
  readonly readers: readonly LogReader[];
}

/** A namespace in which log readers run, or that the profile calls one of the log pipeline. */
export interface LogNamespace {
  readonly name: string;
  readonly readers: readonly Pick<LogReader, 'spec' | 'labels'>[];
}

const podLogs = /^\/var\/log\/(?:pods|containers)(?:\/|$)/;

const normalise = (path: string): string => `/${path.split('/').filter(Boolean).join('/')}`;

/**
 * How a pod may read the logs of its node: `pods` where it mounts those of pods or containers by name, `all` where it
 * mounts all logs.
 */
export function logAccess({ volumes, containers }: PodSpec): 'pods' | 'all' | undefined {
  let access: 'all' | undefined;
  for (const { name, hostPath } of volumes) {
    if (hostPath === undefined) continue;
    const path = normalise(hostPath);
    const isPods = podLogs.test(path);
    if (!isPods && path !== '/var/log') continue;
    if (!containers.some(({ volumeMounts }) => volumeMounts.some((mount) => mount.name === name))) continue;
    if (isPods) return 'pods';
    access = 'all';
  }
  return access;
}
