import type { BaseControl } from '../domain/control.ts';
import type { Container, PodSpec } from '../domain/pod-spec.ts';
import { check as nonRoot } from './RD-2.1.1.ts';
import { check as privileged } from './RD-2.2.2.ts';
import { check as hostPaths } from './RD-2.2.4.ts';
import { check as capabilities } from './RD-2.2.7.ts';
import { check as escalation } from './RD-2.2.8.ts';
import { isOneOf } from './shared/container-names.ts';
import { commonRule, judgeSpecs } from './shared/judge-specs.ts';
import type { Exemption, Issue, SpecCheck, SpecContext } from './shared/spec-check.ts';
import { containerIssue, isExemption, quote } from './shared/spec-check.ts';

const demands: readonly (readonly [string, SpecCheck])[] = [
  ['RD-2.1.1', nonRoot],
  ['RD-2.2.2', privileged],
  ['RD-2.2.4', hostPaths],
  ['RD-2.2.7', capabilities],
  ['RD-2.2.8', escalation],
];

const noSidecars: Exemption = { reason: 'NoSidecars', exempt: 'no sidecar stands beside an application' };

export const check: SpecCheck = (spec, context) => {
  if (spec.containers.length === 0) return [];
  const agents = context.parameters['workloads.sidecars'];
  const isSidecar = (container: Container) =>
    isOneOf(container, agents) ||
    (container.kind === 'initContainer' && container.restartPolicy === 'Always');
  const lasting = spec.containers.filter(({ kind }) => kind !== 'ephemeralContainer');
  const sidecars = lasting.filter(isSidecar);
  const mains = lasting.filter((container) => container.kind === 'container' && !isSidecar(container));
  if (sidecars.length === 0 || mains.length === 0) return noSidecars;
  return [
    ...sharedWithNode(spec),
    ...sidecars.flatMap((sidecar) => breaks(spec, sidecar, context)),
    ...sidecars.flatMap((sidecar) => surpasses(sidecar, mains) ?? []),
    ...(sidecars.some((sidecar) => isOneOf(sidecar, agents)) ? sharedProcesses(spec) : []),
  ];
};

/** Why the pod is in the node's namespaces nobody can tell; its sidecars are in them whatever the reason. */
function sharedWithNode(spec: PodSpec): Issue[] {
  return (['hostNetwork', 'hostPID'] as const)
    .filter((field) => spec[field] === true)
    .map((field) => ({
      path: `spec.${field}`,
      observed: 'true',
      message: 'The sidecars of the pod are in a namespace of the node.',
    }));
}

/** What the sidecar alone breaks: the rest of the pod is left out, but for the volumes that it mounts. */
function breaks(spec: PodSpec, sidecar: Container, context: SpecContext): Issue[] {
  const mounted = new Set(sidecar.volumeMounts.map(({ name }) => name));
  const alone = {
    ...spec,
    containers: [sidecar],
    volumes: spec.volumes.filter(({ name }) => mounted.has(name)),
  };
  return demands.flatMap(([id, demand]) => {
    const found = demand(alone, context);
    if (isExemption(found)) return [];
    return found
      .filter(({ weight }) => weight === undefined)
      .map((issue) => ({ ...issue, container: sidecar.name, message: `${issue.message} (${id})` }));
  });
}

function surpasses(sidecar: Container, mains: readonly Container[]): Issue | undefined {
  const added = sidecar.security.capabilities?.add ?? [];
  const more = added.filter((name) =>
    mains.every(({ security }) => security.capabilities?.add.includes(name) !== true),
  );
  if (more.length === 0) return undefined;
  return containerIssue(sidecar, 'securityContext.capabilities.add', {
    observed: quote(more),
    message: 'The sidecar has capabilities that the application has not.',
    weight: 'warn',
  });
}

function sharedProcesses({ settings }: PodSpec): Issue[] {
  if (settings.shareProcessNamespace !== true) return [];
  const message = 'An agent of somebody else sees the processes of the application, and their memory.';
  return [{ path: 'spec.shareProcessNamespace', observed: 'true', message, weight: 'warn' }];
}

const control: BaseControl = {
  id: 'RD-3.0.1',
  title: 'Sidecars and agents inside application pods run with low privilege',
  requirement: '§3: such a sidecar would itself become an attack vector; keep it running with low privileges',
  severity: 'high',
  scope: 'pod',
  rationale:
    'A sidecar can be reached by the application beside it. One that has high privilege is the most valuable target in the pod.',
  rule: `A sidecar is an init container with restartPolicy Always, or a container whose name, or the last part of whose image, is in workloads.sidecars; it is judged where an application container stands beside it. Pass: sidecars are there and have no more privilege than the application. Warn: a sidecar adds a capability that no application container adds, or shareProcessNamespace is true with an agent of that list. Fail: a sidecar breaks RD-2.1.1, RD-2.2.2, RD-2.2.4 (by a volume that it mounts), RD-2.2.7 or RD-2.2.8, or the pod has hostNetwork or hostPID. NotApplicable (NoSidecars): no pod has one. ${commonRule}`,
  notes: [
    'istio-init and linkerd-init need NET_ADMIN and NET_RAW as root unless the mesh brings a network plugin: that is the finding.',
    'Why a pod has hostNetwork or hostPID cannot be told; its sidecars have it in any case, so it fails.',
    'What passes all these rules can differ from the application in its added capabilities alone.',
    'A pod in which every container is such an agent (a log collector with its exporter) has no application, and is not judged.',
  ],
  remediation:
    'Use the network plugin of the mesh in place of its init container, and DaemonSets on the nodes in place of agents in pods.',
  evidence: ['workloads'],
  parameters: ['workloads.sidecars', 'podSecurity.userNamespaces'],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['AC-6', 'SC-39', 'CM-7'],
    nist800190: ['4.4.3'],
    nsaCisa: ['Kubernetes Pod security'],
    srg: ['SRG-APP-000342-CTR-000775'],
    pss: ['all'],
    kubescape: ['C-0046', 'C-0057'],
  },
  evaluate: (input) =>
    judgeSpecs(input, check, {
      one: 'has sidecars with high privilege',
      many: 'have sidecars with high privilege',
      pass: 'No sidecar has more privilege than its application',
      warn: {
        one: 'has sidecars that can do more than their application',
        many: 'have sidecars that can do more than their application',
      },
    }),
};
export default control;
