import type { AdmissionAction, AdmissionItem } from '../../domain/admission.ts';
import type { NamespaceScope } from '../../domain/namespace-scope.ts';
import type { ConstraintAudit, PolicyReport } from '../../domain/policy-audit.ts';

/** What one object of an admission API says. */
export interface AdmissionEvidence {
  readonly items?: readonly AdmissionItem[];
  /** A ValidatingAdmissionPolicy, which does nothing by itself. */
  readonly policy?: NativePolicy;
  readonly binding?: NativeBinding;
  /** What a Gatekeeper constraint found of what is there already. */
  readonly audit?: ConstraintAudit;
  readonly report?: PolicyReport;
}

export interface NativePolicy {
  readonly name: string;
  readonly where: NamespaceScope;
  readonly forPods: boolean;
  readonly ignoresFailure?: true;
}

export interface NativeBinding {
  readonly name: string;
  readonly policy: string;
  readonly where: NamespaceScope;
  readonly action: AdmissionAction;
}
