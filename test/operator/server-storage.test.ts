import { expect } from 'chai';
import { isServersOwn } from '../../src/operator/server-storage.ts';

const definitions = new Set(['vulnerabilityreports.aquasecurity.github.io']);
const of = (group: string, plural: string) => ({ group, plural });

describe('what the API server keeps itself', () => {
  const own: Record<string, [resource: ReturnType<typeof of>, known: Set<string> | undefined, boolean]> = {
    'is what belongs to the core': [of('', 'configmaps'), definitions, true],
    'is what belongs to another group of Kubernetes': [of('apps', 'deployments'), definitions, true],
    'is what a definition defines': [
      ...([of('aquasecurity.github.io', 'vulnerabilityreports'), definitions, true] as const),
    ],
    'is not what no definition defines': [of('projectcalico.org', 'networkpolicies'), definitions, false],
    'is not another kind of a group of which one is defined': [
      ...([of('aquasecurity.github.io', 'sbomreports'), definitions, false] as const),
    ],
    'is not an aggregated API under the domain of Kubernetes': [
      ...([of('metrics.k8s.io', 'pods'), definitions, false] as const),
    ],
    'is whatever it may be, while no definitions are known': [
      ...([of('projectcalico.org', 'networkpolicies'), undefined, true] as const),
    ],
  };
  for (const [title, [resource, known, expected]] of Object.entries(own))
    it(title, () => expect(isServersOwn(resource, known)).to.equal(expected));
});
