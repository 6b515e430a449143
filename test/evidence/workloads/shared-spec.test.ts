import { expect } from 'chai';
import * as fc from 'fast-check';
import { projectPodSpec } from '../../../src/evidence/workloads/project-pod-spec.ts';
import { unreadFields } from '../../../src/evidence/workloads/encoded-spec.ts';
import { sharedPodSpec } from '../../../src/evidence/workloads/shared-spec.ts';

type Spec = Record<string, unknown>;

/** As the API server gives it: `suffix` is that of the injected token volume. */
const podSpec = (suffix: string, more: Spec = {}, volumes: readonly object[] = []): Spec => ({
  containers: [
    {
      name: 'app',
      image: 'app:1',
      volumeMounts: [{ name: `kube-api-access-${suffix}`, mountPath: '/var/run/secrets', readOnly: true }],
    },
  ],
  volumes: [...volumes, { name: `kube-api-access-${suffix}`, projected: { sources: [] } }],
  ...more,
});
const claim = (claimName: string) => ({ name: 'data', persistentVolumeClaim: { claimName } });
const appArmor = (profile: string) => ({ 'container.apparmor.security.beta.kubernetes.io/app': profile });

describe('sharedPodSpec', () => {
  const same: Record<string, [Spec, Spec]> = {
    'the name of the injected token volume': [podSpec('abcde'), podSpec('fghij')],
    'the node': [podSpec('abcde', { nodeName: 'a' }), podSpec('abcde', { nodeName: 'b' })],
    'the host name': [podSpec('abcde', { hostname: 'web-0' }), podSpec('abcde', { hostname: 'web-1' })],
    'the claim': [podSpec('abcde', {}, [claim('data-web-0')]), podSpec('fghij', {}, [claim('data-web-1')])],
  };
  for (const [what, [a, b]] of Object.entries(same)) {
    it(`is one object for pods that differ in ${what}`, () => {
      expect(sharedPodSpec(a, {}, 'spec')).to.equal(sharedPodSpec(b, {}, 'spec'));
    });
  }

  const different: Record<string, [Spec, Spec]> = {
    'a field of the security context': [podSpec('abcde'), podSpec('abcde', { hostPID: true })],
    'the source of a volume': [
      podSpec('abcde', {}, [claim('x')]),
      podSpec('abcde', {}, [{ name: 'data', emptyDir: {} }]),
    ],
    'an image that is named as their tokens are': [
      podSpec('abcde', { initContainers: [{ name: 'init', image: 'kube-api-access-abcde' }] }),
      podSpec('fghij', { initContainers: [{ name: 'init', image: 'kube-api-access-fghij' }] }),
    ],
    'a volume of such a name that nobody injected': [
      { containers: [], volumes: [{ name: 'kube-api-access-abcde', projected: {} }] },
      { containers: [], volumes: [{ name: 'kube-api-access-abcde', emptyDir: {} }] },
    ],
  };
  for (const [what, [a, b]] of Object.entries(different)) {
    it(`is not shared by pods that differ in ${what}`, () => {
      expect(sharedPodSpec(a, {}, 'spec')).not.to.deep.equal(sharedPodSpec(b, {}, 'spec'));
    });
  }

  const annotated: Record<string, [string, string, string]> = {
    'the base image': ['plumbline.dev/base-image', 'a', 'b'],
    'what a LimitRange filled in': [
      'kubernetes.io/limit-ranger',
      'LimitRanger plugin set: cpu request for container app',
      'LimitRanger plugin set: memory request for container app',
    ],
    'the tracing that they ask for': ['sidecar.opentelemetry.io/inject', 'true', 'false'],
    'what goes round the proxy of a mesh': ['config.linkerd.io/skip-inbound-ports', '80', '81'],
  };
  for (const [what, [key, a, b]] of Object.entries(annotated)) {
    it(`is not shared by pods that differ in the annotation of ${what}`, () => {
      const [first, second] = [a, b].map((value) =>
        sharedPodSpec(podSpec('abcde'), { [key]: value }, 'spec'),
      );
      expect(first).not.to.deep.equal(second);
    });
  }

  it('is not shared by pods that differ in the annotation of AppArmor', () => {
    const [a, b] = ['unconfined', 'runtime/default'].map((profile) =>
      sharedPodSpec(podSpec('abcde'), appArmor(profile), 'spec'),
    );
    expect(a).not.to.deep.equal(b);
  });

  it('leaves out nothing that is projected', () => {
    const asked = new Set<string>();
    const spec = new Proxy<Spec>(podSpec('abcde'), {
      get: (target, key) => (asked.add(String(key)), Reflect.get(target, key)),
    });
    projectPodSpec(spec, {});
    expect([...asked].filter((key) => Object.keys(unreadFields).includes(key))).to.deep.equal([]);
    expect([...asked]).to.include.members(['containers', 'volumes', 'securityContext', 'hostNetwork']);
  });

  it('has all of its parts in common for a template and its pods, but for what is filled in', () => {
    const template = podSpec('abcde');
    const filledIn = {
      ...{ enableServiceLinks: true, priority: 0, preemptionPolicy: 'PreemptLowerPriority' },
      tolerations: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' }],
    };
    const ofTemplate = sharedPodSpec(template, {}, 'spec');
    const ofPod = sharedPodSpec(podSpec('fghij', filledIn), {}, 'spec');
    expect(ofPod).to.deep.equal(projectPodSpec(podSpec('fghij', filledIn), {}));
    expect(ofPod.settings.enableServiceLinks).to.equal(true);
    expect(ofTemplate.settings.enableServiceLinks).to.equal(undefined);
    expect(ofPod.containers).to.equal(ofTemplate.containers);
    expect(sharedPodSpec(podSpec('klmno', filledIn), {}, 'spec')).to.equal(ofPod);
    expect(sharedPodSpec(podSpec('pqrst', { priority: 7 }), {}, 'spec')).to.equal(ofTemplate);
  });

  it('is shared whatever else the annotations say', () => {
    const annotations = { 'kubectl.kubernetes.io/restartedAt': '2026-01-01T00:00:00Z' };
    expect(sharedPodSpec(podSpec('abcde'), annotations, 'spec')).to.equal(
      sharedPodSpec(podSpec('abcde'), {}, 'spec'),
    );
  });

  it('names what is wrong every time, also where it was met before', () => {
    const wrong = podSpec('abcde', { hostNetwork: 'yes' });
    for (const path of ['spec', 'spec.template.spec']) {
      expect(() => sharedPodSpec(wrong, {}, path)).to.throw(`${path}.hostNetwork: expected a boolean`);
    }
  });

  it('is not shared where a volume that nobody injected bears the same name', () => {
    const volumes = (token: string) => ({
      volumes: [
        { name: `kube-api-access-${token}`, projected: {} },
        { name: `kube-api-access-${token}`, emptyDir: {} },
      ],
      containers: [],
    });
    for (const token of ['abcde', 'fghij']) {
      expect(sharedPodSpec(volumes(token), {}, 'spec')).to.deep.equal(
        projectPodSpec(volumes(token), {}, 'spec'),
      );
    }
  });

  it('is what the projection alone would give, whatever was projected before', () => {
    const name = fc.constantFrom('app', 'kube-api-access-abcde', 'kube-api-access-fghij');
    const volume = fc.record({
      name,
      projected: fc.constantFrom(undefined, { sources: [] }),
      emptyDir: fc.constantFrom(undefined, {}),
      persistentVolumeClaim: fc.constantFrom(undefined, { claimName: 'a' }, { claimName: 'b' }),
    });
    const spec = fc.record({
      nodeName: fc.constantFrom(undefined, 'a', 'b'),
      hostPID: fc.constantFrom(undefined, true, false),
      enableServiceLinks: fc.constantFrom(undefined, true, false),
      priority: fc.constantFrom(undefined, 0, 1),
      volumes: fc.option(fc.array(volume, { maxLength: 3 }), { nil: undefined }),
      containers: fc.array(
        fc.record({
          name,
          image: name,
          volumeMounts: fc.array(fc.record({ name, mountPath: name }), { maxLength: 2 }),
        }),
        { maxLength: 2 },
      ),
    });
    fc.assert(
      fc.property(fc.array(spec, { maxLength: 20 }), (specs) => {
        for (const one of specs) {
          expect(sharedPodSpec(one, {}, 'spec')).to.deep.equal(projectPodSpec(one, {}, 'spec'));
        }
      }),
    );
  });
});
