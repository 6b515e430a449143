import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { loadAll } from 'js-yaml';
import { projectPolicyReport } from '../../src/evidence/admission/project-policy-report.ts';
import { felixResources } from '../../src/evidence/flows/project-flow-settings.ts';
import { gitOpsResources, sourceResources } from '../../src/evidence/gitops/gitops-kinds.ts';
import { policyKinds } from '../../src/evidence/network/policy-kinds.ts';
import { requireFixtures } from '../support/fixtures.ts';

/** Every set of fixtures: the tests that hold it, or why none does yet. */
const sets: Readonly<Record<string, string>> = {
  'catalogue.json':
    'controls/catalogue.test.ts, conformance/cross-references.test.ts, tools/coverage.test.ts',
  'falco-events': 'conformance/falco-events.test.ts',
  'gatekeeper-library':
    'conformance/gatekeeper-*.test.ts; its constraints: evidence/admission/admission-kinds.test.ts',
  'netpol-analyzer': 'conformance/network-policy.test.ts',
  oscal: 'no export of OSCAL yet',
  'other-crds': 'this test',
  'pod-security-admission': 'conformance/pod-security.test.ts',
  'policyreport-crds': 'this test',
  'report-schemas': 'no export of checklists yet',
  'trivy-checks': 'conformance/trivy-checks.test.ts',
  'trivy-operator-crds': 'cluster/operator-sboms.test.ts installs one of them, as a server has it',
  'trivy-operator-samples': 'conformance/trivy-samples.test.ts',
};

/** What a person reads in each sample: results that are not `pass` or `skip`; undefined where all of it is read elsewhere. */
const reports: Readonly<Record<string, readonly (readonly string[] | undefined)[]>> = {
  'openreports-sample-cis-k8s.yaml': [['fail', 'warn', 'warn']],
  'openreports-sample-co.yaml': [['fail', 'warn']],
  'openreports-sample-falco-policy.yaml': [undefined, undefined],
  'openreports-sample-rhacm-policy.yaml': [['fail']],
  'openreports-sample-v1beta1-kyverno.yaml': [[]],
  'openreports-sample-v1beta2-kyverno.yaml': [[]],
  'wgpolicy-sample-cis-k8s.yaml': [['fail', 'warn', 'warn']],
  'wgpolicy-sample-co.yaml': [['fail', 'warn']],
  'wgpolicy-sample-falco-policy.yaml': [undefined, undefined],
  'wgpolicy-sample-rhacm-policy.yaml': [['fail']],
  'wgpolicy-sample-v1beta1-kyverno.yaml': [[]],
  'wgpolicy-sample-v1beta2-kyverno.yaml': [[]],
};

/** Definitions of kinds that no control reads, and why. */
const unread: Readonly<Record<string, string>> = {
  'calico/v1-crd.projectcalico.org_ippools.yaml': 'addresses isolate nothing',
  'calico/v3-projectcalico.org_ippools.yaml': 'addresses isolate nothing',
  'cilium/ciliumnodeconfig_v2.json': 'settings of nodes: the cluster comes later',
  'cluster-api/cluster.x-k8s.io_clusters.yaml': 'nodes come later',
  'cluster-api/cluster.x-k8s.io_machinedeployments.yaml': 'nodes come later',
  'gatekeeper/config.gatekeeper.sh_configs.yaml':
    'evidence/admission/admission-kinds.test.ts reads objects of it',
  'gatekeeper/constrainttemplate-customresourcedefinition.yaml': 'constraints are read, not their templates',
  'gatekeeper/status.gatekeeper.sh_constraintpodstatuses.yaml':
    'the constraints themselves have their status',
  'kyverno/reports.kyverno.io_clusterephemeralreports.yaml': 'what lies behind the reports that are read',
  'kyverno/reports.kyverno.io_ephemeralreports.yaml': 'what lies behind the reports that are read',
  'prometheus-operator/alertmanagerconfig_v1alpha1.schema.json': 'alerts come later',
  'prometheus-operator/monitoring.coreos.com_podmonitors.yaml': 'metrics come later',
  'prometheus-operator/monitoring.coreos.com_prometheusrules.yaml': 'alerts come later',
  'prometheus-operator/monitoring.coreos.com_servicemonitors.yaml': 'metrics come later',
};

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

interface Definition {
  readonly spec: {
    readonly group: string;
    readonly scope: string;
    readonly names: { readonly kind: string; readonly plural: string };
    readonly versions: readonly {
      readonly name: string;
      readonly served: boolean;
      readonly schema: { readonly openAPIV3Schema: Schema };
    }[];
  };
}

const readFile = (file: string) => readFileSync(file, 'utf8');
const definitionOf = (file: string) => loadAll(readFile(file))[0] as Definition;

const schemaAt = (schema: Schema | undefined, ...path: string[]): Schema | undefined =>
  path.reduce<Schema | undefined>((at, step) => (step === '[]' ? at?.items : at?.properties?.[step]), schema);

const propertiesOf = (schema: Schema | undefined): string[] => Object.keys(schema?.properties ?? {});

describe('the definitions and samples of other APIs', () => {
  it('are all held by a test, or it is said why not', function () {
    const root = dirname(requireFixtures(this, 'other-crds'));
    expect(readdirSync(root).sort()).to.deep.equal(Object.keys(sets).sort());
    const crds = readdirSync(join(root, 'other-crds'), { recursive: true, encoding: 'utf8' });
    const files = crds.filter((name) => /\/.*\.(yaml|json)$/.test(name));
    expect(files).to.have.length(25);
    expect(Object.keys(unread).filter((name) => !files.includes(name))).to.deep.equal([]);
    expect(files.filter((name) => !(name in unread)).sort()).to.deep.equal([
      'argo-cd/application-crd.yaml',
      'argo-cd/appproject-crd.yaml',
      'calico/policy.networking.k8s.io_clusternetworkpolicies.yaml',
      'calico/v1-crd.projectcalico.org_felixconfigurations.yaml',
      'calico/v1-crd.projectcalico.org_globalnetworkpolicies.yaml',
      'calico/v1-crd.projectcalico.org_networkpolicies.yaml',
      'calico/v3-projectcalico.org_felixconfigurations.yaml',
      'calico/v3-projectcalico.org_globalnetworkpolicies.yaml',
      'calico/v3-projectcalico.org_networkpolicies.yaml',
      'cilium/ciliumclusterwidenetworkpolicy_v2.json',
      'cilium/ciliumnetworkpolicy_v2.json',
    ]);
  });

  it('of reports of policies are read as a person reads them', function () {
    const folder = join(requireFixtures(this, 'policyreport-crds'), 'samples');
    const found = readdirSync(folder).map((name) => {
      const objects = loadAll(readFile(join(folder, name))).filter(
        (each) => each !== null && each !== undefined,
      );
      const results = objects.map((each) =>
        projectPolicyReport(each)
          ?.report?.results.map(({ result }) => result)
          .sort(),
      );
      return [name, results];
    });
    expect(Object.fromEntries(found)).to.deep.equal(reports);
  });

  it('of reports of policies define every field that is read', function () {
    const folder = requireFixtures(this, 'policyreport-crds');
    const read = ['message', 'policy', 'resources', 'result', 'rule', 'severity', 'source'];
    const seen: string[] = [];
    for (const file of [
      'kyverno-shipped-wgpolicy/wgpolicyk8s.io_policyreports.yaml',
      'openreports-v1alpha1/openreports.io_reports.yaml',
    ]) {
      const { group, names, versions } = definitionOf(join(folder, file)).spec;
      for (const { name, schema } of versions.filter(({ served }) => served)) {
        seen.push(`${names.plural}.${group}/${name}`);
        expect(propertiesOf(schemaAt(schema.openAPIV3Schema, 'results', '[]'))).to.include.members(read);
        expect(propertiesOf(schema.openAPIV3Schema)).to.include('scope');
      }
    }
    expect(seen).to.deep.equal(['policyreports.wgpolicyk8s.io/v1alpha2', 'reports.openreports.io/v1alpha1']);
  });

  it('name the versions, plurals and scopes by which kinds are read here', function () {
    const folder = requireFixtures(this, 'other-crds');
    const known = [...policyKinds, ...gitOpsResources, ...sourceResources].map(
      ({ group, version, plural, kind, namespaced }) =>
        `${kind}: ${plural}.${group}/${version}, ${namespaced ? 'Namespaced' : 'Cluster'}`,
    );
    const files = ['argo-cd/application-crd.yaml', 'argo-cd/appproject-crd.yaml', ...policyFiles];
    for (const file of files) {
      const { group, scope, names, versions } = definitionOf(join(folder, file)).spec;
      const served = versions.filter((each) => each.served).map(({ name }) => name);
      for (const name of served)
        expect(known).to.include(`${names.kind}: ${names.plural}.${group}/${name}, ${scope}`);
      expect(served).to.have.length(1);
    }
  });

  it('define every field by which a project of Argo CD demands signatures', function () {
    const file = join(requireFixtures(this, 'other-crds'), 'argo-cd/appproject-crd.yaml');
    const schema = definitionOf(file).spec.versions[0]?.schema.openAPIV3Schema;
    const policy = ['spec', 'sourceIntegrity', 'git', 'policies', '[]'];
    expect(propertiesOf(schemaAt(schema, 'spec'))).to.include('signatureKeys');
    expect(propertiesOf(schemaAt(schema, ...policy, 'repos', '[]'))).to.deep.equal(['url']);
    expect(propertiesOf(schemaAt(schema, ...policy, 'gpg'))).to.deep.equal(['keys', 'mode']);
  });

  it('define the settings by which Calico logs flows, where they are read', function () {
    const folder = join(requireFixtures(this, 'other-crds'), 'calico');
    const known = felixResources.map(({ group, version, plural }) => `${plural}.${group}/${version}`);
    const found = felixResources.map(({ group, version }) => {
      const { spec } = definitionOf(join(folder, `${version}-${group}_felixconfigurations.yaml`));
      const [served] = spec.versions;
      expect(spec.scope).to.equal('Cluster');
      expect(propertiesOf(schemaAt(served?.schema.openAPIV3Schema, 'spec'))).to.include(
        'flowLogsGoldmaneServer',
      );
      return `${spec.names.plural}.${spec.group}/${served?.name}`;
    });
    expect(found).to.deep.equal(known);
  });

  it('have no field of a policy that would be refused as unknown', function () {
    const folder = requireFixtures(this, 'other-crds');
    let fields = 0;
    for (const file of policyFiles) {
      const { group, names, versions } = definitionOf(join(folder, file)).spec;
      const [version] = versions;
      fields += expectKnown(group, version?.name ?? '', names.kind, version?.schema.openAPIV3Schema);
    }
    for (const [file, kind] of [
      ['ciliumnetworkpolicy_v2.json', 'CiliumNetworkPolicy'],
      ['ciliumclusterwidenetworkpolicy_v2.json', 'CiliumClusterwideNetworkPolicy'],
    ] as const) {
      const schema = JSON.parse(readFile(join(folder, 'cilium', file))) as Schema;
      fields += expectKnown('cilium.io', 'v2', kind, schema);
    }
    expect(fields).to.be.above(100);
  });
});

const policyFiles = [
  'calico/policy.networking.k8s.io_clusternetworkpolicies.yaml',
  'calico/v1-crd.projectcalico.org_globalnetworkpolicies.yaml',
  'calico/v1-crd.projectcalico.org_networkpolicies.yaml',
  'calico/v3-projectcalico.org_globalnetworkpolicies.yaml',
  'calico/v3-projectcalico.org_networkpolicies.yaml',
];

const ruleLists = ['ingress', 'egress', 'ingressDeny', 'egressDeny'];

/** @returns how many fields of the specification and of its rules there are, each of which was tried */
function expectKnown(group: string, version: string, kind: string, schema: Schema | undefined): number {
  const known = policyKinds.find(
    (each) => each.group === group && each.version === version && each.kind === kind,
  );
  const { required, allowed } = requiredOf(group);
  // What a field may hold is another matter: `{}` is nothing that is right for all of them.
  const isUnknown = (spec: object): boolean => {
    try {
      known?.project({ metadata: { name: 'policy', namespace: 'shop' }, spec: { ...required, ...spec } });
      return false;
    } catch (error) {
      return (error as { code?: unknown }).code === 'UnknownField';
    }
  };
  expect(isUnknown({ nonsense: {} }), `${kind} takes any field`).to.equal(true);
  expect(
    isUnknown({ ingress: [{ ...allowed, nonsense: {} }] }),
    `a rule of ${kind} takes any field`,
  ).to.equal(true);
  const inRule = (list: string, rule: object) => ({ [list]: [{ ...allowed, ...rule }] });
  const places: (readonly [string, object])[] = [
    ...propertiesOf(schemaAt(schema, 'spec')).map((field) => [field, { [field]: {} }] as const),
    ...ruleLists.flatMap((list) =>
      propertiesOf(schemaAt(schema, 'spec', list, '[]')).map(
        (field) => [`${list}[].${field}`, inRule(list, { [field]: {} })] as const,
      ),
    ),
    ...ruleLists.flatMap((list) =>
      ['source', 'destination'].flatMap((end) =>
        propertiesOf(schemaAt(schema, 'spec', list, '[]', end)).map(
          (field) => [`${list}[].${end}.${field}`, inRule(list, { [end]: { [field]: {} } })] as const,
        ),
      ),
    ),
  ];
  const refused = places.filter(
    ([place, spec]) => isUnknown(spec) && !((place.split('.').at(-1) ?? '') in refusedFields),
  );
  expect(refused.map(([place]) => `${kind} ${place}`)).to.deep.equal([]);
  return places.length;
}

/** What the kinds want of every policy and of every rule before they look at the rest. */
function requiredOf(group: string): { readonly required: object; readonly allowed: object } {
  if (group === 'policy.networking.k8s.io')
    return { required: { tier: 'Admin', priority: 1, subject: { namespaces: {} } }, allowed: {} };
  if (group === 'cilium.io') return { required: { endpointSelector: {} }, allowed: {} };
  return { required: {}, allowed: { action: 'Allow' } };
}

/** Fields that are known and refused on purpose. */
const refusedFields: Readonly<Record<string, string>> = {
  fromRequires: 'requirements of old versions hold for the rules of other policies too',
  toRequires: 'the same',
};
