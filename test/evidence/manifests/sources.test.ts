import { expect } from 'chai';
import type { Json } from '../../../src/evidence/fields.ts';
import { collectManifests } from '../../support/collected.ts';
import { snapshotsOf } from '../../../src/evidence/manifests/snapshots.ts';
import { fluxSourceObject, kustomizationObject, projectObject } from '../../support/gitops-objects.ts';

const kustomization = kustomizationObject('apps', { spec: { targetNamespace: 'shop' } });
const namespace: Json = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } };

/** What is known of the signatures of what deploys into `shop`, and what could not be read. */
function given(...objects: Json[]) {
  const manifests = [namespace, kustomization, ...objects].map((object) => ({
    file: 'f.yaml',
    line: 1,
    object,
  }));
  const collected = collectManifests(manifests);
  const found = snapshotsOf(collected, { minor: 37 }).find((each) => each.namespace.name === 'shop');
  const items = found?.gitOps.available === true ? found.gitOps.items : [];
  const gap = found?.gitOps.available === true ? found.gitOps.gap : undefined;
  return {
    signatures: items.flatMap(({ origins }) => origins.map(({ signature }) => signature)),
    errors: collected.errors.map(({ message }) => message),
    gap,
    workloads: found?.workloads.available === true && found.workloads.gap === undefined,
  };
}

const missing = { reason: 'NoEvidence', message: 'GitRepository flux-system/shop is not there.' };

describe('sources among manifests', () => {
  it('say whether what is deployed must be signed', () => {
    const open = fluxSourceObject('GitRepository', 'shop', { spec: { verify: undefined } });
    expect(given(open).signatures).to.deep.equal(['off']);
    expect(given(projectObject('default')).signatures, 'one of another tool').to.deep.equal([missing]);
  });

  it('say that it is where they come from a server alone', () => {
    const source = fluxSourceObject('GitRepository', 'shop');
    expect(given(source).signatures).to.deep.equal(['unproven']);
    const served = fluxSourceObject('GitRepository', 'shop', { metadata: { uid: 'uid-shop' } });
    expect(given(served).signatures).to.deep.equal(['verified']);
  });

  it('are missed where one cannot be read, and nothing else is', () => {
    const broken = { ...fluxSourceObject('GitRepository', 'shop'), spec: 'wrong' };
    const { signatures, errors, gap, workloads } = given(broken);
    expect(signatures).to.deep.equal([missing]);
    expect(errors).to.have.length(1);
    expect([gap, workloads]).to.deep.equal([undefined, true]);
  });
});
