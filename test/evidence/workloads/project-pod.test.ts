import { expect } from 'chai';
import { ShapeError } from '../../../src/evidence/fields.ts';
import { projectPod } from '../../../src/evidence/workloads/project-pod.ts';
import { podObject } from '../../support/objects.ts';

describe('projectPod', () => {
  const states: Record<string, [unknown, string]> = {
    'is live while it runs': [podObject('a'), 'live'],
    'is live while it waits': [podObject('a', { status: { phase: 'Pending' } }), 'live'],
    'is live in a manifest, which has no status': [
      { kind: 'Pod', metadata: { name: 'a' }, spec: { containers: [] } },
      'live',
    ],
    'is finished when it Succeeded': [podObject('a', { status: { phase: 'Succeeded' } }), 'finished'],
    'is finished when it Failed': [podObject('a', { status: { phase: 'Failed' } }), 'finished'],
    'is being deleted, whatever its phase': [podObject('a', { deleting: true }), 'deleting'],
  };
  for (const [sentence, [object, state]] of Object.entries(states)) {
    it(sentence, () => {
      expect(projectPod(object).state).to.equal(state);
    });
  }

  const reader = (more: object = {}) => {
    const volumes = [{ name: 'logs', hostPath: { path: '/var/log' } }];
    const containers = [{ name: 'app', volumeMounts: [{ name: 'logs', mountPath: '/logs' }] }];
    return podObject('a', { spec: { containers, volumes }, ...more });
  };

  it('tells of a pod that reads the logs of its node whether it is ready, and since when', () => {
    const condition = (status: string) => ({
      conditions: [{ type: 'Ready', status, lastTransitionTime: '2026-01-01T00:00:00Z' }],
    });
    const since = Date.parse('2026-01-01T00:00:00Z');
    expect(projectPod(reader({ status: condition('True') })).logReader).to.deep.equal({ ready: true, since });
    expect(projectPod(reader({ status: condition('Unknown') })).logReader).to.deep.equal({
      ready: false,
      since,
    });
    const created = '2026-01-02T00:00:00Z';
    expect(projectPod(reader({ created })).logReader).to.deep.equal({
      ready: false,
      since: Date.parse(created),
    });
  });

  it('tells it of no other, and of nothing that a Job runs', () => {
    expect(projectPod(podObject('a'))).to.not.have.property('logReader');
    expect(projectPod(reader({ owner: 'Job/collect' }))).to.not.have.property('logReader');
  });

  it('shares what pods of one template have in common', () => {
    const status = { containerStatuses: [{ name: 'app', image: 'app:1', imageID: 'app@sha256:1' }] };
    const common = { labels: { app: 'web' }, owner: 'ReplicaSet/web-1', status };
    const [a, b] = [projectPod(podObject('a', common)), projectPod(podObject('b', common))];
    for (const field of ['spec', 'labels', 'owner', 'claims', 'running'] as const) {
      expect(a[field], field).to.equal(b[field]);
    }
  });

  it('shares the specification of pods of which one is in the ambient mesh, and tells which', () => {
    const redirected = (value: string) => {
      const { metadata, ...rest } = podObject('a') as { metadata: object };
      return projectPod({
        ...rest,
        metadata: { ...metadata, annotations: { 'ambient.istio.io/redirection': value } },
      });
    };
    const [enabled, pending] = [redirected('enabled'), redirected('pending')];
    expect(enabled).to.have.property('ambient', true);
    expect(pending).to.not.have.property('ambient');
    expect(enabled.spec).to.equal(pending.spec);
    expect(enabled.spec).to.equal(projectPod(podObject('b')).spec);
  });

  it('names the claims of volumes, of generic ephemeral volumes by the pod', () => {
    const volumes = [
      { name: 'data', persistentVolumeClaim: { claimName: 'data-web-0' } },
      { name: 'scratch', ephemeral: { volumeClaimTemplate: {} } },
      { name: 'tmp', emptyDir: {} },
    ];
    const pod = projectPod(podObject('web-0', { spec: { containers: [], volumes } }));
    expect(pod.claims).to.deep.equal(['data-web-0', 'web-0-scratch']);
  });

  it('says of all kinds of containers what runs, once the kubelet knows', () => {
    const status = {
      initContainerStatuses: [{ name: 'init', image: 'i:1', imageID: 'i@sha256:1' }],
      containerStatuses: [
        { name: 'app', image: 'a:1', imageID: 'a@sha256:2' },
        { name: 'slow', image: 's:1', imageID: '' },
      ],
      ephemeralContainerStatuses: [{ name: 'debug', image: 'd:1', imageID: 'd@sha256:3' }],
    };
    expect(projectPod(podObject('a', { status })).running).to.deep.equal({
      init: { image: 'i:1', imageId: 'i@sha256:1' },
      app: { image: 'a:1', imageId: 'a@sha256:2' },
      debug: { image: 'd:1', imageId: 'd@sha256:3' },
    });
  });

  it('knows a mirror pod, and does not take its node for an owner', () => {
    const annotations = { 'kubernetes.io/config.mirror': 'hash', 'kubernetes.io/config.source': 'file' };
    const pod = projectPod(podObject('etcd-node-1', { annotations, owner: 'Node/node-1' }));
    expect(pod).to.include({ mirror: true });
    expect(pod).not.to.have.property('owner');
  });

  it('takes the controller among several owners, and none when none controls', () => {
    const object = podObject('a', { owner: 'ReplicaSet/web-1' });
    const other = { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'u' };
    const reference = object.metadata.ownerReferences?.[0];
    const owned = (list: unknown[]) =>
      projectPod({ ...object, metadata: { ...object.metadata, ownerReferences: list } }).owner?.name;
    expect(owned([other, reference])).to.equal('web-1');
    expect(owned([other, { ...other, controller: false }])).to.equal(undefined);
    expect(owned([{ name: 'nameless-kind', controller: true }])).to.equal(undefined);
  });

  it('stands in the namespace that kubectl would take where a manifest names none, under its name prefix', () => {
    const pod = projectPod({ metadata: { generateName: 'migrate-' }, spec: { containers: [] } });
    expect(pod).to.include({ namespace: 'default', name: 'migrate-' });
  });

  const malformed: Record<string, [unknown, string]> = {
    'a list for a pod': [[], ''],
    'a pod without a name': [{ metadata: {}, spec: {} }, 'metadata.name'],
    'a pod without a spec': [{ metadata: { name: 'a' } }, 'spec'],
    'a number for a label': [
      { metadata: { name: 'a', labels: { tier: 1 } }, spec: {} },
      'metadata.labels[tier]',
    ],
    'a string for a status': [{ metadata: { name: 'a' }, spec: {}, status: 'ok' }, 'status'],
    'a string for controller': [
      { metadata: { name: 'a', ownerReferences: [{ controller: 'yes' }] }, spec: {} },
      'metadata.ownerReferences[0].controller',
    ],
    'a number for a claim': [
      { metadata: { name: 'a' }, spec: { volumes: [{ persistentVolumeClaim: { claimName: 1 } }] } },
      'spec.volumes[0].persistentVolumeClaim.claimName',
    ],
    'an image status that is no text': [
      podObject('a', { status: { containerStatuses: [{ name: 'app', image: 1 }] } }),
      'status.containerStatuses[0].image',
    ],
  };
  for (const [sentence, [object, path]] of Object.entries(malformed)) {
    it(`refuses ${sentence}, and names the place`, () => {
      expect(() => projectPod(object))
        .to.throw(ShapeError)
        .with.property('path', path);
    });
  }
});
