import { setTimeout as sleep } from 'node:timers/promises';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { dump } from 'js-yaml';
import type { Documents, InputError, Manifest } from '../../../src/evidence/manifests/documents.ts';
import { readDocuments, readObjects } from '../../../src/evidence/manifests/documents.ts';
import { ReadAhead } from '../../../src/evidence/manifests/read-ahead.ts';
import { readFiles, rereader } from '../../../src/evidence/manifests/read-files.ts';
import { preparePlainText } from '../../../src/evidence/secrets/project-container.ts';

/** What is found, with what each object is when it is read once more. */
const shown = (documents: readonly Documents[], failed: readonly InputError[]) => ({
  manifests: documents.flatMap(({ manifests }) =>
    manifests.map(({ again, ...manifest }: Manifest) => ({ ...manifest, again: again?.() })),
  ),
  errors: [...documents.flatMap(({ errors }) => errors), ...failed],
});

function readHere(paths: readonly string[]) {
  const errors: InputError[] = [];
  const found = [...readFiles(paths, errors)].map(({ file, text, again }) =>
    readDocuments(file, text, again),
  );
  return shown(found, errors);
}

async function readThere(paths: readonly string[]) {
  const errors: InputError[] = [];
  const found: Documents[] = [];
  const ahead = new ReadAhead(paths);
  for await (const { files, errors: failed } of ahead.batches()) {
    errors.push(...failed);
    for (const { file, documents } of files) found.push(readObjects(file, documents, rereader(file)));
  }
  await ahead.end();
  return shown(found, errors);
}

describe('ReadAhead', function () {
  this.timeout(20_000);
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-ahead-'));
  after(() => rmSync(folder, { recursive: true }));
  const write = (texts: Readonly<Record<string, string>>): string => {
    const at = mkdtempSync(join(folder, 'files-'));
    for (const [name, text] of Object.entries(texts)) writeFileSync(join(at, name), text);
    return at;
  };

  it('finds what is found without it, whatever stands in the files', async () => {
    const at = write({
      'a.yaml': '# c\n---\napiVersion: v1\nkind: Plain\nn: 1\nyes: yes\n---\napiVersion: v1\nkind: Second\n',
      'b.json': '{"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "Item"}, null]}',
      'c.yaml': '\uFEFFapiVersion: v1\nkind: Marked\ntext: |\n  one\n  two\n',
      'd.yaml': 'apiVersion: v1\nkind: Anchored\na: &a [1, 2]\nb: *a\nbig: 1e999\n',
      'e.yaml': 'apiVersion: v1\nkind: Broken\n  x: "\n---\napiVersion: v1\nkind: After\n',
      'f.yaml': 'kind: NoVersion\n---\njust text\n---\n12\n',
      'g.yaml': '{{ if .Values.x }}\nkind: Template\n{{ end }}\n',
      'h.yaml': '',
      'i.yaml': 'apiVersion: v1\nkind: Müller\nname: 日本語 🚀\n',
    });
    writeFileSync(join(at, 'wide.yaml'), '\uFEFFkind: Pod', 'utf16le');
    const paths = [at, join(folder, 'absent')];
    const here = readHere(paths);
    expect(here.manifests.map(({ object }) => object['kind'])).to.include.members(['Plain', 'Anchored']);
    expect(here.errors.length).to.be.greaterThan(5);
    expect(await readThere(paths)).to.deep.equal(here);
  });

  it('finds what is found without it in any file', async () => {
    const value = fc.jsonValue({ maxDepth: 3 });
    const object = fc
      .dictionary(fc.string({ minLength: 1 }), value)
      .map((fields) => ({ apiVersion: 'v1', kind: 'Any', ...fields }));
    const text = fc.oneof(
      object.map((each) => dump(each)),
      object.map((each) => JSON.stringify(each)),
      fc.string(),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 30 }), async (texts) => {
        const at = write(Object.fromEntries(texts.map((each, index) => [`${index}.yaml`, each])));
        expect(await readThere([at])).to.deep.equal(readHere([at]));
      }),
      { numRuns: 20 },
    );
  });

  it('gives the files in the order of their names, however many, and goes no further ahead than it should', async () => {
    const at = join(folder, 'many');
    mkdirSync(at);
    const count = 60;
    const nameOf = (index: number) => join(at, `${String(index).padStart(3, '0')}.yaml`);
    const text = (index: number) => `apiVersion: v1\nkind: K${index}\n# ${'x'.repeat(40_000)}\n`;
    const late = 'apiVersion: v1\nkind: Late\n';
    for (let index = 0; index < count; index++) writeFileSync(nameOf(index), text(index));
    const ahead = new ReadAhead([at]);
    const kinds: unknown[] = [];
    for await (const { files } of ahead.batches()) {
      // By then it is as far as it goes; what it has not read yet is written anew.
      if (kinds.length === 0) {
        await sleep(500);
        for (let index = count / 2; index < count; index++) writeFileSync(nameOf(index), late);
      }
      for (const { file, documents } of files)
        kinds.push(...readObjects(file, documents).manifests.map(({ object }) => object['kind']));
    }
    await ahead.end();
    const half = Array.from({ length: count / 2 }, (_, index) => `K${index}`);
    expect(kinds).to.deep.equal([...half, ...half.map(() => 'Late')]);
  });

  it('looks for secrets in what it reads, as long as nobody waits for it, and finds the same', async () => {
    const env = (index: number) => [
      { name: 'DB_PASSWORD', value: `correct-horse-${index}` },
      { name: 'API', value: `https://user:hunter-${index}@api.example:8443` },
    ];
    const pod = (index: number) => ({ containers: [{ name: 'app', image: 'a', env: env(index) }] });
    const kinds = [
      (index: number) => ({ kind: 'Pod', spec: pod(index) }),
      (index: number) => ({ kind: 'Deployment', spec: { template: { spec: pod(index) } } }),
      (index: number) => ({
        kind: 'CronJob',
        spec: { jobTemplate: { spec: { template: { spec: pod(index) } } } },
      }),
    ];
    const objects = Array.from({ length: 30 }, (_, index) => ({
      apiVersion: 'v1',
      ...kinds[index % 3]?.(index),
    }));
    const padding = `# ${'x'.repeat(40_000)}\n`;
    const entries = objects.map((object, index) => [`${100 + index}.yaml`, padding + dump(object)]);
    const ahead = new ReadAhead([write(Object.fromEntries(entries))]);
    await sleep(500);
    const learned = new Map<string, unknown>();
    for await (const { plainTexts } of ahead.batches())
      for (const [key, text] of plainTexts) learned.set(key, text);
    await ahead.end();
    const own = objects.map((_, index) => preparePlainText(pod(index).containers[0] ?? {}) ?? ['none']);
    const both = own.filter(([key]) => learned.has(key));
    expect(new Set(both.map(([key]) => own.findIndex((each) => each[0] === key) % 3))).to.have.property(
      'size',
      3,
    );
    for (const [key, text] of both) expect(learned.get(key)).to.deep.equal(text);
    expect(both.length).to.equal(learned.size);
  });

  it('can be ended before it is asked for anything', async () => {
    await new ReadAhead([write({ 'a.yaml': 'kind: A' })]).end();
  });

  it('says so when its thread is gone', async () => {
    const ahead = new ReadAhead([write({ 'a.yaml': 'kind: A' })]);
    await ahead.end();
    const told = await ahead
      .batches()
      .next()
      .catch((error: unknown) => error);
    expect(told)
      .to.be.an('error')
      .with.property('message')
      .that.matches(/ended before its work did/);
  });
});
