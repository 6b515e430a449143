import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import type { ImageReference } from '../domain/image-reference.ts';
import { formatImageReference, isParseFailure, parseImageReference } from '../domain/image-reference.ts';
import { matches } from '../domain/registry-entry.ts';
import type { Verdict } from '../domain/verdict.ts';
import { unknown } from '../domain/verdict.ts';
import { allowlistOf, imagesOf, judgeMissingImages } from './shared/allowlist.ts';
import { commonRule, judgeSpecs } from './shared/judge-specs.ts';
import type { SpecCheck, SpecContext } from './shared/spec-check.ts';

type Place = 'own' | 'third party' | 'elsewhere' | 'undecided';

/** Each list decides only while it holds something. */
function placeOf(reference: ImageReference, { parameters }: SpecContext): Place {
  const own = allowlistOf(parameters['images.primaryRegistries']).entries;
  const allowed = allowlistOf(parameters['images.allowedRegistries']).entries;
  if (own.some((entry) => matches(entry, reference))) return 'own';
  if (allowed.length === 0) return 'undecided';
  if (!allowed.some((entry) => matches(entry, reference))) return 'elsewhere';
  return own.length === 0 ? 'undecided' : 'third party';
}

const warn = { weight: 'warn' } as const;

const check: SpecCheck = (spec, context) =>
  imagesOf(spec).flatMap(({ reference: text, ...place }) => {
    if (text === '') return [];
    const reference = parseImageReference(text);
    if (isParseFailure(reference))
      return [{ ...place, observed: text, message: `The image reference ${reference.problem}.` }];
    const found = placeOf(reference, context);
    const meant = formatImageReference(reference);
    if (found === 'elsewhere')
      return [{ ...place, observed: text, message: `Neither list of registries allows ${meant}.` }];
    if (found !== 'third party') return [];
    return [{ ...place, observed: text, message: `${meant} is from a third party.`, ...warn }];
  });

/** One for all: that there is one is asked, and not which. */
const undecided = [{ path: 'spec', message: 'Nothing says whose registry an image is from.' }] as const;

const checkUndecided: SpecCheck = (spec, context) =>
  imagesOf(spec).some(({ reference: text }) => {
    const reference = parseImageReference(text);
    return !isParseFailure(reference) && placeOf(reference, context) === 'undecided';
  })
    ? undecided
    : [];

function evaluate(input: EvaluationInput): Verdict {
  const texts = {
    one: 'uses images from elsewhere than the allowed registries',
    many: 'use images from elsewhere than the allowed registries',
    pass: "Every image is from the organisation's own registries",
    warn: { one: 'uses images of third parties', many: 'use images of third parties' },
  };
  const verdict = judgeSpecs(input, check, texts);
  if (verdict.status !== 'Pass' && verdict.status !== 'Warn') return verdict;
  const whose = judgeSpecs(input, checkUndecided, texts);
  if (whose.status === 'Fail' || whose.status === 'Warn') return unknown('NoEvidence', whyNot(input));
  return judgeMissingImages(input) ?? verdict;
}

function whyNot({ parameters }: EvaluationInput): string {
  const empty = (['images.primaryRegistries', 'images.allowedRegistries'] as const).filter(
    (path) => parameters[path].length === 0,
  );
  return `Where images may come from is not said: ${empty.join(' and ')} ${empty.length === 1 ? 'is' : 'are'} empty.`;
}

const control: BaseControl = {
  id: 'RD-3.9.1',
  title: "Images come from the organisation's own artifact repository",
  requirement: '§3: Artifact Repository',
  severity: 'medium',
  scope: 'container',
  rationale:
    'What lies in a registry of your own is scanned by you, is still there tomorrow, and cannot be replaced by somebody else.',
  rule: `Images and entries are compared as in RD-2.6.1. Pass: an entry of images.primaryRegistries allows every image. Warn: only an entry of images.allowedRegistries does, so it is a third party's. Fail: neither does, or the reference cannot be read. Unknown (NoEvidence): the list that would decide is empty. Unknown (EvaluationError): a template without live pods leaves its image to be filled in. ${commonRule}`,
  notes: [
    'An image that the first list allows passes while the second is empty. One that the second allows is Unknown while the first is empty, since it may be your own; one that the first does not allow is Unknown while the second is empty.',
    'A project of your registry that proxies another one counts as your own.',
  ],
  remediation:
    'Copy the image to a registry of your own, or let that proxy it, and name the registry in images.primaryRegistries.',
  evidence: ['workloads'],
  parameters: ['images.primaryRegistries', 'images.allowedRegistries'],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['CM-2', 'SR-3'],
    nist800190: ['4.1.5', '4.2.2'],
    kubescape: ['C-0078'],
    other: ['Reference Design v2.1 §3.3, Locally Centralized Artifact Repository (secondary)'],
  },
  evaluate,
};
export default control;
