import type { EvaluationInput } from '../../domain/control.ts';
import type { Direction, NetworkPolicy } from '../../domain/network-policy.ts';
import { selects } from '../../domain/label-selector.ts';
import type { Finding, Verdict } from '../../domain/verdict.ts';
import { pass, unknown } from '../../domain/verdict.ts';
import type { Labels, Pod, PodTemplate, Workload } from '../../domain/workload.ts';
import { count, someOf, sortFindings } from './findings.ts';
import { isolationOf, policyDoubt, talkersOf, talking } from './isolation.ts';
import { noWorkloads } from './judge-specs.ts';
import { templatePrefix } from './judge-workload.ts';

interface Judged {
  readonly bypass?: Finding;
  readonly exposed?: Finding;
  /** The template breaks the rule, and the live pods do not. */
  readonly mutated?: Finding;
}

/** The verdict of "every pod is isolated" for one direction. */
export function judgeIsolation({ snapshot }: EvaluationInput, direction: Direction): Verdict {
  const { workloads, networkPolicies, cluster } = snapshot;
  if (!workloads.available) return unknown(workloads.reason, workloads.message);
  const subjects = talking(workloads.items);
  if (subjects.length === 0) return noWorkloads(snapshot);
  const policies = networkPolicies.available ? networkPolicies.items : [];
  const isIsolated = isolationOf(policies, direction);
  const all = subjects.map((workload) => judge(workload, { direction, policies, isIsolated }));
  const bypass = all.flatMap((one) => one.bypass ?? []);
  const exposed = all.flatMap((one) => one.exposed ?? []);
  const mutated = all.flatMap((one) => one.mutated ?? []);
  const [total, way] = [subjects.length, direction.toLowerCase()];
  const none = networkPolicies.available && networkPolicies.gap === undefined && policies.length === 0;
  const isNot = describeExposed(exposed.length, total, way, none);

  const doubt = policyDoubt(networkPolicies, cluster);
  if (bypass.length > 0) return failBypass(bypass, doubt === undefined ? exposed : [], total, isNot);
  if (doubt !== undefined && !networkPolicies.available) return unknown(doubt.reason, doubt.message);
  if (exposed.length > 0 && doubt !== undefined) {
    return unknown(doubt.reason, `${doubt.message} By those that are read, ${isNot}`, sortFindings(exposed));
  }
  if (exposed.length > 0) return { status: 'Fail', message: isNot, findings: sortFindings(exposed) };
  if (mutated.length > 0) return warnMutated(mutated, total, way);
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

function warnMutated(mutated: readonly Finding[], total: number, way: string): Verdict {
  const one = `is isolated for ${way} only in its live pods: its template lacks what the policies select`;
  const many = `are isolated for ${way} only in their live pods: their templates lack what the policies select`;
  const message = `${someOf(mutated.length, total, one, many)}.`;
  return { status: 'Warn', reason: 'CompliantByMutation', message, findings: sortFindings(mutated) };
}

function describeExposed(n: number, total: number, way: string, none: boolean): string {
  const why = none ? ': the namespace has no NetworkPolicy' : '';
  return `${someOf(n, total, `is not isolated for ${way}`, `are not isolated for ${way}`)}${why}.`;
}

interface Context {
  readonly direction: Direction;
  readonly policies: readonly NetworkPolicy[];
  readonly isIsolated: (labels: Labels) => boolean;
}

/** The live pods decide, on the labels and the network that were admitted; without live pods the template does. */
function judge(workload: Workload, context: Context): Judged {
  const { pods, template } = workload;
  const talkers = talkersOf(workload);
  const onHost = talkers.find(({ spec }) => spec.hostNetwork === true);
  const exposed = talkers.find(
    ({ spec, labels }) => spec.hostNetwork !== true && !context.isIsolated(labels),
  );
  if (onHost !== undefined || exposed !== undefined) {
    return {
      ...(onHost === undefined ? {} : { bypass: bypassFinding(workload, onHost) }),
      ...(exposed === undefined ? {} : { exposed: exposedFinding(workload, exposed, context) }),
    };
  }
  if (pods.length === 0 || template === undefined) return {};
  if (template.spec.hostNetwork === true) return { mutated: bypassFinding(workload, template) };
  return context.isIsolated(template.labels) ? {} : { mutated: exposedFinding(workload, template, context) };
}

function bypassFinding(workload: Workload, talker: Pod | PodTemplate): Finding {
  const written = workload.template?.spec.hostNetwork === true;
  return {
    ...subjectOf(workload, talker),
    path: `${written ? templatePrefix(workload.kind) : ''}spec.hostNetwork`,
    observed: 'true',
    message: `The pod${scopeOf(talker)} is on its node's network, where NetworkPolicies have no defined effect.`,
  };
}

function exposedFinding(workload: Workload, talker: Pod | PodTemplate, context: Context): Finding {
  const { direction, policies, isIsolated } = context;
  const labels = Object.entries(talker.labels).map(([key, value]) => `${key}=${value}`);
  const others = policies.filter(({ podSelector }) => selects(podSelector, talker.labels));
  const [first] = others;
  const opposite = direction === 'Ingress' ? 'egress' : 'ingress';
  const hint = first === undefined ? '' : ` "${first.name}" selects the pod and restricts only ${opposite}.`;
  // The place to mend it, where the template shows it too; else the place in the pod.
  const written = workload.template !== undefined && !isIsolated(workload.template.labels);
  return {
    ...subjectOf(workload, talker),
    path: `${written ? templatePrefix(workload.kind) : ''}metadata.labels`,
    observed: labels.sort().join(', ') || 'no labels',
    message: `No NetworkPolicy that restricts ${direction.toLowerCase()} selects the pod${scopeOf(talker)}.${hint}`,
  };
}

const scopeOf = (talker: Pod | PodTemplate) =>
  'mirror' in talker && talker.mirror ? ' (static pod, from a manifest on its node)' : '';

function subjectOf(
  { kind, name }: Workload,
  talker: Pod | PodTemplate,
): Pick<Finding, 'subject' | 'example'> {
  const live = 'name' in talker && kind !== 'Pod';
  return { subject: { kind, name }, ...(live ? { example: talker.name } : {}) };
}
