import { isDeepStrictEqual } from 'node:util';
import { expect } from 'chai';
import { defaultParameters } from '../../src/domain/parameters.ts';
import { isProprietary } from '../../src/domain/proprietary.ts';
import { buildKustomization, type Manifest } from '../support/kustomize.ts';

interface Rule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly verbs: readonly string[];
}

interface Role {
  readonly name: string;
  readonly rules: readonly Rule[];
}

const rolesIn = (manifests: readonly Manifest[]): Role[] =>
  manifests
    .filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole')
    .map(({ kind, metadata, rules }) => ({ name: `${kind} ${metadata.name}`, rules: rules as Rule[] }));

const intakeRole = 'Role plumbline-intake';
/** It asks the API server who somebody is and what he may do: to create such a question changes nothing. */
const reviewRole = 'ClusterRole plumbline-metrics-auth';

/** By a transition: to look whether it was told, to tell it, and to count it. */
const tellEvents = [['events.k8s.io'], ['events'], ['get', 'create', 'patch']];

describe('the roles in config', function () {
  this.timeout(30 * 60_000); // kubectl may have to be built first.
  let rules: { readonly role: string; readonly rule: Rule }[] = [];
  before(async () => {
    const folders = ['config/default', 'config/with-falco', 'config/trivy', 'config/mesh'];
    const roles = (await Promise.all(folders.map(buildKustomization))).flatMap(rolesIn);
    rules = roles.flatMap(({ name, rules: each }) => each.map((rule) => ({ role: name, rule })));
    expect(rules).not.to.deep.equal([]);
  });

  const forbidden: Record<string, (rule: { role: string; rule: Rule }) => boolean> = {
    'name no wildcard': ({ rule }) =>
      Object.values(rule as unknown as Record<string, string[]>).some((words) => words.includes('*')),
    'reach no Secret': ({ rule: { resources } }) =>
      resources?.some((name) => name.startsWith('secrets')) === true,
    'reach into no pod (exec, attach, port-forward, logs, proxy)': ({ rule: { resources } }) =>
      resources?.some((name) => /^(pods|nodes|services)\//.test(name)) === true,
    'lift nobody above himself': ({ rule: { verbs } }) =>
      verbs.some((verb) => ['escalate', 'bind', 'impersonate'].includes(verb)),
    'make no tokens': ({ rule: { resources } }) => resources?.includes('serviceaccounts/token') === true,
    'open no path that is no resource, but for metrics to who is to read them': ({ role, rule }) =>
      rule.nonResourceURLs !== undefined &&
      !(
        role === 'ClusterRole plumbline-metrics-reader' &&
        isDeepStrictEqual(rule, { nonResourceURLs: ['/metrics'], verbs: ['get'] })
      ),
    'change nothing of others, but for Events, the Lease of the leader and ConfigMaps of its own namespace':
      ({ role, rule: { apiGroups, resources, verbs } }) =>
        !isDeepStrictEqual([apiGroups, resources, verbs], tellEvents) &&
        role !== intakeRole &&
        role !== reviewRole &&
        apiGroups?.join() !== 'plumbline.dev' &&
        `${apiGroups?.join()}/${resources?.join()}` !== 'coordination.k8s.io/leases' &&
        verbs.some((verb) => !['get', 'list', 'watch'].includes(verb)),
    'see and change no Lease but that one, and create any in its own namespace alone': ({
      rule: { resources, resourceNames, verbs },
    }) =>
      resources?.includes('leases') === true &&
      !(resourceNames?.join() === 'plumbline' && verbs.join() === 'get,update') &&
      verbs.join() !== 'create',
  };
  for (const [what, breaks] of Object.entries(forbidden)) {
    it(what, () => {
      expect(rules.filter((each) => breaks(each))).to.deep.equal([]);
    });
  }

  it('read ConfigMaps whole in one rule that can be taken out alone, and by name elsewhere', () => {
    const whole = rules.filter(
      ({ role, rule }) =>
        role !== intakeRole &&
        rule.resources?.includes('configmaps') === true &&
        rule.resourceNames === undefined,
    );
    const [one] = whole;
    expect(new Set(whole.map(({ role }) => role))).to.deep.equal(new Set(['ClusterRole plumbline-operator']));
    expect(one?.rule.resources).to.deep.equal(['configmaps']);
    expect(one?.rule.verbs).to.deep.equal(['get', 'list', 'watch']);
  });

  it('write ConfigMaps in the namespace of the operator alone, and nothing else there by that role', async () => {
    expect(rules.filter(({ role }) => role === intakeRole).map(({ rule }) => rule)).to.deep.equal(
      // Of two folders that have it.
      Array.from({ length: 2 }, () => ({
        apiGroups: [''],
        resources: ['configmaps'],
        verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'],
      })),
    );
    const manifests = await buildKustomization('config/rbac');
    const bound = manifests.filter(({ metadata }) => metadata.name === 'plumbline-intake');
    expect(bound.map(({ kind, metadata }) => `${kind} ${metadata.namespace}`)).to.deep.equal([
      'Role plumbline-system',
      'RoleBinding plumbline-system',
    ]);
  });

  it("read of Gatekeeper's constraints, apart from all others, what has no name before", async () => {
    const roles = rolesIn(await buildKustomization('config/gatekeeper'));
    expect(roles.flatMap((role) => role.rules)).to.deep.equal([
      { apiGroups: ['constraints.gatekeeper.sh'], resources: ['*'], verbs: ['get', 'list', 'watch'] },
    ]);
  });

  it("read of the clouds' own APIs what the default entries are for, apart from all others, and nothing of them all", async () => {
    const roles = rolesIn(await buildKustomization('config/proprietary-apis'));
    const own = roles.flatMap((role) => role.rules);
    for (const { resources, verbs } of own)
      expect({ resources, verbs }).to.deep.equal({ resources: ['*'], verbs: ['get', 'list', 'watch'] });
    const groups = own.flatMap(({ apiGroups = [] }) => apiGroups);
    const entries = defaultParameters['platform.proprietaryApiGroups'];
    expect(groups.filter((group) => !isProprietary(group, entries))).to.deep.equal([]);
    // Of each entry some, but for that of groups whose kinds are all of the cluster.
    const unmet = entries.filter((entry) => !groups.some((group) => isProprietary(group, [entry])));
    expect(unmet).to.deep.equal(['*.amazonaws.com']);
    expect(new Set(groups).size).to.equal(groups.length);
  });

  it('ask who reads metrics, and nothing else, by a role of its own', async () => {
    const roles = rolesIn(await buildKustomization('config/rbac'));
    expect(roles.find(({ name }) => name === reviewRole)?.rules).to.deep.equal([
      { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
      { apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'] },
    ]);
  });

  it('speak of Leases in the namespace of the operator alone', () => {
    const roles = rules.filter(({ rule }) => rule.resources?.includes('leases')).map(({ role }) => role);
    expect(new Set(roles)).to.deep.equal(new Set(['Role plumbline-leader-election']));
  });

  it('let whoever may view a namespace read its reports, and nobody change a profile unasked', async () => {
    const manifests = await buildKustomization('config/rbac');
    const aggregated = manifests.filter(({ metadata }) =>
      Object.keys(metadata.labels ?? {}).some((label) =>
        label.startsWith('rbac.authorization.k8s.io/aggregate-to-'),
      ),
    );
    expect(aggregated.map(({ metadata }) => metadata.name)).to.deep.equal(['plumbline-reports-view']);
    const verbs = aggregated.flatMap((role) => (role['rules'] as Rule[]).flatMap((rule) => rule.verbs));
    expect([...new Set(verbs)]).to.have.members(['get', 'list', 'watch']);
    const bound = manifests
      .filter(({ kind }) => kind.endsWith('Binding'))
      .map(({ metadata }) => metadata.name);
    expect(bound).to.have.members([
      'plumbline-operator',
      'plumbline-leader-election',
      'plumbline-intake',
      'plumbline-metrics-auth',
    ]);
  });
});
