import { expect } from 'chai';
import { projectCrashes, sensorOf } from '../../../src/evidence/falco/sensor-pods.ts';
import { container, now, podSpec } from '../../support/builders.ts';

const specOf = (image: string, kind: 'container' | 'initContainer' = 'container') =>
  podSpec({ containers: [container({ image, kind })] });
const daemonSet = { kind: 'DaemonSet' };
const labelled = (name: string) => ({ 'app.kubernetes.io/name': name });

describe('the sensor that a pod is of', () => {
  const images: Record<string, string | undefined> = {
    'docker.io/falcosecurity/falco:0.43.0': 'falco',
    'falcosecurity/falco': 'falco',
    'mirror.example/hub/falcosecurity/falco-no-driver@sha256:00': 'falco',
    'docker.io/falcosecurity/falcosidekick:2.31.1': undefined,
    'docker.io/falcosecurity/falco-exporter:0.8': undefined,
    'docker.io/falcosecurity/falcoctl:0.11': undefined,
    'notfalcosecurity/falco:1': undefined,
    'quay.io/cilium/tetragon:v1.5': 'tetragon',
    'docker.io/aquasec/tracee:0.24': 'tracee',
    'quay.io/kubescape/node-agent:v0.2': 'kubescape',
    'docker.io/neuvector/enforcer:5': 'neuvector',
    'registry.example/app:1': undefined,
  };
  for (const [image, sensor] of Object.entries(images)) {
    it(`is ${sensor ?? 'none'} of the image ${image}`, () =>
      expect(sensorOf({}, specOf(image), daemonSet)).to.equal(sensor));
  }

  it('is told by a label too', () => {
    expect(sensorOf(labelled('falco'), specOf('own.example/sensor:1'), daemonSet)).to.equal('falco');
    expect(sensorOf(labelled('constructor'), specOf('own.example/sensor:1'), daemonSet)).to.equal(undefined);
  });

  it('is none of a pod that a Deployment runs, such as one that reads the audit log', () => {
    expect(sensorOf(labelled('falco'), specOf('falcosecurity/falco'), { kind: 'ReplicaSet' })).to.equal(
      undefined,
    );
    expect(sensorOf(labelled('falco'), specOf('falcosecurity/falco'), undefined)).to.equal('falco');
  });

  it('is none of an image that only prepares something', () =>
    expect(sensorOf({}, specOf('falcosecurity/falco', 'initContainer'), daemonSet)).to.equal(undefined));
});

describe('crashes of a pod', () => {
  const finishedAt = '2025-12-31T23:00:00Z';
  const status = (item: object) => ({ containerStatuses: [{ name: 'falco', restartCount: 5, ...item }] });
  const failed = { lastState: { terminated: { exitCode: 1, finishedAt } } };
  const cases: Record<string, [object, object]> = {
    'are none of one that runs': [{ state: { running: {} } }, {}],
    'are told while it waits to be started again': [
      { state: { waiting: { reason: 'CrashLoopBackOff' } }, ...failed },
      { crashing: true, crashedAt: now - 3_600_000 },
    ],
    'are told when it runs again': [{ state: { running: {} }, ...failed }, { crashedAt: now - 3_600_000 }],
    'are none when it was started again once or twice': [{ ...failed, restartCount: 2 }, {}],
    'are none when it ended as it should': [{ lastState: { terminated: { exitCode: 0, finishedAt } } }, {}],
    'are none while its image is fetched': [{ state: { waiting: { reason: 'ImagePullBackOff' } } }, {}],
  };
  for (const [sentence, [item, expected]] of Object.entries(cases))
    it(sentence, () => expect(projectCrashes(status(item))).to.deep.equal(expected));
});
