import { expect } from 'chai';
import { defaultParameters } from '../../src/domain/parameters.ts';
import { isProprietary } from '../../src/domain/proprietary.ts';

describe('isProprietary', () => {
  const byDefault: Record<string, boolean> = {
    's3.services.k8s.aws': true,
    'elbv2.k8s.aws': true,
    'k8s.aws': false,
    'eks.amazonaws.com': true,
    'cloud.google.com': true,
    'storage.cnrm.cloud.google.com': true,
    'other.cloud.google.com': false,
    'networking.gke.io': true,
    'gke.io.example.com': false,
    'network.frontdoor.azure.com': true,
    'networking.k8s.io': false,
    apps: false,
    '': false,
  };
  for (const [group, expected] of Object.entries(byDefault)) {
    it(`${expected ? 'matches' : 'does not match'} ${group || 'the core group'} by default`, () =>
      expect(isProprietary(group, defaultParameters['platform.proprietaryApiGroups'])).to.equal(expected));
  }

  it('never matches the groups of Kubernetes that have no domain', () => {
    expect(['', 'apps', 'batch'].filter((group) => isProprietary(group, ['*']))).to.deep.equal([]);
    expect(isProprietary('example.com', ['*'])).to.equal(true);
  });
});
