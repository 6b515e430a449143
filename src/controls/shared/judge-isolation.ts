import type { EvaluationInput } from '../../domain/control.ts';
import type { Direction } from '../../domain/network-policy.ts';
import { holds } from '../../domain/pod-test.ts';
import type { Snapshot } from '../../domain/snapshot.ts';
import type { Finding, Verdict } from '../../domain/verdict.ts';
import { pass, unknown } from '../../domain/verdict.ts';
import type { Pod, PodTemplate, Workload } from '../../domain/workload.ts';
import { count, someOf, sortFindings } from './findings.ts';
import type { Isolation } from './isolation.ts';
import { identityOf, isolationIn, policyDoubt, talkersOf, talking, undecidedGap } from './isolation.ts';
import { noWorkloads } from './judge-specs.ts';
import { templatePrefix } from './judge-workload.ts';

interface Judged {
  readonly bypass?: Finding;
  readonly exposed?: Finding;
  /** Whether it is isolated is not known. */
  readonly undecided?: Finding;
  /** Denied are the pods of the cluster, and not what is outside of it. */
  readonly open?: Finding;
  /** The template breaks the rule, and the live pods do not. */
  readonly mutated?: Finding;
}

/** The verdict of "every pod is isolated" for one direction. */
export function judgeIsolation({ snapshot }: EvaluationInput, direction: Direction): Verdict {
  const { workloads, networkPolicies } = snapshot;
  if (!workloads.available) return unknown(workloads.reason, workloads.message);
  const subjects = talking(workloads.items);
  if (subjects.length === 0) return noWorkloads(snapshot);
  const context: Context = { snapshot, direction, isolation: isolationIn(snapshot, direction) };
  const all = subjects.map((workload) => judge(workload, context));
  const of = (kind: keyof Judged) => all.flatMap((one) => one[kind] ?? []);
  const [bypass, exposed] = [of('bypass'), of('exposed')];
  const [total, way] = [subjects.length, direction.toLowerCase()];
  const none =
    networkPolicies.available && networkPolicies.gap === undefined && networkPolicies.items.length === 0;
  const isNot = describeExposed(exposed.length, total, way, none);

  const doubt = policyDoubt(snapshot);
  if (bypass.length > 0) return failBypass(bypass, doubt === undefined ? exposed : [], total, isNot);
  if (doubt !== undefined && !networkPolicies.available) return unknown(doubt.reason, doubt.message);
  if (exposed.length > 0 && doubt !== undefined) {
    return unknown(doubt.reason, `${doubt.message} By those that are read, ${isNot}`, sortFindings(exposed));
  }
  if (exposed.length > 0) return { status: 'Fail', message: isNot, findings: sortFindings(exposed) };
  const undecided = of('undecided');
  if (undecided.length > 0) {
    const { reason, message } = undecidedGap(direction);
    return unknown(reason, message, sortFindings(undecided));
  }
  if (of('open').length > 0) return warnOpen(of('open'), total);
  if (of('mutated').length > 0) return warnMutated(of('mutated'), total, way);
  return pass(`Every pod is isolated for ${way} (${count(total, 'workload')}).`);
}

function failBypass(bypass: Finding[], exposed: Finding[], total: number, isNot: string): Verdict {
  const one = "is on its node's network, where NetworkPolicies have no defined effect";
  const many = "are on their nodes' network, where NetworkPolicies have no defined effect";
  const message = `${someOf(bypass.length, total, one, many)}.`;
  const findings = sortFindings([...bypass, ...exposed]);
  if (exposed.length === 0) return { status: 'Fail', reason: 'HostNetworkBypass', message, findings };
  return { status: 'Fail', message: `${isNot} ${message}`, findings };
}

function warnOpen(open: readonly Finding[], total: number): Verdict {
  const one = 'is denied egress to other pods only: addresses outside of the cluster stay open';
  const many = 'are denied egress to other pods only: addresses outside of the cluster stay open';
  const message = `${someOf(open.length, total, one, many)}.`;
  return { status: 'Warn', reason: 'ClusterOnly', message, findings: sortFindings(open) };
}

function warnMutated(mutated: readonly Finding[], total: number, way: string): Verdict {
  const one = `is isolated for ${way} only in its live pods: its template lacks what the policies select`;
  const many = `are isolated for ${way} only in their live pods: their templates lack what the policies select`;
  const message = `${someOf(mutated.length, total, one, many)}.`;
  return { status: 'Warn', reason: 'CompliantByMutation', message, findings: sortFindings(mutated) };
}

function describeExposed(n: number, total: number, way: string, none: boolean): string {
  const why = none ? ': the namespace has no network policy' : '';
  return `${someOf(n, total, `is not isolated for ${way}`, `are not isolated for ${way}`)}${why}.`;
}

interface Context {
  readonly snapshot: Snapshot;
  readonly direction: Direction;
  readonly isolation: (talker: Pod | PodTemplate) => Isolation;
}

/** The live pods decide, on the labels and the network that were admitted; without live pods the template does. */
function judge(workload: Workload, context: Context): Judged {
  const { pods, template } = workload;
  const talkers = talkersOf(workload);
  const onHost = talkers.find(({ spec }) => spec.hostNetwork === true);
  const own = talkers.filter(({ spec }) => spec.hostNetwork !== true);
  const found = (isolation: Isolation) => own.find((talker) => context.isolation(talker) === isolation);
  const exposed = found('exposed');
  if (onHost !== undefined || exposed !== undefined) {
    return {
      ...(onHost === undefined ? {} : { bypass: bypassFinding(workload, onHost) }),
      ...(exposed === undefined ? {} : { exposed: exposedFinding(workload, exposed, context) }),
    };
  }
  const undecided = found('undecided');
  if (undecided !== undefined) return { undecided: undecidedFinding(workload, undecided, context) };
  const open = found('clusterOnly');
  if (open !== undefined) return { open: openFinding(workload, open) };
  if (pods.length === 0 || template === undefined) return {};
  if (template.spec.hostNetwork === true) return { mutated: bypassFinding(workload, template) };
  if (context.isolation(template) === 'isolated') return {};
  return { mutated: exposedFinding(workload, template, context) };
}

function undecidedFinding(workload: Workload, talker: Pod | PodTemplate, { snapshot }: Context): Finding {
  const identity = identityOf(snapshot, talker);
  const { networkPolicies } = snapshot;
  const doubtful = (networkPolicies.available ? networkPolicies.items : []).filter(
    ({ selects, ties }) => holds(selects, identity) === undefined || ties,
  );
  const names = [...new Set(doubtful.map(({ kind, name }) => `${kind} ${name}`))].sort();
  return {
    ...subjectOf(workload, talker),
    message: `Whether the pod is isolated cannot be told; it depends on ${names.slice(0, 3).join(', ')}${names.length > 3 ? ' and others' : ''}.`,
  };
}

const openFinding = (workload: Workload, talker: Pod | PodTemplate): Finding => ({
  ...subjectOf(workload, talker),
  message: 'Policies deny egress to every pod, and leave addresses outside of the cluster open.',
});

function bypassFinding(workload: Workload, talker: Pod | PodTemplate): Finding {
  const written = workload.template?.spec.hostNetwork === true;
  return {
    ...subjectOf(workload, talker, written),
    path: `${written ? templatePrefix(workload.kind) : ''}spec.hostNetwork`,
    observed: 'true',
    message: `The pod${scopeOf(talker)} is on its node's network, where NetworkPolicies have no defined effect.`,
  };
}

function exposedFinding(workload: Workload, talker: Pod | PodTemplate, context: Context): Finding {
  const { direction, snapshot, isolation } = context;
  const labels = Object.entries(talker.labels).map(([key, value]) => `${key}=${value}`);
  const identity = identityOf(snapshot, talker);
  const policies = snapshot.networkPolicies.available ? snapshot.networkPolicies.items : [];
  const half = policies.find((policy) => policy[direction] === undefined && holds(policy.selects, identity));
  const opposite = direction === 'Ingress' ? 'egress' : 'ingress';
  const hint = half === undefined ? '' : ` "${half.name}" selects the pod and restricts only ${opposite}.`;
  // The place to mend it, where the template shows it too; else the place in the pod.
  const written = workload.template !== undefined && isolation(workload.template) !== 'isolated';
  return {
    ...subjectOf(workload, talker, written),
    // Where there is no policy, no label is wrong.
    ...(policies.length === 0 && policyDoubt(snapshot) === undefined
      ? {}
      : {
          path: `${written ? templatePrefix(workload.kind) : ''}metadata.labels`,
          observed: labels.sort().join(', ') || 'no labels',
        }),
    message: `No policy that restricts ${direction.toLowerCase()} selects the pod${scopeOf(talker)}.${hint}`,
  };
}

const scopeOf = (talker: Pod | PodTemplate) =>
  'mirror' in talker && talker.mirror ? ' (static pod, from a manifest on its node)' : '';

/** @param written the template shows it too, so that no pod needs to be named */
function subjectOf(
  { kind, name }: Workload,
  talker: Pod | PodTemplate,
  written = false,
): Pick<Finding, 'subject' | 'example'> {
  const example = 'name' in talker && kind !== 'Pod' && !written;
  return { subject: { kind, name }, ...(example ? { example: talker.name } : {}) };
}
