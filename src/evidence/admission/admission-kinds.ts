import type { AdmissionItem } from '../../domain/admission.ts';
import type { AdmissionEvidence } from './admission-evidence.ts';
import { projectConstraint, projectGatekeeperConfig } from './project-gatekeeper.ts';
import { projectCelException, projectCelPolicy, projectException } from './project-kyverno-cel.ts';
import { projectKyvernoPolicy } from './project-kyverno.ts';
import { projectNativeBinding, projectNativePolicy, projectWebhooks } from './project-kubernetes.ts';
import { projectPolicyReport } from './project-policy-report.ts';

/** A kind that is read where the server serves it. */
export interface AdmissionKind {
  readonly group: string;
  /** Absent for whatever the group has: Gatekeeper makes a kind for each template. */
  readonly plural?: string;
  /** Those that are read, the best first. */
  readonly versions: readonly string[];
  /** Whether an object concerns its own namespace alone. */
  readonly ownOnly: boolean;
  /** What it tells of: what is enforced, or what was found of objects that are there. */
  readonly tells: readonly ('admission' | 'audit')[];
  /** @returns undefined for an object that decides nothing here */
  readonly project: (object: unknown) => AdmissionEvidence | undefined;
}

type Project = AdmissionKind['project'];

const policy = (
  group: string,
  versions: readonly string[],
  plural: string,
  project: Project,
  ownOnly = false,
): AdmissionKind => ({ group, versions, plural, project, ownOnly, tells: ['admission'] });

const builtIn = (plural: string, project: Project) =>
  policy('admissionregistration.k8s.io', ['v1'], plural, project);

const cel = (kind: string, ownOnly = false) =>
  policy(
    'policies.kyverno.io',
    ['v1', 'v1beta1', 'v1alpha1'],
    kind.toLowerCase().replace(/y$/, 'ies'),
    projectCelPolicy(kind),
    ownOnly,
  );

const report = (group: string, version: string, plural: string): AdmissionKind => ({
  group,
  versions: [version],
  plural,
  ownOnly: true,
  tells: ['audit'],
  project: projectPolicyReport,
});

export const constraintGroup = 'constraints.gatekeeper.sh';
export const webhookConfigurations = 'validatingwebhookconfigurations';

export const admissionKinds: readonly AdmissionKind[] = [
  builtIn(webhookConfigurations, projectWebhooks),
  builtIn('validatingadmissionpolicies', projectNativePolicy),
  builtIn('validatingadmissionpolicybindings', projectNativeBinding),
  {
    group: constraintGroup,
    versions: ['v1beta1'],
    ownOnly: false,
    tells: ['admission', 'audit'],
    project: projectConstraint,
  },
  policy('config.gatekeeper.sh', ['v1alpha1'], 'configs', projectGatekeeperConfig),
  policy('kyverno.io', ['v1'], 'clusterpolicies', projectKyvernoPolicy('ClusterPolicy')),
  policy('kyverno.io', ['v1'], 'policies', projectKyvernoPolicy('Policy'), true),
  policy('kyverno.io', ['v2', 'v2beta1'], 'policyexceptions', projectException),
  cel('ValidatingPolicy'),
  cel('NamespacedValidatingPolicy', true),
  cel('ImageValidatingPolicy'),
  cel('NamespacedImageValidatingPolicy', true),
  policy('policies.kyverno.io', ['v1', 'v1beta1', 'v1alpha1'], 'policyexceptions', projectCelException),
  report('wgpolicyk8s.io', 'v1alpha2', 'policyreports'),
  report('openreports.io', 'v1alpha1', 'reports'),
];

interface Served {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}

export interface ServedKind<S extends Served = Served> {
  readonly kind: AdmissionKind;
  readonly resource: S;
}

const isOf = ({ group, plural, versions }: AdmissionKind, served: Served): boolean =>
  group === served.group &&
  (plural ?? served.plural) === served.plural &&
  versions.includes(served.version) &&
  served.verbs.includes('watch');

/** The kinds that a server serves, each once, in the best of the versions that are read. */
export function servedKinds<S extends Served>(resources: readonly S[]): ServedKind<S>[] {
  return admissionKinds.flatMap((kind) => {
    const best = new Map<string, S>();
    for (const version of kind.versions.toReversed())
      for (const each of resources)
        if (each.version === version && isOf(kind, each)) best.set(each.plural, each);
    return [...best.values()].map((resource) => ({ kind, resource }));
  });
}

/** What the objects say together: a ValidatingAdmissionPolicy holds where a binding says so. */
export function itemsFrom(evidence: readonly AdmissionEvidence[]): AdmissionItem[] {
  const policies = new Map(evidence.flatMap(({ policy: one }) => (one ? [[one.name, one] as const] : [])));
  return evidence.flatMap(({ items = [], binding }): readonly AdmissionItem[] => {
    const bound = binding && policies.get(binding.policy);
    if (bound === undefined) return items;
    const { name, action, where } = binding as NonNullable<typeof binding>;
    return [
      {
        is: 'rule',
        engine: 'Kubernetes',
        kind: 'ValidatingAdmissionPolicyBinding',
        name,
        rule: bound.name,
        forPods: bound.forPods,
        action,
        where: [[...bound.where, ...where]],
        ...(bound.ignoresFailure ? { ignoresFailure: true } : {}),
      },
    ];
  });
}
