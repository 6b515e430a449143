import type { AdmissionItem, AdmissionRule, AdmissionWebhook } from '../../domain/admission.ts';
import { actionIn, exempts, ruleCovers } from '../../domain/admission.ts';
import type { LabelledNamespace } from '../../domain/namespace-scope.ts';
import { covers } from '../../domain/namespace-scope.ts';

/**
 * What becomes of a pod that breaks a rule in a namespace. `deny`: it is refused. `weak`: it is refused while the engine
 * answers. `observe`: it is let through and told of. `unreached`: nobody asks the engine. `unseen`: whether the engine
 * answers is not known.
 */
export type Reach = 'deny' | 'weak' | 'observe' | 'unreached' | 'unseen';

export interface ReachedRule {
  readonly rule: AdmissionRule;
  readonly reach: Reach;
  /** A clause, for all but `deny`. */
  readonly why: string;
}

/** What each rule for pods that covers the namespace comes to there. */
export function reachedRules(
  items: readonly AdmissionItem[],
  namespace: LabelledNamespace,
  wanted: (rule: AdmissionRule) => boolean = () => true,
): readonly ReachedRule[] {
  const rules = items.filter((item) => item.is === 'rule');
  return rules
    .filter((rule) => rule.forPods && wanted(rule) && ruleCovers(rule, namespace))
    .map((rule) => ({ rule, ...reachOf(rule, items, namespace) }));
}

function reachOf(
  rule: AdmissionRule,
  items: readonly AdmissionItem[],
  namespace: LabelledNamespace,
): Omit<ReachedRule, 'rule'> {
  if (actionIn(rule, namespace) === 'observe') return { reach: 'observe', why: 'it does not deny' };
  if (rule.engine === 'Kubernetes') return strength(rule.ignoresFailure === true);
  const config = items.find(
    (item) =>
      item.is === 'exemption' &&
      item.engine === rule.engine &&
      (item.stops === 'all' || item.stops === 'admission') &&
      exempts(item, namespace),
  );
  if (config !== undefined)
    return { reach: 'unreached', why: `${config.kind} ${config.name} excludes the namespace` };
  return throughWebhooks(rule, webhooksOf(items, rule), namespace);
}

/** Those by which the engine is asked about the rule. */
const webhooksOf = (
  items: readonly AdmissionItem[],
  { engine, cel, name }: AdmissionRule,
): AdmissionWebhook[] =>
  items
    .filter((item) => item.is === 'webhook')
    .filter((webhook) => webhook.engine === engine && webhook.cel === cel)
    // One for a policy of a namespace has that before the name.
    .filter(({ only }) => only === undefined || only === name || only.endsWith(`-${name}`));

function throughWebhooks(
  rule: AdmissionRule,
  webhooks: readonly AdmissionWebhook[],
  namespace: LabelledNamespace,
): Omit<ReachedRule, 'rule'> {
  const { engine } = rule;
  if (webhooks.length === 0) return { reach: 'unreached', why: `no webhook asks ${engine} about pods` };
  const called = webhooks.filter(({ where }) => covers(where, namespace));
  if (called.length === 0)
    return { reach: 'unreached', why: `the webhook of ${engine} leaves the namespace out` };
  const ready = called.filter((each) => each.ready === true);
  if (ready.length > 0)
    return strength(rule.ignoresFailure === true || ready.every((each) => each.ignoresFailure === true));
  const [unknown] = called.filter((each) => each.ready === undefined);
  if (unknown !== undefined)
    return { reach: 'unseen', why: `whether ${unknown.webhook} is answered is not known` };
  return { reach: 'unreached', why: `${called[0]?.webhook} has no ready endpoint` };
}

const strength = (ignoresFailure: boolean): Omit<ReachedRule, 'rule'> =>
  ignoresFailure
    ? { reach: 'weak', why: 'its failurePolicy is Ignore' }
    : { reach: 'deny', why: 'it is enforced' };
