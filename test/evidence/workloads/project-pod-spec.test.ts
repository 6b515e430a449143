import { expect } from 'chai';
import type { PodSpec } from '../../../src/domain/pod-spec.ts';
import { ShapeError } from '../../../src/evidence/fields.ts';
import { projectPodSpec } from '../../../src/evidence/workloads/project-pod-spec.ts';

const nothing = { security: {}, volumes: [], containers: [], appArmorAnnotations: {} };

const cases: Record<string, { spec: unknown; annotations?: Record<string, string>; expected: object }> = {
  'an empty spec has nothing, and no field that is undefined': { spec: {}, expected: nothing },
  'null is the same as not written': {
    spec: { hostNetwork: null, os: null, securityContext: null, volumes: null, containers: null },
    expected: nothing,
  },
  'false and 0 are values': {
    spec: {
      hostUsers: false,
      hostNetwork: false,
      hostPID: false,
      hostIPC: false,
      securityContext: { runAsUser: 0, runAsGroup: 0, runAsNonRoot: false, fsGroup: 0 },
    },
    expected: {
      ...nothing,
      hostUsers: false,
      hostNetwork: false,
      hostPID: false,
      hostIPC: false,
      security: { runAsUser: 0, runAsGroup: 0, runAsNonRoot: false, fsGroup: 0 },
    },
  },
  'every pod-level field': {
    spec: {
      os: { name: 'windows' },
      securityContext: {
        seccompProfile: { type: 'Localhost', localhostProfile: 'x.json' },
        appArmorProfile: { type: 'RuntimeDefault' },
        seLinuxOptions: { type: 'container_t', user: 'u', role: 'r', level: 's0' },
        windowsOptions: { hostProcess: true, runAsUserName: 'ContainerUser', gmsaCredentialSpec: 'x' },
        supplementalGroups: [1, 2],
        sysctls: [{ name: 'net.ipv4.tcp_syncookies', value: '1' }],
        fsGroupChangePolicy: 'Always',
      },
    },
    expected: {
      ...nothing,
      os: 'windows',
      security: {
        seccomp: 'Localhost',
        appArmor: 'RuntimeDefault',
        seLinux: { type: 'container_t', user: 'u', role: 'r' },
        windows: { hostProcess: true, runAsUserName: 'ContainerUser' },
        supplementalGroups: [1, 2],
        sysctls: ['net.ipv4.tcp_syncookies'],
      },
    },
  },
  'a profile without a type is an explicit value, and none of the good ones': {
    spec: { securityContext: { seccompProfile: {}, appArmorProfile: {} } },
    expected: { ...nothing, security: { seccomp: '', appArmor: '' } },
  },
  'all kinds of containers, in the order init, regular, ephemeral, each with its own index': {
    spec: {
      ephemeralContainers: [{ name: 'debug', image: 'busybox' }],
      containers: [{ name: 'a', image: 'a:1' }, { name: 'b' }],
      initContainers: [{ name: 'sidecar', image: 's:1', restartPolicy: 'Always' }],
    },
    expected: {
      ...nothing,
      containers: [
        bare('initContainer', 0, 'sidecar', 's:1'),
        bare('container', 0, 'a', 'a:1'),
        bare('container', 1, 'b', ''),
        bare('ephemeralContainer', 0, 'debug', 'busybox'),
      ],
    },
  },
  'a container without a name is known by its place': {
    spec: { containers: [{ image: 'a:1' }] },
    expected: { ...nothing, containers: [bare('container', 0, 'containers[0]', 'a:1')] },
  },
  'every container-level field': {
    spec: {
      containers: [
        {
          name: 'a',
          securityContext: {
            privileged: true,
            allowPrivilegeEscalation: false,
            procMount: 'Unmasked',
            readOnlyRootFilesystem: true,
            runAsUser: 7,
            capabilities: { drop: ['ALL'] },
          },
          ports: [
            { containerPort: 80 },
            { name: 'dns', containerPort: 53, hostPort: 53, protocol: 'UDP', hostIP: '10.0.0.1' },
          ],
          volumeMounts: [
            { name: 'data', mountPath: '/data', readOnly: true },
            { name: 'tmp', mountPath: '/tmp' },
          ],
        },
      ],
    },
    expected: {
      ...nothing,
      containers: [
        {
          ...bare('container', 0, 'a', ''),
          security: {
            privileged: true,
            allowPrivilegeEscalation: false,
            procMount: 'Unmasked',
            readOnlyRootFilesystem: true,
            runAsUser: 7,
            capabilities: { add: [], drop: ['ALL'] },
          },
          ports: [
            { index: 0, protocol: 'TCP', containerPort: 80 },
            { index: 1, name: 'dns', protocol: 'UDP', containerPort: 53, hostPort: 53 },
          ],
          volumeMounts: [
            { name: 'data', mountPath: '/data', readOnly: true },
            { name: 'tmp', mountPath: '/tmp', readOnly: false },
          ],
        },
      ],
    },
  },
  'hosts of probes and hooks, those that are set': {
    spec: {
      containers: [
        {
          name: 'a',
          livenessProbe: { httpGet: { port: 80, host: '127.0.0.1' } },
          readinessProbe: { tcpSocket: { port: 80, host: '' } },
          startupProbe: { tcpSocket: { port: 80, host: 'other' } },
          lifecycle: {
            preStop: { httpGet: { port: 80, host: 'third' } },
            postStart: { exec: { command: ['x'] } },
          },
        },
      ],
    },
    expected: {
      ...nothing,
      containers: [
        {
          ...bare('container', 0, 'a', ''),
          hostOverrides: [
            { path: 'livenessProbe.httpGet.host', host: '127.0.0.1' },
            { path: 'startupProbe.tcpSocket.host', host: 'other' },
            { path: 'lifecycle.preStop.httpGet.host', host: 'third' },
          ],
        },
      ],
    },
  },
  'volumes with the keys of their sources; a key that is null is none': {
    spec: {
      volumes: [
        { name: 'a', hostPath: { path: '/var/log' } },
        { name: 'b', emptyDir: null },
        { name: 'c', csi: { driver: 'secrets-store.csi.k8s.io' } },
        { name: 'd', image: { reference: 'registry.example/data:1' } },
        { name: 'e' },
      ],
    },
    expected: {
      ...nothing,
      volumes: [
        { index: 0, name: 'a', sources: ['hostPath'], hostPath: '/var/log' },
        { index: 1, name: 'b', sources: [] },
        { index: 2, name: 'c', sources: ['csi'], csiDriver: 'secrets-store.csi.k8s.io', secret: true },
        { index: 3, name: 'd', sources: ['image'], image: 'registry.example/data:1' },
        { index: 4, name: 'e', sources: [] },
      ],
    },
  },
  'AppArmor annotations, also of a container that does not exist, and no other annotation': {
    spec: {},
    annotations: {
      'container.apparmor.security.beta.kubernetes.io/ghost': 'unconfined',
      'container.seccomp.security.alpha.kubernetes.io/ghost': 'unconfined',
      other: 'x',
    },
    expected: { ...nothing, appArmorAnnotations: { ghost: 'unconfined' } },
  },
};

function bare(kind: string, index: number, name: string, image: string): object {
  return { kind, index, name, image, security: {}, ports: [], hostOverrides: [], volumeMounts: [] };
}

const wrong: Record<string, { spec: unknown; path: string }> = {
  'a missing spec': { spec: undefined, path: 'spec' },
  'a list for the spec': { spec: [], path: 'spec' },
  'a word for a boolean': {
    spec: { securityContext: { runAsNonRoot: 'yes' } },
    path: 'spec.securityContext.runAsNonRoot',
  },
  'a word for a number': {
    spec: { initContainers: [{}, { securityContext: { runAsUser: '1000' } }] },
    path: 'spec.initContainers[1].securityContext.runAsUser',
  },
  'a fraction for an integer': {
    spec: { securityContext: { runAsUser: 0.5 } },
    path: 'spec.securityContext.runAsUser',
  },
  'a name for a group': {
    spec: { securityContext: { supplementalGroups: [1, 'root'] } },
    path: 'spec.securityContext.supplementalGroups[1]',
  },
  'a word for a list': {
    spec: { containers: [{ securityContext: { capabilities: { drop: 'ALL' } } }] },
    path: 'spec.containers[0].securityContext.capabilities.drop',
  },
  'a number in a list of words': {
    spec: { containers: [{ securityContext: { capabilities: { add: [1] } } }] },
    path: 'spec.containers[0].securityContext.capabilities.add[0]',
  },
  'a container that is a word': { spec: { containers: ['nginx'] }, path: 'spec.containers[0]' },
  'a probe host that is a number': {
    spec: { containers: [{ livenessProbe: { httpGet: { host: 1 } } }] },
    path: 'spec.containers[0].livenessProbe.httpGet.host',
  },
  'a hook that is a list': {
    spec: { containers: [{ lifecycle: { preStop: [] } }] },
    path: 'spec.containers[0].lifecycle.preStop',
  },
  'a hostPath that is a word': {
    spec: { volumes: [{ name: 'a', hostPath: '/etc' }] },
    path: 'spec.volumes[0].hostPath',
  },
  'a sysctl without its object': {
    spec: { securityContext: { sysctls: ['net.ipv4.tcp_syncookies'] } },
    path: 'spec.securityContext.sysctls[0]',
  },
};

/** A pod as two pods of one ReplicaSet have it: all that differs is what the API server injected. */
function injectedPod(suffix: string): object {
  return {
    nodeName: `node-${suffix}`,
    volumes: [{ name: `kube-api-access-${suffix}`, projected: { sources: [] } }],
    containers: [
      { name: 'a', volumeMounts: [{ name: `kube-api-access-${suffix}`, mountPath: '/var/run/secrets' }] },
    ],
  };
}

/** What a pod starts and says beside its security has its own tests (project-behaviour). */
function withoutBehaviour({ settings: _settings, containers, ...rest }: PodSpec): object {
  const stripped = containers.map(
    ({ resources: _resources, process: _process, restartPolicy: _restart, ...container }) => container,
  );
  return { ...rest, containers: stripped };
}

describe('projectPodSpec', () => {
  for (const [name, { spec, annotations, expected }] of Object.entries(cases)) {
    it(name, () => expect(withoutBehaviour(projectPodSpec(spec, annotations))).to.deep.equal(expected));
  }

  for (const [name, { spec, path }] of Object.entries(wrong)) {
    it(`refuses ${name}`, () => {
      expect(() => projectPodSpec(spec, undefined))
        .to.throw(ShapeError)
        .with.property('path', path);
    });
  }

  it('names the place of a spec that stands elsewhere', () => {
    expect(() => projectPodSpec({ hostPID: 1 }, {}, 'spec.template.spec'))
      .to.throw(ShapeError)
      .with.property('path', 'spec.template.spec.hostPID');
  });

  it('is equal for two pods of one template, whatever name their token volume got', () => {
    const [a, b] = [injectedPod('x7k2p'), injectedPod('9qqqq')].map((spec) => projectPodSpec(spec, {}));
    expect(a).to.deep.equal(b);
    expect(a?.containers[0]?.volumeMounts[0]?.name).to.equal(a?.volumes[0]?.name);
  });

  it('keeps the name of a volume that only looks like the token volume', () => {
    const spec = { volumes: [{ name: 'kube-api-access-abcde', hostPath: { path: '/' } }] };
    expect(projectPodSpec(spec, {}).volumes[0]?.name).to.equal('kube-api-access-abcde');
  });
});
