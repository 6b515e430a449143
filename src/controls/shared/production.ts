import type { EvaluationInput } from '../../domain/control.ts';
import { selects } from '../../domain/label-selector.ts';
import { parseSelector } from '../../domain/parse-selector.ts';
import type { Verdict } from '../../domain/verdict.ts';
import { unknown } from '../../domain/verdict.ts';

/** Whether the namespace is one of production; undefined where its labels are not known. */
function isProduction({ snapshot, parameters }: EvaluationInput): boolean | undefined {
  const { labels } = snapshot.namespace;
  const selector = parseSelector(parameters['platform.productionNamespaces']);
  return labels === undefined || selector === undefined ? undefined : selects(selector, labels);
}

/** What a rule says that is stricter in production. Where nobody knows which it is, only what holds in both is said. */
export function judgeByEnvironment(input: EvaluationInput, judge: (production: boolean) => Verdict): Verdict {
  const production = isProduction(input);
  if (production !== undefined) return judge(production);
  const [strict, mild] = [judge(true), judge(false)];
  return strict.status === mild.status
    ? mild
    : unknown(
        'NoEvidence',
        `Whether namespace ${input.snapshot.namespace.name} is one of production is not known, since its labels are not: in production this would be ${strict.status}, elsewhere ${mild.status}.`,
      );
}

export const productionRule =
  'Production namespaces are those that platform.productionNamespaces selects. Where the labels of the namespace are not known (a scan without its Namespace object), a verdict that depends on them is Unknown (NoEvidence).';
