import type { Judged } from './evaluate-controls.ts';
import type { Condition } from './report.ts';

interface ConditionInput {
  readonly judged: readonly Judged[];
  readonly omitted: number;
  readonly previous: readonly Condition[] | undefined;
  readonly time: string;
}

/** `Ready`, `EvidenceComplete` and `Truncated`, each with the time since which its status holds. */
export function reportConditions({ judged, omitted, previous, time }: ConditionInput): Condition[] {
  const open = judged.filter(({ verdict }) => verdict.status === 'Unknown');
  const since = keepTimes(previous, time);
  return [
    since({
      type: 'Ready',
      status: 'True',
      reason: 'Evaluated',
      message: `${count(judged.length, 'control was', 'controls were')} evaluated.`,
    }),
    since(
      open.length === 0
        ? {
            type: 'EvidenceComplete',
            status: 'True',
            reason: 'AllEvidenceRead',
            message: 'No control lacks evidence.',
          }
        : {
            type: 'EvidenceComplete',
            status: 'False',
            reason: open[0]?.verdict.reason ?? 'NoEvidence',
            message: `${count(open.length, 'control', 'controls')} cannot be decided: ${listIds(open)}.`,
          },
    ),
    since(
      omitted === 0
        ? { type: 'Truncated', status: 'False', reason: 'Complete', message: 'Every finding is listed.' }
        : {
            type: 'Truncated',
            status: 'True',
            reason: 'OverBudget',
            message: `${count(omitted, 'finding is', 'findings are')} counted in findingsTotal and not listed.`,
          },
    ),
  ];
}

const count = (n: number, one: string, many: string) => `${n} ${n === 1 ? one : many}`;

const listIds = (judged: readonly Judged[]) => {
  const shown = judged.slice(0, 10).map(({ control }) => control.id);
  return shown.join(', ') + (judged.length > shown.length ? ` and ${judged.length - shown.length} more` : '');
};

/** Standard semantics: `lastTransitionTime` moves only with the status. */
export function keepTimes(previous: readonly Condition[] | undefined, time: string) {
  return (condition: Omit<Condition, 'lastTransitionTime'>): Condition => {
    const before = previous?.find(({ type }) => type === condition.type);
    const lastTransitionTime = before?.status === condition.status ? before.lastTransitionTime : time;
    return { ...condition, lastTransitionTime };
  };
}
