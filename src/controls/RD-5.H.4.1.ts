import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import type { TemplateField } from '../domain/parameters.ts';
import type { Container, PodSpec } from '../domain/pod-spec.ts';
import type { Workload } from '../domain/workload.ts';
import type { WorkloadIssue } from './shared/judge-workloads.ts';
import { judgeWorkloads, workloadFinding } from './shared/judge-workloads.ts';

/** Undefined where it cannot be told from what the API server fills in. */
type Presence = boolean | undefined;

const perContainer = (spec: PodSpec, holds: (container: Container) => Presence): Presence => {
  const all = spec.containers.filter(({ kind }) => kind !== 'ephemeralContainer').map(holds);
  if (all.includes(false)) return false;
  return all.includes(undefined) ? undefined : true;
};

/** What is absent was not written; what is there was, unless the API server may have put it there. */
const filledIn = (workload: Workload, name: string, value: unknown): Presence =>
  value === undefined ? false : workload.settings?.written?.includes(name);

const fields: Readonly<Record<TemplateField, (spec: PodSpec, workload: Workload) => Presence>> = {
  automountServiceAccountToken: ({ settings }) => settings.automountServiceAccountToken !== undefined,
  serviceAccountName: ({ settings }) => settings.serviceAccountName !== undefined,
  enableServiceLinks: ({ settings }, workload) =>
    // `true` is what the API server fills in; whoever wants the other value writes it.
    settings.enableServiceLinks === false ||
    filledIn(workload, 'enableServiceLinks', settings.enableServiceLinks),
  'securityContext.runAsNonRoot': (spec) => shared(spec, 'runAsNonRoot'),
  'securityContext.runAsUser': (spec) => shared(spec, 'runAsUser'),
  'securityContext.allowPrivilegeEscalation': (spec) =>
    perContainer(spec, ({ security }) => security.allowPrivilegeEscalation !== undefined),
  'securityContext.readOnlyRootFilesystem': (spec) =>
    perContainer(spec, ({ security }) => security.readOnlyRootFilesystem !== undefined),
  'securityContext.seccompProfile': (spec) => shared(spec, 'seccomp'),
  'securityContext.capabilities': (spec) =>
    perContainer(spec, ({ security }) => security.capabilities !== undefined),
  imagePullPolicy: (spec, workload) =>
    perContainer(spec, ({ name, imagePullPolicy }) =>
      filledIn(workload, `imagePullPolicy/${name}`, imagePullPolicy),
    ),
  resources: (spec) =>
    spec.settings.resources !== undefined ||
    perContainer(spec, ({ resources }) => resources.requests.length > 0),
  probes: (spec) =>
    perContainer(
      spec,
      ({ kind, process }) =>
        kind === 'initContainer' || process.handlers.some((name) => name.endsWith('Probe')),
    ),
  strategy: (_spec, workload) =>
    workload.settings?.strategy === undefined || filledIn(workload, 'strategy', workload.settings.strategy),
  terminationGracePeriodSeconds: ({ settings }, workload) =>
    filledIn(workload, 'terminationGracePeriodSeconds', settings.terminationGracePeriodSeconds),
};

const shared = (spec: PodSpec, key: 'runAsNonRoot' | 'runAsUser' | 'seccomp'): Presence =>
  spec.security[key] !== undefined || perContainer(spec, ({ security }) => security[key] !== undefined);

function judge({ parameters }: EvaluationInput, workload: Workload): WorkloadIssue | 'good' | 'out' {
  const spec = workload.template?.spec ?? workload.pods[0]?.spec;
  if (spec === undefined || spec.containers.length === 0) return 'out';
  const judged = parameters['workloads.explicitFields'].map(
    (name) => [name, fields[name](spec, workload)] as const,
  );
  const missing = judged.filter(([, written]) => written === false).map(([name]) => name);
  if (missing.length > 0) {
    const message = `${missing.length} of ${judged.length} fields are left to defaults.`;
    return {
      status: 'Warn',
      findings: [workloadFinding(workload, { observed: missing.map(shortOf).join(', '), message })],
    };
  }
  const unclear = judged.filter(([, written]) => written === undefined).map(([name]) => name);
  if (unclear.length === 0) return 'good';
  const message = `Whether somebody wrote ${unclear.join(', ')} of ${workload.kind} ${workload.name}, or the API server filled it in, cannot be told.`;
  return { status: 'Unknown', findings: [], message };
}

/** What stands in a security context stands nowhere else. */
const shortOf = (name: TemplateField) => name.replace(/^securityContext\./, '');

const texts = { one: 'leaves fields to their defaults', many: 'leave fields to their defaults' };

const control: BaseControl = {
  id: 'RD-5.H.4.1',
  title: 'Security-relevant defaults are set explicitly',
  requirement: '§5: understand default configuration; consider setting all configuration values explicitly',
  severity: 'low',
  scope: 'workload',
  rationale:
    'A default holds as if somebody had chosen it, and changes with the next version of the cluster without anybody noticing.',
  rule: 'Of the template of every workload, and of pods without one. Pass: every field of workloads.explicitFields is written in it: those of a container in each container and init container, or for the pod where that is possible, probes in each container but init containers. Warn: some are not; each finding lists them. It never fails. Unknown (PartialEvidence): none is missing, but of fields that the API server fills in it cannot be told whether somebody wrote them. NotApplicable (NoWorkloads, NoContainers): there is no template with containers. Unknown: the workloads could not be read.',
  notes: [
    'The API server fills in imagePullPolicy, strategy, terminationGracePeriodSeconds and enableServiceLinks: true. Who wrote them is read from what kubectl apply or a server-side apply left in the object; a manifest is taken as it is. Objects that were created otherwise (Helm without server-side apply) do not tell.',
    'capabilities counts as written when any are added or dropped. false need not be written for hostNetwork, hostPID and hostIPC.',
  ],
  remediation: 'Write the fields in the chart or manifest.',
  evidence: ['workloads'],
  parameters: ['workloads.explicitFields'],
  verdicts: ['Pass', 'Warn', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['CM-6', 'CM-2'],
    nist800190: ['4.1.2', '4.4.3'],
    cis: ['5.6.3'],
    srg: ['SRG-APP-000516-CTR-001325'],
    trivy: ['KSV-0118'],
  },
  evaluate: (input) =>
    judgeWorkloads(input, (workload) => judge(input, workload), {
      ...texts,
      pass: 'Every workload sets its fields explicitly',
      warn: texts,
      none: {
        reason: 'NoContainers',
        message: 'No workload of the namespace has a specification with containers.',
      },
    }),
};
export default control;
