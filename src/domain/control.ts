import type { ClusterSnapshot } from './cluster-snapshot.ts';
import type { ParameterPath, Parameters } from './parameters.ts';
import type { Snapshot, SourceName } from './snapshot.ts';
import type { Severity, Status, Verdict } from './verdict.ts';

export type Scope = 'container' | 'pod' | 'workload' | 'namespace' | 'node' | 'cluster';

/** Where else the same demand stands. The ids are the frameworks' own; that a control answers them is our judgement. */
export interface References {
  /** NIST SP 800-53 revision 5. */
  readonly nist80053?: readonly string[];
  /** NIST SP 800-190, section numbers. */
  readonly nist800190?: readonly string[];
  /** CIS Kubernetes Benchmark, with its version where the numbering differs. */
  readonly cis?: readonly string[];
  /** NSA/CISA Kubernetes Hardening Guide, section titles. */
  readonly nsaCisa?: readonly string[];
  /** DISA Kubernetes STIG. */
  readonly stig?: readonly string[];
  /** DISA Container Platform SRG. */
  readonly srg?: readonly string[];
  /** Pod Security Standards check. */
  readonly pss?: readonly string[];
  readonly trivy?: readonly string[];
  readonly kubescape?: readonly string[];
  readonly other?: readonly string[];
}

/** What a control is, in words and data. The page, `explain` and the report's remediation all come from here. */
export interface ControlDescription {
  /** Catalogue id; equals the file's name. */
  readonly id: string;
  readonly title: string;
  /** The sentence of the reference design that it answers. */
  readonly requirement: string;
  readonly severity: Severity;
  readonly scope: Scope;
  /** Why it matters: what goes wrong without it. */
  readonly rationale: string;
  /** What decides it, verdict by verdict. */
  readonly rule: string;
  /** Cases that surprise people, and how they are decided. */
  readonly notes: readonly string[];
  readonly remediation: string;
  /** Sources that it reads: a gap in one of them leaves nothing but a Fail (evaluate/ sees to that). */
  readonly evidence: readonly SourceName[];
  /** Sources that it reads beside these, of which it minds the gaps itself: they do not always matter. */
  readonly alsoReads?: readonly SourceName[];
  readonly parameters: readonly ParameterPath[];
  /** Every status that it can give; the tests hold one case for each. */
  readonly verdicts: readonly Status[];
  readonly references: References;
  /** Beyond the reference design: judged only where a profile lists it with `disabled: false`. */
  readonly extended?: true;
}

export interface EvaluationInput {
  readonly snapshot: Snapshot;
  readonly parameters: Parameters;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** A control that reads the evidence itself. Pure: the same input gives the same verdict. */
export interface BaseControl extends ControlDescription {
  readonly evaluate: (input: EvaluationInput) => Verdict;
}

/** A control that is decided by others. It is neither counted nor weighed, since its parts are. */
export interface RollUpControl extends ControlDescription {
  readonly derivedFrom: readonly string[];
  /** @param parts verdicts of `derivedFrom`, without those that the profile disables */
  readonly rollUp: (input: EvaluationInput, parts: ReadonlyMap<string, Verdict>) => Verdict;
}

export interface ClusterInput {
  readonly snapshot: ClusterSnapshot;
  readonly parameters: Parameters;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** A control of the cluster or its nodes: judged once for each profile, and inherited by every report. Pure. */
export interface ClusterControl extends ControlDescription {
  readonly scope: 'cluster' | 'node';
  readonly evaluateCluster: (input: ClusterInput) => Verdict;
}

export type Control = BaseControl | RollUpControl | ClusterControl;

/** All sources that it reads. It is not judged again while they, and the facts that are no source's, stay the same. */
export const sourcesRead = ({ evidence, alsoReads = [] }: ControlDescription): readonly SourceName[] => [
  ...evidence,
  ...alsoReads,
];

export const isRollUp = (control: Control): control is RollUpControl => 'derivedFrom' in control;

export const isOfCluster = (control: Control): control is ClusterControl => 'evaluateCluster' in control;

export const isOfNamespace = (control: Control): control is BaseControl | RollUpControl =>
  !isOfCluster(control);
