import { expect } from 'chai';
import { invariant, InvariantError } from '../../src/base/invariant.ts';

describe('invariant', () => {
  it('throws when the condition does not hold, and says which', () => {
    expect(() => invariant(0, 'there is one'))
      .to.throw(InvariantError, 'there is one')
      .with.property('code', 'Invariant');
  });

  it('is silent when it does', () => expect(() => invariant(1, 'there is one')).to.not.throw());
});
