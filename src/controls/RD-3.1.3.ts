import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import type { Power, Right } from '../domain/rights.ts';
import type { Finding, Verdict } from '../domain/verdict.ts';
import { notApplicable, pass, unknown } from '../domain/verdict.ts';
import { count, sortFindings } from './shared/findings.ts';
import { collectorKind } from './shared/log-collectors.ts';
import { describeRight, isClusterWide, powersIn, rightFinding } from './shared/rights.ts';

const altering: readonly Power[] = [
  'changePipeline',
  'changeLogs',
  'enterPods',
  'forwardPorts',
  'escalate',
  'impersonate',
];
/** Nodes belong to no namespace, so that a RoleBinding gives nothing of them. */
const alteringInCluster: readonly Power[] = ['everything', ...altering, 'proxyNodes'];

/** Namespaces of the log pipeline beside this one; undefined where they are not known. */
function targetsOf({ snapshot, parameters }: EvaluationInput): readonly string[] | undefined {
  const { cluster, namespace, logNamespaces } = snapshot;
  const named = parameters['logs.namespaces'];
  const all = cluster.live
    ? logNamespaces
        ?.filter(
          ({ name, readers }) =>
            named.includes(name) ||
            readers.some((reader) => collectorKind(reader, parameters['logs.collectors']) === 'known'),
        )
        .map(({ name }) => name)
    : named;
  return all?.filter((name) => name !== namespace.name);
}

function judge(right: Right, targets: readonly string[], own: string): Finding[] {
  const { namespace, accounts, everyone } = right;
  if (namespace !== undefined && !targets.includes(namespace)) return [];
  const some = isClusterWide(right) ? alteringInCluster : ['everything' as const, ...altering];
  const { all, named } = powersIn(right, some);
  const found = some.filter((power) => all.includes(power) || named.includes(power));
  if (found.length === 0) return [];
  const what = describeRight(right, found, own);
  if (everyone || accounts.includes('*'))
    return [
      rightFinding(right, { kind: 'Namespace', name: own }, { message: `Every ServiceAccount ${what}.` }),
    ];
  return [...new Set(accounts)].map((name) =>
    rightFinding(right, { kind: 'ServiceAccount', name }, { message: `It ${what}.` }),
  );
}

function evaluate(input: EvaluationInput): Verdict {
  const { rights, namespace } = input.snapshot;
  const targets = targetsOf(input);
  if (targets === undefined)
    return unknown('NoEvidence', 'Which namespaces the log pipeline runs in is not known.');
  if (targets.length === 0)
    return notApplicable('NoLogPipeline', 'No other namespace is one of the log pipeline.');
  if (!rights.available) return unknown(rights.reason, rights.message);
  const findings = rights.items.flatMap((right) => judge(right, targets, namespace.name));
  const place = targets.length === 1 ? targets[0] : `${targets[0]} and ${count(targets.length - 1, 'other')}`;
  if (findings.length === 0)
    return pass(`No ServiceAccount of the namespace may alter the log pipeline (${place}).`);
  return {
    status: 'Fail',
    message: `ServiceAccounts of the namespace may alter the log pipeline (${place}).`,
    findings: sortFindings(findings),
  };
}

const control: BaseControl = {
  id: 'RD-3.1.3',
  title: 'Identities of the namespace cannot alter the log pipeline or its data',
  requirement: '§3: Logging Agent (no application can overwrite or modify logs)',
  severity: 'high',
  scope: 'namespace',
  rationale:
    'Who breaks into an application and can change what collects its logs leaves no trace of having been there.',
  rule: 'Of all that RoleBindings and ClusterRoleBindings of any namespace give the ServiceAccounts of the namespace, also through the groups system:serviceaccounts, system:serviceaccounts:<namespace> and system:authenticated. The log pipeline are the namespaces of logs.namespaces that exist, and those in which collectors run that are known by logs.collectors (RD-3.1.1). Fail: in one of these or in the whole cluster, one may create, update, patch or delete pods, DaemonSets, Deployments, StatefulSets, ConfigMaps or Secrets, or the logs of pods; run commands in pods, attach or forward ports; escalate or bind roles, or impersonate; or, in the whole cluster, use nodes/proxy. Pass: none may. NotApplicable (NoLogPipeline): there is no such namespace beside this one. Unknown: roles or bindings could not be read.',
  notes: [
    'cluster-admin and every other wildcard give these powers, and fail. A wildcard of an API group that none of these kinds belong to does not.',
    'The identities of the pipeline itself have to alter it: a namespace of the pipeline is judged by the others alone.',
    'A rule with resourceNames counts: one object of the pipeline is enough.',
    'A pipeline outside the cluster is not seen here; RD-3.1.2 asks for one.',
    'In manifests the namespaces of logs.namespaces count, whether they are among them or not, and collectors are not looked for. What the bindings there give too much fails. That none does passes only where they are those of a whole cluster, which the bindings show that each API server makes (cluster-admin, and those in kube-system): else Unknown (PartialEvidence). `kubectl get clusterroles,clusterrolebindings,roles,rolebindings -A -o yaml` gives them all.',
    'StatefulSets are not in the sentence of the reference design; log stores run as such.',
  ],
  remediation: 'Remove the binding, or bind a Role that does not reach the namespaces of the log pipeline.',
  evidence: ['roles', 'logcollectors'],
  parameters: ['logs.namespaces', 'logs.collectors'],
  verdicts: ['Pass', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['AU-9', 'AU-9(4)', 'AC-6'],
    nist800190: ['4.3.1'],
    cis: ['5.1.1', '5.1.3', '5.1.8', '5.1.10'],
    nsaCisa: ['Authentication and authorization'],
    trivy: ['KSV-0042 (delete pod logs)', 'KSV-0044', 'KSV-0046', 'KSV-0053'],
    kubescape: ['C-0035', 'C-0191', 'C-0279'],
  },
  evaluate,
};
export default control;
