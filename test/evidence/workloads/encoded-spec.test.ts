import { expect } from 'chai';
import fc from 'fast-check';
import { EncodedPod } from '../../../src/evidence/workloads/pod-message.ts';
import { podSpecMessages } from '../../../src/evidence/workloads/pod-spec-messages.ts';
import { projectPod } from '../../../src/evidence/workloads/project-pod.ts';
import { encode, encodeMessage } from '../../support/protobuf.ts';

type Spec = Record<string, unknown>;

/** With what the API server puts into a pod, which has no words of its own. */
const messages = {
  ...podSpecMessages,
  PodSpec: `${podSpecMessages.PodSpec} nodeName=10 hostname=16 subdomain=17 priority=25?:int restartPolicy=3 dnsPolicy=6`,
};

const metadata = { name: 'app-0', namespace: 'shop', uid: '1', resourceVersion: '5' };

/** @param spec as its JSON has it */
function encodePod(spec: Spec, annotations: Record<string, string> = {}, name = metadata.name): EncodedPod {
  const head = encodeMessage(messages, 'ObjectMeta', { ...metadata, name, annotations });
  return new EncodedPod(
    encode([
      [1, head],
      [2, encodeMessage(messages, 'PodSpec', spec)],
    ]),
  );
}

const project = (spec: Spec, annotations: Record<string, string> = {}, name = metadata.name) =>
  projectPod(encodePod(spec, annotations, name));

/** As the API server gives it: `suffix` is that of the injected token volume. */
const podSpec = (suffix: string, more: Spec = {}, volumes: readonly object[] = [], name = 'app'): Spec => ({
  containers: [
    {
      name,
      image: 'app:1',
      volumeMounts: [{ name: `kube-api-access-${suffix}`, mountPath: '/var/run/secrets' }],
    },
  ],
  volumes: [
    ...volumes,
    { name: `kube-api-access-${suffix}`, projected: { sources: [{ secret: { name: 'a' } }] } },
  ],
  ...more,
});
const claim = (claimName: string) => ({ name: 'data', persistentVolumeClaim: { claimName } });

describe('the specification of a pod in protobuf', () => {
  const same: Record<string, [Spec, Spec]> = {
    'the name of the injected token volume': [podSpec('abcde'), podSpec('fghij')],
    'the node': [podSpec('abcde', { nodeName: 'a' }), podSpec('abcde', { nodeName: 'b' })],
    'the host name': [podSpec('abcde', { hostname: 'web-0' }), podSpec('abcde', { hostname: 'web-1' })],
    'the claim': [podSpec('abcde', {}, [claim('data-web-0')]), podSpec('fghij', {}, [claim('data-web-1')])],
    'the priority': [podSpec('abcde', { priority: 0 }), podSpec('abcde', { priority: 5 })],
  };
  for (const [what, [a, b]] of Object.entries(same)) {
    it(`is one object for pods that differ in ${what}, of which the second is not decoded`, () => {
      const first = project(a);
      const second = encodePod(b);
      const { encodedSpec } = second;
      // Whoever decoded it would find nothing.
      Object.defineProperty(second, 'spec', { get: () => expect.fail('it is decoded') });
      expect(encodedSpec.length).to.be.greaterThan(0);
      expect(projectPod(second).spec).to.equal(first.spec);
    });
  }

  const different: Record<string, [Spec, Spec]> = {
    'a field of the security context': [podSpec('abcde'), podSpec('abcde', { hostPID: true })],
    'the source of a volume': [
      podSpec('abcde', {}, [claim('x')]),
      podSpec('abcde', {}, [{ name: 'data', emptyDir: {} }]),
    ],
    'the name of a volume with a claim': [
      podSpec('abcde', {}, [claim('x')]),
      podSpec('abcde', {}, [{ ...claim('x'), name: 'other' }]),
    ],
    'an image': [podSpec('abcde'), { ...podSpec('abcde'), containers: [{ name: 'app', image: 'app:2' }] }],
    // Somebody may call a container as the API server calls a volume.
    'the name of a container that is a token’s': [
      podSpec('abcde', {}, [], 'kube-api-access-abcde'),
      podSpec('fghij', {}, [], 'kube-api-access-fghij'),
    ],
  };
  for (const [what, [a, b]] of Object.entries(different)) {
    it(`is another one for pods that differ in ${what}, whichever comes first`, () => {
      for (const [first, second] of [
        [a, b],
        [b, a],
      ] as const) {
        // prettier-ignore
        expect(project(first).spec).to.deep.equal(ofJson(first).spec);
        expect(project(second).spec).to.deep.equal(ofJson(second).spec);
        expect(project(first).spec).not.to.equal(project(second).spec);
      }
    });
  }

  it('is another one where an annotation that is read is another', () => {
    const key = 'container.apparmor.security.beta.kubernetes.io/app';
    const [a, b] = ['unconfined', 'runtime/default'].map((profile) =>
      project(podSpec('abcde'), { [key]: profile }),
    );
    expect(a?.spec).not.to.equal(b?.spec);
    expect(project(podSpec('abcde'), { 'example.com/a': '1' }).spec).to.equal(project(podSpec('abcde')).spec);
  });

  it('names its node and its claims, those of ephemeral volumes after the pod', () => {
    const volumes = [claim('data-web-0'), { name: 'scratch', ephemeral: {} }, { name: 'tmp', emptyDir: {} }];
    const { node, claims } = project(podSpec('abcde', { nodeName: 'node-1' }, volumes), {}, 'web-0');
    expect(node).to.equal('node-1');
    expect(claims).to.deep.equal(['data-web-0', 'web-0-scratch']);
    expect(project(podSpec('abcde'))).not.to.have.property('node');
  });

  const text = fc.constantFrom('', 'a', 'kube-api-access-abcde', 'kube-api-access-fghij', 'x');
  const volume = fc.oneof(
    fc.record({ name: text, emptyDir: fc.constant({}) }),
    fc.record({ name: text, projected: fc.constant({ sources: [] }) }),
    fc.record({ name: text, persistentVolumeClaim: fc.record({ claimName: text }) }),
    fc.record({ name: text, ephemeral: fc.constant({}) }),
    fc.record({ name: text, hostPath: fc.record({ path: text }) }),
  );
  const container = fc.record({
    name: text,
    image: text,
    command: fc.array(text, { maxLength: 2 }),
    env: fc.array(fc.record({ name: text, value: text }), { maxLength: 2 }),
    volumeMounts: fc.array(fc.record({ name: text, mountPath: text }), { maxLength: 2 }),
    securityContext: fc.record({ privileged: fc.boolean(), runAsUser: fc.constantFrom(0, 1000) }),
  });
  const anySpec = fc.record({
    volumes: fc.array(volume, { maxLength: 3 }),
    containers: fc.array(container, { minLength: 1, maxLength: 2 }),
    hostNetwork: fc.constant(true),
    nodeName: fc.constantFrom('n1', 'n2'),
    hostname: text,
    enableServiceLinks: fc.boolean(),
  });

  it('is what it is in JSON, whatever was seen before it', () => {
    fc.assert(
      fc.property(fc.array(anySpec, { maxLength: 6 }), (specs) => {
        for (const spec of specs) expect(project(spec)).to.deep.equal(ofJson(spec));
      }),
    );
  });
});

/** As a server says the same in JSON, with what is empty left out. */
function ofJson(spec: Spec): ReturnType<typeof projectPod> {
  const { nodeName } = spec;
  const decoded = { ...encodePod(spec).spec, ...(nodeName === undefined ? {} : { nodeName }) };
  return projectPod({ kind: 'Pod', metadata, spec: decoded });
}
