import type { BaseControl, EvaluationInput } from '../../src/domain/control.ts';
import type { Parameters } from '../../src/domain/parameters.ts';
import { defaultParameters } from '../../src/domain/parameters.ts';
import type { Finding, Verdict } from '../../src/domain/verdict.ts';
import { collectManifests } from './collected.ts';
import type { Manifest } from '../../src/evidence/manifests/documents.ts';
import { readDocuments } from '../../src/evidence/manifests/documents.ts';
import { snapshotsOf } from '../../src/evidence/manifests/snapshots.ts';

/**
 * What a scan sees of these manifests, which speak of one namespace; throws where one cannot be read.
 * @param labels of the namespace, which no manifest of it needs to give
 */
export function inputOf(
  manifests: readonly Manifest[],
  parameters: Partial<Parameters> = {},
  labels: Readonly<Record<string, string>> = {},
): EvaluationInput {
  const collected = collectManifests(manifests);
  const [error] = collected.errors;
  if (error !== undefined) throw new Error(`${error.file}:${error.line ?? 0}: ${error.message}`);
  const [snapshot, ...others] = snapshotsOf(collected, { minor: 37 });
  if (snapshot === undefined || others.length > 0) throw new Error('not of one namespace');
  const { name } = snapshot.namespace;
  return {
    snapshot: { ...snapshot, namespace: { name, labels } },
    parameters: { ...defaultParameters, ...parameters },
    now: 0,
  };
}

/** The manifests of a text. */
export function manifestsOf(file: string, text: string): readonly Manifest[] {
  const { manifests, errors } = readDocuments(file, text);
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  return manifests;
}

/** The findings of a control whose `path: message` is about something; the control must have come to a verdict that evidence gives. */
export function findingsAt(control: BaseControl, input: EvaluationInput, about?: RegExp): readonly Finding[] {
  const verdict: Verdict = control.evaluate(input);
  if (!['Pass', 'Warn', 'Fail'].includes(verdict.status))
    throw new Error(`${control.id} is ${verdict.status}: ${verdict.message}`);
  return verdict.findings.filter(({ path = '', message }) => about?.test(`${path}: ${message}`) ?? true);
}
