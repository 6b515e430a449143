import { expect } from 'chai';
import type { NamespaceScope } from '../../src/domain/namespace-scope.ts';
import { covers, leavesOut } from '../../src/domain/namespace-scope.ts';

const namespace = { name: 'shop', labels: { team: 'blue' } };
const selecting = (
  ...expressions: { key: string; operator: string; values?: string[] }[]
): NamespaceScope => [{ selector: { matchExpressions: expressions } }];

describe('the namespaces of a policy', () => {
  const cases: Record<string, [scope: NamespaceScope, 'covered' | 'left out' | 'not meant']> = {
    'no condition covers all': [[], 'covered'],
    'an empty selector covers all': [[{ selector: {} }], 'covered'],
    'a name covers it': [[{ names: ['shop'] }], 'covered'],
    'a pattern covers it': [[{ names: ['x', 's*p'] }], 'covered'],
    'other names are not meant for it': [[{ names: ['other'] }], 'not meant'],
    'an excluded name leaves it out': [[{ notNames: ['sh*'] }], 'left out'],
    'an excluded name among others that are meant is not for it': [
      [{ names: ['other'], notNames: ['shop'] }],
      'not meant',
    ],
    'the label that the API server gives it counts': [
      selecting({ key: 'kubernetes.io/metadata.name', operator: 'In', values: ['shop'] }),
      'covered',
    ],
    'NotIn leaves it out': [selecting({ key: 'team', operator: 'NotIn', values: ['blue'] }), 'left out'],
    'DoesNotExist leaves it out': [selecting({ key: 'team', operator: 'DoesNotExist' }), 'left out'],
    'In another is not meant for it': [
      selecting({ key: 'team', operator: 'In', values: ['red'] }),
      'not meant',
    ],
    'a label that it lacks is not meant for it': [
      [
        {
          selector: {
            matchLabels: { tier: 'a' },
            matchExpressions: [{ key: 'team', operator: 'DoesNotExist' }],
          },
        },
      ],
      'not meant',
    ],
    'every condition must hold': [[{ names: ['shop'] }, { names: ['other'] }], 'not meant'],
    'one that excludes leaves it out, when the others hold': [
      [{ names: ['shop'] }, { notNames: ['shop'] }],
      'left out',
    ],
  };
  for (const [what, [scope, expected]] of Object.entries(cases)) {
    it(what, () => {
      const found = covers(scope, namespace)
        ? 'covered'
        : leavesOut(scope, namespace)
          ? 'left out'
          : 'not meant';
      expect(found).to.equal(expected);
      if (expected === 'covered') expect(leavesOut(scope, namespace)).to.equal(false);
    });
  }
});
