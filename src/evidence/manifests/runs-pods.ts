import type { Json } from '../fields.ts';
import { isObject } from '../fields.ts';
import type { Identity } from './identify.ts';

/**
 * How many fields below `spec` a pod template may stand: a JobSet has it at `replicatedJobs[].template.spec.template`.
 * A policy that describes pod templates has its patterns deeper.
 */
const maxDepth = 3;

/**
 * Whether an object of a kind that is not read, such as a Knative Service, has a pod template of
 * which its controller makes pods.
 */
export function runsPods({ spec }: Json, { group, kind }: Identity): boolean {
  // History, of which only its own controller makes use.
  if (group === 'apps' && kind === 'ControllerRevision') return false;
  return isObject(spec) && holdsTemplate(spec, maxDepth);
}

function holdsTemplate(within: Json, depth: number): boolean {
  if (isPodTemplate(within['template'])) return true;
  if (depth === 0) return false;
  return Object.values(within)
    .flatMap((value) => (Array.isArray(value) ? value : [value]))
    .some((value) => isObject(value) && holdsTemplate(value, depth - 1));
}

const isPodTemplate = (value: unknown): boolean =>
  isObject(value) && isObject(value['spec']) && Array.isArray(value['spec']['containers']);
