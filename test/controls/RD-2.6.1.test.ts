import control from '../../src/controls/RD-2.6.1.ts';
import { read } from '../../src/domain/snapshot.ts';
import { container, input, pod, podSpec, template, workload } from '../support/builders.ts';
import type { ControlCase, Manifest } from '../support/control-cases.ts';
import { commonCases, deploymentOf, describeControl, podOf, templateOf } from '../support/control-cases.ts';

const digest = `sha256:${'a1'.repeat(32)}`;
const running = (image: string): Manifest => ({ spec: { containers: [{ name: 'app', image }] } });
const allowing = (...entries: string[]) => ({ parameters: { 'images.allowedRegistries': entries } });
const registry = allowing('registry.example.com');

/** Sentence: image, and the entries that are to allow it. */
const allowed: Record<string, [string, string[]]> = {
  'allows an image of the registry': ['registry.example.com/app:1', ['registry.example.com']],
  'allows it under the default port': ['registry.example.com:443/app:1', ['registry.example.com']],
  'allows it in upper case, since a host has none': ['REGISTRY.example.com/app:1', ['registry.example.com']],
  'allows busybox where Docker Hub is allowed': ['busybox', ['docker.io']],
  'allows busybox where official images are': ['busybox', ['docker.io/library']],
  'allows what one of several entries allows': ['quay.io/a/b', ['docker.io', 'quay.io/a']],
  'allows a digest of a repository': [`h.example/team/app@${digest}`, ['h.example/team']],
  'allows a label for the leading *.': ['eu.example.com/app', ['*.example.com']],
};
const refused: Record<string, [string, string[], string?]> = {
  'fails a host that goes on behind the allowed one': [
    'registry.example.com.evil.io/x',
    ['registry.example.com'],
  ],
  'fails user information that looks like the allowed host': [
    'registry.example.com@evil.io/x',
    ['registry.example.com'],
    'The image reference has an "@" that no digest follows (user information is never accepted).',
  ],
  'fails another port': ['registry.example.com:8443/x', ['registry.example.com']],
  'fails the default port where another is allowed': [
    'registry.example.com/x',
    ['registry.example.com:8443'],
  ],
  'fails punycode that is drawn like the allowed host': [
    'xn--egistry-k9a.example.com/x',
    ['registry.example.com'],
  ],
  'fails the allowed host in the path': ['evil.io/registry.example.com/x', ['registry.example.com']],
  'fails a namespace that goes on behind the allowed one': ['h.example/team-evil/app', ['h.example/team']],
  'fails the path itself where only what is below is allowed': ['h.example/team', ['h.example/team/*']],
  'fails a namespace of Docker Hub where official images are allowed': [
    'bitnami/redis',
    ['docker.io/library'],
  ],
  'fails a lone word where another registry is allowed': [
    'busybox',
    ['registry.example.com'],
    'No entry of the allowlist allows docker.io/library/busybox:latest.',
  ],
  'fails another tag': ['h.example/app:2', ['h.example/app:1']],
  'fails the domain itself where its labels are allowed': ['example.com/app', ['*.example.com']],
  'fails an image ID, which names no registry': [
    digest,
    ['docker.io'],
    'The image reference is an image ID, which names no registry.',
  ],
  'fails upper case in the repository': [
    'registry.example.com/App',
    ['registry.example.com'],
    'The image reference has upper case in "App".',
  ],
};

const cases: Record<string, ControlCase> = {
  'is Unknown while no allowlist is configured': {
    given: podOf(running('busybox')),
    status: 'Unknown',
    reason: 'NoEvidence',
    message: 'No allowlist of registries is configured: images.allowedRegistries is empty.',
  },
  'fails a reference that cannot be read even without an allowlist': {
    given: podOf(running('https://registry.example.com/app')),
    status: 'Fail',
    message: '1 of 1 workload names an image by a reference that cannot be read.',
  },
  'does not apply to a namespace without workloads, whatever is configured': {
    given: input(),
    status: 'NotApplicable',
    reason: 'NoWorkloads',
  },
  'speaks of every list of containers, and of image volumes': {
    given: podOf(
      {
        spec: {
          initContainers: [{ name: 'init', image: 'evil.io/init' }],
          containers: [{ name: 'app', image: 'registry.example.com/app' }],
          ephemeralContainers: [{ name: 'debug', image: 'busybox' }],
          volumes: [
            { name: 'tmp', emptyDir: {} },
            { name: 'models', image: { reference: 'evil.io/models:1' } },
          ],
        },
      },
      registry,
    ),
    status: 'Fail',
    message: '1 of 1 workload uses images from elsewhere than the allowed registries.',
    findings: [
      {
        subject: { kind: 'Pod', name: 'app-0' },
        path: 'spec.volumes[1].image.reference',
        observed: 'evil.io/models:1',
        message: 'No entry of the allowlist allows evil.io/models:1.',
      },
      {
        subject: { kind: 'Pod', name: 'app-0', container: 'debug' },
        path: 'spec.ephemeralContainers[0].image',
        observed: 'busybox',
        message: 'No entry of the allowlist allows docker.io/library/busybox:latest.',
      },
      {
        subject: { kind: 'Pod', name: 'app-0', container: 'init' },
        path: 'spec.initContainers[0].image',
        observed: 'evil.io/init',
        message: 'No entry of the allowlist allows evil.io/init:latest.',
      },
    ],
  },
  'names the place in the template, and no pod where that shows it': {
    given: deploymentOf(running('busybox'), running('busybox'), registry),
    status: 'Fail',
    findings: [
      {
        subject: { kind: 'Deployment', name: 'app', container: 'app' },
        path: 'spec.template.spec.containers[0].image',
        observed: 'busybox',
        message: 'No entry of the allowlist allows docker.io/library/busybox:latest.',
      },
    ],
  },
  'warns when a mutator rewrites the image to an allowed registry': {
    given: deploymentOf(running('registry.example.com/hub/busybox'), running('busybox'), registry),
    status: 'Warn',
    reason: 'CompliantByMutation',
    message: /^1 of 1 workload complies only in its live pods: its template uses images from elsewhere/,
  },
  'is Unknown while a template leaves its image to a mutator': {
    given: templateOf({ spec: { containers: [{ name: 'app' }] } }, registry),
    status: 'Unknown',
    reason: 'EvaluationError',
    message: '1 of 1 workload leaves an image to be filled in on admission, such as Deployment app.',
  },
  'is Unknown while a template leaves the image of a volume to a mutator': {
    given: templateOf(
      {
        spec: {
          containers: [{ name: 'app', image: 'registry.example.com/app' }],
          volumes: [{ name: 'models', image: {} }],
        },
      },
      registry,
    ),
    status: 'Unknown',
    reason: 'EvaluationError',
  },
  'is Unknown while the manifest of a pod leaves its image to a mutator': {
    given: podOf({ spec: { containers: [{ name: 'app' }] } }, registry),
    status: 'Unknown',
    reason: 'EvaluationError',
    message: '1 of 1 workload leaves an image to be filled in on admission, such as Pod app-0.',
  },
  'passes when the live pods show what the mutator fills in': {
    given: deploymentOf(
      running('registry.example.com/app'),
      { spec: { containers: [{ name: 'app' }] } },
      registry,
    ),
    status: 'Pass',
  },
  'fails another workload whatever a template leaves open': {
    given: input(
      {
        workloads: read([
          workload({
            name: 'open',
            template: template({ spec: podSpec({ containers: [container({ image: '' })] }) }),
          }),
          workload({
            kind: 'Pod',
            name: 'bad',
            pods: [pod({ spec: podSpec({ containers: [container({ image: 'evil.io/x' })] }) })],
          }),
        ]),
      },
      registry.parameters,
    ),
    status: 'Fail',
    message: '1 of 2 workloads uses images from elsewhere than the allowed registries.',
  },
  'is Unknown when an entry that cannot be read may be the one that allows the image': {
    given: podOf(running('quay.io/a/b'), allowing('docker.io', 'https://quay.io')),
    status: 'Unknown',
    reason: 'EvaluationError',
    message: 'The entry "https://quay.io" has a scheme: write the host alone.',
    findings: [
      {
        subject: { kind: 'Pod', name: 'app-0', container: 'app' },
        path: 'spec.containers[0].image',
        observed: 'quay.io/a/b',
        message: 'No entry of the allowlist allows quay.io/a/b:latest.',
      },
    ],
  },
  'passes whatever an entry that cannot be read means, when others allow every image': {
    given: podOf(running('busybox'), allowing('docker.io', 'https://quay.io')),
    status: 'Pass',
  },
  'fails a reference that cannot be read whatever an entry means': {
    given: podOf(running('Busybox'), allowing('https://quay.io')),
    status: 'Fail',
  },
};

for (const [sentence, [image, entries]] of Object.entries(allowed)) {
  cases[sentence] = {
    given: podOf(running(image), allowing(...entries)),
    status: 'Pass',
    message: 'Every image is from an allowed registry (1 workload).',
  };
}
for (const [sentence, [image, entries, message]] of Object.entries(refused)) {
  const subject = { kind: 'Pod', name: 'app-0', container: 'app' };
  const expected =
    message === undefined
      ? undefined
      : [{ subject, path: 'spec.containers[0].image', observed: image, message }];
  cases[sentence] = {
    given: podOf(running(image), allowing(...entries)),
    status: 'Fail',
    ...(expected === undefined ? {} : { findings: expected }),
  };
}

const withRegistry = Object.entries(commonCases(running('registry.example.com/app'), running('busybox'))).map(
  ([sentence, one]) =>
    [
      sentence,
      { ...one, given: { ...one.given, parameters: { ...one.given.parameters, ...registry.parameters } } },
    ] as const,
);

describeControl(control, { ...Object.fromEntries(withRegistry), ...cases });
