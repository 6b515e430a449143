import { expect } from 'chai';
import { kinds } from '../../src/api/kinds.ts';
import { apiVersion, complianceProfiles, crdName } from '../../src/api/resources.ts';
import { samples } from '../support/api-samples.ts';
import { applyManifests, freshNamespace, useCluster } from '../support/cluster.ts';
import type { Kept } from '../support/kept.ts';
import { pathOf, remove, strict, write } from '../support/kept.ts';

describe('the CustomResourceDefinitions on a real API server', () => {
  const cluster = useCluster();
  let namespace = '';

  before(async function () {
    this.timeout(60_000);
    await applyManifests(cluster(), ['crds']);
    namespace = await freshNamespace(cluster(), 'crds');
  });
  after(async () => {
    for (const { names, object } of samples) await remove(cluster(), names, namespace, object.metadata.name);
    await remove(cluster(), complianceProfiles, '', 'misspelt');
  });

  for (const names of kinds) {
    it(`${names.kind} is established, and its schema is structural`, async () => {
      const { body } = await cluster().request(
        'GET',
        `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${crdName(names)}`,
      );
      const { conditions } = (body as { status: { conditions: { type: string; status: string }[] } }).status;
      const held = conditions.filter(({ status }) => status === 'True').map(({ type }) => type);
      expect(held).to.have.members(['NamesAccepted', 'Established']);
    });
  }

  for (const { names, object, status } of samples) {
    it(`keeps everything that is written of a ${names.kind}`, async () => {
      const kept = await write(cluster(), names, namespace, object, status);
      expect(kept.spec).to.deep.equal('spec' in object ? object.spec : undefined);
      expect(kept.status).to.deep.equal(status);
    });
  }

  it('keeps what nobody knows in a profile, so that the operator can name it', async () => {
    const spec = {
      paramters: { a: 1 },
      namespaceSelector: { matchLabel: { a: 'b' } },
      namespaces: { includes: ['a'] },
      controls: [{ id: 'RD-2.1.1', severty: 'low' }],
      parameters: { runtime: { allertWindow: '1h' }, image: { x: [{ y: true }] } },
    };
    const object = { apiVersion, kind: complianceProfiles.kind, metadata: { name: 'misspelt' }, spec };
    const { status, body } = await cluster().request(
      'POST',
      `${pathOf(complianceProfiles, '')}?${strict}`,
      object,
    );
    expect(status).to.equal(201);
    expect((body as Kept).spec).to.deep.equal(spec);
  });
});
