import { KubeConfig } from '@kubernetes/client-node';
import { expect } from 'chai';
import { loadsNothing } from '../../src/operator/base-class.ts';

const search = (): unknown => Object.getOwnPropertyDescriptor(KubeConfig.prototype, 'loadFromDefault')?.value;

describe('a search for a kubeconfig that finds nothing', () => {
  it('is the next one, and only that', () => {
    const before = search();
    expect(loadsNothing('a value')).to.equal('a value');
    expect(search()).to.not.equal(before);
    const config = new KubeConfig();
    config.loadFromDefault();
    expect(config.getCurrentCluster()?.server).to.equal('https://none.invalid');
    expect(search()).to.equal(before);
  });
});
