import { expect } from 'chai';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { itemsFrom, servedKinds } from '../../../src/evidence/admission/admission-kinds.ts';
import { ShapeError } from '../../../src/evidence/fields.ts';
import type { AdmissionObject } from '../../support/admission-objects.ts';
import { admission, evidenceOf, itemsOf } from '../../support/admission-objects.ts';
import { requireFixtures } from '../../support/fixtures.ts';

const served = (group: string, version: string, plural: string, verbs = ['list', 'watch']) => ({
  ...{ group, version, plural, namespaced: true, verbs },
});

describe('the kinds of admission', () => {
  const cases: Record<string, [resources: ReturnType<typeof served>[], expected: string[]]> = {
    'whatever kinds the constraints have': [
      [
        served('constraints.gatekeeper.sh', 'v1beta1', 'k8sallowedrepos'),
        served('constraints.gatekeeper.sh', 'v1alpha1', 'k8sallowedrepos'),
        served('constraints.gatekeeper.sh', 'v1beta1', 'mine'),
      ],
      ['v1beta1/k8sallowedrepos', 'v1beta1/mine'],
    ],
    'the best version, whatever the order': [
      [
        served('policies.kyverno.io', 'v1alpha1', 'validatingpolicies'),
        served('policies.kyverno.io', 'v1', 'validatingpolicies'),
        served('policies.kyverno.io', 'v1beta1', 'validatingpolicies'),
      ],
      ['v1/validatingpolicies'],
    ],
    'an older one where there is no other': [
      [served('policies.kyverno.io', 'v1alpha1', 'imagevalidatingpolicies')],
      ['v1alpha1/imagevalidatingpolicies'],
    ],
    'no version that is not known': [[served('kyverno.io', 'v9', 'policies')], []],
    'nothing that cannot be watched': [[served('wgpolicyk8s.io', 'v1alpha2', 'policyreports', ['list'])], []],
    'nothing else': [
      [served('kyverno.io', 'v2', 'cleanuppolicies'), served('apps', 'v1', 'deployments')],
      [],
    ],
  };
  for (const [what, [resources, expected]] of Object.entries(cases)) {
    it(`are ${what}`, () => {
      const found = servedKinds(resources).map(({ resource }) => `${resource.version}/${resource.plural}`);
      expect(found.toSorted()).to.deep.equal(expected);
    });
  }
});

describe('what admission objects say', () => {
  it('binds a policy as often as it is bound, within both of their namespaces', () => {
    const { binding, native } = admission;
    const selector = (team: string) => ({ namespaceSelector: { matchLabels: { team } } });
    const items = itemsOf([
      native({ failurePolicy: 'Ignore', matchConstraints: { ...selector('blue'), resourceRules: [] } }),
      binding({ matchResources: selector('red') }, 'one'),
      binding({ validationActions: ['Audit'] }, 'two'),
      binding({ policyName: 'gone' }, 'three'),
    ]);
    const team = (name: string) => ({ selector: { matchLabels: { team: name } } });
    const common = {
      is: 'rule',
      engine: 'Kubernetes',
      kind: 'ValidatingAdmissionPolicyBinding',
      rule: 'native',
    };
    expect(items).to.deep.equal([
      {
        ...{ ...common, name: 'one', forPods: false, action: 'deny', ignoresFailure: true },
        where: [[team('blue'), team('red')]],
      },
      {
        ...{ ...common, name: 'two', forPods: false, action: 'observe', ignoresFailure: true },
        where: [[team('blue'), {}]],
      },
    ]);
  });

  it('passes over webhooks of others', () => {
    const other = { name: 'pods.example.com' };
    expect(evidenceOf(admission.gatekeeperWebhook(other))).to.deep.equal({});
    expect(evidenceOf(admission.kyvernoWebhook({ name: 'validate-policy.kyverno.svc' }))).to.deep.equal({});
  });

  it('holds no more of a webhook than is read', () => {
    expect(JSON.stringify(evidenceOf(admission.gatekeeperWebhook()))).to.have.length.below(400);
  });

  it('refuses fields of another type, since a rule that was misread would be a false verdict', () => {
    const { clusterPolicy, constraint } = admission;
    expect(() => evidenceOf(constraint({ match: { excludedNamespaces: 'shop' } }))).to.throw(ShapeError);
    expect(() => evidenceOf(clusterPolicy({ rules: {} }))).to.throw(ShapeError);
  });

  it("reads every constraint of Gatekeeper's library", function () {
    const folder = requireFixtures(this, 'gatekeeper-library');
    const files = globSync('**/constraint*.yaml', { cwd: folder });
    const objects = files
      .flatMap((file) => loadAll(readFileSync(join(folder, file), 'utf8')) as AdmissionObject[])
      .filter(({ apiVersion }) => apiVersion?.startsWith('constraints.gatekeeper.sh'));
    expect(objects.length).to.be.above(30);
    const items = itemsFrom(objects.map(evidenceOf));
    expect(items).to.have.length(objects.length);
    const security = items.filter(({ kind }) => kind.startsWith('K8sPSP'));
    expect(security.length).to.be.above(10);
    for (const item of security) expect(item).to.include({ is: 'rule', action: 'deny', forPods: true });
    expect(
      items.some((item) => item.is === 'rule' && !item.forPods),
      'some are for other kinds',
    ).to.equal(true);
  });
});
