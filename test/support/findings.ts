import fc from 'fast-check';
import type { Finding, Verdict } from '../../src/domain/verdict.ts';
import { severities, statuses, unknownReasons } from '../../src/domain/verdict.ts';

/** Findings and verdicts as nasty as foreign text makes them. */

/** Everything that costs more bytes than characters, or that a terminal would act on. */
const nastyUnit = fc.constantFrom(
  'a',
  ' ',
  '"',
  '\\',
  '\n',
  '\u0000',
  '\u001b[31m',
  '\u202e',
  '\u2028',
  '語',
  '𝄞',
  '\ud834',
  '\udd1e',
  'é',
);

const nasty = (maxLength: number) =>
  fc
    .tuple(fc.array(nastyUnit, { maxLength: 8 }), fc.nat({ max: maxLength }))
    // A short pattern, repeated: long texts without the cost of generating each character.
    .map(([units, length]) => units.join('').repeat(length).slice(0, length));

/** Never blank: objects have names. */
const name = nasty(700).map((text) => `n${text}`);

export const anyFinding = fc.record(
  {
    subject: fc.record({ kind: name, name, container: nasty(300) }, { requiredKeys: ['kind', 'name'] }),
    example: nasty(300),
    path: nasty(600),
    observed: nasty(1_500),
    message: nasty(1_500),
    severity: fc.constantFrom(...severities),
    ref: nasty(1_000),
  },
  { requiredKeys: ['subject', 'message'] },
) satisfies fc.Arbitrary<Finding>;

/** `copies` of a few findings: thousands of them without the cost of generating each. */
const manyFindings = fc
  .tuple(
    fc.array(anyFinding, { maxLength: 4 }),
    fc.constantFrom(...Array.from({ length: 12 }, () => 1), 3, 40, 400),
  )
  .map(([some, copies]): Finding[] =>
    Array.from({ length: copies }, (_, copy) =>
      some.map((finding) => ({
        ...finding,
        subject: { ...finding.subject, name: `${copy}-${finding.subject.name}` },
      })),
    ).flat(),
  );

export const anyVerdict: fc.Arbitrary<Verdict> = fc
  .record({
    status: fc.oneof({ weight: 3, arbitrary: fc.constant('Fail' as const) }, fc.constantFrom(...statuses)),
    message: nasty(3_000),
    findings: manyFindings,
    reason: fc.constantFrom(...unknownReasons),
  })
  .map(({ reason, ...verdict }) => (verdict.status === 'Unknown' ? { ...verdict, reason } : verdict));
