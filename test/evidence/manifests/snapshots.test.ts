import { expect } from 'chai';
import fc from 'fast-check';
import { catalogue } from '../../../src/controls/catalogue.generated.ts';
import { builtInProfile } from '../../../src/evaluate/profile.ts';
import type { Json } from '../../../src/evidence/fields.ts';
import { collectManifests } from '../../support/collected.ts';
import type { ScanEvidence } from '../../../src/evidence/manifests/snapshots.ts';
import { snapshotsOf } from '../../../src/evidence/manifests/snapshots.ts';
import { runtimeFinding, scan, secretScan } from '../../support/builders.ts';
import { meshes } from '../../support/mesh-objects.ts';
import { applicationObject } from '../../support/gitops-objects.ts';
import { evaluateBy } from '../../support/judging.ts';

const spec = (image = 'registry.example/app:1.0.0') => ({ containers: [{ name: 'app', image }] });
const deployment = (namespace: string, name = 'web'): Json => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace },
  spec: { template: { metadata: { labels: { app: name } }, spec: spec() } },
});
const barePod: Json = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'shop' } };
const broken = (kind: string, apiVersion: string): Json => ({
  apiVersion,
  kind,
  metadata: { name: 'broken', namespace: 'shop' },
  spec: 'wrong',
});

const snapshots = (objects: readonly Json[], evidence: Partial<ScanEvidence> = {}) =>
  snapshotsOf(collectManifests(objects.map((object) => ({ file: 'f.yaml', line: 1, object }))), {
    minor: 37,
    ...evidence,
  });

const reports = (overrides: object) => ({
  vulnerabilities: [],
  secrets: [],
  configAudits: [],
  sboms: [],
  settings: [],
  notes: [],
  ...overrides,
});

describe('snapshotsOf', () => {
  it('makes one snapshot of each namespace, by name, that is not of a live cluster', () => {
    const [first, second, ...others] = snapshots([deployment('shop'), deployment('bank')], { minor: 33 });
    expect(others).to.deep.equal([]);
    expect(first?.namespace).to.deep.equal({ name: 'bank' });
    expect(second?.namespace).to.deep.equal({ name: 'shop' });
    expect(first?.cluster).to.deep.equal({ minor: 33, unreadPolicyApis: [], live: false });
  });

  it('has no evidence of what was not given, and empty evidence of what was', () => {
    const [bare] = snapshots([deployment('shop')]);
    expect(bare?.vulnerabilityScans).to.include({ available: false, reason: 'NoEvidence' });
    expect(bare?.secretScans).to.include({ available: false, reason: 'NoEvidence' });
    expect(bare?.runtime).to.include({ available: false, reason: 'NoEvidence' });
    const [given] = snapshots([deployment('shop')], { trivy: [], runtime: new Map() });
    for (const source of [given?.vulnerabilityScans, given?.secretScans, given?.runtime]) {
      expect(source).to.deep.equal({ available: true, items: [] });
    }
  });

  describe('rights', () => {
    const rbac = 'rbac.authorization.k8s.io';
    const bind = (kind: string, name: string, roleRef: object, metadata: object = {}): Json => ({
      ...{ apiVersion: `${rbac}/v1`, kind, metadata: { name, ...metadata }, roleRef },
      subjects: [{ kind: 'ServiceAccount', name: 'web', namespace: 'shop' }],
    });
    const role = (kind: string, name: string, rules: object[], more: object = {}): Json => ({
      ...{ apiVersion: `${rbac}/v1`, kind, metadata: { name, ...more }, rules },
    });
    const reader = { apiGroups: [''], resources: ['secrets'], verbs: ['get'] };
    /** By which the bindings of a whole cluster are known: each has them. */
    const every = [
      {
        ...{ apiVersion: `${rbac}/v1`, kind: 'ClusterRoleBinding', metadata: { name: 'cluster-admin' } },
        roleRef: { kind: 'ClusterRole', name: 'cluster-admin' },
        subjects: [{ kind: 'Group', name: 'system:masters' }],
      },
      {
        ...{ apiVersion: `${rbac}/v1`, kind: 'RoleBinding' },
        metadata: { name: 'system::leader-locking-kube-scheduler', namespace: 'kube-system' },
        roleRef: { kind: 'Role', name: 'system::leader-locking-kube-scheduler' },
        subjects: [{ kind: 'User', name: 'system:kube-scheduler' }],
      },
    ] satisfies Json[];
    const rightsOf = (...objects: Json[]) => snapshots([deployment('shop'), ...objects])[0]?.rights;
    const rightsIn = (...objects: Json[]) => rightsOf(...every, ...objects);
    const own = bind('RoleBinding', 'a', { kind: 'Role', name: 'reader' }, { namespace: 'shop' });

    it('are what the roles among the manifests allow', () => {
      const found = rightsIn(own, role('Role', 'reader', [reader], { namespace: 'shop' }));
      expect(found).to.deep.equal({
        available: true,
        items: [
          {
            ...{ kind: 'RoleBinding', name: 'a', namespace: 'shop', role: 'Role reader' },
            ...{ accounts: ['web'], everyone: false, powers: { all: ['readSecrets'], named: [] } },
          },
        ],
      });
    });

    it('are known of the roles that each cluster has', () => {
      const found = rightsIn(bind('ClusterRoleBinding', 'a', { kind: 'ClusterRole', name: 'cluster-admin' }));
      const [first] = found?.available === true ? found.items : [];
      expect(found).to.not.have.property('gap');
      expect(first?.powers.all).to.include.members(['everything', 'escalate', 'write']);
    });

    const gaps: Record<string, [objects: Json[], reason: string]> = {
      'while a role is not among the manifests': [[own], 'PartialEvidence'],
      'while the role is one of another namespace': [
        [own, role('Role', 'reader', [reader], { namespace: 'blog' })],
        'PartialEvidence',
      ],
      'while a role is aggregated in the cluster': [
        [
          bind('ClusterRoleBinding', 'a', { kind: 'ClusterRole', name: 'all' }),
          { ...role('ClusterRole', 'all', []), aggregationRule: { clusterRoleSelectors: [] } },
        ],
        'PartialEvidence',
      ],
      'while a role cannot be read': [
        [own, role('Role', 'reader', [reader], { namespace: 'shop' }), role('Role', 'x', [{ verbs: 'get' }])],
        'EvaluationError',
      ],
    };
    for (const [when, [objects, reason]] of Object.entries(gaps)) {
      it(`have a gap ${when}`, () => {
        const found = rightsIn(...objects);
        expect(found?.available === true ? found.gap?.reason : 'none').to.equal(reason);
      });
    }

    it('are those of both manifests of one role', () => {
      const other = { apiGroups: [''], resources: ['pods/exec'], verbs: ['create'] };
      const twice = [reader, other].map((rule) => role('Role', 'reader', [rule], { namespace: 'shop' }));
      const [first] = [rightsIn(own, ...twice)].flatMap((found) =>
        found?.available === true ? found.items : [],
      );
      expect(first?.powers.all).to.deep.equal(['readSecrets', 'enterPods', 'write']);
    });

    it('are true and not all, where the bindings of a whole cluster are not among the manifests', () => {
      const mine = [own, role('Role', 'reader', [reader], { namespace: 'shop' })];
      for (const some of [[], every.slice(0, 1), every.slice(1)]) {
        const found = rightsOf(...mine, ...some);
        const [first] = found?.available === true ? found.items : [];
        expect(first?.powers.all).to.deep.equal(['readSecrets']);
        expect(found?.available === true ? found.gap : undefined).to.deep.equal({
          reason: 'PartialEvidence',
          message:
            'Bindings may stand elsewhere than among these manifests. Give all of a cluster: ' +
            'kubectl get clusterroles,clusterrolebindings,roles,rolebindings -A -o yaml',
        });
      }
    });

    it('let nothing pass that a binding elsewhere may give', () => {
      const mine = [own, role('Role', 'reader', [{ ...reader, resources: ['pods'] }], { namespace: 'shop' })];
      const verdicts = (...objects: Json[]) => {
        const pod = { ...barePod, spec: { ...spec(), serviceAccountName: 'web' } };
        const [given] = snapshots([pod, ...objects]);
        if (given === undefined) throw new Error('no namespace');
        const { status } = evaluateBy(builtInProfile(catalogue), { snapshot: given });
        return ['RD-3.1.3', 'RD-3.10.2'].map((id) => status.controls?.find((row) => row.id === id)?.status);
      };
      expect(verdicts(...mine)).to.deep.equal(['Unknown', 'Unknown']);
      expect(verdicts(...mine, ...every)).to.deep.equal(['Pass', 'Pass']);
      const admin = bind('ClusterRoleBinding', 'a', { kind: 'ClusterRole', name: 'cluster-admin' });
      expect(verdicts(...mine, admin)).to.deep.equal(['Fail', 'Fail']);
    });

    it('are none where all bindings were given and none is for the namespace', () => {
      expect(rightsIn()).to.deep.equal({ available: true, items: [] });
    });

    it('are no evidence without a binding', () => {
      expect(rightsOf(role('Role', 'reader', [reader]))).to.include({
        available: false,
        reason: 'NoEvidence',
      });
    });
  });

  it('takes the policies of meshes that concern a namespace, and makes no report for where they stand', () => {
    const { forApp, peer } = meshes;
    const policies = (...objects: object[]) => {
      const all = snapshots([deployment('shop'), ...(objects as Json[])]);
      expect(all.map(({ namespace }) => namespace.name)).to.deep.equal(['shop']);
      const found = all[0]?.mesh;
      if (found?.available !== true) return found?.reason;
      return [...found.items.map(({ namespace, name }) => `${namespace}/${name}`), found.gap?.reason];
    };
    expect(policies()).to.deep.equal([undefined]);
    expect(
      policies(
        peer('STRICT'),
        peer('STRICT', forApp(), 'shop', 'web'),
        peer('STRICT', {}, 'istio-system'),
        peer('STRICT', forApp(), 'istio-system', 'web'),
        peer('STRICT', {}, 'other'),
      ),
    ).to.deep.equal(['shop/default', 'shop/web', 'istio-system/default', undefined]);
    expect(policies(peer('Strict', {}, 'other'))).to.deep.equal(['EvaluationError']);
  });

  it('takes ConfigMaps that name vulnerabilities for lists that a profile may name, in every namespace', () => {
    const map = (name: string, data: object) => ({
      ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'security' }, data },
    });
    const all = snapshots([
      deployment('shop'),
      map('kev', { ids: 'CVE-2025-1000' }),
      map('settings', { LEVEL: 'info' }),
      { ...map('', { ids: 'CVE-2025-1000' }), metadata: { namespace: 'security' } },
    ]);
    expect(all.map(({ namespace }) => namespace.name)).to.deep.equal(['security', 'shop']);
    for (const { exploited } of all)
      expect(exploited).to.deep.equal({
        ...{ available: true },
        items: ['kev', ''].map((name) => ({ namespace: 'security', name, ids: ['CVE-2025-1000'] })),
      });
  });

  it('reads what a Namespace says to a mesh', () => {
    const namespace = {
      ...{ apiVersion: 'v1', kind: 'Namespace' },
      metadata: { name: 'shop', annotations: { 'linkerd.io/inject': 'enabled' } },
    };
    const [found] = snapshots([deployment('shop'), namespace]);
    expect(found?.namespace.mesh).to.deep.equal({ linkerdInject: 'enabled' });
  });

  it('knows what deploys into a namespace only where GitOps objects are among the manifests', () => {
    const names = (...objects: Json[]) => {
      const found = snapshots([deployment('shop'), ...objects]).find(
        ({ namespace }) => namespace.name === 'shop',
      );
      const gitOps = found?.gitOps;
      if (gitOps?.available !== true) return gitOps?.reason;
      return [
        ...gitOps.items.map(({ kind, workloads }) => `${kind} ${workloads.join()}`),
        gitOps.gap?.reason,
      ];
    };
    expect(names()).to.equal('NoEvidence');
    // What only a controller could have written does not count in a manifest.
    expect(names(applicationObject('shop'))).to.deep.equal(['Application ', undefined]);
    const applied = applicationObject('shop', { metadata: { uid: 'uid-shop' } });
    expect(names(applied)).to.deep.equal(['Application Deployment/app', undefined]);
    expect(names({ ...applied, spec: 'wrong' })).to.deep.equal(['EvaluationError']);
    const file = {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      resources: ['app.yaml'],
    };
    expect(names(file)).to.equal('NoEvidence');
  });

  it('finds the objects of APIs of one vendor, where they say that they are', () => {
    const custom = (apiVersion: string, kind: string, namespace?: string) => ({
      ...{ apiVersion, kind },
      metadata: { name: 'pictures', ...(namespace === undefined ? {} : { namespace }) },
    });
    const found = (objects: readonly Json[], evidence: Partial<ScanEvidence> = {}) =>
      snapshots(objects, evidence).map(({ namespace, proprietaryObjects: source }) => [
        namespace.name,
        source.available && source.items.map(({ group, kind }) => `${kind} of ${group}`),
      ]);
    const bucket = 'Bucket of s3.services.k8s.aws';
    const ofAws = (namespace?: string) => custom('s3.services.k8s.aws/v1alpha1', 'Bucket', namespace);
    expect(found([ofAws('shop'), custom('cert-manager.io/v1', 'Issuer', 'bank')])).to.deep.equal([
      ['shop', [bucket]],
    ]);
    expect(found([ofAws()]), 'it may be of the cluster').to.deep.equal([]);
    expect(found([ofAws(), deployment('default')])).to.deep.equal([['default', [bucket]]]);
    const proprietaryApiGroups = ['cert-manager.io'];
    expect(
      found([ofAws('shop'), custom('cert-manager.io/v1', 'Issuer', 'bank')], { proprietaryApiGroups }),
    ).to.deep.equal([['bank', ['Issuer of cert-manager.io']]]);
  });

  it('gives each namespace its Ingresses', () => {
    const metadata = { name: 'web', namespace: 'shop', annotations: { 'networking.gke.io/x': '' } };
    const [shop] = snapshots([{ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata }]);
    expect(shop?.ingresses).to.deep.equal({
      available: true,
      items: [{ name: 'web', keyDomains: ['networking.gke.io'] }],
    });
  });

  it('gives each namespace its ConfigMaps, and marks them as read in part where one is broken', () => {
    const map = (namespace: string, data: object) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'settings', namespace },
      data,
    });
    const [bank, shop] = snapshots([map('bank', { LEVEL: 'info' }), map('shop', { LEVEL: ['info'] })]);
    expect(bank?.configMaps).to.have.nested.property('items[0].name', 'settings');
    expect(bank?.configMaps).to.not.have.property('gap');
    expect(shop?.configMaps).to.deep.include({ available: true, items: [] });
    expect(shop?.configMaps).to.have.nested.property('gap.reason', 'EvaluationError');
  });

  it('gives each namespace its scans, and those that name none to all', () => {
    const vulnerabilities = [
      { ...scan({ name: 'shop' }), namespace: 'shop' },
      { ...scan({ name: 'bank' }), namespace: 'bank' },
      scan({ name: 'image' }),
    ];
    const secrets = [{ ...secretScan({ name: 'shop' }), namespace: 'shop' }];
    const found = snapshots([deployment('shop'), deployment('bank')], {
      trivy: [reports({ vulnerabilities }), reports({ secrets })],
    });
    const names = found.map(({ vulnerabilityScans, secretScans }) =>
      [vulnerabilityScans, secretScans].map((source) =>
        source.available ? source.items.map(({ name }) => name) : [],
      ),
    );
    expect(names).to.deep.equal([
      [['bank', 'image'], []],
      [['shop', 'image'], ['shop']],
    ]);
  });

  it('makes a snapshot of a namespace that only runtime events speak of', () => {
    const [only] = snapshots([], { runtime: new Map([['shop', [runtimeFinding()]]]) });
    expect(only?.namespace.name).to.equal('shop');
    expect(only?.runtime).to.deep.equal({ available: true, items: [runtimeFinding()] });
  });

  const gaps: Record<string, [object: Json, workloads: boolean, volumes: boolean]> = {
    'of what it runs, where a workload cannot be read': [broken('Deployment', 'apps/v1'), true, true],
    'of what it runs, where a policy cannot be read': [
      broken('NetworkPolicy', 'networking.k8s.io/v1'),
      true,
      true,
    ],
    'of what lies behind its claims, where a volume cannot be read': [
      broken('PersistentVolume', 'v1'),
      false,
      true,
    ],
  };
  for (const [sentence, [object, workloads, volumes]] of Object.entries(gaps)) {
    it(`has a gap in its evidence ${sentence}`, () => {
      const [found] = snapshots([deployment('shop'), object]);
      expect(found?.workloads).to.have.property('available', true);
      expect(found !== undefined && 'gap' in found.workloads).to.equal(workloads);
      expect(found !== undefined && 'gap' in found.volumes).to.equal(volumes);
    });
  }

  it('has a gap in what it runs alone, where a kind that is not read would run pods', () => {
    const service: Json = {
      ...deployment('shop', 'canary'),
      apiVersion: 'serving.knative.dev/v1',
      kind: 'Service',
    };
    const [found] = snapshots([deployment('shop'), service]);
    expect(found?.workloads).to.have.nested.property('gap.reason', 'PartialEvidence');
    expect(found?.volumes).to.not.have.property('gap');
    expect(found?.networkPolicies).to.not.have.property('gap');
  });

  it('knows what is behind a claim that only its volume names, as the claims of a StatefulSet', () => {
    const volume = (name: string, namespace: string, claim: string): Json => ({
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name },
      spec: { hostPath: { path: '/data' }, claimRef: { namespace, name: claim } },
    });
    const written: Json = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'files', namespace: 'shop' },
      spec: {},
    };
    const [found] = snapshots([
      deployment('shop'),
      volume('pv-0', 'shop', 'data-db-0'),
      volume('pv-1', 'bank', 'data-db-1'),
      volume('pv-2', 'shop', 'files'),
      written,
    ]);
    expect(found?.volumes).to.deep.equal({
      available: true,
      items: [
        { claim: 'files', volume: 'pv-2', hostPath: '/data' },
        { claim: 'data-db-0', volume: 'pv-0', hostPath: '/data' },
      ],
    });
  });

  it('judges a namespace by what stands in it, whatever stands in others', () => {
    const profile = builtInProfile(catalogue);
    const judge = (objects: readonly Json[]) => {
      const shop = snapshots(objects).find(({ namespace }) => namespace.name === 'shop');
      return shop === undefined ? undefined : JSON.stringify(evaluateBy(profile, { snapshot: shop }));
    };
    const own = [
      deployment('shop'),
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: {} } },
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'data', namespace: 'shop' },
        spec: {},
      },
    ];
    const alone = judge(own);
    const rbac = 'rbac.authorization.k8s.io';
    const subjects = [{ kind: 'ServiceAccount', name: 'web', namespace: 'bank' }];
    const roleRef = { apiGroup: rbac, kind: 'ClusterRole', name: 'cluster-admin' };
    const bindings: Json[] = [
      {
        apiVersion: `${rbac}/v1`,
        kind: 'RoleBinding',
        metadata: { name: 'b', namespace: 'bank' },
        subjects,
        roleRef,
      },
      { apiVersion: `${rbac}/v1`, kind: 'ClusterRoleBinding', metadata: { name: 'b' }, subjects, roleRef },
    ];
    const foreign = fc.constantFrom<Json>(
      deployment('bank'),
      deployment('bank', 'other'),
      { ...broken('Deployment', 'apps/v1'), metadata: { name: 'broken', namespace: 'bank' } },
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'bank', labels: { a: 'b' } } },
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: 'deny', namespace: 'bank' },
        spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
      },
      {
        apiVersion: 'v1',
        kind: 'PersistentVolume',
        metadata: { name: 'pv' },
        spec: { hostPath: { path: '/' }, claimRef: { name: 'data', namespace: 'bank' } },
      },
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'bank' } },
      { apiVersion: 'v1', kind: 'Service', metadata: { name: 's', namespace: 'bank' }, spec: {} },
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'web', namespace: 'bank' } },
      ...bindings,
      {
        apiVersion: 'cilium.io/v2',
        kind: 'CiliumNetworkPolicy',
        metadata: { name: 'deny', namespace: 'bank' },
        spec: { endpointSelector: {}, ingress: [{}] },
      },
      JSON.parse(JSON.stringify(applicationObject('bank')).replaceAll('"shop"', '"bank"')) as Json,
      {
        apiVersion: 'aquasecurity.github.io/v1alpha1',
        kind: 'VulnerabilityReport',
        metadata: {
          name: 'replicaset-web-app',
          namespace: 'bank',
          labels: {
            'trivy-operator.resource.kind': 'Deployment',
            'trivy-operator.resource.name': 'web',
            'trivy-operator.container.name': 'app',
          },
        },
        report: {
          artifact: { repository: 'app', tag: '1.0.0' },
          registry: { server: 'registry.example' },
          summary: { criticalCount: 0, highCount: 0, mediumCount: 0, lowCount: 0, unknownCount: 0 },
          vulnerabilities: [],
        },
      },
    );
    fc.assert(
      fc.property(fc.array(foreign), fc.array(foreign), (before, after) => {
        expect(judge([...before, ...own, ...after])).to.equal(alone);
      }),
      { numRuns: 200 },
    );
  });

  it('takes time that grows with the input alone: 500 namespaces, 5,000 reports', function () {
    this.timeout(5_000);
    const vulnerabilities = Array.from({ length: 5_000 }, (_, index) => ({
      ...scan({ name: `r-${index}` }),
      namespace: `ns-${index % 500}`,
    }));
    const objects = Array.from({ length: 500 }, (_, index) => deployment(`ns-${index}`));
    const found = snapshots(objects, {
      trivy: vulnerabilities.map((each) => reports({ vulnerabilities: [each] })),
    });
    const counts = found.map(({ vulnerabilityScans: each }) => (each.available ? each.items.length : 0));
    expect(counts).to.deep.equal(Array.from({ length: 500 }, () => 10));
  });
});
