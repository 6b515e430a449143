import { expect } from 'chai';
import { alphanumeric, FakeSecrets } from '../../support/fake-secrets.ts';
import { ShapeError } from '../../../src/evidence/fields.ts';
import { projectPod } from '../../../src/evidence/workloads/project-pod.ts';
import { projectPodSpec } from '../../../src/evidence/workloads/project-pod-spec.ts';
import { projectWorkload } from '../../../src/evidence/workloads/project-workload.ts';
import { podObject, workloadObject } from '../../support/objects.ts';

const firstOf = (container: object, annotations: Record<string, string> = {}) => {
  const [first] = projectPodSpec({ containers: [{ name: 'app', ...container }] }, annotations).containers;
  if (first === undefined) throw new Error('there is no container');
  return first;
};

describe('what a container starts', () => {
  const nothing = { commands: [], env: [], logSettings: [], references: [], handlers: [] };

  it('is nothing where the manifest says nothing', () => {
    expect(firstOf({}).process).to.deep.equal(nothing);
    expect(firstOf({}).resources).to.deep.equal({ requests: [], limits: [] });
  });

  it('is its command with its arguments, and what its probes and hooks run', () => {
    const { process } = firstOf({
      command: ['sh', '-c'],
      args: ['exec app'],
      livenessProbe: { exec: { command: ['check', '-q'] } },
      readinessProbe: { httpGet: { port: 80 } },
      lifecycle: { preStop: { exec: { command: ['drain'] } } },
    });
    expect(process).to.deep.equal({
      ...nothing,
      commands: [
        { path: 'command', text: 'sh -c exec app' },
        { path: 'livenessProbe.exec.command', text: 'check -q' },
        { path: 'lifecycle.preStop.exec.command', text: 'drain' },
      ],
      handlers: ['livenessProbe', 'readinessProbe', 'lifecycle.preStop'],
    });
  });

  it('is held up to a bound, and says that it was cut', () => {
    const [command] = firstOf({ args: ['wait '.repeat(4_000)] }).process.commands;
    expect(command).to.deep.equal({
      path: 'command',
      text: 'wait '.repeat(4_000).slice(0, 16_384),
      cut: true,
    });
  });

  it('holds no half of a secret where it was cut', () => {
    const value = `Qz7${new FakeSecrets(5).text(alphanumeric, 24)}`;
    for (let before = 32_700; before < 32_790; before += 5) {
      const [command] = firstOf({ args: [`${'\n'.repeat(before)}--token=${value}`, 'x'] }).process.commands;
      expect(JSON.stringify(command)).to.not.contain(value.slice(0, 4));
    }
    const [command] = firstOf({ args: [`${`p ${value} `.repeat(1_100)}a=${value}`] }).process.commands;
    expect(command).to.have.property('cut', true);
    expect(command?.text).to.equal(`${'p … '.repeat(1_092)}p `);
  });

  it('keeps the names of variables, repeats too, and never their values', () => {
    const { process } = firstOf({
      env: [
        { name: 'PASSWORD', value: 'hunter2-hunter2' },
        { name: 'A', value: '1' },
        { name: 'A', value: '2' },
        { name: 'LOG_FILE', value: '/data/hunter2.log' },
      ],
    });
    expect(process.env).to.deep.equal(['PASSWORD', 'A', 'A', 'LOG_FILE']);
    expect(JSON.stringify(process)).to.not.contain('hunter2');
  });

  const targets: Record<string, [object, string]> = {
    'a file': [{ value: '/data/app.log' }, 'file'],
    'the standard output': [{ value: '/dev/stdout' }, 'stdout'],
    'the standard output by its descriptor': [{ value: '/proc/1/fd/1' }, 'stdout'],
    'the standard output as a dash': [{ value: '-' }, 'stdout'],
    nowhere: [{ value: '' }, 'stdout'],
    'what another variable says': [{ value: '$(DIR)/a.log' }, 'unknown'],
    'what a ConfigMap says': [{ valueFrom: { configMapKeyRef: { name: 'c', key: 'k' } } }, 'unknown'],
  };
  for (const [where, [value, to]] of Object.entries(targets)) {
    it(`knows a variable that sends the log to ${where}`, () => {
      const { logSettings } = firstOf({ env: [{ name: 'LOG_FILE', ...value }] }).process;
      expect(logSettings).to.deep.equal([{ name: 'LOG_FILE', to }]);
    });
  }

  it('names the ConfigMaps and Secrets that its variables come from', () => {
    const { references } = firstOf({
      env: [
        { name: 'A', valueFrom: { configMapKeyRef: { name: 'c', key: 'k', optional: true } } },
        { name: 'B', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
        { name: 'C', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      ],
      envFrom: [{ configMapRef: { name: 'd' } }, { prefix: 'X_', secretRef: { name: 't', optional: true } }],
    }).process;
    expect(references).to.deep.equal([
      { path: 'env[0].valueFrom.configMapKeyRef', kind: 'ConfigMap', name: 'c', optional: true },
      { path: 'env[1].valueFrom.secretKeyRef', kind: 'Secret', name: 's', optional: false },
      { path: 'envFrom[0].configMapRef', kind: 'ConfigMap', name: 'd', optional: false },
      { path: 'envFrom[1].secretRef', kind: 'Secret', name: 't', optional: true },
    ]);
  });

  it('states a request where there is a limit alone, as the API server does', () => {
    const resources = { requests: { cpu: '1', memory: null }, limits: { memory: '1Gi' } };
    expect(firstOf({ resources }).resources).to.deep.equal({
      requests: ['cpu', 'memory'],
      limits: ['memory'],
    });
  });

  const amounts: [amount: unknown, counts: boolean][] = [
    ['0', false],
    [0, false],
    ['0.00', false],
    ['0Mi', false],
    ['0m', false],
    ['0e3', false],
    ['1m', true],
    ['0.5', true],
    [0.1, true],
    ['100', true],
  ];
  for (const [amount, counts] of amounts) {
    it(`takes ${JSON.stringify(amount)} for ${counts ? 'something' : 'nothing'}`, () => {
      expect(firstOf({ resources: { limits: { memory: amount } } }).resources).to.deep.equal(
        counts
          ? { requests: ['memory'], limits: ['memory'] }
          : { requests: [], limits: [], zero: ['limits.memory'] },
      );
    });
  }

  it('makes no request of a limit where there is one of 0', () => {
    const resources = { requests: { memory: '0' }, limits: { memory: '1Gi' } };
    expect(firstOf({ resources }).resources).to.deep.equal({
      requests: [],
      limits: ['memory'],
      zero: ['requests.memory'],
    });
  });

  it('knows the requests that a LimitRange put in', () => {
    const annotations = {
      'kubernetes.io/limit-ranger':
        'LimitRanger plugin set: cpu, memory request for container app; cpu limit for container app; cpu request for init container other',
    };
    expect(firstOf({}, annotations).resources.defaulted).to.deep.equal(['cpu', 'memory']);
  });

  it('refuses a command that is one text', () => {
    expect(() => firstOf({ command: 'sh' }))
      .to.throw(ShapeError)
      .with.property('path', 'spec.containers[0].command');
  });
});

describe('what a pod says of itself', () => {
  it('is its account, its switches, and what its volumes come from', () => {
    const { settings } = projectPodSpec(
      {
        serviceAccountName: 'web',
        automountServiceAccountToken: false,
        shareProcessNamespace: true,
        enableServiceLinks: false,
        terminationGracePeriodSeconds: 0,
        resources: { requests: { cpu: '1' } },
        volumes: [
          { name: 'a', configMap: { name: 'c', optional: true } },
          { name: 'b', secret: { secretName: 's' } },
          {
            name: 'kube-api-access-abcde',
            projected: { sources: [{ configMap: { name: 'kube-root-ca.crt' } }, { secret: { name: 't' } }] },
          },
        ],
      },
      {
        'plumbline.dev/base-image': 'registry.example/base:1',
        'sidecar.opentelemetry.io/inject': 'true',
        'instrumentation.opentelemetry.io/inject-java': 'false',
        'sidecar.jaegertracing.io/inject': 'jaeger-agent',
      },
    );
    expect(settings).to.deep.equal({
      serviceAccountName: 'web',
      automountServiceAccountToken: false,
      shareProcessNamespace: true,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: 0,
      resources: { requests: ['cpu'], limits: [] },
      references: [
        { path: 'volumes[0].configMap', kind: 'ConfigMap', name: 'c', optional: true },
        { path: 'volumes[1].secret', kind: 'Secret', name: 's', optional: false },
        { path: 'volumes[2].projected.sources[1].secret', kind: 'Secret', name: 't', optional: false },
      ],
      baseImage: 'registry.example/base:1',
      tracing: ['sidecar.jaegertracing.io/inject', 'sidecar.opentelemetry.io/inject'],
    });
  });

  it('knows the account by its old field too', () => {
    expect(projectPodSpec({ serviceAccount: 'old' }, {}).settings.serviceAccountName).to.equal('old');
  });
});

describe('the states of containers', () => {
  const waiting = (reason: string, message: string) => ({ waiting: { reason, message } });
  const refusals: Record<string, [object, string | undefined]> = {
    'an image of root': [
      waiting(
        'CreateContainerConfigError',
        'container has runAsNonRoot and image will run as root (pod: "web_shop(1)", container: app)',
      ),
      'RootImage',
    ],
    'an image with a named user': [
      waiting(
        'CreateContainerConfigError',
        'container has runAsNonRoot and image has non-numeric user (node), cannot verify user is non-root',
      ),
      'NamedUser',
    ],
    'a missing ConfigMap': [
      waiting('CreateContainerConfigError', 'configmap "web" not found'),
      'MissingReference',
    ],
    'a missing Secret': [waiting('CreateContainerConfigError', 'secret "web" not found'), 'MissingReference'],
    'a missing key': [
      waiting('CreateContainerConfigError', "couldn't find key url in ConfigMap shop/web"),
      'MissingReference',
    ],
    'another error of its configuration': [
      waiting('CreateContainerConfigError', 'something else'),
      undefined,
    ],
    'a crash': [waiting('CrashLoopBackOff', 'configmap "web" not found'), undefined],
  };
  for (const [what, [state, refused]] of Object.entries(refusals)) {
    it(`tell of ${what}`, () => {
      const pod = podObject('web-0', { status: { containerStatuses: [{ name: 'app', state }] } });
      expect(projectPod(pod).containers).to.deep.equal({
        app: { started: false, ...(refused === undefined ? {} : { refused }) },
      });
    });
  }

  it('tell who runs, and what has run', () => {
    const pod = podObject('web-0', {
      status: {
        initContainerStatuses: [
          { name: 'init', state: { terminated: {} }, user: { linux: { uid: 0, gid: 0 } } },
        ],
        containerStatuses: [
          {
            name: 'app',
            state: { running: {} },
            user: { linux: { uid: 1000, gid: 1, supplementalGroups: [] } },
          },
          {
            name: 'crashing',
            state: { waiting: { reason: 'CrashLoopBackOff' } },
            lastState: { terminated: {} },
          },
          { name: 'new', state: { waiting: { reason: 'ContainerCreating' } } },
        ],
      },
    });
    expect(projectPod(pod).containers).to.deep.equal({
      init: { started: true, uid: 0, gid: 0 },
      app: { started: true, uid: 1000, gid: 1 },
      crashing: { started: true },
      new: { started: false },
    });
  });

  it('are one object for pods that are alike', () => {
    const status = { containerStatuses: [{ name: 'app', state: { running: { startedAt: 'x' } } }] };
    const [a, b] = ['web-0', 'web-1'].map((name) => projectPod(podObject(name, { status })).containers);
    expect(a).to.equal(b);
  });
});

describe('what a controller says beside its template', () => {
  const settingsOf = (object: object) => projectWorkload(object).settings;

  it('is its strategy, with the default of the API', () => {
    expect(settingsOf(workloadObject('Deployment', 'web')).strategy).to.deep.equal({ type: 'RollingUpdate' });
    const strategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '100%' } };
    expect(settingsOf(workloadObject('Deployment', 'web', { spec: { strategy } })).strategy).to.deep.equal({
      type: 'RollingUpdate',
      maxUnavailable: '100%',
    });
    const updateStrategy = { type: 'OnDelete' };
    expect(
      settingsOf(workloadObject('DaemonSet', 'web', { spec: { updateStrategy } })).strategy,
    ).to.deep.equal(updateStrategy);
    expect(settingsOf(workloadObject('Job', 'web')).strategy).to.equal(undefined);
  });

  const rollouts: Record<string, [strategy: object | undefined, expected: object]> = {
    'blue-green': [{ blueGreen: { activeService: 'web' } }, { type: 'blueGreen' }],
    'a canary by steps, whatever it allows to be missing': [
      { canary: { steps: [{ setWeight: 20 }], maxUnavailable: '100%' } },
      { type: 'canary' },
    ],
    'a canary without steps, which rolls': [
      { canary: { maxUnavailable: '100%' } },
      { type: 'canary', maxUnavailable: '100%' },
    ],
    'none, as Argo has no default': [undefined, { type: '' }],
  };
  for (const [sentence, [strategy, expected]] of Object.entries(rollouts)) {
    it(`is of a Rollout ${sentence}`, () => {
      expect(settingsOf(workloadObject('Rollout', 'web', { spec: { strategy } })).strategy).to.deep.equal(
        expected,
      );
    });
  }

  it('is how long a finished Job stays', () => {
    const spec = { ttlSecondsAfterFinished: 0 };
    expect(settingsOf(workloadObject('Job', 'web', { spec })).ttlSecondsAfterFinished).to.equal(0);
  });

  it('is what its annotations say', () => {
    const annotations = { 'plumbline.dev/base-image': 'base', 'elastisys.io/ignore-minimum-replicas': '' };
    const found = settingsOf(workloadObject('Deployment', 'web', { annotations }));
    expect(found.baseImage).to.equal('base');
    expect(found.ignoreMinimumReplicas).to.equal(true);
  });

  const template = {
    spec: { enableServiceLinks: false, containers: [{ name: 'app', imagePullPolicy: 'Always' }] },
  };

  it('is, of a manifest, all that is written', () => {
    const object = workloadObject('Deployment', 'web', { spec: { template, strategy: {} } }) as {
      metadata: object;
    };
    const manifest = { ...object, metadata: { ...object.metadata, uid: undefined } };
    expect(settingsOf(manifest).written).to.deep.equal([
      'enableServiceLinks',
      'imagePullPolicy/app',
      'strategy',
    ]);
  });

  it('is, of an object of the cluster, what was applied', () => {
    const applied = { spec: { template } };
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(applied) };
    const object = workloadObject('Deployment', 'web', { annotations, spec: { strategy: {} } });
    expect(settingsOf(object).written).to.deep.equal(['enableServiceLinks', 'imagePullPolicy/app']);
  });

  it('is what the server says that field managers applied', () => {
    const object = workloadObject('Deployment', 'web') as { metadata: object };
    const fieldsV1 = {
      'f:spec': {
        'f:strategy': {},
        'f:template': {
          'f:spec': {
            'f:terminationGracePeriodSeconds': {},
            'f:containers': { 'k:{"name":"app"}': { 'f:imagePullPolicy': {} }, 'k:nonsense': {} },
          },
        },
      },
    };
    const managedFields = [
      { operation: 'Apply', fieldsV1 },
      {
        operation: 'Update',
        fieldsV1: { 'f:spec': { 'f:template': { 'f:spec': { 'f:enableServiceLinks': {} } } } },
      },
    ];
    const managed = { ...object, metadata: { ...object.metadata, managedFields } };
    expect(settingsOf(managed).written).to.deep.equal([
      'imagePullPolicy/app',
      'strategy',
      'terminationGracePeriodSeconds',
    ]);
  });

  for (const [what, annotation] of Object.entries({ nothing: undefined, 'what cannot be read': '{' })) {
    it(`is not known of an object of the cluster that holds ${what}`, () => {
      const annotations =
        annotation === undefined ? {} : { 'kubectl.kubernetes.io/last-applied-configuration': annotation };
      expect(settingsOf(workloadObject('Deployment', 'web', { annotations })).written).to.equal(undefined);
    });
  }
});
