import type { EvaluationInput } from '../../src/domain/control.ts';
import type { Direction, NetworkPolicy } from '../../src/domain/network-policy.ts';
import type { Labels, Pod, Workload } from '../../src/domain/workload.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import type { SnapshotOverrides } from './builders.ts';
import { input, pod, podSpec, template, workload } from './builders.ts';
import type { ControlCase } from './control-cases.ts';
import { denyAll, policy, selecting } from './policies.ts';

const web: Labels = { app: 'web' };

const given = (
  workloads: Workload[],
  policies: NetworkPolicy[],
  more: SnapshotOverrides = {},
): EvaluationInput => input({ workloads: read(workloads), networkPolicies: read(policies), ...more });

/** A Deployment `app` with live pods that have those labels. */
const running = (...labels: Labels[]): Workload =>
  workload({
    template: template({ labels: web }),
    pods: labels.map((own, index) => pod({ name: `app-${index}`, labels: own })),
  });
const scaledToZero = (labels: Labels): Workload => workload({ replicas: 0, template: template({ labels }) });
const onHost = (overrides: Partial<Pod> = {}): Workload =>
  workload({
    kind: 'DaemonSet',
    name: 'agent',
    pods: [pod({ name: 'agent-x', labels: web, spec: podSpec({ hostNetwork: true }), ...overrides })],
  });
const cilium = { cluster: { unreadPolicyApis: ['cilium.io'] } };
const bypassMessage = "The pod is on its node's network, where NetworkPolicies have no defined effect.";
const bypass = {
  subject: { kind: 'DaemonSet', name: 'agent' },
  example: 'agent-x',
  path: 'spec.hostNetwork',
  observed: 'true',
  message: bypassMessage,
};

/** What RD-2.3.1 and RD-2.3.2 have in common: everything but the defaults of policyTypes. */
export function isolationCases(direction: Direction): Record<string, ControlCase> {
  const way = direction.toLowerCase();
  const other: Direction = direction === 'Ingress' ? 'Egress' : 'Ingress';
  const own = (name: string, podSelector: unknown) => policy(name, { podSelector, policyTypes: [direction] });
  const expression = (operator: string, values?: string[]) =>
    own('p', { matchExpressions: [{ key: 'app', operator, values }] });
  const notIsolated = `1 of 1 workload is not isolated for ${way}.`;
  const exposed = {
    subject: { kind: 'Deployment', name: 'app' },
    path: 'spec.template.metadata.labels',
    observed: 'app=web',
    message: `No policy that restricts ${way} selects the pod.`,
  };
  /** Without any policy no label is to be changed. */
  const bare = { subject: exposed.subject, message: exposed.message };
  return {
    'passes pods that a default deny selects': {
      given: given([running(web)], [denyAll]),
      status: 'Pass',
      message: `Every pod is isolated for ${way} (1 workload).`,
    },
    'passes pods that a narrow policy selects': {
      given: given([running(web)], [own('web', selecting('web'))]),
      status: 'Pass',
    },
    'fails a namespace without any policy': {
      given: given([running(web)], []),
      status: 'Fail',
      message: `1 of 1 workload is not isolated for ${way}: the namespace has no network policy.`,
      findings: [bare],
    },
    'fails a scan of manifests without any policy': {
      given: given([scaledToZero(web)], [], { cluster: { live: false } }),
      status: 'Fail',
    },
    'fails pods that only a policy of the other direction selects, and names it': {
      given: given([running(web)], [policy('half', { policyTypes: [other] })]),
      status: 'Fail',
      message: notIsolated,
      findings: [
        {
          ...exposed,
          message: `${exposed.message} "half" selects the pod and restricts only ${other.toLowerCase()}.`,
        },
      ],
    },
    'fails pods that no policy selects': {
      given: given([running(web)], [own('db', selecting('db'))]),
      status: 'Fail',
    },
    'fails a workload of whose pods one is not selected, and shows that one': {
      given: given([running(web, { app: 'canary' })], [own('web', selecting('web'))]),
      status: 'Fail',
      findings: [{ ...exposed, example: 'app-1', path: 'metadata.labels', observed: 'app=canary' }],
    },
    'passes a pod without labels that the empty selector selects': {
      given: given([workload({ kind: 'Pod', pods: [pod()] })], [own('p', {})]),
      status: 'Pass',
    },
    'passes a pod without labels that NotIn selects': {
      given: given([workload({ kind: 'Pod', pods: [pod()] })], [expression('NotIn', ['db'])]),
      status: 'Pass',
    },
    'passes a pod without labels that DoesNotExist selects': {
      given: given([workload({ kind: 'Pod', pods: [pod()] })], [expression('DoesNotExist')]),
      status: 'Pass',
    },
    'fails a pod without labels that asks for one': {
      given: given([workload({ kind: 'Pod', name: 'app-0', pods: [pod()] })], [expression('Exists')]),
      status: 'Fail',
      findings: [
        {
          subject: { kind: 'Pod', name: 'app-0' },
          path: 'metadata.labels',
          observed: 'no labels',
          message: exposed.message,
        },
      ],
    },
    'passes a pod whose label is In the values': {
      given: given([running(web)], [expression('In', ['web', 'db'])]),
      status: 'Pass',
    },
    'fails a pod whose label is among those of NotIn': {
      given: given([running(web)], [expression('NotIn', ['web'])]),
      status: 'Fail',
    },
    'judges a workload that is scaled to zero by the labels of its template': {
      given: given([scaledToZero(web)], [own('web', selecting('web'))]),
      status: 'Pass',
    },
    'fails a workload that is scaled to zero and that nothing selects': {
      given: given([scaledToZero(web)], [own('db', selecting('db'))]),
      status: 'Fail',
      findings: [exposed],
    },
    'warns when the policies select only what is added to the live pods': {
      given: given(
        [running({ ...web, 'injected.example': 'yes' })],
        [own('p', { matchLabels: { 'injected.example': 'yes' } })],
      ),
      status: 'Warn',
      reason: 'CompliantByMutation',
      message: `1 of 1 workload is isolated for ${way} only in its live pods: its template lacks what the policies select.`,
      findings: [exposed],
    },
    'fails a pod on the host network, whatever selects it': {
      given: given([onHost()], [denyAll]),
      status: 'Fail',
      reason: 'HostNetworkBypass',
      message: "1 of 1 workload is on its node's network, where NetworkPolicies have no defined effect.",
      findings: [bypass],
    },
    'says of a static pod that its manifest is on the node': {
      given: given([onHost({ mirror: true })], [denyAll]),
      status: 'Fail',
      reason: 'HostNetworkBypass',
      findings: [
        {
          ...bypass,
          message:
            "The pod (static pod, from a manifest on its node) is on its node's network, where NetworkPolicies have no defined effect.",
        },
      ],
    },
    'fails a template on the host network': {
      given: given(
        [workload({ template: template({ labels: web, spec: podSpec({ hostNetwork: true }) }) })],
        [denyAll],
      ),
      status: 'Fail',
      reason: 'HostNetworkBypass',
      findings: [
        {
          subject: exposed.subject,
          path: 'spec.template.spec.hostNetwork',
          observed: 'true',
          message: bypassMessage,
        },
      ],
    },
    'tells both of pods on the host network and of pods that are not isolated': {
      given: given([onHost(), running(web)], []),
      status: 'Fail',
      message: /^1 of 2 workloads is not isolated .* 1 of 2 workloads is on its node's network/,
      findings: [bypass, bare],
    },
    'is Unknown when another policy API may isolate what NetworkPolicies do not': {
      given: given([running(web)], [], cilium),
      status: 'Unknown',
      reason: 'PartialEvidence',
      message:
        /^Policies of cilium\.io exist in this cluster and are not read\. By those that are read, 1 of 1 workload is not isolated/,
      findings: [exposed],
    },
    'passes what NetworkPolicies isolate, whatever other policy APIs there are': {
      given: given([running(web)], [denyAll], cilium),
      status: 'Pass',
    },
    'fails a pod on the host network whatever other policy APIs there are, and says no more': {
      given: given([onHost(), running(web)], [], cilium),
      status: 'Fail',
      reason: 'HostNetworkBypass',
      findings: [bypass],
    },
    'is Unknown while the policies cannot be read': {
      given: given([running(web)], [], {
        networkPolicies: unread('Forbidden', 'NetworkPolicies may not be listed.'),
      }),
      status: 'Unknown',
      reason: 'Forbidden',
      message: 'NetworkPolicies may not be listed.',
    },
    'fails a pod on the host network even while the policies cannot be read': {
      given: given([onHost()], [], {
        networkPolicies: unread('Forbidden', 'NetworkPolicies may not be listed.'),
      }),
      status: 'Fail',
      reason: 'HostNetworkBypass',
    },
    'is Unknown when a policy that could not be read may be the one that isolates': {
      given: given([running(web)], [], {
        networkPolicies: {
          available: true,
          items: [],
          gap: { reason: 'EvaluationError', message: 'NetworkPolicy x cannot be read.' },
        },
      }),
      status: 'Unknown',
      reason: 'EvaluationError',
      findings: [exposed],
    },
    'is Unknown while the workloads cannot be read': {
      given: input({ workloads: unread('Forbidden', 'Pods may not be listed.') }),
      status: 'Unknown',
      reason: 'Forbidden',
    },
    'does not apply to a namespace without workloads': {
      given: given([], [denyAll]),
      status: 'NotApplicable',
      reason: 'NoWorkloads',
    },
    'does not judge what has finished': {
      given: given(
        [
          workload({ kind: 'Job', template: template(), completed: true }),
          workload({ kind: 'Pod', completed: true }),
        ],
        [],
      ),
      status: 'NotApplicable',
      reason: 'NoWorkloads',
    },
    'judges a CronJob between its runs by its template': {
      given: given([workload({ kind: 'CronJob', template: template() })], []),
      status: 'Fail',
      findings: [{ ...bare, subject: { kind: 'CronJob', name: 'app' } }],
    },
    'names the labels of a CronJob that no policy selects': {
      given: given([workload({ kind: 'CronJob', template: template() })], [own('db', selecting('db'))]),
      status: 'Fail',
      findings: [
        {
          ...bare,
          subject: { kind: 'CronJob', name: 'app' },
          path: 'spec.jobTemplate.spec.template.metadata.labels',
          observed: 'no labels',
        },
      ],
    },
    'names a pod on the host network where its template does not say so, and the template where it does': {
      given: given(
        [
          onHost(),
          workload({
            name: 'both',
            template: template({ labels: web, spec: podSpec({ hostNetwork: true }) }),
            pods: [pod({ name: 'both-0', labels: web, spec: podSpec({ hostNetwork: true }) })],
          }),
        ],
        [denyAll],
      ),
      status: 'Fail',
      reason: 'HostNetworkBypass',
      findings: [
        bypass,
        {
          subject: { kind: 'Deployment', name: 'both' },
          path: 'spec.template.spec.hostNetwork',
          observed: 'true',
          message: bypassMessage,
        },
      ],
    },
  };
}
