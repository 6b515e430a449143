import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import type { ConfigReference } from '../domain/container-process.ts';
import type { Container, PodSpec } from '../domain/pod-spec.ts';
import { containerPath } from '../domain/pod-spec.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { Finding, Verdict } from '../domain/verdict.ts';
import { unknown } from '../domain/verdict.ts';
import type { Workload } from '../domain/workload.ts';
import { someOf, sortFindings } from './shared/findings.ts';
import { judgeSpecs, specSubjects } from './shared/judge-specs.ts';
import { distinctPods, exampleOf } from './shared/live-pods.ts';
import type { Issue, SpecCheck } from './shared/spec-check.ts';

const warn = { weight: 'warn' } as const;

export const check: SpecCheck = (spec) => [
  ...spec.settings.references.flatMap((reference) => judgeReference(reference, 'spec') ?? []),
  ...spec.containers.flatMap((container) => [
    ...container.process.references.flatMap(
      (reference) => judgeReference(reference, containerPath(container), container) ?? [],
    ),
    ...repeatedNames(container),
  ]),
];

function judgeReference(
  { path, kind, name, optional }: ConfigReference,
  at: string,
  container?: Container,
): Issue | undefined {
  if (!optional) return undefined;
  const place = { ...(container && { container: container.name }), path: `${at}.${path}.optional` };
  return {
    ...warn,
    ...place,
    observed: 'true',
    message: `It starts without ${kind} ${name}, where that is missing.`,
  };
}

function repeatedNames(container: Container): Issue[] {
  const { env } = container.process;
  const repeated = new Set(env.filter((name, index) => env.indexOf(name) !== index));
  return [...repeated].map((name) => ({
    ...warn,
    container: container.name,
    path: `${containerPath(container)}.env`,
    observed: name,
    message: 'The variable is set twice; the last one counts.',
  }));
}

function evaluate(input: EvaluationInput): Verdict {
  const texts = { one: 'starts without its configuration', many: 'start without their configuration' };
  const verdict = judgeSpecs(input, check, {
    ...texts,
    pass: 'Missing configuration stops every workload',
    warn: texts,
  });
  if (verdict.status !== 'Pass' && verdict.status !== 'Warn') return verdict;
  const { workloads } = input.snapshot;
  const subjects = specSubjects(workloads.available ? workloads.items : []);
  const there = configMapsIn(input.snapshot);
  const stuck = subjects
    .map((workload) => [...missingOf(workload), ...missingVolumes(workload, there)])
    .filter((findings) => findings.length > 0);
  if (stuck.length > 0) {
    const one = 'waits for configuration that is missing';
    const many = 'wait for configuration that is missing';
    const message = `${someOf(stuck.length, subjects.length, one, many)}.`;
    return { status: 'Fail', message, findings: sortFindings(stuck.flat()) };
  }
  if (verdict.status === 'Warn') return verdict;
  const unproven = subjects.filter((workload) => !isProven(workload));
  const [first] = unproven;
  if (first === undefined) return verdict;
  const one = 'needs ConfigMaps or Secrets of which no started container shows that they are there';
  const many = 'need ConfigMaps or Secrets of which no started container shows that they are there';
  return unknown(
    'NoEvidence',
    `${someOf(unproven.length, subjects.length, one, many)}, such as ${first.kind} ${first.name}.`,
  );
}

function missingOf(workload: Workload): Finding[] {
  const findings = distinctPods(workload).flatMap((pod) =>
    pod.spec.containers
      .filter(({ name }) => pod.containers[name]?.refused === 'MissingReference')
      .map((container) => ({
        subject: { kind: workload.kind, name: workload.name, container: container.name },
        ...exampleOf(workload, pod),
        path: containerPath(container),
        message: 'The kubelet cannot start it: a ConfigMap or Secret, or a key of one, is missing.',
      })),
  );
  return [...new Map(findings.map((one) => [one.subject.container, one])).values()];
}

/** All that there are, by name; undefined where they are not all known, as in manifests. */
const configMapsIn = ({ cluster, configMaps }: Snapshot): ReadonlySet<string> | undefined =>
  cluster.live && configMaps.available && configMaps.gap === undefined
    ? new Set(configMaps.items.map(({ name }) => name))
    : undefined;

/** Until all volumes are there, no container starts, and the kubelet tells of it in events alone. */
function missingVolumes(workload: Workload, there: ReadonlySet<string> | undefined): Finding[] {
  if (there === undefined) return [];
  const findings = distinctPods(workload).flatMap((pod) => {
    const waits = pod.node !== undefined && Object.values(pod.containers).every(({ started }) => !started);
    if (!waits) return [];
    return pod.spec.settings.references
      .filter(({ kind, name, optional }) => kind === 'ConfigMap' && !optional && !there.has(name))
      .map(({ path, name }) => ({
        subject: { kind: workload.kind, name: workload.name },
        ...exampleOf(workload, pod),
        path: `spec.${path}`,
        observed: name,
        message: `The kubelet cannot start its containers: ConfigMap ${name} is not there.`,
      }));
  });
  return [...new Map(findings.map((one) => [one.path, one])).values()];
}

const needsOf = ({ settings }: PodSpec, { process }: Container) =>
  [...settings.references, ...process.references].filter(({ optional }) => !optional);

/** A container that has started proves that all was there that it needs. What needs nothing has nothing to prove. */
function isProven({ pods, template }: Workload): boolean {
  const specs = new Set(pods.length > 0 ? pods.map(({ spec }) => spec) : template ? [template.spec] : []);
  return [...specs].every((spec) =>
    spec.containers.every(
      (container) =>
        needsOf(spec, container).length === 0 ||
        pods.some((pod) => pod.spec === spec && pod.containers[container.name]?.started === true),
    ),
  );
}

const control: BaseControl = {
  id: 'RD-5.H.4.2',
  title: 'Missing configuration fails at start, not silently',
  requirement: '§5: you would rather get an error at startup than strange behavior during runtime',
  severity: 'low',
  scope: 'container',
  rationale:
    'A container that starts without its configuration runs on defaults that nobody chose, and nobody notices until it matters.',
  rule: 'Pass: no reference to a ConfigMap or Secret is optional, no variable is set twice, and a started container shows that what it refers to is there. Warn: a reference (in env, envFrom or a volume) is optional, or a variable is set twice. Fail: a container waits for a ConfigMap or Secret, or a key of one, that is missing (CreateContainerConfigError); or no container of a pod has started, and a volume of it is of a ConfigMap that is not there. Unknown (NoEvidence): nothing of this, but no container has started that shows that what it refers to is there. NotApplicable (NoWorkloads): the namespace runs none. Live pods decide, on the specification that was admitted; without live pods the template does. Unknown: the workloads could not be read.',
  notes: [
    'Plumbline reads no Secrets, not even their names: that they are there shows in the containers that started with them. A template that has not run, and a scan of manifests, cannot show it.',
    'A pod that waits for a volume has not started, and events (FailedMount) are not read: that a ConfigMap is missing shows in the list of them, where the operator may read it, and that a Secret is, or a key of either, does not show.',
    'Of ephemeral containers the references count too.',
  ],
  remediation: 'Remove optional: true, and let the container fail at its start.',
  evidence: ['workloads'],
  alsoReads: ['configmaps'],
  parameters: [],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['SC-24', 'CM-6'],
    nist800190: ['4.1.2'],
    kubescape: ['C-0295'],
  },
  evaluate,
};
export default control;
