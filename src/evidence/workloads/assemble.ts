import { compareText } from '../../domain/compare-text.ts';
import type { PackedLiterals } from '../../domain/literal.ts';
import type { Provenance } from '../../domain/provenance.ts';
import type {
  ControllerRef,
  KeyDomains,
  PodTemplate,
  Workload,
  WorkloadSettings,
} from '../../domain/workload.ts';
import { present } from '../present.ts';
import { currentControllers, isCurrent, newestFirst } from './current.ts';
import type { Chain } from './owner-chain.ts';
import { isRead, OwnerChains } from './owner-chain.ts';
import type { PodObject } from './project-pod.ts';
import type { WorkloadObject } from './project-workload.ts';

/** An owner that was read, with what it owns; it is the root itself, or stands directly below a root that was not read. */
interface Branch {
  readonly top: WorkloadObject;
  readonly members: WorkloadObject[];
  readonly live: PodObject[];
}

/** All that was read about one root. */
interface Group {
  readonly root: Chain['root'] | PodObject;
  readonly branches: Map<WorkloadObject, Branch>;
  /** Live pods that no owner that was read stands above. */
  readonly loose: PodObject[];
  /** Whether something has run to its end here. */
  finished: boolean;
}

/**
 * Groups the pods and controllers of one namespace by their top-level owner. Owners of a kind that is not read stand
 * for what they own, under the name that the reference gives them. Pods that are being deleted, ReplicaSets without
 * replicas, and owners that are being deleted and have no pods left, are nobody's workload.
 * @returns sorted by kind and name, in time that grows with the number of objects
 */
export function assembleWorkloads(input: {
  readonly pods: readonly PodObject[];
  readonly owners: readonly WorkloadObject[];
}): Workload[] {
  const chains = new OwnerChains(input.owners);
  const groups = new Map<string, Group>();
  for (const owner of input.owners) {
    const { key, root, top = owner } = chains.climb(owner);
    const group = groupAt(groups, key, root);
    branchAt(group, top).members.push(owner);
    group.finished ||= owner.completed;
  }
  for (const pod of input.pods) {
    if (pod.state !== 'deleting') addPod(groups, chains, pod);
  }
  return [...groups.values()].flatMap(toWorkloads).sort(byKindAndName);
}

function addPod(groups: Map<string, Group>, chains: OwnerChains, pod: PodObject): void {
  const chain = pod.owner && chains.follow(pod.owner);
  const group = groupAt(groups, chain?.key ?? pod.uid ?? `/Pod/${pod.name}`, chain?.root ?? pod);
  if (pod.state === 'finished') group.finished = true;
  else if (chain?.top === undefined) group.loose.push(pod);
  else branchAt(group, chain.top).live.push(pod);
}

function groupAt(groups: Map<string, Group>, key: string, root: Group['root']): Group {
  const group = groups.get(key) ?? { root, branches: new Map(), loose: [], finished: false };
  groups.set(key, group);
  return group;
}

function branchAt(group: Group, top: WorkloadObject): Branch {
  const branch = group.branches.get(top) ?? { top, members: [], live: [] };
  group.branches.set(top, branch);
  return branch;
}

function toWorkloads(group: Group): Workload[] {
  const { root, loose, branches } = group;
  if ('state' in root) {
    const { provenance, keyDomains } = root;
    const completed = loose.length === 0;
    return [describe(root, loose, { completed, controllers: [refTo(root)], provenance, keyDomains })];
  }
  return isRead(root) ? [...branches.values()].flatMap(fromBranch) : fromReference(group, root);
}

function fromBranch({ top, members, live }: Branch): Workload[] {
  if (live.length === 0 && !isCurrent(top) && !top.completed) return [];
  const { template, replicas } = top;
  const current = currentControllers(top, members);
  return [
    describe(top, live, {
      template,
      replicas,
      completed: top.completed && live.length === 0,
      controllers: current.map(refTo),
      settings: top.settings,
      provenance: top.provenance,
      keyDomains: top.keyDomains,
      blocked: current.find(({ blocked }) => blocked !== undefined)?.blocked,
      annotationLiterals: top.annotationLiterals,
    }),
  ];
}

/**
 * The template of a root that was not read is that of the one thing below it, or of the newest of its ReplicaSets, which
 * are revisions of each other. Several different things below it show their specifications by their pods; one that
 * has no pods is judged under its own name, so that no template goes unseen.
 */
function fromReference(group: Group, root: ControllerRef): Workload[] {
  const branches = [...group.branches.values()].filter(({ top, live }) => live.length > 0 || isCurrent(top));
  branches.sort((a, b) => newestFirst(a.top, b.top));
  const alike = branches.length === 1 || branches.every(({ top }) => top.kind === 'ReplicaSet');
  const source = alike ? branches[0]?.top : undefined;
  const joined = alike ? branches : branches.filter(({ live }) => live.length > 0);
  const own = alike ? [] : branches.filter(({ live }) => live.length === 0).flatMap(fromBranch);
  const live = [...group.loose, ...joined.flatMap((branch) => branch.live)];
  const empty = live.length === 0 && joined.length === 0;
  if (empty && !group.finished) return own;
  const current = joined.flatMap(({ top, members }) => currentControllers(top, members));
  const joint = describe(root, live, {
    template: source?.template,
    replicas: source?.replicas,
    completed: empty,
    controllers: [root, ...current].map(refTo),
    blocked: current.find(({ blocked }) => blocked !== undefined)?.blocked,
  });
  return [...own, joint];
}

interface Described {
  readonly template?: PodTemplate | undefined;
  readonly replicas?: number | undefined;
  readonly completed: boolean;
  readonly controllers: readonly ControllerRef[];
  readonly blocked?: string | undefined;
  readonly annotationLiterals?: PackedLiterals | undefined;
  readonly settings?: WorkloadSettings | undefined;
  readonly provenance?: Provenance | undefined;
  readonly keyDomains?: KeyDomains | undefined;
}

/** A policy keeps a workload from having pods only while it has none. */
function describe({ kind, name, uid }: ControllerRef, live: PodObject[], described: Described): Workload {
  const pods = live.sort((a, b) => compareText(a.name, b.name));
  const blocked = pods.length === 0 ? described.blocked : undefined;
  return present({ kind, name, uid, pods, ...described, blocked });
}

const refTo = ({ kind, name, uid }: ControllerRef): ControllerRef => present({ kind, name, uid });

const byKindAndName = (a: Workload, b: Workload) =>
  compareText(a.kind, b.kind) || compareText(a.name, b.name) || compareText(a.uid ?? '', b.uid ?? '');
