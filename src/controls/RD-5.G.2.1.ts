import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import { compareText } from '../domain/compare-text.ts';
import type { FlowNode } from '../domain/flows.ts';
import type { PodSpec } from '../domain/pod-spec.ts';
import type { Verdict } from '../domain/verdict.ts';
import { notApplicable, soonest, unknown } from '../domain/verdict.ts';
import type { Workload } from '../domain/workload.ts';
import { isOneOf } from './shared/container-names.ts';
import { count, someOf, sortFindings } from './shared/findings.ts';
import { noWorkloads, specSubjects } from './shared/judge-specs.ts';
import { workloadFinding } from './shared/judge-workloads.ts';
import { nodesOf } from './shared/running-nodes.ts';

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

function evaluate(input: EvaluationInput): Verdict {
  const { snapshot, parameters } = input;
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
  return judgeBlind(input, blind, subjects.length);
}

/** Whose flows nobody traces, unless the network shows them. */
function judgeBlind(
  { snapshot, parameters, now }: EvaluationInput,
  blind: readonly Workload[],
  total: number,
): Verdict {
  const { flowNodes, workloads } = snapshot;
  const message = someOf(blind.length, total, 'shows no tracing', 'show no tracing');
  if (!flowNodes.available)
    return unknown(
      flowNodes.reason,
      `${message}, and what shows network flows is not known: ${flowNodes.message}`,
    );
  const nodes = workloads.available ? [...nodesOf(workloads.items).keys()] : [];
  const seen = nodes.map((node) =>
    seenBy(
      flowNodes.items.find(({ name }) => name === node),
      now,
    ),
  );
  const until = soonestOf(seen.map((each) => each.until));
  const timed = until === undefined ? {} : { validUntil: until };
  if (nodes.length > 0 && seen.every(({ names }) => names.length > 0)) {
    const names = [...new Set(seen.flatMap((each) => each.names))].toSorted(compareText);
    return {
      status: 'Pass',
      message: `The network shows the flows on all nodes that run its pods (${names.join(', ')}).`,
      findings: [],
      ...timed,
    };
  }
  const { gap } = flowNodes;
  if (gap !== undefined)
    return unknown(gap.reason, `${message}, and what shows network flows is not known: ${gap.message}`);
  const findings = sortFindings(
    blind.map((workload) => workloadFinding(workload, { message: 'Nothing shows that it is traced.' })),
  );
  const dark = seen.filter(({ names }) => names.length === 0).length;
  const where = nodes.length === 0 ? '' : ` on ${dark} of ${count(nodes.length, 'node')} that run its pods`;
  return {
    status: parameters['monitoring.requireFlowSource'] ? 'Fail' : 'Warn',
    message: `${message}, and no source of network flows is seen${where}.`,
    findings,
    ...timed,
  };
}

interface Seen {
  readonly names: readonly string[];
  /** When none of them counts any more, unless they come back. */
  readonly until: number | undefined;
}

function seenBy(node: FlowNode | undefined, now: number): Seen {
  const sources = node?.sources.filter(({ until }) => until === undefined || until > now) ?? [];
  const ends = sources.map(({ until }) => until);
  const until = ends.some((each) => each === undefined)
    ? undefined
    : Math.max(...ends.map((each) => each ?? 0));
  return { names: sources.map(({ name }) => name), until: sources.length === 0 ? undefined : until };
}

const soonestOf = (times: readonly (number | undefined)[]): number | undefined =>
  times.reduce<number | undefined>((first, time) => soonest(first, time), undefined);

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
  rule: 'A workload is traced when its pods (or, without live pods, its template) ask for OpenTelemetry or Jaeger by an annotation, have the agent beside them, or have one of the variables OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SERVICE_NAME, JAEGER_AGENT_HOST and JAEGER_ENDPOINT; or when an annotation of the namespace asks for it. Pass: monitoring.instrumentedPercent of the workloads or more are; or on every node that runs pods of the namespace the network shows flows, by Hubble, the flow logs of Calico or calico-accountant. Warn: neither; Fail where monitoring.requireFlowSource asks for it. NotApplicable (NoWorkloads, SingleWorkload): there are no two workloads. Unknown: too few are traced, and pods of the cluster, or the settings by which their agents tell of flows, could not be read; or the workloads could not be read.',
  notes: [
    "Hubble: a ready agent of Cilium on the node, and enable-hubble: 'true' in the ConfigMap cilium-config beside it. Flow logs of Calico: a ready calico-node, and the variable FELIX_FLOWLOGSGOLDMANESERVER that its operator sets, or flowLogsFileEnabled or flowLogsGoldmaneServer in the FelixConfiguration of the node, else in default. calico-accountant: a ready pod. Each must be owned by a DaemonSet, and counts for 15 minutes after it was last ready: a rollout hides nothing.",
    'What the agents do is read, not what comes of it: whether Hubble Relay, Goldmane or a Prometheus keeps the flows, and whether anybody looks, no object tells. Flow logs of a cloud provider are not seen.',
    'A backend for traces alone (OpenTelemetryCollector, Jaeger) warns as none does, so it is not read.',
    'In manifests nothing tells what the network shows: where too few workloads are traced, that is Unknown.',
    'That an SDK is compiled into an image is not seen.',
  ],
  remediation:
    'Add the OpenTelemetry SDK, or let its operator instrument the workload; or switch on Hubble, or the flow logs of Calico.',
  evidence: ['workloads'],
  alsoReads: ['flowsources'],
  parameters: ['monitoring.instrumentedPercent', 'monitoring.requireFlowSource'],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['SI-4(4)', 'CA-7'],
    nist800190: ['4.4.2'],
    nsaCisa: ['Service meshes', 'Logging'],
  },
  evaluate,
};
export default control;
