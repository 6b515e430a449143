import type { PodSpec, Volume } from '../../domain/pod-spec.ts';
import type { Severity } from '../../domain/verdict.ts';
import type { Issue } from './spec-check.ts';

/** Whoever can write below these owns the node or its secrets. */
const sensitive = ['/etc', '/proc', '/sys', '/var/lib/kubelet'];
const runtimeSockets = [
  'docker.sock',
  'containerd/containerd.sock',
  'k3s/containerd/containerd.sock',
  'crio/crio.sock',
  'cri-dockerd.sock',
].flatMap((socket) => [`/run/${socket}`, `/var/run/${socket}`]);

/** Of a path on the node: critical where it is, holds, or lies in a place that gives away the node. */
export function hostPathSeverity(written: string): Severity {
  const path = normalise(written);
  const within = (outer: string, inner: string) => outer === '/' || `${inner}/`.startsWith(`${outer}/`);
  const reached = [...sensitive, ...runtimeSockets].some(
    (place) => within(path, place) || within(place, path),
  );
  return reached ? 'critical' : 'high';
}

/** Without `.`, `..` and repeated or trailing slashes, each of which the kernel ignores. */
function normalise(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

export function hostPathIssue(spec: PodSpec, volume: Volume): Issue {
  const path = volume.hostPath ?? '';
  return {
    path: `spec.volumes[${volume.index}].hostPath`,
    observed: path,
    message: `Volume "${volume.name}" is the node's ${path || 'file system'}; ${describeMounts(spec, volume)}.`,
    severity: hostPathSeverity(path),
  };
}

/** A read-only mount is told, not excused: it still shows the node's secrets. */
function describeMounts(spec: PodSpec, volume: Volume): string {
  const mounts = spec.containers.flatMap((container) =>
    container.volumeMounts
      .filter(({ name }) => name === volume.name)
      .map(({ readOnly }) => `${container.name}${readOnly ? ' (read-only)' : ''}`),
  );
  return mounts.length === 0 ? 'no container mounts it' : `mounted by ${[...new Set(mounts)].join(', ')}`;
}
