import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { catalogue } from '../../src/controls/catalogue.generated.ts';
import { renderCoverage, requirements } from '../../tools/generate/coverage.ts';
import { requireFixtures } from '../support/fixtures.ts';

const ids = requirements.flatMap(({ controls }) => controls);

describe('the table of coverage', () => {
  it('names every control of the reference catalogue once, and no other', function () {
    const text = readFileSync(requireFixtures(this, 'catalogue.json'), 'utf8');
    const given = (JSON.parse(text) as { id: string }[]).map(({ id }) => id);
    expect(ids).to.have.members(given);
    expect(new Set(ids).size).to.equal(ids.length);
  });

  it('names every control that is built', () => {
    expect(ids).to.include.members(catalogue.map(({ id }) => id));
  });

  it('links what is built, and says what is not', () => {
    const page = renderCoverage();
    for (const id of ids) {
      const built = catalogue.some((control) => control.id === id);
      expect(page.includes(`[${id}](controls/${id}.md)`), id).to.equal(built);
      expect(page, id).to.match(new RegExp(`[ [|]${id.replaceAll('.', String.raw`\.`)}[ \\],]`));
    }
  });
});
