import type { References } from '../domain/control.ts';
import { canonicalCheckId } from '../domain/trivy-check.ts';

/** The frameworks by the names that people know. */
export const frameworks: Readonly<Record<keyof References, string>> = {
  nist80053: 'NIST SP 800-53 r5',
  nist800190: 'NIST SP 800-190',
  cis: 'CIS Kubernetes Benchmark',
  nsaCisa: 'NSA/CISA Kubernetes Hardening Guide',
  stig: 'DISA Kubernetes STIG',
  srg: 'DISA Container Platform SRG',
  pss: 'Pod Security Standards',
  trivy: 'Trivy',
  kubescape: 'Kubescape',
  other: 'Other',
};

/** One control and one id of a framework, for programs. */
export interface Mapping {
  readonly framework: string;
  readonly id: string;
  /** Versions of the CIS benchmark in which it has this number; `older numbering` before 1.11. */
  readonly benchmarks?: readonly string[];
  /** Who says that the control answers the id: it is our judgement, unless the Kubernetes STIG itself names the two together. */
  readonly basis: 'judgement' | 'stig';
  /** How far it answers, or what of it: `supporting`, `partly`. */
  readonly note?: string;
  /** The framework was not at hand itself: an analysis or a paraphrase of it was. */
  readonly secondary?: true;
}

/** The versions whose numbers were compared; an id without a version has the same number in both. */
const benchmarks = ['1.11', '1.12'];

export function mappingsOf(references: References): Mapping[] {
  return (Object.keys(frameworks) as (keyof References)[]).flatMap((key) =>
    (references[key] ?? []).map((text) => toMapping(key, text)),
  );
}

/** Frameworks whose ids hold no space before a bracket: what stands in one behind the id is a note. */
const noted: readonly string[] = ['nist80053', 'stig', 'trivy', 'kubescape'];

const ofTheStig = 'STIG mapping';

function toMapping(key: keyof References, text: string): Mapping {
  const [, number = text, version] = (key === 'cis' && /^(\S+) \(v?(.+)\)$/.exec(text)) || [];
  const [, id = number, note] = (noted.includes(key) && /^(.*\S) \(([^()]+)\)$/.exec(number)) || [];
  return {
    framework: frameworks[key],
    id: key === 'trivy' ? canonicalCheckId(id) : id,
    ...(key === 'cis' ? { benchmarks: version === undefined ? benchmarks : [version] } : {}),
    basis: note === ofTheStig ? 'stig' : 'judgement',
    ...(note === undefined || note === ofTheStig ? {} : { note }),
    ...(/\((?:secondary|through a paraphrase)\)$/.test(text) ? { secondary: true } : {}),
  };
}
