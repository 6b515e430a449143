import { stableText } from '../base/stable-text.ts';
import type { Snapshot, Source } from '../domain/snapshot.ts';
import type { Subject } from '../domain/verdict.ts';

/**
 * The same snapshot with its lists in one order. A watch, a relist and a folder of files give the same objects in
 * different orders; a control that names the first of them would then change its words, and the report its bytes.
 */
export function inOrder(snapshot: Snapshot): Snapshot {
  return {
    ...snapshot,
    workloads: sorted(snapshot.workloads, ({ kind, name, uid }) => [kind, name, uid]),
    networkPolicies: sorted(snapshot.networkPolicies, ({ name, kind }) => [name, kind]),
    volumes: sorted(snapshot.volumes, ({ claim, volume }) => [claim, volume]),
    vulnerabilityScans: sorted(snapshot.vulnerabilityScans, ({ name, container }) => [name, container]),
    secretScans: sorted(snapshot.secretScans, ({ name, container }) => [name, container]),
    sboms: sorted(snapshot.sboms, ({ name, container }) => [name, container]),
    scannerSettings: sorted(snapshot.scannerSettings, ({ scannerNamespace }) => [scannerNamespace]),
    configMaps: sorted(snapshot.configMaps, ({ name }) => [name]),
    runtime: sorted(snapshot.runtime, ({ rule, priority, subject }) => [rule, priority, ...keyOf(subject)]),
    services: sorted(snapshot.services, nameOf),
    serviceAccounts: sorted(snapshot.serviceAccounts, nameOf),
    roleBindings: sorted(snapshot.roleBindings, nameOf),
    rights: sorted(snapshot.rights, ({ kind, namespace, name }) => [kind, namespace, name]),
    limitRanges: sorted(snapshot.limitRanges, nameOf),
    autoscalers: sorted(snapshot.autoscalers, nameOf),
    disruptionBudgets: sorted(snapshot.disruptionBudgets, nameOf),
    claims: sorted(snapshot.claims, nameOf),
    logNodes: sorted(snapshot.logNodes, nameOf),
    sensorNodes: sorted(snapshot.sensorNodes, nameOf),
    flowNodes: sorted(snapshot.flowNodes, nameOf),
    admission: sorted(snapshot.admission, ({ kind, name }) => [kind, name]),
    policyAudits: sorted(snapshot.policyAudits, ({ is, name }) => [is, name]),
    gitOps: sorted(snapshot.gitOps, ({ kind, namespace, name }) => [kind, namespace, name]),
    exploited: sorted(snapshot.exploited, ({ namespace, name }) => [namespace, name]),
    mesh: sorted(snapshot.mesh, ({ is, namespace, name }) => [is, namespace, name]),
    ingresses: sorted(snapshot.ingresses, nameOf),
    proprietaryObjects: sorted(snapshot.proprietaryObjects, ({ group, kind, name }) => [group, kind, name]),
  };
}

type Key = readonly (string | undefined)[];

const nameOf = ({ name }: { readonly name: string }): Key => [name];

const keyOf = ({ kind, name, container }: Subject): Key => [kind, name, container];

/** A source is the same object for as long as it says the same, and there may be thousands of items. */
const known = new WeakMap<object, Source<unknown>>();

function sorted<T>(source: Source<T>, key: (item: T) => Key): Source<T> {
  const before = known.get(source);
  if (before !== undefined) return before as Source<T>;
  const result = sort(source, key);
  known.set(source, result);
  return result;
}

function sort<T>(source: Source<T>, key: (item: T) => Key): Source<T> {
  if (!source.available) return source;
  const order = (a: T, b: T) => compareKeys(key(a), key(b)) || compareContents(a, b);
  const { items } = source;
  // They mostly come in order, and there may be thousands.
  if (items.every((item, index) => index === 0 || order(items[index - 1] as T, item) <= 0)) return source;
  return { ...source, items: items.toSorted(order) };
}

function compareKeys(a: Key, b: Key): number {
  for (const [index, part = ''] of a.entries()) {
    const other = b[index] ?? '';
    if (part !== other) return part < other ? -1 : 1;
  }
  return 0;
}

/** Two that bear one name, as in a folder of manifests, differ in what they say, or not at all. */
function compareContents(a: unknown, b: unknown): number {
  const [left, right] = [stableText(a), stableText(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}
