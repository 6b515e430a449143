import control from '../../src/controls/RD-2.6.2.ts';
import type { Parameters } from '../../src/domain/parameters.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import { container, input, pod, podSpec, template, workload } from '../support/builders.ts';
import { describeControl } from '../support/control-cases.ts';

const digest = `sha256:${'a1'.repeat(32)}`;
const allowed: Partial<Parameters> = { 'images.allowedRegistries': ['registry.example', 'docker.io'] };
const running = (
  imageId: string | undefined,
  { written = 'registry.example/app:1', parameters = allowed, live = true, started = false } = {},
) =>
  input(
    {
      cluster: { live },
      workloads: read([
        workload({
          template: template(),
          pods: [
            pod({
              spec: podSpec({ containers: [container({ image: written })] }),
              containers: started ? { app: { started } } : {},
              running: imageId === undefined ? {} : { app: { image: written, imageId } },
            }),
          ],
        }),
      ]),
    },
    parameters,
  );
const mirrors = { ...allowed, 'images.mirrors': { 'docker.io': 'mirror.example/hub' } };

describeControl(control, {
  'passes what an allowed registry gave': {
    given: running(`registry.example/app@${digest}`),
    status: 'Pass',
  },
  'passes what a mirror that is listed gave for an allowed name': {
    given: running(`mirror.example/hub/library/nginx@${digest}`, { written: 'nginx', parameters: mirrors }),
    status: 'Pass',
  },
  'fails what a mirror gave for another registry': {
    given: running(`mirror.example/hub/app@${digest}`, { parameters: mirrors }),
    status: 'Fail',
  },
  'fails what runs from elsewhere, whatever was written': {
    given: running(`evil.io/app@${digest}`),
    status: 'Fail',
    message: '1 of 1 workload runs images from elsewhere than the allowed registries.',
    findings: [
      {
        subject: { kind: 'Deployment', name: 'app', container: 'app' },
        example: 'app-0',
        path: 'spec.containers[0].image',
        observed: `evil.io/app@${digest}`,
        message: `No entry of the allowlist allows evil.io/app@${digest}, which runs.`,
      },
    ],
  },
  'warns where it has the digest that was asked for': {
    given: running(`evil.io/app@${digest}`, { written: `registry.example/app@${digest}` }),
    status: 'Warn',
  },
  'warns of the old form of docker': {
    given: running(`docker-pullable://registry.example/app@${digest}`),
    status: 'Warn',
  },
  'fails the old form too, from elsewhere': {
    given: running(`docker-pullable://evil.io/app@${digest}`),
    status: 'Fail',
  },
  'does not know an image by its content alone': {
    given: running(`docker://${digest}`),
    status: 'Unknown',
    reason: 'PartialEvidence',
  },
  'does not know an image that runs and is not reported': {
    given: running(undefined, { started: true }),
    status: 'Unknown',
    reason: 'PartialEvidence',
  },
  'knows nothing without an allowlist': {
    given: running(`registry.example/app@${digest}`, { parameters: {} }),
    status: 'Unknown',
    reason: 'NoEvidence',
  },
  'does not apply where nothing has started': {
    given: running(undefined),
    status: 'NotApplicable',
    reason: 'NothingRuns',
  },
  'knows nothing from manifests': {
    given: running(undefined, { live: false }),
    status: 'Unknown',
    reason: 'NoEvidence',
    message: 'Manifests do not show what runs; only a cluster does.',
  },
  'does not apply to a namespace without workloads': {
    given: input(),
    status: 'NotApplicable',
    reason: 'NoWorkloads',
  },
  'is Unknown while the workloads cannot be read': {
    given: input({ workloads: unread('Forbidden', 'Pods may not be listed.') }),
    status: 'Unknown',
    reason: 'Forbidden',
  },
});
