import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import { meshRootOf } from '../domain/mesh.ts';
import type { MeshPolicy, PeerAuthentication } from '../domain/mesh.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { Finding, Verdict } from '../domain/verdict.ts';
import { notApplicable, unknown } from '../domain/verdict.ts';
import type { Workload } from '../domain/workload.ts';
import { effectiveTls } from './shared/istio-tls.ts';
import { noWorkloads, specSubjects } from './shared/judge-specs.ts';
import type { WorkloadIssue } from './shared/judge-workloads.ts';
import { judgeWorkloads, workloadFinding } from './shared/judge-workloads.ts';
import { isClosed, openingsOf, portsWithoutServer, serversFor } from './shared/linkerd-tls.ts';
import { exampleOf } from './shared/live-pods.ts';
import type { Mesh, MeshUnit } from './shared/mesh-members.ts';
import { meshUnits } from './shared/mesh-members.ts';

/** Of what is judged in one namespace. */
interface Judging {
  readonly snapshot: Snapshot;
  readonly policies: readonly MeshPolicy[];
  /** Which default policy Linkerd was installed with, as far as a pod shows it. */
  readonly linkerdDefault: string | undefined;
}

type Told = Omit<Finding, 'subject' | 'example'>;

/** What is wrong with one unit: findings that fail or warn, or why that is not known. */
interface UnitIssues {
  readonly fail?: readonly Told[];
  readonly warn?: readonly Told[];
  readonly unseen?: string;
}

function evaluate(input: EvaluationInput): Verdict {
  const { snapshot } = input;
  const { workloads, mesh } = snapshot;
  if (!workloads.available) return unknown(workloads.reason, workloads.message);
  const subjects = specSubjects(workloads.items);
  if (subjects.length === 0) return noWorkloads(snapshot);
  const units = new Map(subjects.map((workload) => [workload, meshUnits(workload, snapshot)]));
  const all = [...units.values()].flat();
  if (all.every((unit) => unit.mesh === undefined && unit.asked === undefined)) return noMesh(snapshot);
  if (all.some((unit) => unit.mesh !== undefined)) {
    if (!mesh.available) return unknown(mesh.reason, mesh.message);
    // What was not read may close what looks open, and open what looks closed.
    if (mesh.gap !== undefined) return unknown(mesh.gap.reason, mesh.gap.message);
  }
  const policies = mesh.available ? mesh.items : [];
  const judging: Judging = { snapshot, policies, linkerdDefault: linkerdDefaultOf(all) };
  return judgeWorkloads(
    input,
    (workload) => judgeWorkload(workload, units.get(workload) ?? [], judging),
    texts,
  );
}

const texts = {
  one: 'is in a mesh, with mutual TLS switched off',
  many: 'are in a mesh, with mutual TLS switched off',
  pass: 'Every workload is in the mesh and takes mutual TLS alone',
  warn: {
    one: 'takes plain text, or is not in the mesh',
    many: 'take plain text, or are not in the mesh',
  },
  none: {
    reason: 'NoMesh',
    message: 'Only static pods and finished workloads are there, which no mesh is for.',
  },
};

function noMesh({ namespace, cluster }: Snapshot): Verdict {
  return notApplicable(
    'NoMesh',
    cluster.live
      ? `No pod of namespace ${namespace.name} is in a mesh.`
      : `Nothing among the manifests puts a pod of namespace ${namespace.name} into a mesh.`,
  );
}

function judgeWorkload(
  workload: Workload,
  units: readonly MeshUnit[],
  judging: Judging,
): WorkloadIssue | 'good' | 'out' {
  if (units.length === 0) return 'out';
  const judged = units.map((unit) => ({ unit, issues: judgeUnit(unit, judging) }));
  const findingsOf = (status: 'fail' | 'warn') => {
    const findings = judged.flatMap(({ unit, issues }) =>
      (issues[status] ?? []).map((told) =>
        workloadFinding(workload, { ...told, ...(unit.pod ? exampleOf(workload, unit.pod) : {}) }),
      ),
    );
    return distinct(findings);
  };
  const [failing, warning] = [findingsOf('fail'), findingsOf('warn')];
  if (failing.length > 0) return { status: 'Fail', findings: failing };
  const unseen = judged.find(({ issues }) => issues.unseen !== undefined)?.issues.unseen;
  if (unseen !== undefined)
    return {
      ...{ status: 'Unknown', findings: [], reason: 'NoEvidence' },
      message: `${workload.kind} ${workload.name} is in a mesh, and ${unseen}.`,
    };
  return warning.length > 0 ? { status: 'Warn', findings: warning } : 'good';
}

/** Pods of other labels may show the same: the first of them tells it. */
function distinct(findings: readonly Finding[]): readonly Finding[] {
  const first = new Map<string, Finding>();
  for (const finding of findings) {
    const key = JSON.stringify([finding.message, finding.observed, finding.ref]);
    if (!first.has(key)) first.set(key, finding);
  }
  return [...first.values()];
}

function judgeUnit(unit: MeshUnit, judging: Judging): UnitIssues {
  const { mesh } = unit;
  if (mesh === undefined) return { warn: [outside(unit)] };
  const issues = mesh === 'linkerd' ? judgeLinkerd(unit, judging) : judgeIstio(unit, judging);
  return { ...issues, warn: [...(issues.warn ?? []), ...bypassesOf(unit, mesh, judging.snapshot)] };
}

function outside({ spec, asked }: MeshUnit): Told {
  if (spec.hostNetwork === true)
    return {
      ...{ path: 'spec.hostNetwork', observed: 'true' },
      message: 'It uses the network of its node, and no mesh takes it.',
    };
  return {
    message:
      asked === undefined
        ? 'It is not in the mesh that others are in.'
        : 'It asks for a mesh, and its pod is not in it.',
  };
}

const named = ({ namespace, name }: PeerAuthentication): string => `PeerAuthentication ${namespace}/${name}`;

function judgeIstio(
  { spec, labels }: MeshUnit,
  { snapshot: { namespace, cluster }, policies }: Judging,
): UnitIssues {
  const peers = policies.filter((policy) => policy.is === 'peer');
  const place = { namespace: namespace.name, root: meshRootOf(spec), labels };
  const { mode, by, ports, portsBy } = effectiveTls(peers, place);
  const told = (policy: PeerAuthentication | undefined, observed: string, message: string): Told => ({
    observed,
    message,
    ...(policy === undefined ? {} : { ref: named(policy) }),
  });
  const portsWith = (wanted: string, what: string): Told[] =>
    ports
      .filter(([, each]) => each === wanted)
      .map(([port]) => told(portsBy, wanted, `Port ${port} ${what}.`));
  const fail = [
    ...(mode === 'DISABLE' ? [told(by, mode, 'Mutual TLS is switched off.')] : []),
    ...portsWith('DISABLE', 'has mutual TLS switched off'),
  ];
  const warn = portsWith('PERMISSIVE', 'also takes plain text');
  if (mode === 'PERMISSIVE') warn.push(told(by, mode, 'It also takes plain text.'));
  if (mode !== undefined) return { fail, warn };
  // The policy of the mesh is mostly kept elsewhere than the manifests of who uses it.
  if (
    !cluster.live &&
    !peers.some((policy) => policy.namespace === place.root && policy.selector === undefined)
  )
    return {
      fail,
      unseen: `no PeerAuthentication of its own decides, and that of the mesh, in ${place.root}, is not among the manifests`,
    };
  return { fail, warn: [...warn, told(undefined, 'UNSET', 'No PeerAuthentication asks for mutual TLS.')] };
}

function judgeLinkerd(
  { spec, labels, pod }: MeshUnit,
  { snapshot: { namespace }, policies, linkerdDefault }: Judging,
): UnitIssues {
  const servers = serversFor(policies, labels);
  const warn: Told[] = openingsOf(servers, policies).map((opening) => ({
    ...opening,
    message: 'Who has not proven who he is gets in.',
  }));
  const { inboundPolicy, injectedPolicy } = spec.settings.mesh ?? {};
  // The injector has copied the annotation of the namespace into the pod.
  const around =
    pod === undefined || injectedPolicy === undefined ? namespace.mesh?.inboundPolicy : undefined;
  const policy = inboundPolicy ?? around ?? injectedPolicy ?? linkerdDefault;
  if (policy !== undefined && isClosed(policy)) return { warn };
  const open = portsWithoutServer(spec, servers);
  if (open?.length === 0) return { warn };
  if (policy === undefined) return { unseen: 'which default policy Linkerd has is not known' };
  const which = open === undefined ? 'Any port' : `Port ${open.map((port) => port.containerPort).join(', ')}`;
  return {
    warn: [
      ...warn,
      { observed: policy, message: `${which} has no Server, and takes plain text by default.` },
    ],
  };
}

/** Of pods without an annotation of their own the injector shows the policy of the installation. */
const linkerdDefaultOf = (units: readonly MeshUnit[]): string | undefined =>
  units.flatMap(({ spec: { settings } }) =>
    settings.mesh?.inboundPolicy === undefined ? (settings.mesh?.injectedPolicy ?? []) : [],
  )[0];

const annotationsFor: Readonly<Record<Mesh, RegExp>> = {
  istio: /^(?:traffic\.)?sidecar\.istio\.io\//,
  ambient: /^ambient\.istio\.io\//,
  linkerd: /^config\.linkerd\.io\//,
};

function bypassesOf({ spec, pod }: MeshUnit, mesh: Mesh, { namespace }: Snapshot): Told[] {
  // Linkerd alone reads them of namespaces too, and a live pod shows what became of it.
  const around = mesh === 'linkerd' && pod === undefined ? (namespace.mesh?.bypasses ?? []) : [];
  return [...new Set([...(spec.settings.mesh?.bypasses ?? []), ...around])]
    .filter((each) => annotationsFor[mesh].test(each))
    .map((observed) => ({ observed, message: 'Some of what comes in goes round the proxy.' }));
}

const control: BaseControl = {
  id: 'RD-3.6.3',
  title: 'If a mesh is present, mutual TLS is strict',
  requirement: '§3 Table 1: Service Mesh Proxy',
  severity: 'medium',
  scope: 'namespace',
  rationale:
    'A mesh that also takes plain text encrypts for those who ask for it: who has got into the network asks for nothing, and is let in as before.',
  rule: 'Of Istio, with sidecars and ambient, and Linkerd. Pass: every workload is in the mesh, and nothing but mutual TLS is let in: by Istio, the PeerAuthentication that holds for the pod is STRICT, in all ports; by Linkerd, the default policy is all-authenticated, cluster-authenticated or deny, or every port that a container names has a Server, and nothing opens a Server. Warn: plain text is let in too, by PERMISSIVE, by no policy at all, by an open default policy, Server or authorization of Linkerd, or round the proxy; or a workload is not in the mesh. Fail: DISABLE, for the pod or one of its ports. NotApplicable (NoMesh, NoWorkloads): no pod is in a mesh, and none asks for one. Unknown (NoEvidence): the manifests do not show what decides, or the default policy of Linkerd is not known. Unknown: the workloads could not be read, or a pod is in a mesh and the policies could not be read.',
  notes: [
    "A live pod is in a mesh when it has the container istio-proxy or linkerd-proxy (a sidecar among the init containers counts), or when Istio's node agent has put the annotation ambient.istio.io/redirection on it. One that has not started yet, and asks for the ambient mesh, counts as if it were in it.",
    'Of a workload without pods, and in manifests, labels and annotations decide, as the injectors read them: istio-injection, istio.io/rev and istio.io/dataplane-mode of the namespace or the pod, sidecar.istio.io/inject of the pod, linkerd.io/inject of either. Where manifests say nothing of a mesh the control does not apply, although a cluster may inject a proxy all the same: scan them with their Namespace.',
    "The policy for a pod comes before that of its namespace, and that before the one of the mesh; UNSET leaves it to the next, and of two with one scope the oldest counts. The policy of the mesh stands in the namespace of the Istio that the sidecar names, else in istio-system: a rootNamespace of another name in Istio's configuration is not read.",
    'In manifests the policy of the mesh is mostly missing. Where it would decide, the control is Unknown: give it to the scan, or ask for STRICT in the namespace itself.',
    'In ambient mode Istio does not know DISABLE, and lets in both. It fails nevertheless, as what its author asks for.',
    "Linkerd's default policy is that of the annotation config.linkerd.io/default-inbound-policy, else the one that the injector has written into the proxy. Where it is open, ports that no container names stay open beside the Servers. That an authorization names a MeshTLSAuthentication or a ServiceAccount is enough: where that is missing, nobody is let in. One for a route is taken for one of any Server. The annotation config.linkerd.io/proxy-require-identity-inbound-ports is not read.",
    'Annotations that take ports or all inbound traffic away from the proxy warn, but for the ports of the proxies themselves.',
    'Jobs that opt out count, until they have finished. Static pods do not: no injector sees them. A pod that uses the network of its node warns.',
    'A gateway counts as in the mesh; what it takes from outside is not judged. DestinationRules, which say what clients do, and other meshes are not read.',
    'To read the policies takes config/mesh.',
  ],
  remediation:
    'Apply a PeerAuthentication with mtls.mode: STRICT, or set the default policy of Linkerd to all-authenticated, when all who call are in the mesh; bring the rest into it.',
  evidence: ['workloads'],
  alsoReads: ['servicemesh'],
  parameters: [],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['SC-8(1)', 'IA-9', 'SC-23'],
    nist800190: ['4.3.5'],
    nsaCisa: ['Service meshes'],
    other: ['kyverno istio/enforce-strict-mtls'],
  },
  evaluate,
};
export default control;
