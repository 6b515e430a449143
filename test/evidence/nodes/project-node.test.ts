import { expect } from 'chai';
import { projectNode } from '../../../src/evidence/nodes/project-node.ts';

const cases: Record<string, [object, object]> = {
  'a machine of Linux': [{ metadata: { labels: { 'kubernetes.io/os': 'linux' } }, spec: {} }, {}],
  'one of Windows': [{ metadata: { labels: { 'kubernetes.io/os': 'windows' } } }, { uncoverable: 'windows' }],
  'a virtual kubelet, by its label': [
    { metadata: { labels: { type: 'virtual-kubelet' } } },
    { uncoverable: 'virtual' },
  ],
  'a virtual kubelet, by its taint': [
    { spec: { taints: [{ key: 'virtual-kubelet.io/provider', value: 'azure', effect: 'NoSchedule' }] } },
    { uncoverable: 'virtual' },
  ],
  Fargate: [
    { metadata: { labels: { 'eks.amazonaws.com/compute-type': 'fargate', 'kubernetes.io/os': 'linux' } } },
    { uncoverable: 'virtual' },
  ],
  'one that is cordoned': [{ spec: { taints: [{ key: 'node.kubernetes.io/unschedulable' }] } }, {}],
};

describe('what can run on a node', () => {
  for (const [what, [object, expected]] of Object.entries(cases))
    it(`is known of ${what}`, () => expect(projectNode(object)).to.deep.equal(expected));
});
