import type { RollUpControl } from '../../src/domain/control.ts';
import type { Status } from '../../src/domain/verdict.ts';
import { statuses } from '../../src/domain/verdict.ts';
import { input } from './builders.ts';
import type { ControlCase } from './control-cases.ts';
import { finding, verdict } from './judging.ts';

const tell = (status: Status) =>
  verdict(status, status === 'Fail' || status === 'Warn' ? { findings: [finding()] } : {});

/** A roll-up takes each status from one of its parts when the others pass, or apply no more. */
export function rollUpCases({ derivedFrom, verdicts }: RollUpControl): Record<string, ControlCase> {
  const cases = statuses
    .filter((status) => verdicts.includes(status))
    .map((status): [string, ControlCase] => {
      const rest: Status = status === 'NotApplicable' ? 'NotApplicable' : 'Pass';
      const parts = new Map(derivedFrom.map((id, index) => [id, tell(index === 0 ? status : rest)]));
      return [
        `is ${status} by its first part`,
        {
          given: input(),
          parts,
          status,
          ...(status === 'Unknown' ? { reason: 'NoEvidence' } : {}),
          findings: [],
        },
      ];
    });
  return Object.fromEntries(cases);
}
