import { expect } from 'chai';
import type { Power } from '../../../src/domain/rights.ts';
import { ShapeError } from '../../../src/evidence/fields.ts';
import { projectRole } from '../../../src/evidence/surroundings/project-role.ts';

const rule = (apiGroups: string[], resources: string[], verbs: string[], more: object = {}) => ({
  ...{ apiGroups, resources, verbs },
  ...more,
});
const powersOf = (...rules: object[]) => projectRole({ rules });
const rbac = 'rbac.authorization.k8s.io';

describe('projectRole', () => {
  const cases: Record<string, [rules: object[], expected: readonly Power[]]> = {
    'knows who may read Secrets': [[rule([''], ['secrets'], ['watch'])], ['readSecrets']],
    'knows it of a wildcard for the resource': [
      [rule([''], ['*'], ['get'])],
      ['readSecrets', 'enterPods', 'forwardPorts', 'proxyNodes'],
    ],
    'knows who may run commands in pods': [[rule([''], ['pods/exec'], ['create'])], ['enterPods', 'write']],
    'knows a subresource of any resource': [[rule([''], ['*/exec'], ['create'])], ['enterPods', 'write']],
    'takes no wildcard behind the slash, since the API server takes none': [
      [rule([''], ['pods/*'], ['create'])],
      ['write'],
    ],
    'does not take a resource for its subresource': [[rule([''], ['pods'], ['get', 'list'])], []],
    'knows who makes pods, by a controller too': [
      [rule(['batch'], ['jobs'], ['create'])],
      ['makePods', 'write'],
    ],
    'knows who makes pods by the controller of Argo Rollouts': [
      [rule(['argoproj.io'], ['rollouts'], ['patch'])],
      ['makePods', 'write'],
    ],
    'compares groups': [[rule(['example.com'], ['secrets', 'pods'], ['get', 'create'])], ['write']],
    'knows any group': [[rule(['*'], ['clusterroles'], ['bind'])], ['escalate']],
    'knows who may bind roles, and who may change them': [
      [rule([rbac], ['rolebindings'], ['patch']), rule([rbac], ['roles'], ['update'])],
      ['bindRoles', 'changeRoles', 'write'],
    ],
    'knows who may be another': [[rule([''], ['serviceaccounts'], ['impersonate'])], ['impersonate']],
    'knows who makes tokens': [[rule([''], ['serviceaccounts/token'], ['create'])], ['makeTokens', 'write']],
    'knows who reaches kubelets by reading': [[rule([''], ['nodes/proxy'], ['get'])], ['proxyNodes']],
    'knows who changes webhooks': [
      [rule(['admissionregistration.k8s.io'], ['validatingwebhookconfigurations'], ['delete'])],
      ['changeWebhooks', 'write'],
    ],
    'knows who changes logs': [[rule([''], ['pods/log'], ['delete'])], ['changeLogs', 'write']],
    'knows who forwards ports': [[rule([''], ['pods/portforward'], ['create'])], ['forwardPorts', 'write']],
    'calls everything of one group a wildcard': [
      [rule(['apps'], ['*'], ['*'])],
      ['wildcard', 'makePods', 'changePipeline', 'write'],
    ],
    'takes a question for no change': [
      [rule(['authorization.k8s.io', 'authentication.k8s.io'], ['*'], ['create'])],
      [],
    ],
    'takes what is no resource for nothing': [[{ nonResourceURLs: ['*'], verbs: ['*'] }], []],
  };
  for (const [name, [rules, expected]] of Object.entries(cases)) {
    it(name, () => expect(powersOf(...rules)?.all ?? []).to.deep.equal(expected));
  }

  it('gives all powers to cluster-admin', () => {
    const found = powersOf(rule(['*'], ['*'], ['*']), { nonResourceURLs: ['*'], verbs: ['*'] });
    expect(found?.named).to.deep.equal([]);
    expect(found?.all).to.include.members(['everything', 'escalate', 'changeLogs', 'impersonate']);
    expect(found?.all).to.not.include('wildcard');
  });

  it('tells apart what is for named objects, unless it is also for all', () => {
    const one = rule([''], ['secrets'], ['get'], { resourceNames: ['a'] });
    expect(powersOf(one)).to.deep.equal({ all: [], named: ['readSecrets'] });
    expect(powersOf(one, rule([''], ['secrets'], ['get']))).to.deep.equal({
      all: ['readSecrets'],
      named: [],
    });
  });

  it('keeps nothing of a role that allows nothing that is asked', () => {
    expect(powersOf(rule([''], ['pods', 'pods/log'], ['get', 'list', 'watch']))).to.equal(undefined);
    expect(projectRole({ rules: null })).to.equal(undefined);
  });

  it('gives the same object for equal powers', () => {
    expect(powersOf(rule([''], ['secrets'], ['get']))).to.equal(powersOf(rule([''], ['secrets'], ['list'])));
  });

  it('refuses a field of the wrong type', () => {
    expect(() => powersOf({ apiGroups: [''], resources: 'secrets', verbs: ['get'] })).to.throw(ShapeError);
  });
});
