import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import { isProprietary } from '../domain/proprietary.ts';
import type { Gap, Snapshot, Source } from '../domain/snapshot.ts';
import type { Finding, Verdict } from '../domain/verdict.ts';
import { notApplicable, pass, unknown } from '../domain/verdict.ts';
import type { KeyDomains } from '../domain/workload.ts';
import { count, sortFindings } from './shared/findings.ts';

const mostNames = 5;

/** Of Azure's annotations on service accounts, which are no API group's. */
const azureIdentity = 'azure.workload.identity';

interface Found {
  readonly finding: Finding;
  /** API groups, or the domains of labels and annotations. */
  readonly domains: readonly string[];
}

function evaluate({ snapshot, parameters }: EvaluationInput): Verdict {
  const entries = parameters['platform.proprietaryApiGroups'];
  const name = snapshot.namespace.name;
  const found = [...objectsIn(snapshot, entries), ...markedIn(snapshot, entries)];
  const asides = asidesOf(snapshot, entries);
  if (found.length > 0) {
    const verb = found.length === 1 ? 'is of, or is made for, an API' : 'are of, or are made for, APIs';
    return {
      status: 'Warn',
      reason: 'ProprietaryApis',
      message: `${count(found.length, 'object')} ${verb} of one vendor: ${listed(found.flatMap(({ domains }) => domains))}.${asides}`,
      findings: sortFindings(found.map(({ finding }) => finding)),
    };
  }
  const { proprietaryObjects, workloads, services, ingresses } = snapshot;
  const gap = firstGap([proprietaryObjects, workloads, services, ingresses]);
  if (gap !== undefined) return unknown(gap.reason, gap.message);
  const isEmpty = [workloads, services, ingresses].every((source) => itemsOf(source).length === 0);
  if (isEmpty)
    return notApplicable('NoObjects', `Namespace ${name} has no workloads, Services or Ingresses.${asides}`);
  return pass(`Nothing in namespace ${name} is of, or made for, an API of one vendor.${asides}`);
}

const itemsOf = <T>(source: Source<T>): readonly T[] => (source.available ? source.items : []);

function firstGap(sources: readonly Source<unknown>[]): Gap | undefined {
  for (const source of sources) {
    if (!source.available) return source;
    if (source.gap !== undefined) return source.gap;
  }
  return undefined;
}

const objectsIn = ({ proprietaryObjects }: Snapshot, entries: readonly string[]): Found[] =>
  itemsOf(proprietaryObjects)
    .filter(({ group }) => isProprietary(group, entries))
    .map(({ group, kind, name }) => ({
      finding: {
        subject: { kind, name },
        path: 'apiVersion',
        observed: group,
        message: 'It is of an API that only one vendor has.',
      },
      domains: [group],
    }));

interface Marked {
  readonly kind: string;
  readonly name: string;
  readonly keyDomains?: KeyDomains;
}

function markedIn({ workloads, services, ingresses }: Snapshot, entries: readonly string[]): Found[] {
  const all: readonly Marked[] = [
    ...itemsOf(workloads),
    ...itemsOf(services).map((service) => ({ ...service, kind: 'Service' })),
    ...itemsOf(ingresses).map((ingress) => ({ ...ingress, kind: 'Ingress' })),
  ];
  return all.flatMap(({ kind, name, keyDomains = [] }): Found[] => {
    const domains = keyDomains.filter((domain) => isProprietary(domain, entries));
    if (domains.length === 0) return [];
    const message = 'Its labels or annotations are for what only one vendor has.';
    const finding = { subject: { kind, name }, path: 'metadata', observed: domains.join(', '), message };
    return [{ finding, domains }];
  });
}

/** What is listed and decides nothing. */
function asidesOf({ serviceAccounts, claims }: Snapshot, entries: readonly string[]): string {
  const identities = itemsOf(serviceAccounts)
    .flatMap(({ keyDomains = [] }) => keyDomains)
    .filter((domain) => domain === azureIdentity || isProprietary(domain, entries));
  const provisioners = itemsOf(claims).flatMap(({ provisioner }) => provisioner ?? []);
  const told = (what: string, names: readonly string[]) =>
    names.length === 0 ? '' : ` ${what} ${listed(names)}.`;
  return told('Service accounts are annotated for', identities) + told('Volumes come from', provisioners);
}

/** Each once, by name. */
function listed(names: readonly string[]): string {
  const all = [...new Set(names)].toSorted();
  const more = all.length - mostNames;
  return `${all.slice(0, mostNames).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

const control: BaseControl = {
  id: 'RD-2.0.2',
  title: 'Workloads avoid vendor-proprietary APIs',
  requirement: '§2 Assumptions and Principles: no vendor-specific tooling',
  severity: 'low',
  scope: 'namespace',
  rationale:
    'What is written for the API of one cloud runs on that cloud alone: whoever has to leave it, or to run beside it, writes it anew.',
  rule: 'Pass: no custom resource in the namespace is of an API group that an entry of platform.proprietaryApiGroups matches, and no workload, Service or Ingress has labels or annotations of such a domain. Warn (ProprietaryApis): some are. It never fails, since the reference design advises and does not forbid. NotApplicable (NoObjects): there is none, and the namespace has no workloads, Services or Ingresses. Unknown (Forbidden): kinds of such a group may not be read, and nothing else was found. Unknown (PartialEvidence): the cluster has more than 64 of such kinds, or the API server cannot say what a group serves, and nothing else was found. Unknown: workloads, Services or Ingresses could not be read, and nothing else was found.',
  notes: [
    'In an entry * stands for anything, dots too: *.k8s.aws is for elbv2.k8s.aws and for s3.services.k8s.aws.',
    'Which kinds there are, the API server says; of their objects nothing is read but that they are there. config/proprietary-apis holds the right to that for the groups of the default entries that are known, one by one, since RBAC knows no patterns. Of which group it is missing, the message says.',
    'Of all profiles together 64 kinds are watched, in the order of their groups and names: each watch is a connection to the API server. What lies beyond is not known, and never passes.',
    'An object that a controller of the platform has made, such as a PolicyEndpoint, counts like any other. So do labels and annotations that the platform puts on workloads. Entries for single groups leave them out.',
    'Ingresses are watched for this control alone. They are few, what a load balancer of a cloud is told stands in their annotations, and only their names, labels and annotations are asked for.',
    'Of a workload its own labels and annotations count, and those of its template. Of one whose kind is not read, such as a Knative Service, they are not seen.',
    'Only the domain before the slash is compared. What a vendor reads from a key in the name of Kubernetes (service.beta.kubernetes.io/aws-load-balancer-type, alb.ingress.kubernetes.io/scheme) is not seen.',
    'Annotations of service accounts that give pods an identity of the cloud (eks.amazonaws.com/role-arn, iam.gke.io/gcp-service-account, azure.workload.identity/client-id) are named in the message, each domain once, and decide nothing. So are the provisioners of bound claims.',
    'Resources of the cluster, such as a class of nodes, belong to no namespace and do not count.',
    'A scan of manifests judges what is among them. One that names no namespace counts in default, if anything else is there.',
  ],
  remediation:
    'Use what every Kubernetes has in its place (Gateway API, External Secrets, cert-manager, a CSI driver behind a StorageClass), or record that the dependence is accepted.',
  evidence: [],
  alsoReads: [
    'proprietaryapis',
    'workloads',
    'services',
    'ingresses',
    'serviceaccounts',
    'persistentvolumeclaims',
  ],
  parameters: ['platform.proprietaryApiGroups'],
  verdicts: ['Pass', 'Warn', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['SA-4'],
    other: ['Reference Design v2.1 §2: proprietary APIs are to be avoided (secondary)'],
  },
  evaluate,
};
export default control;
