import type { Power, Powers } from '../../domain/rights.ts';
import { powers } from '../../domain/rights.ts';
import { noPowers } from './rights-of.ts';

const all = (...some: readonly Power[]): Powers => ({
  all: powers.filter((power) => some.includes(power)),
  named: [],
});

const edit: readonly Power[] = [
  'readSecrets',
  'enterPods',
  'forwardPorts',
  'makePods',
  'makeTokens',
  'impersonate',
  'changePipeline',
  'write',
];

/** What the API server gives these roles when it starts: manifests bind them, and seldom hold them. */
export const builtInRoles: ReadonlyMap<string, Powers> = new Map([
  ['ClusterRole cluster-admin', all(...powers.filter((power) => power !== 'wildcard'))],
  ['ClusterRole admin', all(...edit, 'bindRoles', 'changeRoles')],
  ['ClusterRole edit', all(...edit)],
  ['ClusterRole view', noPowers],
]);
