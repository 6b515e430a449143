import { expect } from 'chai';
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import type { InputError } from '../../../src/evidence/manifests/documents.ts';
import { readFiles } from '../../../src/evidence/manifests/read-files.ts';

describe('readFiles', () => {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-files-'));
  const at = (...names: string[]) => join(folder, ...names);
  before(() => {
    mkdirSync(at('apps', 'web', '.hidden'), { recursive: true });
    for (const name of [
      'b.yaml',
      'a.yml',
      'c.JSON',
      'notes.txt',
      'Makefile',
      'apps/web/d.yaml',
      'apps/web/.hidden/e.yaml',
    ]) {
      writeFileSync(at(name), name);
    }
    symlinkSync('..', at('apps', 'parent'));
    symlinkSync('../b.yaml', at('apps', 'link.yaml'));
    linkSync(at('a.yml'), at('apps', 'a.yml'));
  });
  after(() => rmSync(folder, { recursive: true }));

  const read = (...names: string[]) => {
    const failed: InputError[] = [];
    const found = [
      ...readFiles(
        names.map((name) => at(name)),
        failed,
      ),
    ];
    return {
      files: found.map(({ file, text }) => [relative(folder, file), text]),
      errors: failed.map(({ file, message }) => [relative(folder, file), message]),
    };
  };

  it('reads the YAML and JSON files of a folder and of those below, each once, by name', () => {
    expect(read('.')).to.deep.equal({
      files: [
        ['a.yml', 'a.yml'],
        // By the name that it is reached by first.
        ['apps/link.yaml', 'b.yaml'],
        ['apps/web/.hidden/e.yaml', 'apps/web/.hidden/e.yaml'],
        ['apps/web/d.yaml', 'apps/web/d.yaml'],
        ['c.JSON', 'c.JSON'],
      ],
      errors: [],
    });
  });

  it('reads a file that is named, whatever its name', () => {
    expect(read('notes.txt', 'Makefile').files.map(([name]) => name)).to.deep.equal([
      'notes.txt',
      'Makefile',
    ]);
  });

  it('reads what is named twice once', () => {
    expect(read('b.yaml', 'apps/link.yaml', 'b.yaml').files).to.deep.equal([['b.yaml', 'b.yaml']]);
  });

  it('names what is not there, and reads the rest', () => {
    expect(read('absent', 'b.yaml')).to.deep.equal({
      files: [['b.yaml', 'b.yaml']],
      errors: [['absent', 'no such file or folder']],
    });
  });

  it('names a link that leads nowhere, and reads the rest of its folder', () => {
    mkdirSync(at('broken'));
    symlinkSync('nowhere', at('broken', 'a.yaml'));
    writeFileSync(at('broken', 'b.yaml'), 'b');
    expect(read('broken')).to.deep.equal({
      files: [['broken/b.yaml', 'b']],
      errors: [['broken/a.yaml', 'no such file or folder']],
    });
  });

  it('names a file of UTF-16, in which nothing could be read right', () => {
    writeFileSync(at('wide.yaml'), '\uFEFFkind: Pod', 'utf16le');
    expect(read('wide.yaml')).to.deep.equal({
      files: [],
      errors: [['wide.yaml', 'it is UTF-16, as PowerShell writes it: save it as UTF-8']],
    });
  });

  it('names a link that leads to itself', () => {
    symlinkSync('ring.yaml', at('ring.yaml'));
    expect(read('ring.yaml').errors).to.deep.equal([['ring.yaml', 'too many symbolic links']]);
  });
});
