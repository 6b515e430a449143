import { expect } from 'chai';
import { FirstPass } from '../../src/operator/first-pass.ts';

function counted() {
  const calls = { done: 0 };
  const pass = new FirstPass(() => calls.done++);
  return { pass, calls };
}

describe('the first pass', () => {
  it('is done when each namespace had its turn, and says so once', () => {
    const { pass, calls } = counted();
    pass.begin(['a', 'b']);
    pass.passed('a');
    expect(pass.done).to.equal(false);
    pass.passed('b');
    expect(pass.done).to.equal(true);
    pass.passed('a');
    pass.passed('c');
    expect(calls.done).to.equal(1);
  });

  it('does not take two turns of one namespace for those of two', () => {
    const { pass } = counted();
    pass.begin(['a', 'b']);
    pass.passed('a');
    pass.passed('a');
    expect(pass.done).to.equal(false);
  });

  it('does not wait for a namespace that came later', () => {
    const { pass } = counted();
    pass.begin(['a']);
    pass.passed('new');
    expect(pass.done).to.equal(false);
    pass.passed('a');
    expect(pass.done).to.equal(true);
  });

  it('does not count what was before it began', () => {
    const { pass, calls } = counted();
    pass.passed('a');
    expect(calls.done).to.equal(0);
    pass.begin(['a']);
    expect(pass.done).to.equal(false);
  });

  it('is done at once in a cluster without namespaces', () => {
    const { pass, calls } = counted();
    pass.begin([]);
    expect(pass.done).to.equal(true);
    expect(calls.done).to.equal(1);
  });
});
