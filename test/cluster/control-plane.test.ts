import { expect } from 'chai';
import { freshNamespace, useCluster } from '../support/cluster.ts';

describe('the control plane', () => {
  const cluster = useCluster();

  it('is the Kubernetes whose version is pinned', async () => {
    const { status, body } = await cluster().request('GET', '/version');
    expect(status).to.equal(200);
    expect(body)
      .to.have.property('gitVersion')
      .that.matches(/^v1\.\d+\.\d+$/);
  });

  it('answers kubectl', async () => {
    const name = await freshNamespace(cluster(), 'plane');
    const { stdout, code } = await cluster().kubectl(['get', 'namespaces', '-o', 'name']);
    expect(code).to.equal(0);
    expect(stdout.split('\n')).to.include.members(['namespace/default', `namespace/${name}`]);
  });
});
