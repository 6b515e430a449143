import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import type { PodSpec } from '../domain/pod-spec.ts';
import type { Verdict } from '../domain/verdict.ts';
import { notApplicable, unknown } from '../domain/verdict.ts';
import type { Workload } from '../domain/workload.ts';
import { isOneOf } from './shared/container-names.ts';
import { someOf, sortFindings } from './shared/findings.ts';
import { noWorkloads, specSubjects } from './shared/judge-specs.ts';
import { workloadFinding } from './shared/judge-workloads.ts';

const variables = [
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_SERVICE_NAME',
  'JAEGER_AGENT_HOST',
  'JAEGER_ENDPOINT',
];
const agents = ['jaeger-agent', 'otc-container'];

const isInstrumented = ({ settings, containers }: PodSpec): boolean =>
  settings.tracing.length > 0 ||
  containers.some(
    (container) =>
      isOneOf(container, agents) || container.process.env.some((name) => variables.includes(name)),
  );

function evaluate({ snapshot, parameters }: EvaluationInput): Verdict {
  const { workloads, namespace } = snapshot;
  if (!workloads.available) return unknown(workloads.reason, workloads.message);
  const subjects = specSubjects(workloads.items);
  if (subjects.length === 0) return noWorkloads(snapshot);
  if (subjects.length === 1)
    return notApplicable(
      'SingleWorkload',
      `Namespace ${namespace.name} runs one workload, so nothing flows between several.`,
    );
  const everywhere = (namespace.tracing ?? []).length > 0;
  const blind = everywhere ? [] : subjects.filter((workload) => !traces(workload));
  const seen = subjects.length - blind.length;
  const wanted = parameters['monitoring.instrumentedPercent'];
  if (seen * 100 >= wanted * subjects.length) {
    const how = everywhere ? ' An annotation of the namespace asks for it.' : '';
    return {
      status: 'Pass',
      message: `${someOf(seen, subjects.length, 'is traced', 'are traced')}.${how}`,
      findings: [],
    };
  }
  const message = `${someOf(blind.length, subjects.length, 'shows no tracing', 'show no tracing')}.`;
  if (parameters['monitoring.requireFlowSource'])
    return unknown(
      'NoEvidence',
      `${message} Whether a source of network flows sees them is not read by this version.`,
    );
  const findings = blind.map((workload) =>
    workloadFinding(workload, {
      message: 'Nothing shows that it is traced.',
    }),
  );
  return { status: 'Warn', message, findings: sortFindings(findings) };
}

function traces({ pods, template }: Workload): boolean {
  const specs = new Set(pods.length > 0 ? pods.map(({ spec }) => spec) : template ? [template.spec] : []);
  return [...specs].every(isInstrumented);
}

const control: BaseControl = {
  id: 'RD-5.G.2.1',
  title: 'Network or trace flows between components can be analysed',
  requirement: '§5: analyze network flows between components',
  severity: 'low',
  scope: 'namespace',
  rationale:
    'Who cannot see which component talks to which finds neither the cause of a fault nor the way of an intruder.',
  rule: 'A workload is traced when its pods (or, without live pods, its template) ask for OpenTelemetry or Jaeger by an annotation, have the agent beside them, or have one of the variables OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SERVICE_NAME, JAEGER_AGENT_HOST and JAEGER_ENDPOINT; or when an annotation of the namespace asks for it. Pass: monitoring.instrumentedPercent of the workloads or more are. Warn: fewer are. Unknown (NoEvidence): fewer are, and monitoring.requireFlowSource asks for a source of network flows, which is not read. NotApplicable (NoWorkloads, SingleWorkload): there are no two workloads. Unknown: the workloads could not be read.',
  notes: [
    'Only the part about tracing is read by this version. Sources of network flows (Hubble, flow logs of Calico) and tracing backends are not, so a namespace whose flows such a source shows warns nevertheless: tracing is what the requirement names. Where monitoring.requireFlowSource would turn the absence of a source into Fail, it is Unknown instead.',
    'That an SDK is compiled into an image is not seen.',
  ],
  remediation: 'Add the OpenTelemetry SDK, or let its operator instrument the workload.',
  evidence: ['workloads'],
  parameters: ['monitoring.instrumentedPercent', 'monitoring.requireFlowSource'],
  verdicts: ['Pass', 'Warn', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['SI-4(4)', 'CA-7'],
    nist800190: ['4.4.2'],
    nsaCisa: ['Service meshes', 'Logging'],
  },
  evaluate,
};
export default control;
