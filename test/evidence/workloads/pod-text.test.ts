import { expect } from 'chai';
import { podText } from '../../../src/evidence/workloads/pod-text.ts';
import { projectPod } from '../../../src/evidence/workloads/project-pod.ts';

type Fields = Record<string, unknown>;

const controller = {
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  name: 'web-5d4f8',
  uid: 'u-1',
  controller: true,
};
const fieldsV1 = {
  'f:spec': { 'f:containers': { 'k:{"name":"app"}': { '.': {}, 'f:args': {} } } },
};
const managed = [
  { manager: 'kubectl-edit', operation: 'Update', apiVersion: 'v1', time: '2026-01-01T00:00:00Z', fieldsV1 },
];

/** As the API server writes it, the fields of its metadata in that order. */
const pod = ({ metadata = {}, ...more }: { metadata?: Fields } & Fields = {}) => ({
  kind: 'Pod',
  apiVersion: 'v1',
  metadata: {
    name: 'web-0',
    namespace: 'shop',
    uid: 'u-2',
    resourceVersion: '7',
    labels: { app: 'wéb' },
    ownerReferences: [controller],
    managedFields: managed,
    ...metadata,
  },
  spec: { containers: [{ name: 'app', image: 'app:1' }] },
  status: { phase: 'Running' },
  ...more,
});
const lineOf = (object: object) => Buffer.from(JSON.stringify({ type: 'ADDED', object }));
const objectIn = (text: string) => (JSON.parse(text) as { object: { metadata: Fields } }).object;

describe('the text of a pod', () => {
  it('has no managed fields where a controller owns the pod, and all else', () => {
    const { managedFields: _managed, ...metadata } = pod().metadata;
    expect(objectIn(podText(lineOf(pod())))).to.deep.equal({ ...pod(), metadata });
  });

  const hostile = '"managedFields":[{}]},"spec":{"ownerReferences":[{"controller":true}]';
  const { ownerReferences, ...others } = pod().metadata;
  const reordered = { ...others, ownerReferences };
  const whole: Record<string, object> = {
    'nothing owns': pod({ metadata: { ownerReferences: undefined } }),
    'something refers to that is no controller': pod({
      metadata: { ownerReferences: [{ ...controller, controller: false }] },
    }),
    'its node owns': pod({
      metadata: { ownerReferences: [{ ...controller, apiVersion: 'v1', kind: 'Node' }] },
    }),
    'has its fields in another order': { ...pod(), metadata: reordered },
    'has no managed fields': pod({ metadata: { managedFields: undefined } }),
    'has another field behind them': pod({ metadata: { namespace: undefined, selfLink: '/x' } }),
    'has no specification': pod({ spec: undefined }),
    'says such things in an annotation': pod({
      metadata: { ownerReferences: undefined, annotations: { note: hostile } },
    }),
  };
  for (const [what, object] of Object.entries(whole)) {
    it(`is whole where a pod ${what}`, () => {
      const text = JSON.stringify({ type: 'ADDED', object });
      // In the order in which it is written here.
      expect(podText(Buffer.from(text))).to.equal(text);
    });
  }

  it('shows the same of a pod as all of it', () => {
    const annotated = pod({ metadata: { annotations: { note: hostile } }, status: { message: hostile } });
    for (const object of [pod(), annotated, ...Object.values(whole)]) {
      if (!('spec' in object) || object.spec === undefined) continue;
      expect(projectPod(objectIn(podText(lineOf(object))))).to.deep.equal(
        projectPod(objectIn(JSON.stringify({ object }))),
      );
    }
  });
});
