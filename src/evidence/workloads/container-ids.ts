import type { Json } from '../fields.ts';
import { isObject } from '../fields.ts';

const lists = ['initContainerStatuses', 'containerStatuses', 'ephemeralContainerStatuses'];

/** As much of an id as runtimes and sensors show. */
export const shortId = (id: string): string => id.slice(0, 12);

/** The short ids of a pod's containers as it runs, separated by commas: `containerd://5892b41bcf46…` is `5892b41bcf46`. */
export function containerIds(pod: Json): string {
  const status = isObject(pod['status']) ? pod['status'] : {};
  return lists
    .flatMap((list) => (Array.isArray(status[list]) ? (status[list] as unknown[]) : []))
    .flatMap((item) => (isObject(item) && typeof item['containerID'] === 'string' ? item['containerID'] : []))
    .map((id) => shortId(id.slice(id.indexOf('://') + 3)))
    .filter((id) => /^[0-9a-f]{12}$/.test(id))
    .join(',');
}
