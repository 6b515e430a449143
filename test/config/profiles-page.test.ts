import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { loadAll } from 'js-yaml';
import { complianceProfiles } from '../../src/api/resources.ts';
import { catalogue } from '../../src/controls/catalogue.generated.ts';
import { isParameterPath } from '../../src/domain/parameters.ts';
import { deepestChain } from '../../src/evaluate/resolve-profiles.ts';
import { ProfileBook } from '../../src/operator/profile-book.ts';
import type { Manifest } from '../support/kustomize.ts';

const page = readFileSync('docs/profiles.md', 'utf8');

/** Each section is a cluster of its own: what its examples hold, and what it says of them. */
const sections = page
  .split(/^## /m)
  .slice(1)
  .map((text) => ({
    title: text.slice(0, text.indexOf('\n')),
    profiles: [...text.matchAll(/```yaml\n(.*?)```/gs)].map(([, yaml]) => loadAll(yaml ?? '') as Manifest[]),
    texts: [...text.matchAll(/```text\n(.*?)\n```/gs)].map(([, message]) => message),
    tables: text.match(/(?:^\|.*\n)+/gm)?.map(readTable) ?? [],
  }));

function readTable(lines: string): string[][] {
  const rows = lines.trim().split('\n');
  return rows.flatMap((row, index) =>
    index === 1
      ? []
      : [
          row
            .slice(1, -1)
            .split('|')
            .map((cell) => cell.trim()),
        ],
  );
}

const bare = (cell: string) => cell.replaceAll('`', '');

function bookOf(manifests: readonly Manifest[]): ProfileBook {
  const book = new ProfileBook(catalogue);
  for (const { metadata, spec } of manifests)
    book.set(metadata.name, { generation: 1, spec, status: undefined }, true);
  return book;
}

function labelsOf(cell: string): Record<string, string> {
  return Object.fromEntries(
    cell === '' ? [] : [cell.split('=').map((part) => part.trim()) as [string, string]],
  );
}

/** What a profile has under a name of the table: a severity, `off`, or the value of a parameter. */
function show(book: ProfileBook, profile: string, what: string): string {
  const found = book.get(profile);
  if (found === undefined) throw new Error(`no profile ${profile}`);
  if (isParameterPath(what)) return JSON.stringify(found.parameters[what]);
  return (
    found.controls.find(({ id }) => id === what)?.severity ?? (found.disabled.has(what) ? 'off' : 'none')
  );
}

describe('the page about profiles', () => {
  const withExamples = sections.filter(({ profiles }) => profiles.length > 0);

  it('has examples in the sections that need them', () => {
    expect(withExamples.map(({ title }) => title)).to.deep.equal([
      'Change something',
      'Select namespaces',
      'Extend another profile',
      'Several profiles',
      'Errors',
      'Vulnerabilities that are exploited',
    ]);
    expect(page).to.include('At most five profiles may stand above one.');
    expect(deepestChain).to.equal(5);
  });

  for (const { title, profiles, texts, tables } of withExamples) {
    describe(`under "${title}"`, () => {
      const manifests = profiles.flat();
      const book = bookOf(manifests);
      const readyOf = (name: string) => book.statusOf(name, 0, undefined, 0)?.conditions?.[0];

      it('has profiles, each of which is in use, or in error as it says', () => {
        for (const { kind } of manifests) expect(kind).to.equal(complianceProfiles.kind);
        const ready = manifests.map(({ metadata }) => readyOf(metadata.name));
        if (texts.length === 0)
          expect(ready.map((one) => one?.reason)).to.deep.equal(ready.map(() => 'InUse'));
        else expect(ready.map((one) => one?.message)).to.deep.equal(texts);
      });

      for (const [head = [], ...rows] of tables) {
        if (head[0] === 'namespace') {
          for (const [namespace = '', labels = '', reports = ''] of rows) {
            it(`says rightly which reports ${bare(namespace)} gets`, () => {
              const selecting = book.selecting(bare(namespace), labelsOf(bare(labels)));
              const expected = bare(reports) === '' ? [] : bare(reports).split(', ');
              expect(selecting.map(({ name }) => name)).to.have.members(expected);
            });
          }
        } else if (head[0] === '') {
          for (const [what = '', ...cells] of rows) {
            it(`says rightly what becomes of ${bare(what)}`, () => {
              const names = head.slice(1);
              expect(names.map((name) => show(book, name, bare(what)))).to.deep.equal(cells.map(bare));
            });
          }
        }
      }
    });
  }

  it('tells of every reason that a profile may have', () => {
    const source = ['profile-book', '../evaluate/resolve-profiles'].map((file) =>
      readFileSync(`src/operator/${file}.ts`, 'utf8'),
    );
    const named = [...page.matchAll(/^\| `(?:True|False)` +\| `(\w+)`/gm)].map(([, reason]) => reason);
    const used = /'InvalidSpec' \|[^;]*/.exec(source[1] ?? '')?.[0].match(/\w+/g) ?? [];
    expect(named).to.have.members(['InUse', 'PartlyInUse', ...used]);
  });
});
