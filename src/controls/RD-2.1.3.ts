import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import type { Container } from '../domain/pod-spec.ts';
import { containerPath } from '../domain/pod-spec.ts';
import type { RuntimeFinding } from '../domain/runtime.ts';
import type { Finding, Verdict } from '../domain/verdict.ts';
import type { Pod, Workload } from '../domain/workload.ts';
import type { WorkloadIssue } from './shared/judge-workloads.ts';
import { count, sortFindings } from './shared/findings.ts';
import { judgeWorkloads } from './shared/judge-workloads.ts';
import { distinctPods, exampleOf, unseenInManifests } from './shared/live-pods.ts';
import { effective, inUserNamespace, isWindows } from './shared/pod-security.ts';
import { isInWindow, leavesAt } from './shared/runtime-window.ts';
import { contextOf } from './shared/spec-check.ts';

/** What is known of the user of one container that runs, or cannot be started. */
type Identity =
  | { readonly is: 'Fail' | 'Warn'; readonly message: string; readonly observed?: string }
  | { readonly is: 'observed' | 'enforced' | 'unseen' };

function identityOf(pod: Pod, container: Container): Identity | undefined {
  const state = pod.containers[container.name];
  if (state?.refused === 'RootImage')
    return { is: 'Fail', message: 'The kubelet does not start it, since its image runs as root.' };
  if (state?.refused === 'NamedUser')
    return {
      is: 'Warn',
      message: 'The kubelet does not start it, since the user of its image is a name, not a number.',
    };
  if (state?.started !== true) return undefined;
  const fail = (message: string): Identity => ({ is: 'Fail', observed: '0', message });
  if (state.uid !== undefined)
    return state.uid === 0 ? fail('Its first process runs as UID 0.') : { is: 'observed' };
  const user = effective(pod.spec, container, 'runAsUser').value;
  if (user === 0) return fail('It was started with runAsUser 0.');
  const kept = user !== undefined || effective(pod.spec, container, 'runAsNonRoot').value === true;
  return { is: kept ? 'enforced' : 'unseen' };
}

/** The rule of Falco that sees a process of root start in a container; it is off unless somebody turns it on. */
const rootRule = 'Container Run as Root User';

/** What Falco saw stands, whatever the status of the pods says: a process may have become root later. */
function evaluate(input: EvaluationInput): Verdict {
  const verdict = judgeStatus(input);
  const window = input.parameters['runtime.alertWindow'];
  const seen = seenByFalco(input).filter((each) => isInWindow(each, window, input.now));
  if (seen.length === 0) return verdict;
  const told = `Falco saw processes of root start within runtime.alertWindow (${count(seen.length, 'finding')}).`;
  const isFail = verdict.status === 'Fail';
  return {
    status: 'Fail',
    message: isFail ? `${verdict.message} ${told}` : told,
    findings: sortFindings([...(isFail ? verdict.findings : []), ...seen.map(toFinding)]),
    validUntil: Math.min(...seen.map((each) => leavesAt(each, window))),
  };
}

function seenByFalco(input: EvaluationInput): readonly RuntimeFinding[] {
  const { runtime, workloads } = input.snapshot;
  if (!runtime.available) return [];
  const context = contextOf(input);
  const excused = new Set(
    (workloads.available ? workloads.items : [])
      .filter(({ pods }) => pods.length > 0 && pods.every(({ spec }) => inUserNamespace(spec, context)))
      .map(({ kind, name }) => `${kind}/${name}`),
  );
  return runtime.items.filter(
    ({ rule, subject }) => rule === rootRule && !excused.has(`${subject.kind}/${subject.name}`),
  );
}

const toFinding = ({ subject, example, lastSeen, sample, rule }: RuntimeFinding): Finding => ({
  subject,
  ...(example === undefined || subject.kind === 'Pod' ? {} : { example }),
  observed: sample,
  message: `Falco saw a process of root start in it, last at ${lastSeen}.`,
  ref: rule,
});

function judgeStatus(input: EvaluationInput): Verdict {
  const unseen = unseenInManifests(input.snapshot);
  if (unseen !== undefined) return unseen;
  let enforced = false;
  const judge = (workload: Workload): WorkloadIssue | 'good' | 'out' => {
    const found = observe(input, workload);
    enforced ||= found.some(({ identity }) => identity.is === 'enforced');
    return decide(workload, found);
  };
  const verdict = judgeWorkloads(input, judge, {
    one: 'runs as root',
    many: 'run as root',
    pass: 'No container runs as root',
    warn: { one: 'has an image with a named user', many: 'have images with a named user' },
    none: {
      reason: 'NothingRuns',
      message: 'No container of the namespace has started that this is asked of.',
    },
  });
  if (verdict.status !== 'Pass' || !enforced) return verdict;
  const how = 'Of some no user is reported: the kubelet started them with a user that is not root.';
  return { ...verdict, reason: 'EnforcedByKubelet', message: `${verdict.message} ${how}` };
}

interface Observed {
  readonly pod: Pod;
  readonly container: Container;
  readonly identity: Identity;
}

function observe(input: EvaluationInput, workload: Workload): Observed[] {
  const context = contextOf(input);
  return distinctPods(workload)
    .filter(({ spec }) => !isWindows(spec))
    .flatMap((pod) =>
      pod.spec.containers.flatMap((container) => {
        const identity = identityOf(pod, container);
        if (identity === undefined) return [];
        const excused = identity.is === 'Fail' && inUserNamespace(pod.spec, context);
        return [{ pod, container, identity: excused ? ({ is: 'observed' } as const) : identity }];
      }),
    );
}

function decide(workload: Workload, found: readonly Observed[]): WorkloadIssue | 'good' | 'out' {
  if (found.length === 0) return 'out';
  for (const status of ['Fail', 'Warn'] as const) {
    const findings = found.flatMap((each) => findingOf(workload, each, status) ?? []);
    const first = [
      ...new Map(findings.map((one) => [`${one.subject.container} ${one.message}`, one])).values(),
    ];
    if (status === 'Warn' && found.some(({ identity }) => identity.is === 'unseen')) {
      const message = `As which user containers of ${workload.kind} ${workload.name} run is not reported, and nothing keeps them from root.`;
      return { status: 'Unknown', reason: 'NoEvidence', findings: [], message };
    }
    if (first.length > 0) return { status, findings: first };
  }
  return 'good';
}

function findingOf(
  workload: Workload,
  { pod, container, identity }: Observed,
  status: string,
): Finding | undefined {
  if (identity.is !== status || !('message' in identity)) return undefined;
  return {
    subject: { kind: workload.kind, name: workload.name, container: container.name },
    ...exampleOf(workload, pod),
    path: containerPath(container),
    ...(identity.observed === undefined ? {} : { observed: identity.observed }),
    message: identity.message,
  };
}

const control: BaseControl = {
  id: 'RD-2.1.3',
  title: 'Observed process identity is not root',
  requirement: '§2: forbidding containers to run as root',
  severity: 'high',
  scope: 'container',
  rationale:
    'A specification says who may run; only the status says who does. An image whose user is root shows here, whatever was meant.',
  rule: 'Of every container that runs or has run, by the status of its pod. Pass: each reports a UID other than 0. Pass (EnforcedByKubelet): none is reported, but the kubelet started the container with runAsNonRoot true or a runAsUser above 0. Fail: one reports UID 0, was started with runAsUser 0, or is not started because its image runs as root; or Falco saw a process of root start in one within runtime.alertWindow. Warn: one is not started because the user of its image is a name, which the kubelet cannot judge. Unknown (NoEvidence): no user is reported and nothing keeps it from root, or only manifests are there. NotApplicable (NoWorkloads, NothingRuns): nothing runs. Unknown: the workloads could not be read.',
  notes: [
    'The UID is that of the first process; a setuid file may change it later (RD-2.2.8, RD-5.H.9.1).',
    'Init containers that have ended keep their user, and count. Windows pods are left out.',
    'hostUsers: false is excused as in RD-2.1.1: the UID that is reported is that inside the container. podSecurity.userNamespaces: strict takes that away.',
    'Runtimes report the user since Kubernetes 1.31 (SupplementalGroupsPolicy).',
    'Falco’s rule "Container Run as Root User" is of its sandbox set, and off by default. Where its events could not be read, the status of the pods alone decides.',
  ],
  remediation:
    'Build the image with a numeric USER, and without an entrypoint that changes the user (su, gosu).',
  evidence: ['workloads'],
  alsoReads: ['falco'],
  parameters: ['podSecurity.userNamespaces', 'runtime.alertWindow'],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['AC-6', 'SI-4'],
    nist800190: ['4.4.3'],
  },
  evaluate,
};
export default control;
