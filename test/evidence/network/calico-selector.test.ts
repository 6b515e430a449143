import { expect } from 'chai';
import fc from 'fast-check';
import type { PodIdentity } from '../../../src/domain/pod-test.ts';
import { holds } from '../../../src/domain/pod-test.ts';
import { calicoConstants, calicoPodKey } from '../../../src/evidence/network/calico-keys.ts';
import { parseCalicoSelector, SelectorError } from '../../../src/evidence/network/calico-selector.ts';

const context = { path: 'spec.selector', read: calicoPodKey, constants: calicoConstants };

const web: PodIdentity = {
  pod: { app: 'web', 'k8s-app': 'front-end', 'example.com/tier_1': 'a b' },
  namespace: { team: 'blue' },
  namespaceName: { name: 'shop' },
  serviceAccount: { trusted: 'yes' },
  serviceAccountName: { name: 'robot' },
};

/** Selectors by whether they select the pod. */
const cases: Record<string, boolean> = {
  '': true,
  '   ': true,
  'all()': true,
  'all( )': true,
  '!all()': false,
  'global()': false,
  "app == 'web'": true,
  'app == "web"': true,
  "app=='web'": true,
  "app == 'db'": false,
  "app != 'db'": true,
  "app != 'web'": false,
  "absent != 'web'": true,
  "absent == ''": false,
  'has(app)': true,
  'has( app )': true,
  'has(absent)': false,
  '!has(absent)': true,
  '! !has(app)': true,
  "app in {'db', 'web'}": true,
  "app in{'web'}": true,
  "app in {'web',}": true,
  'app in {}': false,
  'app not in {}': true,
  "app not in {'db'}": true,
  "app not  in {'web'}": false,
  "absent not in {'web'}": true,
  "k8s-app starts with 'front'": true,
  "k8s-app starts  with 'end'": false,
  "k8s-app ends with 'end'": true,
  "k8s-app contains 't-e'": true,
  "absent contains ''": false,
  "example.com/tier_1 == 'a b'": true,
  "app == 'web' && has(absent)": false,
  "app == 'web' || has(absent)": true,
  // && binds stronger than ||.
  "app == 'web' || has(absent) && has(absent)": true,
  "(app == 'web' || has(absent)) && has(absent)": false,
  "!(app == 'web')": false,
  "!(app == 'db') && app != 'db'": true,
  "projectcalico.org/namespace == 'shop'": true,
  "projectcalico.org/namespace != 'shop'": false,
  'has(projectcalico.org/namespace)': true,
  "projectcalico.org/orchestrator == 'k8s'": true,
  "projectcalico.org/orchestrator == 'openstack'": false,
  "projectcalico.org/serviceaccount == 'robot'": true,
  "pcns.team == 'blue'": true,
  "pcns.projectcalico.org/name == 'shop'": true,
  "pcsa.trusted == 'yes'": true,
  "all == 'web'": false,
  "has == 'web'": false,
};

const refused = [
  'app',
  'app =',
  "app = 'web'",
  'app == web',
  "app == 'web",
  "app == 'web' &&",
  "app == 'web' & has(x)",
  "app == 'web' | has(x)",
  "(app == 'web'",
  "app == 'web')",
  'has()',
  'has(app',
  'all(app)',
  'ALL()',
  "app in 'web'",
  "app in {'web'",
  'app in {,}',
  'app in {web}',
  "app not 'web'",
  "app starts 'w'",
  '!',
  '&& has(app)',
  "app == 'web' app == 'web'",
  "app\n== 'web'",
  '(((((('.repeat(200),
];

describe("Calico's selector language", () => {
  for (const [selector, expected] of Object.entries(cases)) {
    it(`${expected ? 'selects by' : 'does not select by'} ${JSON.stringify(selector)}`, () => {
      expect(holds(parseCalicoSelector(selector, context), web)).to.equal(expected);
    });
  }
  for (const selector of refused) {
    it(`refuses ${JSON.stringify(selector.slice(0, 40))}, and names the field`, () => {
      expect(() => parseCalicoSelector(selector, context)).to.throw(SelectorError, /^spec\.selector: /);
    });
  }
  it('has no answer where labels that are not known decide, and one where they do not', () => {
    const pod = { pod: { app: 'web' } };
    const answer = (selector: string) => holds(parseCalicoSelector(selector, context), pod);
    expect(answer("pcns.team == 'blue'")).to.equal(undefined);
    expect(answer("!(pcns.team == 'blue')")).to.equal(undefined);
    expect(answer("pcns.team == 'blue' && app == 'db'")).to.equal(false);
    expect(answer("pcns.team == 'blue' || app == 'web'")).to.equal(true);
  });
  it('takes any text for a selector or refuses it, and never fails otherwise', () => {
    const words = fc.constantFrom(
      'app',
      "'web'",
      '==',
      '!=',
      '!',
      '(',
      ')',
      '&&',
      '||',
      'in',
      'not',
      '{',
      '}',
      ',',
      'has(',
      'all()',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 12 }), (parts) => {
        try {
          expect(holds(parseCalicoSelector(parts.join(''), context), web)).to.be.a('boolean');
        } catch (error) {
          expect(error).to.be.instanceOf(SelectorError);
        }
      }),
      { numRuns: 300 },
    );
  });
});
