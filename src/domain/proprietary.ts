import { matchesGlob } from './glob.ts';

/** An object of an API that is not Kubernetes' own, as far as it is of one vendor by some profile. */
export interface ProprietaryObject {
  /** API group, such as `s3.services.k8s.aws`. */
  readonly group: string;
  readonly kind: string;
  readonly name: string;
}

/**
 * Whether an API group, or the domain of a label or annotation, is one vendor's.
 * @param entries names of groups, in which `*` stands for anything, dots too
 */
export const isProprietary = (domain: string, entries: readonly string[]): boolean =>
  // Only groups of Kubernetes itself have no dot; no entry is meant for them, not even `*`.
  domain.includes('.') && entries.some((entry) => matchesGlob(entry, domain));
