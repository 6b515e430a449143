import { expect } from 'chai';
import { collectManifests } from '../../support/collected.ts';
import { snapshotsOf } from '../../../src/evidence/manifests/snapshots.ts';
import type { Json } from '../../../src/evidence/fields.ts';

const collect = (...objects: Json[]) =>
  collectManifests(objects.map((object, index) => ({ file: 'f.yaml', line: index + 1, object })));

const object = (apiVersion: string, kind: string, name: string, rest: Json = {}): Json => {
  const { namespace, labels, ...fields } = rest;
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(labels === undefined ? {} : { labels }),
    },
    ...fields,
  };
};

const containers = (securityContext: Json = {}) => ({
  containers: [{ name: 'app', image: 'a:1', securityContext }],
});
const deployment = (name: string, rest: Json = {}, security: Json = {}) =>
  object('apps/v1', 'Deployment', name, { ...rest, spec: { template: { spec: containers(security) } } });
const pod = (name: string, rest: Json = {}) => object('v1', 'Pod', name, { spec: containers(), ...rest });

/** What stands where, by namespace. */
const contents = (collected: ReturnType<typeof collectManifests>) =>
  Object.fromEntries(
    [...collected.namespaces].map(([name, { pods, owners, networkPolicies, claims, labels, gap }]) => [
      name,
      {
        names: [...pods, ...owners, ...networkPolicies, ...claims].map((each) => each.name),
        ...(labels === undefined ? {} : { labels }),
        ...(gap === undefined ? {} : { gap: gap.message }),
      },
    ]),
  );

describe('collectManifests', () => {
  const sorted: Record<string, [objects: Json[], expected: object]> = {
    'puts what names no namespace into default, as kubectl does': [
      [pod('a'), deployment('b', { namespace: 'shop' })],
      { default: { names: ['a'] }, shop: { names: ['b'] } },
    ],
    'judges once what is given twice': [
      [
        deployment('web'),
        { ...deployment('web', { namespace: 'default' }), status: { replicas: 3 } },
        { ...deployment('web'), apiVersion: 'apps/v1beta2' },
      ],
      { default: { names: ['web'] } },
    ],
    'judges each of several objects whose names are generated, and those of one name in two namespaces': [
      [
        { apiVersion: 'v1', kind: 'Pod', metadata: { generateName: 'run-' }, spec: containers() },
        {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { generateName: 'run-' },
          spec: containers({ privileged: true }),
        },
        pod('run-', { namespace: 'shop' }),
      ],
      { default: { names: ['run-', 'run-'] }, shop: { names: ['run-'] } },
    ],
    'knows a namespace that nothing stands in, and its labels': [
      [object('v1', 'Namespace', 'empty', { labels: { team: 'blue' } })],
      { empty: { names: [], labels: { team: 'blue' } } },
    ],
    'has no labels where a Namespace has none': [
      [object('v1', 'Namespace', 'plain')],
      { plain: { names: [], labels: {} } },
    ],
    'reads every kind that a control looks at': [
      [
        pod('pod'),
        ...['StatefulSet', 'DaemonSet', 'ReplicaSet'].map((kind) =>
          object('apps/v1', kind, kind, { spec: { template: { spec: containers() } } }),
        ),
        object('argoproj.io/v1alpha1', 'Rollout', 'rollout', { spec: { template: { spec: containers() } } }),
        object('v1', 'ReplicationController', 'rc', { spec: { template: { spec: containers() } } }),
        object('batch/v1', 'Job', 'job', { spec: { template: { spec: containers() } } }),
        object('batch/v1', 'CronJob', 'cron', {
          spec: { jobTemplate: { spec: { template: { spec: containers() } } } },
        }),
        object('networking.k8s.io/v1', 'NetworkPolicy', 'policy', { spec: { podSelector: {} } }),
        object('v1', 'PersistentVolumeClaim', 'claim', { spec: {} }),
      ],
      {
        default: {
          names: [
            'pod',
            'StatefulSet',
            'DaemonSet',
            'ReplicaSet',
            'rollout',
            'rc',
            'job',
            'cron',
            'policy',
            'claim',
          ],
        },
      },
    ],
    'passes over what no control reads': [
      [
        object('coordination.k8s.io/v1', 'Lease', 'lease'),
        object('v1', 'Secret', 'secret', { data: 3 }),
        object('rbac.authorization.k8s.io/v1', 'ClusterRole', 'role'),
        object('batch.volcano.sh/v1alpha1', 'Job', 'volcano', { spec: 3 }),
        object('example.com/v1', 'Pod', 'pod', { spec: 'otherwise' }),
        object('kustomize.config.k8s.io/v1beta1', 'Kustomization', 'k'),
      ],
      {},
    ],
    'takes the prefix of a generated name for the name': [
      [{ apiVersion: 'v1', kind: 'Pod', metadata: { generateName: 'run-' }, spec: containers() }],
      { default: { names: ['run-'] } },
    ],
  };
  for (const [sentence, [objects, expected]] of Object.entries(sorted)) {
    it(sentence, () => {
      const collected = collect(...objects);
      expect(collected.errors).to.deep.equal([]);
      expect(contents(collected)).to.deep.equal(expected);
    });
  }

  const served: Record<string, [uid: Json, state: string]> = {
    'judges a pod that a manifest calls finished and deleted as what it would be: live': [{}, 'live'],
    'believes what the server said of a pod that came from it': [{ uid: '0d9b' }, 'deleting'],
  };
  for (const [sentence, [uid, state]] of Object.entries(served)) {
    it(sentence, () => {
      const { metadata, ...rest } = pod('sneaky');
      const deletionTimestamp = '2026-01-01T00:00:00Z';
      const written = { ...(metadata as Json), ...uid, deletionTimestamp };
      const { namespaces } = collect({ ...rest, metadata: written, status: { phase: 'Succeeded' } });
      expect(namespaces.get('default')?.pods[0]?.state).to.equal(state);
    });
  }

  it('keeps volumes apart, which belong to no namespace', () => {
    const volume = object('v1', 'PersistentVolume', 'pv-1', { spec: { hostPath: { path: '/data' } } });
    const { volumes, namespaces } = collect(volume);
    expect(volumes).to.deep.equal([{ name: 'pv-1', hostPath: '/data' }]);
    expect(namespaces.size).to.equal(0);
  });

  it('names the policy APIs that are not read', () => {
    const collected = collect(
      object('crd.antrea.io/v1beta1', 'NetworkPolicy', 'a'),
      object('cilium.io/v3', 'CiliumNetworkPolicy', 'b'),
      object('cilium.io/v3', 'CiliumNetworkPolicy', 'c'),
      object('cilium.io/v2', 'CiliumNode', 'd'),
    );
    expect(collected.unreadPolicyApis).to.deep.equal(['cilium.io', 'crd.antrea.io']);
    expect(collected.errors).to.deep.equal([]);
  });

  it('reads the policies of other APIs, of namespaces and of the cluster', () => {
    const collected = collect(
      object('projectcalico.org/v3', 'NetworkPolicy', 'a', { namespace: 'shop' }),
      object('cilium.io/v2', 'CiliumClusterwideNetworkPolicy', 'b', {
        spec: { endpointSelector: {}, ingress: [{}] },
      }),
    );
    expect(collected.errors).to.deep.equal([]);
    expect(collected.policies.map(({ namespace }) => namespace)).to.deep.equal(['shop', undefined]);
    expect([...collected.namespaces.keys()]).to.deep.equal(['shop']);
  });

  it('marks the policies of all namespaces for one of the cluster that cannot be read', () => {
    const collected = collect(
      object('projectcalico.org/v3', 'GlobalNetworkPolicy', 'a', { spec: { selector: 'app = 1' } }),
      object('v1', 'Namespace', 'shop'),
    );
    const message = /GlobalNetworkPolicy a: spec\.selector: .* in the selector "app = 1"/;
    expect(collected.errors.map((error) => error.message).join()).to.match(message);
    expect(collected.policiesGap?.reason).to.equal('EvaluationError');
    const [snapshot] = snapshotsOf(collected, { minor: 37 });
    expect(snapshot?.networkPolicies).to.have.nested.property('gap.message').that.matches(message);
    expect(snapshot?.workloads).not.to.have.property('gap');
  });

  it('marks a namespace for a policy of another API in it that cannot be read', () => {
    const collected = collect(
      object('cilium.io/v2', 'CiliumNetworkPolicy', 'a', {
        namespace: 'shop',
        spec: { endpointSelector: {}, novel: 1 },
      }),
    );
    expect(collected.namespaces.get('shop')?.gap?.message).to.include(
      'spec.novel: this field is not known here',
    );
  });

  const wrong: Record<string, [object: Json, message: string | RegExp, namespace: string]> = {
    'text where a boolean belongs': [
      deployment('web', { namespace: 'shop' }, { runAsNonRoot: 'yes' }),
      'Deployment web: spec.template.spec.containers[0].securityContext.runAsNonRoot: expected a boolean, found a string',
      'shop',
    ],
    'a list where an object belongs': [
      object('apps/v1', 'DaemonSet', 'web', { spec: [] }),
      'DaemonSet web: spec: expected an object, found a list',
      'default',
    ],
    'a template that is not there': [
      object('apps/v1', 'StatefulSet', 'web', { spec: {} }),
      /^StatefulSet web: spec\.template: expected an object, found nothing/,
      'default',
    ],
    'a label that is a number': [
      pod('web', { labels: { version: 1 } }),
      'Pod web: metadata.labels[version]: expected a string, found number 1',
      'default',
    ],
    'a name that is not there': [
      { apiVersion: 'v1', kind: 'Pod', spec: containers() },
      'Pod (without a name): metadata.name: expected a string, found nothing',
      'default',
    ],
    'metadata that is none': [
      { apiVersion: 'v1', kind: 'Pod', metadata: 'web', spec: containers() },
      'Pod (without a name): metadata: expected an object, found a string',
      'default',
    ],
    'a policy whose ports are text': [
      object('networking.k8s.io/v1', 'NetworkPolicy', 'p', {
        namespace: 'shop',
        spec: { podSelector: {}, ingress: [{ ports: 'all' }] },
      }),
      /^NetworkPolicy p: spec\.ingress\[0\]\.ports: expected a list, found a string/,
      'shop',
    ],
    'a Deployment of a group that is long gone': [
      object('extensions/v1beta1', 'Deployment', 'old', { spec: {} }),
      'Deployment old: extensions/v1beta1 has no Deployment; its apiVersion is apps/v1',
      'default',
    ],
    'a Deployment of the core group': [
      object('v1', 'Deployment', 'web', { spec: {} }),
      'Deployment web: v1 has no Deployment; its apiVersion is apps/v1',
      'default',
    ],
    'a NetworkPolicy of a group that is long gone': [
      object('extensions/v1beta1', 'NetworkPolicy', 'old', { spec: {} }),
      'NetworkPolicy old: extensions/v1beta1 has no NetworkPolicy; its apiVersion is networking.k8s.io/v1',
      'default',
    ],
    'a kind in lower case, which the API server does not know': [
      object('v1', 'pod', 'web', { spec: containers() }),
      'pod web: v1 has no pod; the kind is spelled Pod, and its apiVersion is v1',
      'default',
    ],
    'a Rollout of a group that never had it': [
      object('apps/v1', 'Rollout', 'web', { spec: {} }),
      'Rollout web: apps/v1 has no Rollout; its apiVersion is argoproj.io/v1alpha1',
      'default',
    ],
    'a Rollout that says nowhere what it runs': [
      object('argoproj.io/v1alpha1', 'Rollout', 'web', { spec: {} }),
      'Rollout web: spec.template: expected an object, found nothing',
      'default',
    ],
    'a Pod of a group that never had it': [
      object('apps/v1', 'Pod', 'web', { spec: {} }),
      'Pod web: apps/v1 has no Pod; its apiVersion is v1',
      'default',
    ],
  };
  for (const [sentence, [object, message, namespace]] of Object.entries(wrong)) {
    it(`names ${sentence}, and marks the namespace as read in part`, () => {
      const collected = collect(pod('good', { namespace }), object);
      expect(collected.errors).to.have.length(1);
      const [error] = collected.errors;
      expect(error).to.include({ file: 'f.yaml', line: 2 });
      if (typeof message === 'string') expect(error?.message).to.equal(message);
      else expect(error?.message).to.match(message);
      expect(contents(collected)).to.deep.equal({
        [namespace]: { names: ['good'], gap: `f.yaml:2: ${error?.message}.` },
      });
    });
  }

  const ofGroup = (apiVersion: string, kind: string, spec: Json, other: Json, namespace?: string) =>
    [spec, other].map((each) => object(apiVersion, kind, 'n', { namespace, spec: each })) as [Json, Json];
  const twice: Record<string, [objects: [Json, Json], gap: string | undefined]> = {
    'a NetworkPolicy': [
      ofGroup(
        'networking.k8s.io/v1',
        'NetworkPolicy',
        { podSelector: {} },
        { podSelector: { matchLabels: { q: 'q' } } },
        'shop',
      ),
      'namespace',
    ],
    'a Deployment': [
      [deployment('n', { namespace: 'shop' }), deployment('n', { namespace: 'shop' }, { privileged: true })],
      'namespace',
    ],
    'a policy of another API': [
      ofGroup(
        'cilium.io/v2',
        'CiliumClusterwideNetworkPolicy',
        { endpointSelector: {}, ingress: [{}] },
        { endpointSelector: { matchLabels: { a: 'b' } }, ingress: [{}] },
      ),
      'policiesGap',
    ],
    'a source of GitOps': [
      ofGroup('source.toolkit.fluxcd.io/v1', 'GitRepository', { url: 'https://a' }, { url: 'https://b' }),
      'gitOpsGap',
    ],
    'a volume': [
      ofGroup('v1', 'PersistentVolume', { hostPath: { path: '/a' } }, { nfs: { path: '/a' } }),
      'volumesGap',
    ],
    'a binding': [
      ['a', 'b'].map((role) =>
        object('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', 'n', {
          roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
          subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: 'shop' }],
        }),
      ) as [Json, Json],
      'bindingsGap',
    ],
    'a role': [
      ['get', 'create'].map((verb) =>
        object('rbac.authorization.k8s.io/v1', 'ClusterRole', 'n', {
          rules: [{ apiGroups: [''], resources: ['pods/exec'], verbs: [verb] }],
        }),
      ) as [Json, Json],
      'roles',
    ],
    'a Namespace, of which then no labels are known': [
      ['restricted', 'privileged'].map((level) =>
        object('v1', 'Namespace', 'n', { labels: { 'pod-security.kubernetes.io/enforce': level } }),
      ) as [Json, Json],
      undefined,
    ],
  };
  for (const [sentence, [[first, second], where]] of Object.entries(twice)) {
    it(`concludes nothing from two contents of ${sentence}, in whatever order they come`, () => {
      for (const objects of [
        [first, second, first],
        [second, first],
      ]) {
        const found = collect(...objects);
        expect(found.errors).to.have.length(1);
        expect(found.errors[0]).to.include({ file: 'f.yaml', line: 2 });
        expect(found.errors[0]?.message).to.match(/ n: it stands in f\.yaml:1 too, with another content/);
        const shop = found.namespaces.get('shop');
        const gaps: Record<string, unknown> = { ...found, namespace: shop?.gap, roles: found.roles.gap };
        if (where !== undefined) expect(gaps[where]).to.have.property('reason', 'EvaluationError');
        else expect([...found.namespaces.values()].map(({ labels }) => labels)).to.deep.equal([undefined]);
      }
    });
  }

  const template = { spec: containers() };
  const unread: Record<string, Json> = {
    'a Rollout of another group': object('example.com/v1', 'Rollout', 'web', { spec: { template } }),
    'a Knative Service': object('serving.knative.dev/v1', 'Service', 'web', { spec: { template } }),
    'a kind that is not spelled right': object('apps/v1', 'Deploymnet', 'web', { spec: { template } }),
    'a JobSet': object('jobset.x-k8s.io/v1alpha2', 'JobSet', 'web', {
      spec: { replicatedJobs: [{ name: 'a', template: { spec: { template } } }] },
    }),
  };
  for (const [sentence, found] of Object.entries(unread)) {
    it(`marks the workloads of a namespace as read in part for ${sentence}, which would run pods`, () => {
      const { namespaces, errors } = collect(found);
      const what = `${String(found['kind'])} web has a pod template, and ${String(found['kind'])} of ${String(found['apiVersion'])}`;
      expect(errors).to.deep.equal([]);
      expect(namespaces.get('default')?.workloadsGap).to.deep.equal({
        reason: 'PartialEvidence',
        message: `f.yaml:1: ${what} is not read.`,
      });
      expect(namespaces.get('default')).to.not.have.property('gap');
    });
  }

  const bare: Record<string, Json> = {
    'a template with an empty list': object('apps/v1', 'Deployment', 'web', {
      spec: { template: { spec: { containers: [] } } },
    }),
    'a patch, which leaves them out': object('apps/v1', 'Deployment', 'web', {
      spec: { template: { spec: { hostNetwork: true } } },
    }),
    'a pod of init containers alone': pod('web', { spec: { initContainers: [{ name: 'init' }] } }),
  };
  for (const [sentence, found] of Object.entries(bare)) {
    it(`marks the workloads of a namespace as read in part for ${sentence}`, () => {
      const { namespaces, errors } = collect(found);
      expect(errors).to.deep.equal([]);
      expect(namespaces.get('default')?.workloadsGap).to.deep.equal({
        reason: 'PartialEvidence',
        message: `f.yaml:1: ${String(found['kind'])} web has no containers: it is a patch, or half of a manifest.`,
      });
    });
  }

  describe('a Rollout that takes its template from elsewhere', () => {
    const rollout = (kind: string, namespace = 'shop') =>
      object('argoproj.io/v1alpha1', 'Rollout', 'web', {
        namespace,
        spec: { workloadRef: { apiVersion: 'apps/v1', kind, name: 'app' } },
      });
    const gapOf = (...objects: Json[]) => collect(...objects).namespaces.get('shop')?.workloadsGap;

    it('needs no more than the Deployment, which is judged itself, in whatever order they come', () => {
      const app = deployment('app', { namespace: 'shop' });
      expect(gapOf(app, rollout('Deployment'))).to.equal(undefined);
      expect(gapOf(rollout('Deployment'), app)).to.equal(undefined);
    });

    const elsewhere: Record<string, Json[]> = {
      'is not among the manifests': [rollout('Deployment')],
      'stands in another namespace': [rollout('Deployment'), deployment('app', { namespace: 'blog' })],
      'is a PodTemplate, which is not read': [
        { ...rollout('PodTemplate') },
        object('v1', 'PodTemplate', 'app', { namespace: 'shop', template: { spec: containers() } }),
      ],
    };
    for (const [what, objects] of Object.entries(elsewhere)) {
      it(`leaves unknown what it runs where that ${what}`, () => {
        expect(gapOf(...objects)).to.include({ reason: 'PartialEvidence' });
      });
    }
  });

  const idle: Record<string, Json> = {
    'a policy about pod templates': object('kyverno.io/v1', 'ClusterPolicy', 'p', {
      spec: { rules: [{ validate: { pattern: { spec: { template } } } }] },
    }),
    'the history of a StatefulSet': object('apps/v1', 'ControllerRevision', 'r', {
      data: { spec: { template } },
    }),
    'a PodTemplate, of which nobody makes pods': object('v1', 'PodTemplate', 't', { template }),
  };
  for (const [sentence, found] of Object.entries(idle)) {
    it(`passes over ${sentence}`, () => expect(collect(found).namespaces.size).to.equal(0));
  }

  it('marks no namespace for a volume that cannot be read, but the volumes of all', () => {
    const volume = object('v1', 'PersistentVolume', 'pv-1', { spec: { hostPath: '/data' } });
    const collected = collect(pod('good'), volume);
    const message = 'PersistentVolume pv-1: spec.hostPath: expected an object, found a string';
    expect(collected.errors).to.deep.equal([{ file: 'f.yaml', line: 2, message }]);
    expect(collected.volumesGap).to.deep.equal({
      reason: 'EvaluationError',
      message: `f.yaml:2: ${message}.`,
    });
    expect(contents(collected)).to.deep.equal({ default: { names: ['good'] } });
  });

  it('knows no labels of a Namespace that cannot be read, and makes no other namespace up', () => {
    const collected = collect(
      pod('good', { namespace: 'shop' }),
      object('v1', 'Namespace', 'shop', { labels: { a: true } }),
      { apiVersion: 'v1', kind: 'Namespace', metadata: {} },
    );
    expect(collected.errors.map(({ line, message }) => [line, message])).to.deep.equal([
      [2, 'Namespace shop: metadata.labels[a]: expected a string, found boolean true'],
      [3, 'Namespace (without a name): metadata.name: expected a string, found nothing'],
    ]);
    expect(contents(collected)).to.deep.equal({ shop: { names: ['good'] } });
  });

  it('marks no namespace for a scan report that cannot be read: its container has none', () => {
    const report = object('aquasecurity.github.io/v1alpha1', 'VulnerabilityReport', 'r', { report: 3 });
    const collected = collect(pod('good'), report);
    expect(collected.errors.map(({ line }) => line)).to.deep.equal([2]);
    expect(contents(collected)).to.deep.equal({ default: { names: ['good'] } });
  });

  it('shows no value of a field that may hold a secret', () => {
    const { errors } = collect(pod('web', { metadata: { name: 'web', annotations: { token: ['s3cret'] } } }));
    expect(errors).to.have.length(1);
    expect(JSON.stringify(errors)).to.not.contain('s3cret');
  });
});
