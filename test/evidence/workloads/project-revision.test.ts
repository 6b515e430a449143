import { expect } from 'chai';
import { ShapeError } from '../../../src/evidence/fields.ts';
import { projectRevision } from '../../../src/evidence/workloads/project-revision.ts';

const owner = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', uid: 'db-1', controller: true };
const podSpec = { containers: [{ name: 'app', env: [{ name: 'PASSWORD', value: 'hunter2' }] }] };

const revision = (metadata: object = {}, more: object = {}) => ({
  metadata: {
    ...{ name: 'db-6cc545b6c6', namespace: 'shop', creationTimestamp: '2026-01-01T00:00:00Z' },
    ...{ ownerReferences: [owner], ...metadata },
  },
  data: { spec: { template: { $patch: 'replace', metadata: {}, spec: podSpec } } },
  revision: 3,
  ...more,
});
const written = (time: string) => ({ manager: 'kube-controller-manager', operation: 'Update', time });

describe('a ControllerRevision', () => {
  it('keeps whose it is, which it is and since when, and of the specification by what to know it again', () => {
    const { spec, ...rest } = projectRevision(revision()) ?? {};
    expect(rest).to.deep.equal({ owner: 'db-1', number: 3, since: Date.parse('2026-01-01T00:00:00Z') });
    expect(spec).to.have.length(44).and.not.include('hunter2');
  });

  it('is as new as its last write, by which somebody went back to it', () => {
    const managedFields = [written('2026-01-01T00:00:00Z'), written('2026-01-03T00:00:00Z')];
    expect(projectRevision(revision({ managedFields }))?.since).to.equal(Date.parse('2026-01-03T00:00:00Z'));
  });

  it('has the same specification as another with other labels and annotations of the template', () => {
    const annotations = { 'kubectl.kubernetes.io/restartedAt': '2026-01-02T00:00:00Z' };
    const template = (spec: object) => ({
      data: { spec: { template: { metadata: { annotations }, spec } } },
    });
    const { spec } = projectRevision(revision()) ?? {};
    expect(projectRevision(revision({}, template(podSpec)))?.spec).to.equal(spec);
    expect(projectRevision(revision({}, template({ hostNetwork: true })))?.spec).to.not.equal(spec);
  });

  it('has none where it says none', () => {
    expect(projectRevision(revision({}, { data: 'none' }))).to.not.have.property('spec');
  });

  const foreign: Record<string, object> = {
    'a virtual machine': { ...owner, apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachine' },
    'a StatefulSet of another API': { ...owner, apiVersion: 'apps.kruise.io/v1beta1' },
    'who does not control it': { ...owner, controller: false },
  };
  for (const [title, reference] of Object.entries(foreign)) {
    it(`is not kept where it is of ${title}`, () => {
      expect(projectRevision(revision({ ownerReferences: [reference] }))).to.equal(undefined);
    });
  }

  it('is not kept without an owner', () => {
    expect(projectRevision(revision({ ownerReferences: [] }))).to.equal(undefined);
  });

  it('is refused where its number or its time is none', () => {
    expect(() => projectRevision(revision({}, { revision: '3' }))).to.throw(ShapeError, /^revision/);
    const undated = revision({ creationTimestamp: null });
    expect(() => projectRevision(undated)).to.throw(ShapeError, /^metadata.creationTimestamp/);
  });
});
