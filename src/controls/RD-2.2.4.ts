import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import type { BoundClaim, Snapshot } from '../domain/snapshot.ts';
import type { Finding, Verdict } from '../domain/verdict.ts';
import { unknown } from '../domain/verdict.ts';
import type { Workload } from '../domain/workload.ts';
import { someOf, sortFindings } from './shared/findings.ts';
import { hostPathIssue } from './shared/host-paths.ts';
import { commonRule, judgeSpecs, specSubjects } from './shared/judge-specs.ts';
import type { SpecCheck } from './shared/spec-check.ts';

export const check: SpecCheck = (spec) =>
  spec.volumes
    .filter(({ sources }) => sources.includes('hostPath'))
    .map((volume) => hostPathIssue(spec, volume));

function evaluate(input: EvaluationInput): Verdict {
  const verdict = judgeSpecs(input, check, {
    one: 'uses hostPath volumes',
    many: 'use hostPath volumes',
    pass: 'No pod has a hostPath volume',
  });
  if (verdict.status !== 'Pass' && verdict.status !== 'Warn') return verdict;
  return judgeClaims(input.snapshot, verdict);
}

/** The pods themselves are clean; what stands behind their claims may still be a directory of a node. */
function judgeClaims({ workloads, volumes, cluster }: Snapshot, verdict: Verdict): Verdict {
  const subjects = workloads.available ? specSubjects(workloads.items) : [];
  const claiming = subjects.filter((workload) => claimsOf(workload).length > 0);
  if (claiming.length === 0) return verdict;
  if (!volumes.available) {
    const what = someOf(claiming.length, subjects.length, 'names a volume claim', 'name volume claims');
    return unknown(volumes.reason, `${what}, and what is behind them could not be read: ${volumes.message}`);
  }
  const bound = new Map(volumes.items.map((claim) => [claim.claim, claim]));
  // In a cluster a claim without a volume is not bound yet, and there is nothing behind it.
  const isMissing = (name: string) => !cluster.live && !bound.has(name);
  const missing = findingsOf(claiming, (workload, name) =>
    isMissing(name) ? missingFinding(workload, name) : undefined,
  );
  const local = findingsOf(claiming, (workload, name) => claimFinding(workload, bound.get(name)));
  if (missing.length + local.length === 0) return verdict;
  const mutated = verdict.status === 'Warn';
  const own =
    local.length === 0 ? 'No pod has a hostPath volume.' : 'No pod has a hostPath volume of its own.';
  const message = [
    mutated ? verdict.message : own,
    ...(local.length === 0 ? [] : [describeLocal(local.length, subjects.length)]),
    ...(missing.length === 0 ? [] : [describeMissing(missing.length, subjects.length)]),
  ].join(' ');
  const findings = sortFindings([...verdict.findings, ...local.flat(), ...missing.flat()]);
  if (missing.length > 0) return unknown('PartialEvidence', message, findings);
  const reason = mutated ? (verdict.reason ?? 'NodeVolume') : 'NodeVolume';
  return { status: 'Warn', reason, message, findings };
}

/** Those of each workload that has any. */
const findingsOf = (
  claiming: readonly Workload[],
  find: (workload: Workload, claim: string) => Finding | undefined,
): readonly (readonly Finding[])[] =>
  claiming
    .map((workload) => claimsOf(workload).flatMap((name) => find(workload, name) ?? []))
    .filter((findings) => findings.length > 0);

const describeLocal = (n: number, total: number): string =>
  `${someOf(n, total, 'uses a claim that is bound to a directory of a node', 'use claims that are bound to a directory of a node')}.`;

const describeMissing = (n: number, total: number): string =>
  `${someOf(n, total, 'names a claim', 'name claims')} whose volume was not in the input.`;

const missingFinding = ({ kind, name }: Workload, claim: string): Finding => ({
  subject: { kind, name },
  observed: claim,
  message: `What claim ${claim} is bound to was not in the input.`,
});

/** The live pods' claims; without live pods the template's. */
function claimsOf({ pods, template }: Workload): readonly string[] {
  const names = pods.length > 0 ? pods.flatMap(({ claims }) => claims) : (template?.claims ?? []);
  return [...new Set(names)];
}

function claimFinding(workload: Workload, claim: BoundClaim | undefined): Finding | undefined {
  const directory = claim?.hostPath ?? claim?.local;
  if (claim === undefined || directory === undefined) return undefined;
  const kind = claim.hostPath === undefined ? 'local' : 'hostPath';
  const example = workload.pods.find(({ claims }) => claims.includes(claim.claim))?.name;
  return {
    subject: { kind: workload.kind, name: workload.name },
    ...(example === undefined || workload.kind === 'Pod' ? {} : { example }),
    observed: `${kind} ${directory}`,
    message: `Claim ${claim.claim} is bound to volume ${claim.volume}, which is a directory of a node.`,
    severity: 'medium',
    ref: `PersistentVolume/${claim.volume}`,
  };
}

const control: BaseControl = {
  id: 'RD-2.2.4',
  title: 'No hostPath volumes',
  requirement: '§2: mandating adherence to the Restricted Pod Security Standard',
  severity: 'critical',
  scope: 'pod',
  rationale:
    "A directory of the node in a pod reads the node's credentials or writes what the node will run; the container runtime's socket is root on the node.",
  rule: `Pass: no volume is a hostPath. Fail: one is, mounted or not. Warn (NodeVolume): no hostPath, but a claim is bound to a PersistentVolume of type hostPath or local. ${commonRule} Unknown also: pods name claims, and what is bound to them could not be read, or (PartialEvidence) is not in the input of a scan.`,
  notes: [
    "A finding is critical where the path is, contains or lies in a container runtime's socket, /etc, /proc, /sys or /var/lib/kubelet, or is /; others are high.",
    'A read-only mount is named and not excused.',
    'In a scan of manifests a claim whose PersistentVolume is not in the input leaves the control Unknown: which kind of volume a StorageClass makes, a directory of a node among them, its provisioner alone knows. `kubectl get persistentvolumes,persistentvolumeclaims -A -o yaml` gives what the claims are bound to.',
  ],
  remediation:
    'Use a PersistentVolumeClaim, emptyDir, projected or CSI volume instead of hostPath; bind claims to network storage.',
  evidence: ['workloads', 'volumes'],
  parameters: [],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['AC-6', 'SC-4', 'SC-39'],
    nist800190: ['4.5.5', '4.4.3'],
    cis: ['5.2.12 (v1.11)', '5.2.11 (v1.12)'],
    nsaCisa: ['Kubernetes Pod security'],
    stig: ['V-254800'],
    srg: ['SRG-APP-000243-CTR-000595'],
    pss: ['HostPath Volumes [hostPathVolumes]'],
    trivy: ['KSV-0023', 'KSV-0006 (docker.sock)', 'KSV-0121'],
    kubescape: ['C-0048', 'C-0045', 'C-0074', 'C-0203'],
    other: ['kyverno disallow-host-path', 'kube-linter sensitive-host-mounts', 'kube-linter docker-sock'],
  },
  evaluate,
};
export default control;
