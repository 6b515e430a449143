import { expect } from 'chai';
import type { AdmissionEvidence } from '../../src/evidence/admission/admission-evidence.ts';
import { compareText } from '../../src/domain/compare-text.ts';
import type { Change } from '../../src/kube/store.ts';
import { concernedBy } from '../../src/operator/admission-wake.ts';
import { admission, evidenceOf } from '../support/admission-objects.ts';

const staleBefore = Date.parse('2026-01-01T00:00:00Z');
const violation = (namespace: string, name = 'app') => ({ kind: 'Pod', name, namespace, message: 'No.' });
const audited = (minute: number, violations: object[] = [], spec: object = {}, total = violations.length) =>
  evidenceOf(
    admission.constraint(spec, {
      status: {
        auditTimestamp: new Date(staleBefore + minute * 60_000).toISOString(),
        totalViolations: total,
        violations,
      },
    }),
  );
const report = (...results: object[]) => evidenceOf(admission.report(results));

function concerned(
  old: AdmissionEvidence | undefined,
  value: AdmissionEvidence | undefined,
  ownOnly = false,
): (string | undefined)[] {
  const common = { namespace: ownOnly ? 'shop' : '', name: 'one', initial: false };
  const change: Change<AdmissionEvidence> =
    value === undefined
      ? { type: 'delete', ...common, old: old ?? {} }
      : { type: 'set', ...common, old, value };
  return [...concernedBy(change, ownOnly, staleBefore)].toSorted(compareText);
}

describe('a change of what policies say', () => {
  const all = [undefined];
  const cases: Record<string, [found: (string | undefined)[], expected: (string | undefined)[]]> = {
    'a new date alone concerns nobody': [concerned(audited(1), audited(2)), []],
    'a new date after a stale audit concerns all': [concerned(audited(-1), audited(2)), all],
    'the first audit concerns all': [concerned(evidenceOf(admission.constraint()), audited(2)), all],
    'a violation concerns its namespace': [concerned(audited(1), audited(2, [violation('shop')])), ['shop']],
    'a violation that is gone does too': [
      concerned(audited(1, [violation('shop'), violation('other')]), audited(2, [violation('other')])),
      ['shop'],
    ],
    'violations in another order concern nobody else': [
      concerned(audited(1, [violation('a'), violation('b')]), audited(2, [violation('b'), violation('a')])),
      [],
    ],
    'a list that is cut off concerns all': [concerned(audited(1), audited(2, [], {}, 30)), all],
    'another action concerns all': [
      concerned(audited(1), audited(1, [], { enforcementAction: 'warn' })),
      all,
    ],
    'a new policy concerns all': [concerned(undefined, audited(1)), all],
    'a policy that is gone concerns all': [concerned(audited(1), undefined), all],
    'a report concerns its namespace': [
      concerned(report(), report({ policy: 'p', result: 'fail' }), true),
      ['shop'],
    ],
    'a report that says the same concerns nobody': [
      concerned(report({ policy: 'p', result: 'pass' }), report({ policy: 'q', result: 'pass' }), true),
      [],
    ],
    'a report that is gone concerns its namespace': [concerned(report(), undefined, true), ['shop']],
  };
  for (const [what, [found, expected]] of Object.entries(cases)) {
    it(what, () => expect(found).to.deep.equal(expected));
  }
});
