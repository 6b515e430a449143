import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import { isParseFailure, normalise, parseImageReference } from '../domain/image-reference.ts';
import type { Verdict } from '../domain/verdict.ts';
import type { Image } from './shared/allowlist.ts';
import { imagesOf, judgeMissingImages } from './shared/allowlist.ts';
import { commonRule, judgeSpecs } from './shared/judge-specs.ts';
import { judgeByEnvironment, productionRule } from './shared/production.ts';
import type { Issue, SpecCheck } from './shared/spec-check.ts';

const checkIn =
  (production: boolean): SpecCheck =>
  (spec, { parameters }) =>
    imagesOf(spec).flatMap((image) => judge(image, production, parameters['images.floatingTags']) ?? []);

const checks = { production: checkIn(true), elsewhere: checkIn(false) };

function judge(
  { reference: text, ...place }: Image,
  production: boolean,
  floating: readonly string[],
): Issue | undefined {
  if (text === '') return undefined;
  const reference = parseImageReference(text);
  const issue = (message: string): Issue => ({ ...place, observed: text, message });
  if (isParseFailure(reference)) return issue(`The image reference ${reference.problem}.`);
  if (reference.digest !== undefined) return undefined;
  const { tag = 'latest' } = normalise(reference);
  if (tag === 'latest')
    return issue(
      reference.tag === undefined ? 'Neither tag nor digest: it means latest.' : 'The tag latest moves.',
    );
  const warn = { weight: 'warn' } as const;
  if (floating.includes(tag)) return { ...issue(`The tag ${tag} moves.`), ...warn };
  return production
    ? { ...issue('A tag may move; in production a digest belongs to it.'), ...warn }
    : undefined;
}

function evaluate(input: EvaluationInput): Verdict {
  const verdict = judgeByEnvironment(input, (production) =>
    judgeSpecs(input, production ? checks.production : checks.elsewhere, {
      one: 'uses images whose version moves',
      many: 'use images whose version moves',
      pass: 'Every image is of a fixed version',
      warn: { one: 'uses images whose version may move', many: 'use images whose version may move' },
    }),
  );
  return verdict.status === 'Fail' ? verdict : (judgeMissingImages(input) ?? verdict);
}

const control: BaseControl = {
  id: 'RD-2.6.4',
  title: 'Images are pinned to an immutable version',
  requirement: '§2: requiring container images to be pulled from only allowlisted container registries',
  severity: 'medium',
  scope: 'container',
  rationale:
    'What a moving tag points to tomorrow is not what was scanned and tested today, and two pods of one workload may run different code.',
  rule: `Of every container and image volume. Pass: the image has a digest, or a tag that is not in images.floatingTags. Warn: its tag is in images.floatingTags, or it has a tag without a digest in a production namespace. Fail: its tag is latest, it has neither tag nor digest, or the reference cannot be read (a malformed digest). Unknown (EvaluationError): a template without live pods leaves its image to be filled in. ${productionRule} ${commonRule}`,
  notes: [
    'repo:5000/app has a port and no tag, so it means latest.',
    'A runtime that is given both pulls by the digest: latest with a digest passes.',
  ],
  remediation: 'Write the version and its digest, as in registry.example/app:1.2.3@sha256:… .',
  evidence: ['workloads'],
  parameters: ['images.floatingTags', 'platform.productionNamespaces'],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['CM-2', 'CM-3', 'SI-7'],
    nist800190: ['4.2.2', '4.1.5'],
    nsaCisa: ['Building secure container images'],
    srg: ['SRG-APP-000131-CTR-000285'],
    trivy: ['KSV-0013'],
    kubescape: ['C-0306', 'C-0075'],
    other: ['kube-linter latest-tag', 'kyverno disallow-latest-tag', 'kyverno require-image-checksum'],
  },
  evaluate,
};
export default control;
