import { expect } from 'chai';
import { TerminalError } from '../../src/kube/errors.ts';
import { Refusals } from '../../src/operator/refusals.ts';

describe('refused reports', () => {
  const forbidden = new TerminalError('Forbidden', 'no right');
  const cases: Record<string, { tries: [string, unknown?][]; found: object | undefined }> = {
    'are none where every try was well': { tries: [['a'], ['b']], found: undefined },
    'are counted over namespaces, the first by name told': {
      tries: [
        ['b', new TerminalError('Invalid', 'bad')],
        ['a', forbidden],
      ],
      found: { namespaces: 2, namespace: 'a', reason: 'Forbidden', message: 'no right' },
    },
    'are forgotten when the report is written': { tries: [['a', forbidden], ['a']], found: undefined },
    'stay while something else goes wrong': {
      tries: [
        ['a', forbidden],
        ['a', new Error('busy')],
      ],
      found: { namespaces: 1, namespace: 'a', reason: 'Forbidden', message: 'no right' },
    },
    'are none when only another profile selects the namespace': {
      tries: [['elsewhere', forbidden]],
      found: undefined,
    },
  };
  for (const [title, { tries, found }] of Object.entries(cases)) {
    it(title, () => {
      const refusals = new Refusals();
      for (const [namespace, error] of tries) refusals.note(namespace, error);
      expect(refusals.among(['a', 'b'])).to.deep.equal(found);
    });
  }
});
