import type { AdmissionWebhook, PolicyEngine } from '../../domain/admission.ts';
import { objectField, objectsField, stringField, stringsField } from '../fields.ts';
import { present } from '../present.ts';
import type { AdmissionEvidence } from './admission-evidence.ts';
import { coverPods, ignoresFailure, open, selectorTest } from './admission-fields.ts';

/** The names that engines give their webhooks for objects; those for their own policies are others. */
const engines: readonly (readonly [PolicyEngine, RegExp])[] = [
  ['Gatekeeper', /^validation\.gatekeeper\.sh$/],
  ['Kyverno', /(?:^|\.)validate\.kyverno\.svc/],
  ['Kubewarden', /\.kubewarden\.admission$/],
];

/**
 * A ValidatingWebhookConfiguration, as far as a policy engine is asked about pods by it.
 * @returns undefined for every other one
 */
export function projectWebhooks(object: unknown): AdmissionEvidence | undefined {
  const { name, from } = open(object);
  const items = objectsField(from, 'webhooks', '').flatMap((webhook, index): AdmissionWebhook[] => {
    const at = `webhooks[${index}]`;
    const title = stringField(webhook, 'name', at) ?? '';
    const engine = engines.find(([, pattern]) => pattern.test(title))?.[0];
    if (engine === undefined || !coverPods(webhook, 'rules', at)) return [];
    const client = objectField(webhook, 'clientConfig', at) ?? {};
    const service = objectField(client, 'service', `${at}.clientConfig`);
    return [
      {
        is: 'webhook',
        engine,
        kind: 'ValidatingWebhookConfiguration',
        name,
        webhook: title,
        ...(engine === 'Kyverno' ? ofKyverno(title) : {}),
        where: [selectorTest(webhook, at)],
        ...ignoresFailure(webhook, at),
        ...present({ service: service && `${String(service['namespace'])}/${String(service['name'])}` }),
      },
    ];
  });
  return items.length === 0 ? undefined : { items };
}

/** `vpol.validate.kyverno.svc-fail`, `validate.kyverno.svc-ignore-finegrained-NAME`. */
function ofKyverno(title: string): Pick<AdmissionWebhook, 'cel' | 'only'> {
  const only = /-finegrained-(.+)$/.exec(title)?.[1];
  return {
    ...(title.startsWith('validate.') ? {} : { cel: true }),
    ...(only === undefined ? {} : { only }),
  };
}

export function projectNativePolicy(object: unknown): AdmissionEvidence {
  const { name, spec } = open(object);
  const constraints = objectField(spec, 'matchConstraints', 'spec') ?? {};
  return {
    policy: {
      name,
      where: [selectorTest(constraints, 'spec.matchConstraints')],
      forPods: coverPods(constraints, 'resourceRules', 'spec.matchConstraints'),
      ...ignoresFailure(spec, 'spec'),
    },
  };
}

export function projectNativeBinding(object: unknown): AdmissionEvidence {
  const { name, spec } = open(object);
  const match = objectField(spec, 'matchResources', 'spec') ?? {};
  return {
    binding: {
      name,
      policy: stringField(spec, 'policyName', 'spec') ?? '',
      where: [selectorTest(match, 'spec.matchResources')],
      action: stringsField(spec, 'validationActions', 'spec').includes('Deny') ? 'deny' : 'observe',
    },
  };
}
