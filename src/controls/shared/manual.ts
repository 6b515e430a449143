import type { EvaluationInput } from '../../domain/control.ts';
import type { Verdict } from '../../domain/verdict.ts';
import { unknown } from '../../domain/verdict.ts';
import { noWorkloads, specSubjects } from './judge-specs.ts';

/** What neither the cluster nor a source that is read can answer: a person must, and nobody has. */
export function askPeople({ snapshot }: EvaluationInput, question: string): Verdict {
  const { workloads } = snapshot;
  if (!workloads.available) return unknown(workloads.reason, workloads.message);
  if (specSubjects(workloads.items).length === 0) return noWorkloads(snapshot);
  return {
    status: 'Manual',
    reason: 'NotAttested',
    message: `To be answered by a person: ${question} Nobody has attested it.`,
    findings: [],
  };
}
