import { expect } from 'chai';
import { meshKindOf, servedMeshKinds } from '../../../src/evidence/mesh/mesh-kinds.ts';

const served = (group: string, version: string, plural: string, verbs = ['list', 'watch']) => ({
  ...{ group, version, plural, verbs },
});

describe('the kinds of meshes', () => {
  const cases: Record<string, [resources: ReturnType<typeof served>[], expected: string[]]> = {
    'the best version, whatever the order': [
      [
        served('security.istio.io', 'v1beta1', 'peerauthentications'),
        served('security.istio.io', 'v1', 'peerauthentications'),
        served('policy.linkerd.io', 'v1beta1', 'servers'),
        served('policy.linkerd.io', 'v1beta2', 'servers'),
      ],
      ['v1/peerauthentications', 'v1beta2/servers'],
    ],
    'no version that is not known, and nothing that cannot be watched': [
      [
        served('security.istio.io', 'v9', 'peerauthentications'),
        served('policy.linkerd.io', 'v1alpha1', 'authorizationpolicies', ['list']),
      ],
      [],
    ],
    'nothing else': [
      [
        served('security.istio.io', 'v1', 'authorizationpolicies'),
        served('policy.linkerd.io', 'v1alpha1', 'meshtlsauthentications'),
      ],
      [],
    ],
  };
  for (const [what, [resources, expected]] of Object.entries(cases)) {
    it(`are ${what}`, () => {
      const found = servedMeshKinds(resources).map(
        ({ resource }) => `${resource.version}/${resource.plural}`,
      );
      expect(found.toSorted()).to.deep.equal(expected);
    });
  }

  it('are known in manifests by group and version, of which two have the name AuthorizationPolicy', () => {
    expect(meshKindOf('policy.linkerd.io/v1alpha1', 'AuthorizationPolicy')).to.not.equal(undefined);
    expect(meshKindOf('security.istio.io/v1', 'AuthorizationPolicy')).to.equal(undefined);
    expect(meshKindOf('security.istio.io/v1beta1', 'PeerAuthentication')?.kind).to.equal(
      'PeerAuthentication',
    );
  });
});
