import { expect } from 'chai';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { catalogue } from '../../src/controls/catalogue.generated.ts';
import { compareControlIds } from '../../src/domain/control-id.ts';
import type { Control } from '../../src/domain/control.ts';
import { isRollUp } from '../../src/domain/control.ts';
import { isParameterPath } from '../../src/domain/parameters.ts';
import { sourceNames } from '../../src/domain/snapshot.ts';
import { severities, statuses } from '../../src/domain/verdict.ts';
import { coveredControls } from '../support/covered-controls.ts';
import { requireFixtures } from '../support/fixtures.ts';

const source = join(import.meta.dirname, '..', '..', 'src', 'controls');
const pages = join(import.meta.dirname, '..', '..', 'docs', 'controls');
const idOf = (file: string) => file.replace(/(?:\.test)?\.ts$/, '');
const idsIn = (folder: string) =>
  readdirSync(folder)
    .filter((file) => file.startsWith('RD-'))
    .map(idOf)
    .sort(compareControlIds);

// Their tests say what they cover when they are loaded; each is loaded once, whoever asks first.
const require = createRequire(import.meta.url);
for (const id of idsIn(import.meta.dirname)) require(join(import.meta.dirname, `${id}.test.ts`));

/** Parts of roll-ups that no version has yet; until then these roll-ups are Unknown. */
const notYet: ReadonlySet<string> = new Set(['RD-2.5.1', 'RD-3.6.1']);

interface Given {
  readonly id: string;
  readonly severity: string;
  readonly derivedFrom?: readonly string[];
}

const known = new Set(catalogue.map(({ id }) => id));

/** What follows from what: the parts of roll-ups, theirs too. */
function partsOf(control: Control, above: readonly string[] = []): string[] {
  if (above.includes(control.id)) throw new Error([...above, control.id].join(' follows from '));
  if (!isRollUp(control)) return [];
  return control.derivedFrom.flatMap((id) => {
    const part = catalogue.find((each) => each.id === id);
    return [id, ...(part === undefined ? [] : partsOf(part, [...above, control.id]))];
  });
}

describe('the catalogue', () => {
  it('has every control that there is a file of, in order', () => {
    expect(catalogue.map(({ id }) => id)).to.deep.equal(idsIn(source));
  });

  it('has no file for a control twice, and no test without its control', () => {
    expect(known.size).to.equal(catalogue.length);
    expect(idsIn(import.meta.dirname)).to.deep.equal(idsIn(source));
  });

  it('has titles that differ', () => {
    expect(new Set(catalogue.map(({ title }) => title)).size).to.equal(catalogue.length);
  });

  it('has the severities and parts that the catalogue of the reference design gives', function () {
    const text = readFileSync(requireFixtures(this, 'catalogue.json'), 'utf8');
    const given = new Map((JSON.parse(text) as Given[]).map((each) => [each.id, each]));
    for (const control of catalogue) {
      const { id, severity } = control;
      expect({ id, severity: given.get(id)?.severity }).to.deep.equal({ id, severity });
      expect(isRollUp(control) ? control.derivedFrom : undefined, id).to.deep.equal(
        given.get(id)?.derivedFrom,
      );
    }
  });

  for (const id of idsIn(source)) {
    describe(id, () => {
      const file = join(source, `${id}.ts`);
      const { default: control } = require(file) as { default: Control };

      it('has the name of its file for its id', () => {
        expect(control.id).to.equal(id);
        expect(id).to.match(/^RD-\d+(?:\.(?:\d+|[A-Z]))+$/);
        expect(control).to.equal(catalogue.find((each) => each.id === id));
      });

      it('says in whole sentences why, what and how to mend it', () => {
        const { title, requirement, rationale, rule, notes, remediation } = control;
        expect(title).to.match(/^\S.*[^.\s]$/);
        // It is in every report: one character beyond Latin-1 doubles the memory that each report's text takes.
        expect(title).to.match(/^[\x20-\xff]+$/);
        expect(requirement).to.match(/^§\d.*: \S/);
        for (const text of [rationale, rule, remediation, ...notes]) {
          expect(text).to.match(/^\S.*\.\)?$/s);
          expect(text).to.not.match(/\s{2}|\n|TODO|FIXME|[Ww]elkin/);
        }
      });

      it('names severity, scope, evidence, parameters and verdicts that exist, each once', () => {
        const { severity, evidence, parameters, verdicts } = control;
        expect(severities).to.include(severity);
        expect(sourceNames).to.include.members([...evidence]);
        expect(parameters.filter((path) => !isParameterPath(path))).to.deep.equal([]);
        expect(statuses).to.include.members([...verdicts]);
        for (const list of [evidence, parameters, verdicts])
          expect(new Set<string>(list).size).to.equal(list.length);
      });

      it('can say that it does not know', () => expect(control.verdicts).to.include('Unknown'));

      it('explains in its rule each verdict that it may give', () => {
        for (const status of control.verdicts) expect(control.rule).to.contain(status);
      });

      it('names in its texts no parameter that it does not list', () => {
        const text = [control.rule, ...control.notes, control.remediation].join(' ');
        const named = text.match(/\b[a-z]+[A-Za-z]*(?:\.[a-z]+[A-Za-z]*)+\b/g) ?? [];
        const unlisted = named.filter((path) => isParameterPath(path) && !control.parameters.includes(path));
        expect(unlisted).to.deep.equal([]);
      });

      it('says where else the same demand stands', () => {
        const { nist80053 = [], ...others } = control.references;
        expect(nist80053).to.not.deep.equal([]);
        for (const reference of nist80053)
          expect(reference).to.match(/^[A-Z]{2}-\d{1,2}(?:\(\d{1,2}\))?(?: \(STIG mapping\))?$/);
        for (const reference of Object.values(others).flat()) expect(reference).to.match(/^\S.*\S$/);
      });

      it('follows from nothing but controls that exist or are known to come, and not from itself', () => {
        const parts = partsOf(control);
        expect(parts.filter((part) => !known.has(part) && !notYet.has(part))).to.deep.equal([]);
        if (isRollUp(control)) expect(new Set(control.derivedFrom).size).to.equal(control.derivedFrom.length);
      });

      it('has a page, and a test that shows every verdict that it may give', () => {
        expect(existsSync(join(pages, `${id}.md`))).to.equal(true);
        expect(
          coveredControls.has(id),
          `test/controls/${id}.test.ts does not call itShowsEveryVerdict`,
        ).to.equal(true);
      });
    });
  }
});
