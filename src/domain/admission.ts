import type { LabelledNamespace, NamespaceScope } from './namespace-scope.ts';
import { covers } from './namespace-scope.ts';

/** What asks whether an object may be stored, as far as it is asked about pods; each kind as far as controls read it. */
export type AdmissionItem = AdmissionRule | AdmissionWebhook | AdmissionExemption;

export type PolicyEngine = 'Gatekeeper' | 'Kyverno' | 'Kubewarden' | 'Kubernetes';

/** `observe`: a violation is audited, warned about or logged, and let through. */
export type AdmissionAction = 'deny' | 'observe';

interface AdmissionObject {
  readonly kind: string;
  readonly name: string;
}

/** One rule that objects are held against: a Gatekeeper constraint, a rule of a Kyverno policy, a bound ValidatingAdmissionPolicy. */
export interface AdmissionRule extends AdmissionObject {
  readonly is: 'rule';
  readonly engine: PolicyEngine;
  /** Of the two kinds of policies that Kyverno has, the ones in CEL; they have webhooks of their own. */
  readonly cel?: true;
  /** Within the object. */
  readonly rule?: string;
  /** Whether pods are held against it. */
  readonly forPods: boolean;
  readonly action: AdmissionAction;
  /** Namespaces of which another action is written; the first that covers one decides. */
  readonly overrides?: readonly { readonly action: AdmissionAction; readonly where: NamespaceScope }[];
  /** Any of them. */
  readonly where: readonly NamespaceScope[];
  /** Of a part of what they cover where `partly` is set. */
  readonly except?: readonly { readonly where: NamespaceScope; readonly partly?: true }[];
  /** What it cannot judge is let through. */
  readonly ignoresFailure?: true;
  /** It demands a signed scan for vulnerabilities of the images. */
  readonly gate?: true;
  /** It holds every pod that is created to the whole Restricted Pod Security Standard, in its latest version. */
  readonly restricted?: true;
}

/** A webhook by which an engine is asked about pods that are created. */
export interface AdmissionWebhook extends AdmissionObject {
  readonly is: 'webhook';
  readonly engine: PolicyEngine;
  readonly cel?: true;
  /** Within the configuration. */
  readonly webhook: string;
  /** It asks about this policy alone, by the end of its name. */
  readonly only?: string;
  readonly where: NamespaceScope;
  readonly ignoresFailure?: true;
  /** `namespace/name` of the Service that answers; absent where it is an address outside the cluster. */
  readonly service?: string;
  /** Whether something behind the Service is ready; absent where that is not known. */
  readonly ready?: boolean;
}

/** An object that lifts something from policies. */
export interface AdmissionExemption extends AdmissionObject {
  readonly is: 'exemption';
  readonly engine: PolicyEngine;
  /** Of the object itself, where it has one. */
  readonly namespace?: string;
  /** Any of them. */
  readonly where: readonly NamespaceScope[];
  /** The engine is not asked at all about the namespace, or does not audit it. */
  readonly stops?: 'all' | 'admission' | 'audit';
  /** The policies that it is from, for people. */
  readonly policies: readonly string[];
  /** It holds under conditions that are not read here. */
  readonly conditional?: true;
}

const isWhole = ({ partly }: { readonly partly?: true }) => partly === undefined;

export const ruleCovers = ({ where, except = [] }: AdmissionRule, namespace: LabelledNamespace): boolean =>
  where.some((scope) => covers(scope, namespace)) &&
  !except.some((each) => isWhole(each) && covers(each.where, namespace));

export const actionIn = (
  { action, overrides = [] }: AdmissionRule,
  namespace: LabelledNamespace,
): AdmissionAction => overrides.find(({ where }) => covers(where, namespace))?.action ?? action;

export const exempts = ({ where }: AdmissionExemption, namespace: LabelledNamespace): boolean =>
  where.some((scope) => covers(scope, namespace));

/** `ClusterPolicy require-labels`. */
export const titleOf = ({ kind, name }: AdmissionObject): string => `${kind} ${name}`;
