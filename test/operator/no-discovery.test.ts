import { KubeConfig } from '@kubernetes/client-node';
import { expect } from 'chai';
import { loadsNothing } from '../../src/operator/no-discovery.ts';

describe('a search for a kubeconfig that finds nothing', () => {
  it('is the next one, and only that', () => {
    const before = KubeConfig.prototype.loadFromDefault;
    expect(loadsNothing('a value')).to.equal('a value');
    const config = new KubeConfig();
    config.loadFromDefault();
    expect(config.getCurrentCluster()?.server).to.equal('https://none.invalid');
    expect(KubeConfig.prototype.loadFromDefault).to.equal(before);
  });
});
