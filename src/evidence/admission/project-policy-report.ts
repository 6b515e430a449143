import { cleanText } from '../../base/clean-text.ts';
import { compareText } from '../../domain/compare-text.ts';
import type { PolicyResult } from '../../domain/policy-audit.ts';
import type { Subject } from '../../domain/verdict.ts';
import { severities } from '../../domain/verdict.ts';
import type { Json } from '../fields.ts';
import { objectField, objectsField, stringField } from '../fields.ts';
import { present } from '../present.ts';
import type { AdmissionEvidence } from './admission-evidence.ts';
import { open } from './admission-fields.ts';

/** Kept of one report, the worst first. */
const mostResults = 20;
const results = ['error', 'fail', 'warn'] as const;
const maxText = 200;

/** Whoever writes these is read elsewhere, or is Plumbline itself: counted twice, or for ever. */
const foreign = /^(?:plumbline|falco|trivy)/i;

/** Most reports are of one object that has passed everything: tens of thousands of them are this one. */
const clean: AdmissionEvidence = Object.freeze({
  report: Object.freeze({ is: 'report', name: '', results: Object.freeze([]), unlisted: 0 }),
});

/**
 * A PolicyReport of `wgpolicyk8s.io` or a Report of `openreports.io`.
 * @returns undefined when all that it says is read elsewhere
 */
export function projectPolicyReport(object: unknown): AdmissionEvidence | undefined {
  const { name, metadata, from } = open(object);
  const engine = objectField(metadata, 'labels', 'metadata')?.['policy.kubernetes.io/engine'];
  const common = stringField(from, 'source', '') ?? (typeof engine === 'string' ? engine : '');
  const all = objectsField(from, 'results', '');
  const own = all.filter((each) => !foreign.test(stringField(each, 'source', 'results') ?? common));
  if (all.length > 0 && own.length === 0) return undefined;
  const scope = subjectOf(objectField(from, 'scope', ''));
  const bad = own.flatMap((each) => readResult(each, scope) ?? []);
  if (bad.length === 0) return clean;
  const kept = bad.toSorted(worstFirst).slice(0, mostResults);
  return { report: { is: 'report', name, results: kept, unlisted: bad.length - kept.length } };
}

function readResult(from: Json, scope: Subject | undefined): PolicyResult | undefined {
  const written = stringField(from, 'result', 'results');
  const result = results.find((each) => each === written);
  if (result === undefined) return undefined;
  const severity = severities.find((each) => each === stringField(from, 'severity', 'results'));
  const resource = objectsField(from, 'resources', 'results')[0];
  return present({
    policy: cleanText(stringField(from, 'policy', 'results') ?? '', maxText),
    rule: stringField(from, 'rule', 'results'),
    result,
    severity,
    subject: subjectOf(resource) ?? scope,
    message: cleanText(stringField(from, 'message', 'results') ?? '', maxText),
  });
}

function subjectOf(reference: Json | undefined): Subject | undefined {
  const kind = reference && stringField(reference, 'kind', 'scope');
  const name = reference && stringField(reference, 'name', 'scope');
  return kind === undefined || name === undefined ? undefined : { kind, name };
}

const rank = ({ severity }: PolicyResult) =>
  severity === undefined ? severities.length : severities.indexOf(severity);

/** An error first: it must not be cut off, since what it leaves open is not known. */
const worstFirst = (a: PolicyResult, b: PolicyResult): number =>
  results.indexOf(a.result) - results.indexOf(b.result) ||
  rank(a) - rank(b) ||
  compareText(a.policy, b.policy) ||
  compareText(a.rule, b.rule) ||
  compareText(a.message, b.message);
