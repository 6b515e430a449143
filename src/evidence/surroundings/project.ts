import type {
  Autoscaler,
  DisruptionBudget,
  Ingress,
  LimitRange,
  Service,
  ServiceAccount,
} from '../../domain/surroundings.ts';
import type { Json } from '../fields.ts';
import {
  amountField,
  asObject,
  booleanField,
  integerField,
  objectField,
  objectsField,
  stringField,
  stringMapField,
} from '../fields.ts';
import { keyDomainsOf } from '../key-domains.ts';
import { present } from '../present.ts';
import { nameOf } from '../volumes/name-of.ts';
import { projectSelector } from './project-selector.ts';

/** Each throws a ShapeError when a field has another type than the API gives it. */

interface Opened {
  readonly name: string;
  readonly from: Json;
  readonly metadata: Json;
  readonly spec: Json;
}

function open(object: unknown): Opened {
  const from = asObject(object, '');
  const metadata = objectField(from, 'metadata', '') ?? {};
  return { name: nameOf(metadata), from, metadata, spec: objectField(from, 'spec', '') ?? {} };
}

export function projectService(object: unknown): Service {
  const { name, metadata, spec } = open(object);
  return present({
    name,
    keyDomains: keyDomainsOf(metadata),
    selector: stringMapField(spec, 'selector', 'spec'),
    ports: objectsField(spec, 'ports', 'spec').map((item, index) => {
      const path = `spec.ports[${index}]`;
      const port = integerField(item, 'port', path) ?? 0;
      return { port, targetPort: amountField(item, 'targetPort', path) || port };
    }),
  });
}

export function projectServiceAccount(object: unknown): ServiceAccount {
  const { name, from, metadata } = open(object);
  return present({
    name,
    automountToken: booleanField(from, 'automountServiceAccountToken', ''),
    labels: stringMapField(metadata, 'labels', 'metadata') ?? {},
    tokenSecrets: projectTokenSecrets(from, name),
    keyDomains: keyDomainsOf(metadata),
  });
}

export function projectIngress(object: unknown): Ingress {
  const { name, metadata } = open(object);
  return present({ name, keyDomains: keyDomainsOf(metadata) });
}

/** Servers before 1.24 made a Secret `<account>-token-xxxxx` for each account and listed it there. */
function projectTokenSecrets(from: Json, account: string): string[] | undefined {
  const names = objectsField(from, 'secrets', '').flatMap(
    (secret, index) => stringField(secret, 'name', `secrets[${index}]`) ?? [],
  );
  const tokens = names.filter(
    (name) => name.startsWith(`${account}-token-`) && /-token-[a-z0-9]{5}$/.test(name),
  );
  return tokens.length === 0 ? undefined : tokens.toSorted();
}

/** The API server makes a maximum the default limit, and a default limit or a minimum the default request. */
const defaulting = ['defaultRequest', 'default', 'max', 'min'] as const;

export function projectLimitRange(object: unknown): LimitRange {
  const { name, spec } = open(object);
  const requests = objectsField(spec, 'limits', 'spec').flatMap((item, index) => {
    const path = `spec.limits[${index}]`;
    if (stringField(item, 'type', path) !== 'Container') return [];
    return defaulting.flatMap((key) => Object.keys(objectField(item, key, path) ?? {}));
  });
  return { name, requests: [...new Set(requests)].toSorted() };
}

export function projectAutoscaler(object: unknown): Autoscaler {
  const { name, spec } = open(object);
  const target = objectField(spec, 'scaleTargetRef', 'spec') ?? {};
  return {
    name,
    target: {
      kind: stringField(target, 'kind', 'spec.scaleTargetRef') ?? '',
      name: stringField(target, 'name', 'spec.scaleTargetRef') ?? '',
    },
    minReplicas: integerField(spec, 'minReplicas', 'spec') ?? 1,
  };
}

export function projectDisruptionBudget(object: unknown): DisruptionBudget {
  const { name, spec } = open(object);
  return present({
    name,
    selector: projectSelector(spec, 'selector', 'spec'),
    minAvailable: amountField(spec, 'minAvailable', 'spec'),
    maxUnavailable: amountField(spec, 'maxUnavailable', 'spec'),
  });
}
