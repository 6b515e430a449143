import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { apiVersion, complianceReports } from '../../src/api/resources.ts';
import { samples } from '../support/api-samples.ts';
import { applyManifests, freshNamespace, useCluster } from '../support/cluster.ts';
import type { Kept } from '../support/kept.ts';

interface Rule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
}

const read = ['get', 'list', 'watch'];

/** What the operator may do anywhere: resource.group to verbs. Whatever else it should need is to be added here too. */
const everywhere: Readonly<Record<string, readonly string[]>> = {
  configmaps: read,
  limitranges: read,
  services: read,
  'horizontalpodautoscalers.autoscaling': read,
  'poddisruptionbudgets.policy': read,
  'clusterrolebindings.rbac.authorization.k8s.io': read,
  'clusterroles.rbac.authorization.k8s.io': read,
  'rolebindings.rbac.authorization.k8s.io': read,
  'roles.rbac.authorization.k8s.io': read,
  namespaces: read,
  nodes: read,
  'configmaps/cilium-config': read,
  persistentvolumeclaims: read,
  persistentvolumes: read,
  pods: read,
  replicationcontrollers: read,
  serviceaccounts: read,
  'controllerrevisions.apps': read,
  'daemonsets.apps': read,
  'deployments.apps': read,
  'replicasets.apps': read,
  'statefulsets.apps': read,
  'cronjobs.batch': read,
  'jobs.batch': read,
  'ingresses.networking.k8s.io': read,
  'networkpolicies.networking.k8s.io': read,
  'felixconfigurations.crd.projectcalico.org': read,
  'globalnetworkpolicies.crd.projectcalico.org': read,
  'networkpolicies.crd.projectcalico.org': read,
  'tiers.crd.projectcalico.org': read,
  'felixconfigurations.projectcalico.org': read,
  'globalnetworkpolicies.projectcalico.org': read,
  'networkpolicies.projectcalico.org': read,
  'tiers.projectcalico.org': read,
  'ciliumclusterwidenetworkpolicies.cilium.io': read,
  'ciliumnetworkpolicies.cilium.io': read,
  'applications.argoproj.io': read,
  'appprojects.argoproj.io': read,
  'rollouts.argoproj.io': read,
  'kustomizations.kustomize.toolkit.fluxcd.io': read,
  'helmreleases.helm.toolkit.fluxcd.io': read,
  'gitrepositories.source.toolkit.fluxcd.io': read,
  'helmcharts.source.toolkit.fluxcd.io': read,
  'ocirepositories.source.toolkit.fluxcd.io': read,
  'adminnetworkpolicies.policy.networking.k8s.io': read,
  'baselineadminnetworkpolicies.policy.networking.k8s.io': read,
  'clusternetworkpolicies.policy.networking.k8s.io': read,
  'validatingadmissionpolicies.admissionregistration.k8s.io': read,
  'validatingadmissionpolicybindings.admissionregistration.k8s.io': read,
  'validatingwebhookconfigurations.admissionregistration.k8s.io': read,
  'endpointslices.discovery.k8s.io': read,
  'configs.config.gatekeeper.sh': read,
  'clusterpolicies.kyverno.io': read,
  'policies.kyverno.io': read,
  'policyexceptions.kyverno.io': read,
  'imagevalidatingpolicies.policies.kyverno.io': read,
  'namespacedimagevalidatingpolicies.policies.kyverno.io': read,
  'namespacedvalidatingpolicies.policies.kyverno.io': read,
  'policyexceptions.policies.kyverno.io': read,
  'validatingpolicies.policies.kyverno.io': read,
  'policyreports.wgpolicyk8s.io': read,
  'reports.openreports.io': read,
  'configauditreports.aquasecurity.github.io': read,
  'exposedsecretreports.aquasecurity.github.io': read,
  'sbomreports.aquasecurity.github.io': read,
  'vulnerabilityreports.aquasecurity.github.io': read,
  'customresourcedefinitions.apiextensions.k8s.io': read,
  'tokenreviews.authentication.k8s.io': ['create'],
  'subjectaccessreviews.authorization.k8s.io': ['create'],
  'complianceprofiles.plumbline.dev': read,
  'complianceprofiles/status.plumbline.dev': ['patch'],
  'compliancereports.plumbline.dev': ['create', 'delete', ...read],
  'compliancereports/status.plumbline.dev': ['patch'],
  'compliancesummaries.plumbline.dev': ['create', 'delete', ...read],
  'compliancesummaries/status.plumbline.dev': ['patch'],
  'runtimereports.plumbline.dev': ['create', 'delete', ...read],
  'runtimereports/status.plumbline.dev': ['patch'],
  'events.events.k8s.io': ['create', 'get', 'patch'],
};

/** In the scanner's namespace, by the name of the ConfigMap. */
const scannerSettings = {
  'configmaps/trivy-operator': read,
  'configmaps/trivy-operator-config': read,
  'configmaps/trivy-operator-trivy-config': read,
};

/** In its own namespace: one Lease, by name, and the ConfigMaps in which replicas tell each other what they hear. */
const atHome = {
  configmaps: ['create', 'delete', 'get', 'list', 'patch', 'watch'],
  'leases.coordination.k8s.io': ['create'],
  'leases.coordination.k8s.io/plumbline': ['get', 'update'],
};

describe("the operator's rights", function () {
  this.timeout(60_000);
  const cluster = useCluster();
  let operator = '';
  let nobody = '';
  let shop = '';

  before(async function () {
    this.timeout(60_000);
    await cluster().kubectl(['create', 'namespace', 'trivy-system']);
    for (const folder of ['config/default', 'config/trivy']) {
      const { code, stderr } = await cluster().kubectl(['apply', '--server-side', '-k', folder]);
      if (code !== 0) throw new Error(stderr);
    }
    await applyManifests(cluster(), ['crds']);
    shop = await freshNamespace(cluster(), 'shop');
    await cluster().kubectl(['create', 'serviceaccount', 'nobody', '-n', shop]);
    operator = await cluster().kubeconfigForServiceAccount('plumbline-system', 'plumbline');
    nobody = await cluster().kubeconfigForServiceAccount(shop, 'nobody');
  });

  /** What the API server says that somebody may do in a namespace, beyond what every service account may. */
  async function rightsIn(namespace: string): Promise<Record<string, string[]>> {
    const common = new Set(flatten(await askRules(nobody, namespace)).map(String));
    const rights: Record<string, string[]> = {};
    for (const right of flatten(await askRules(operator, namespace))) {
      if (common.has(String(right))) continue;
      const [resource, verb] = right;
      (rights[resource] ??= []).push(verb);
    }
    // What two roles allow is allowed once.
    return Object.fromEntries(
      Object.entries(rights).map(([resource, verbs]) => [resource, [...new Set(verbs)].sort()]),
    );
  }

  async function askRules(kubeconfig: string, namespace: string): Promise<Rule[]> {
    const review = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectRulesReview',
      spec: { namespace },
    };
    const { stdout, stderr } = await cluster().kubectl(
      ['create', '--validate=false', '-f', '-', '-o', 'json'],
      {
        input: JSON.stringify(review),
        kubeconfig,
      },
    );
    if (stdout === '') throw new Error(stderr);
    return (JSON.parse(stdout) as { status: { resourceRules: Rule[] } }).status.resourceRules;
  }

  it('are exactly these in any namespace', async () => {
    expect(await rightsIn(shop)).to.deep.equal(everywhere);
  });

  it('add the Lease of the leader and ConfigMaps in its own namespace, where it cannot even read its own token', async () => {
    expect(await rightsIn('plumbline-system')).to.deep.equal({ ...everywhere, ...atHome });
  });

  it("add the scanner's settings in the scanner's namespace", async () => {
    expect(await rightsIn('trivy-system')).to.deep.equal({ ...everywhere, ...scannerSettings });
  });

  const may = async (...args: string[]) => {
    const { stdout } = await cluster().kubectl(['auth', 'can-i', ...args], { kubeconfig: operator });
    return stdout.trim();
  };

  const questions: Record<string, { args: string[]; answer: 'yes' | 'no' }> = {
    'list pods everywhere': { args: ['list', 'pods', '-A'], answer: 'yes' },
    'patch the status of a report': {
      args: ['patch', 'compliancereports.plumbline.dev', '--subresource=status', '-n', 'default'],
      answer: 'yes',
    },
    'watch one ConfigMap of the scanner': {
      args: ['watch', 'configmaps/trivy-operator', '-n', 'trivy-system'],
      answer: 'yes',
    },
    'read all ConfigMaps, in which secrets are looked for': {
      args: ['list', 'configmaps', '-A'],
      answer: 'yes',
    },
    'change a ConfigMap': { args: ['patch', 'configmaps', '-n', 'default'], answer: 'no' },
    'change a ConfigMap of its own namespace': {
      args: ['patch', 'configmaps', '-n', 'plumbline-system'],
      answer: 'yes',
    },
    'read the nodes': { args: ['watch', 'nodes'], answer: 'yes' },
    'change a node': { args: ['patch', 'nodes'], answer: 'no' },
    'read a Secret': { args: ['get', 'secrets', '-n', 'default'], answer: 'no' },
    'renew the Lease of the leader': {
      args: ['update', 'leases.coordination.k8s.io/plumbline', '-n', 'plumbline-system'],
      answer: 'yes',
    },
    'take another Lease of its namespace': {
      args: ['update', 'leases.coordination.k8s.io/other', '-n', 'plumbline-system'],
      answer: 'no',
    },
    'create a Lease elsewhere': {
      args: ['create', 'leases.coordination.k8s.io', '-n', 'kube-system'],
      answer: 'no',
    },
    'ask whose token it is': { args: ['create', 'tokenreviews.authentication.k8s.io'], answer: 'yes' },
    'get its own metrics from elsewhere': { args: ['get', '/metrics'], answer: 'no' },
    'change a profile': { args: ['patch', 'complianceprofiles.plumbline.dev'], answer: 'no' },
    'change the spec of a report': {
      args: ['patch', 'compliancereports.plumbline.dev', '-n', 'default'],
      answer: 'no',
    },
    'delete a pod': { args: ['delete', 'pods', '-A'], answer: 'no' },
    'run a command in a pod': { args: ['create', 'pods', '--subresource=exec', '-A'], answer: 'no' },
    'make a token': { args: ['create', 'serviceaccounts', '--subresource=token', '-A'], answer: 'no' },
  };
  for (const [what, { args, answer }] of Object.entries(questions)) {
    it(`${answer === 'yes' ? 'let' : 'do not let'} it ${what}`, async () => {
      expect(await may(...args)).to.equal(answer);
    });
  }

  for (const namespace of ['plumbline-system', 'trivy-system', 'kube-system', 'default']) {
    it(`reach no Secret in ${namespace}`, async () => {
      const verbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'];
      const answers = await Promise.all(verbs.map((verb) => may(verb, 'secrets', '-n', namespace)));
      expect(answers).to.deep.equal(verbs.map(() => 'no'));
    });
  }

  it('suffice to make a report, write its status under its version, and take it away', async () => {
    const { users } = JSON.parse(await readFile(operator, 'utf8')) as {
      users: { user: { token: string } }[];
    };
    const token = users[0]?.user.token ?? '';
    const path = `/apis/${apiVersion}/namespaces/${shop}/${complianceReports.plural}`;
    const { object, status } = samples[0];
    const made = await cluster().request('POST', path, object, { token });
    expect(made).to.have.property('status', 201);
    const { name, uid, resourceVersion } = (made.body as Kept).metadata;
    const apply = { apiVersion, kind: object.kind, metadata: { name, uid, resourceVersion }, status };
    const query = 'fieldManager=plumbline&force=true';
    const options = { token, contentType: 'application/apply-patch+yaml' };
    const applied = await cluster().request('PATCH', `${path}/${name}/status?${query}`, apply, options);
    expect(applied).to.have.property('status', 200);
    expect(await cluster().request('PATCH', `${path}/${name}?${query}`, apply, options)).to.have.property(
      'status',
      403,
    );
    expect(await cluster().request('DELETE', `${path}/${name}`, undefined, { token })).to.have.property(
      'status',
      200,
    );
  });

  it('let it list and watch a ConfigMap that it selects by name', async () => {
    const select = ['get', 'configmaps', '-n', 'trivy-system', '--field-selector'];
    const named = await cluster().kubectl([...select, 'metadata.name=trivy-operator'], {
      kubeconfig: operator,
    });
    expect(named).to.have.property('code', 0);
    const other = await cluster().kubectl(
      ['get', 'secrets', '-n', 'trivy-system', '--field-selector', 'metadata.name=trivy-operator'],
      { kubeconfig: operator },
    );
    expect(other).to.have.property('code', 1);
    expect(other.stderr).to.include('forbidden');
  });
});

/** Each right by itself: `resource.group` or `resource/name`, and the verb. */
function flatten(rules: readonly Rule[]): (readonly [string, string])[] {
  return rules.flatMap(({ apiGroups = [], resources = [], resourceNames, verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) => {
        const full = group === '' ? resource : `${resource}.${group}`;
        const names = resourceNames === undefined ? [full] : resourceNames.map((name) => `${full}/${name}`);
        return names.flatMap((name) => verbs.map((verb) => [name, verb] as const));
      }),
    ),
  );
}
