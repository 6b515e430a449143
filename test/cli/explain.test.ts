import { expect } from 'chai';
import { explain, listReferences } from '../../src/cli/explain.ts';
import { catalogue } from '../../src/controls/catalogue.generated.ts';
import { isRollUp } from '../../src/domain/control.ts';
import { run } from '../support/cli.ts';

const words = (text: string) => text.split(/\s+/).join(' ');

describe('plumbline explain', () => {
  for (const control of catalogue) {
    it(`tells of ${control.id} what it checks, why, how to mend it and where it comes from`, () => {
      const text = explain(control);
      const told = words(text);
      for (const part of [
        control.title,
        control.requirement,
        control.rationale,
        control.rule,
        control.remediation,
      ]) {
        expect(told).to.contain(words(part));
      }
      for (const note of control.notes) expect(told).to.contain(words(note));
      for (const path of control.parameters) expect(told).to.contain(`spec.parameters.${path}: `);
      for (const [name, ids] of listReferences(control.references))
        expect(told).to.contain(words(`${name}: ${ids}`));
      if (isRollUp(control)) expect(told).to.contain(words(`Follows from ${control.derivedFrom.join(', ')}`));
      expect(text.split('\n').filter((line) => line.length > 88 && line.trim().includes(' '))).to.satisfy(
        (long: string[]) => long.every((line) => line.startsWith('Severity') || line.startsWith(control.id)),
      );
    });
  }

  it('takes an id in any case', async () => {
    const lower = await run('explain', 'rd-5.h.7.4');
    expect(lower).to.deep.equal(await run('explain', 'RD-5.H.7.4'));
    expect(lower.code).to.equal(0);
    expect(lower.err).to.equal('');
    expect(lower.out).to.match(/^RD-5\.H\.7\.4 {2}\S/);
  });
});
