import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import type { Acceptance } from '../domain/scan-report.ts';
import type { Finding, Verdict } from '../domain/verdict.ts';
import { notApplicable, unknown } from '../domain/verdict.ts';
import { count, sortFindings } from './shared/findings.ts';
import { knownSettings } from './shared/hidden-findings.ts';

/** Milliseconds. */
interface Limits {
  readonly now: number;
  /** Whatever is accepted. */
  readonly longest: number;
  /** If it is critical, which an ignore file does not say. */
  readonly ifCritical: number;
  readonly warning: number;
}

const subject = { kind: 'ConfigMap', name: 'trivy-operator-trivy-config' };
const path = 'data[trivy.ignoreFile]';

function evaluate(input: EvaluationInput): Verdict {
  const { parameters, now } = input;
  const { settings, gap } = knownSettings(input);
  if (settings === undefined)
    return unknown(gap?.reason ?? 'NoEvidence', gap?.message ?? 'What the scanner hides is not known.');
  const { acceptances = [], unlistedAcceptances = 0, ignorePolicies = [] } = settings;
  if (acceptances.length + ignorePolicies.length === 0)
    return notApplicable('NoAcceptances', 'No ignore file or policy of the scanner accepts anything here.');
  const limits: Limits = {
    now,
    longest: parameters['exceptions.maxLifetime.low'],
    ifCritical: parameters['exceptions.maxLifetime.critical'],
    warning: parameters['exceptions.expiryWarning'],
  };
  const wrong = acceptances.flatMap((each) => wrongWith(each, limits) ?? []);
  const verdict =
    wrong.length > 0
      ? failed(wrong, acceptances.length + unlistedAcceptances)
      : asked(acceptances, ignorePolicies, unlistedAcceptances, limits);
  const until = nextChange(acceptances, limits);
  return until === undefined ? verdict : { ...verdict, validUntil: until };
}

const dateOf = (time: number): string => new Date(time).toISOString().slice(0, 10);

function wrongWith({ id, until }: Acceptance, { now, longest }: Limits): Finding | undefined {
  const finding = (message: string, observed?: string): Finding => ({
    subject,
    path,
    ...(observed === undefined ? {} : { observed }),
    message,
    ref: id,
  });
  if (until === undefined) return finding('It is accepted without an end.');
  if (until <= now) return finding('Its acceptance has ended.', dateOf(until));
  return until - now > longest
    ? finding('It is accepted for longer than exceptions.maxLifetime.low.', dateOf(until))
    : undefined;
}

const failed = (findings: readonly Finding[], total: number): Verdict => ({
  status: 'Fail',
  message: `${findings.length} of ${count(total, 'acceptance')} in the scanner's ignore file ${findings.length === 1 ? 'has' : 'have'} no end, a past one or one too far ahead.`,
  findings: sortFindings(findings),
});

/** Whose they are and why does not stand in the file, nor how grave what it hides is. */
function asked(
  acceptances: readonly Acceptance[],
  policies: readonly string[],
  unlisted: number,
  limits: Limits,
): Verdict {
  const total = acceptances.length + policies.length + unlisted;
  const findings = [
    ...acceptances.map((each) => questionOf(each, limits)),
    ...policies.map((key) => ({
      subject,
      path: `data[${key}]`,
      message: 'A policy leaves findings out; which, and until when, only people can tell.',
    })),
  ];
  return {
    status: 'Manual',
    reason: 'NotAttested',
    message: `To be answered by a person: who owns the ${count(total, 'risk acceptance')} of the scanner, and why? Nobody has attested it.`,
    findings: sortFindings(findings),
  };
}

function questionOf({ id, until = 0 }: Acceptance, { now, ifCritical, warning }: Limits): Finding {
  const message =
    until - now <= warning
      ? 'Its acceptance ends soon.'
      : until - now > ifCritical
        ? 'Who owns it, and why? For a critical one it is too long (exceptions.maxLifetime.critical).'
        : 'Who owns it, and why?';
  return { subject, path, observed: dateOf(until), message, ref: id };
}

/** An acceptance ends, comes near its end, or is no longer too far ahead. */
function nextChange(acceptances: readonly Acceptance[], limits: Limits): number | undefined {
  const { now, longest, ifCritical, warning } = limits;
  const moments = acceptances
    .flatMap(({ until }) =>
      until === undefined ? [] : [until, until - warning, until - ifCritical, until - longest],
    )
    .filter((moment) => moment > now);
  return moments.length === 0 ? undefined : Math.min(...moments);
}

const control: BaseControl = {
  id: 'RD-5.H.10.4',
  title: 'Risk acceptances are owned, justified and unexpired',
  requirement: '§5, bullet 10: scan, and prevent unacceptable vulnerabilities in production',
  severity: 'medium',
  scope: 'namespace',
  rationale:
    'An accepted risk that has no owner and no end is a vulnerability that was hidden from everybody who might have mended it.',
  rule: 'What Trivy Operator is told to leave out: the entries of its ignore file (trivy.ignoreFile) and the ignore policies that hold in the namespace. Fail: an entry has no end (exp:), its end is past, or lies further ahead than exceptions.maxLifetime.low. Manual (NotAttested): all ends are in order, and a person must say who owns them and why; or an ignore policy leaves findings out. NotApplicable (NoAcceptances): nothing is left out. Unknown: its settings could not be read, or not all of them.',
  notes: [
    'An ignore file says neither owner nor reason, so that it never passes: a person is asked. ComplianceExceptions, which are to say both, do not exist in this version.',
    'How grave a vulnerability is that the scanner leaves out is not known. The longest life of all decides, and an entry that would be too long for a critical one is marked.',
    'An end that is near (exceptions.expiryWarning) is told in the finding: a question weighs more than a warning.',
    'An entry whose date Trivy cannot read is none: Trivy passes over it.',
    "Harbor's allowlists and VEX documents are not read by this version.",
    'The ignore file holds for the whole cluster, so that each namespace shows the same entries, the ones that end first before the others, and at most 200.',
    'Findings that are left out also make the controls about vulnerabilities Unknown (HiddenFindings).',
  ],
  remediation:
    'Give every entry an end (CVE-2026-0001 exp:2026-06-30), and take out what has ended or is mended.',
  evidence: ['scannersettings'],
  parameters: [
    'exceptions.maxLifetime.critical',
    'exceptions.maxLifetime.low',
    'exceptions.expiryWarning',
    'vulnerabilities.scannerNamespace',
  ],
  verdicts: ['Fail', 'Manual', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['RA-5', 'CA-7', 'CM-3'],
    nist800190: ['4.1.1'],
  },
  evaluate,
};
export default control;
