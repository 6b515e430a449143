import type { OperatingSystem, Vulnerability, VulnerabilitySeverity } from './vulnerability.ts';

/** Counts of one scan by severity. */
export type SeverityCounts = Readonly<Record<VulnerabilitySeverity, number>>;

/** What was scanned, as the scanner wrote it. */
export interface ScannedImage {
  readonly registry: string;
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

/**
 * One scan of one container's image. `owner` and `container` are absent when the report speaks of an image only
 * (the Trivy command line); it then counts for every container that runs that image.
 */
export interface ImageScan {
  /** Name of the report object or file. */
  readonly name: string;
  readonly owner?: { readonly kind: string; readonly name: string; readonly uid?: string };
  readonly container?: string;
  readonly image: ScannedImage;
  readonly scanner: string;
  /** Milliseconds since the epoch; absent when the report does not say. */
  readonly updatedAt?: number;
  /** When the scanner itself no longer trusts it, and is to delete it and scan again. */
  readonly expiresAt?: number;
  /** Set while a deleted report's last result still stands: the moment of the deletion. */
  readonly deletedAt?: number;
  readonly counts: SeverityCounts;
  /** Set where it is a file of the command line. The settings of the scanner in the cluster do not hold for it. */
  readonly file?: FileTraits;
}

/** What a file of the command line shows of the options that it was made with, none of which it records. */
export interface FileTraits {
  /** Of the severities that fail, those of which it lists nothing at all: they may not have been asked for. */
  readonly unseen: readonly ('critical' | 'high')[];
  /** How many findings it says were left out, by an ignore file, a policy or a statement (VEX). */
  readonly suppressed: number;
}

export interface VulnerabilityScan extends ImageScan {
  /** Absent where the report does not speak of one. */
  readonly os?: OperatingSystem;
  /** Those that a control may judge: with a fix, or critical. */
  readonly vulnerabilities: readonly Vulnerability[];
  /** Critical and high ones that the report counts and does not list. */
  readonly unlisted: number;
  /** It lists none without a fix, and does not say whether those were left out (the command line). */
  readonly unfixedMayBeHidden?: true;
}

export interface SecretScan extends ImageScan {
  /** Where, by which rule; never what. */
  readonly secrets: readonly {
    readonly target: string;
    readonly ruleId: string;
    readonly severity: string;
  }[];
}

/** A finding that the scanner is told to leave out. */
export interface Acceptance {
  /** Of the vulnerability or rule. */
  readonly id: string;
  /** When it ends, milliseconds since the epoch; absent where it never does. */
  readonly until?: number;
}

/** What the scanner's own settings leave out. */
export interface ScannerSettings {
  /** Where it runs: profiles may name different ones. */
  readonly scannerNamespace: string;
  /** Sentences, each naming the setting that hides findings. */
  readonly hidesVulnerabilities: readonly string[];
  /** Of these, what hides vulnerabilities that have a fix. */
  readonly hidesFixable: readonly string[];
  readonly hidesSecrets: readonly string[];
  /** Sentences on what is left out and decides no verdict: it is told beside one. */
  readonly narrows: readonly string[];
  /** Sentences on workloads and images that the scanner may pass over: why a report may be missing. */
  readonly skips: readonly string[];
  /** Of its ignore file; absent without one. */
  readonly acceptances?: readonly Acceptance[];
  /** How many more the file has. */
  readonly unlistedAcceptances?: number;
  /** Keys of policies that leave findings of the namespace out. */
  readonly ignorePolicies?: readonly string[];
  readonly secretScannerEnabled: boolean;
  readonly vulnerabilityScannerEnabled: boolean;
  readonly sbomGenerationEnabled: boolean;
  /** Set when the scanner does not look at this namespace at all: a sentence that names the setting. */
  readonly leavesOut?: string;
}

/** A configuration audit of one object: that it was made, of whom, and how many of its checks fail. */
export interface ConfigAudit {
  readonly name: string;
  readonly owner?: NonNullable<ImageScan['owner']>;
  /** Milliseconds since the epoch. */
  readonly updatedAt?: number;
  readonly failed: number;
  /** Ids of those that the report lists, each once, in the one spelling. */
  readonly failedChecks?: readonly string[];
}
