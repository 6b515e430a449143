import { expect } from 'chai';
import type { LabelSelector } from '../../src/domain/label-selector.ts';
import { selects } from '../../src/domain/label-selector.ts';
import type { Labels } from '../../src/domain/workload.ts';

const expression = (key: string, operator: string, ...values: string[]): LabelSelector => ({
  matchExpressions: [{ key, operator, ...(values.length === 0 ? {} : { values }) }],
});

describe('selects', () => {
  const cases: Record<string, [selector: LabelSelector, labels: Labels, expected: boolean]> = {
    'the empty selector selects what has no labels': [{}, {}, true],
    'empty lists are the empty selector': [{ matchLabels: {}, matchExpressions: [] }, { a: '1' }, true],
    'a label must have the value': [{ matchLabels: { a: '1' } }, { a: '2' }, false],
    'every label must have its value': [{ matchLabels: { a: '1', b: '2' } }, { a: '1' }, false],
    'other labels do not matter': [{ matchLabels: { a: '1' } }, { a: '1', b: '2' }, true],
    'an empty value is a value': [{ matchLabels: { a: '' } }, { a: '' }, true],
    'an empty value is not an absent one': [{ matchLabels: { a: '' } }, {}, false],
    'In takes one of the values': [expression('a', 'In', '1', '2'), { a: '2' }, true],
    'In refuses another value': [expression('a', 'In', '1', '2'), { a: '3' }, false],
    'In refuses what lacks the key': [expression('a', 'In', '1'), {}, false],
    'In without values takes nothing': [expression('a', 'In'), { a: '1' }, false],
    'NotIn refuses one of the values': [expression('a', 'NotIn', '1'), { a: '1' }, false],
    'NotIn without values, which the API server refuses, takes nothing': [
      expression('a', 'NotIn'),
      {},
      false,
    ],
    'Exists with values, which the API server refuses, takes nothing': [
      expression('a', 'Exists', '1'),
      { a: '1' },
      false,
    ],
    'DoesNotExist with values, which the API server refuses, takes nothing': [
      expression('a', 'DoesNotExist', '1'),
      {},
      false,
    ],
    'NotIn takes what lacks the key': [expression('a', 'NotIn', '1'), {}, true],
    'Exists takes any value, the empty one too': [expression('a', 'Exists'), { a: '' }, true],
    'Exists refuses what lacks the key': [expression('a', 'Exists'), { b: '' }, false],
    'DoesNotExist takes what lacks the key': [expression('a', 'DoesNotExist'), {}, true],
    'DoesNotExist refuses an empty value': [expression('a', 'DoesNotExist'), { a: '' }, false],
    'an unknown operator selects nothing': [expression('a', 'in', '1'), { a: '1' }, false],
    'a name that every object has is no label': [expression('constructor', 'Exists'), {}, false],
    'labels and expressions must all hold': [
      { matchLabels: { a: '1' }, ...expression('b', 'Exists') },
      { a: '1' },
      false,
    ],
  };
  for (const [sentence, [selector, labels, expected]] of Object.entries(cases)) {
    it(sentence, () => expect(selects(selector, labels)).to.equal(expected));
  }
});
