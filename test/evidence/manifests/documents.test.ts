import { expect } from 'chai';
import { readDocuments } from '../../../src/evidence/manifests/documents.ts';

describe('readDocuments', () => {
  const scalars: Record<string, [string, unknown]> = {
    'yes is true, as kubectl reads it': ['yes', true],
    'Off is false': ['Off', false],
    'a quoted yes is text': ['"yes"', 'yes'],
    'a leading zero means octal': ['0777', 511],
    '0o17 is octal too': ['0o17', 15],
    hexadecimal: ['0x1F', 31],
    'underscores are left out': ['1_000', 1000],
    'a date stays text': ['2021-01-01', '2021-01-01'],
    'a time of day stays text': ['12:30', '12:30'],
    'an exponent is a number': ['1e3', 1000],
    'a version with two dots is text': ['1.2.3', '1.2.3'],
    'a tilde is null': ['~', null],
    'a signed number': ['-12', -12],
    'a lone dash is text': ['-x', '-x'],
  };
  for (const [sentence, [source, expected]] of Object.entries(scalars)) {
    it(sentence, () => {
      const { manifests, errors } = readDocuments('f', `kind: A\nvalue: ${source}\n`);
      expect(errors).to.deep.equal([]);
      expect(manifests[0]?.object['value']).to.equal(expected);
    });
  }

  it('gives each document its line, and reads on after a broken one', () => {
    const text = ['# a comment', '---', 'kind: A', '---', '', 'kind: B', 'x: [', '---', 'kind: C'].join('\n');
    const { manifests, errors } = readDocuments('f.yaml', text);
    expect(manifests.map(({ line, object }) => [line, object['kind']])).to.deep.equal([
      [3, 'A'],
      [9, 'C'],
    ]);
    expect(errors).to.have.length(1);
    expect(errors[0]).to.include({ file: 'f.yaml' });
    expect(errors[0]?.line).to.be.within(6, 8);
    expect(errors[0]?.message).to.match(/not valid YAML/);
  });

  it('flattens lists, typed ones too', () => {
    const { manifests } = readDocuments(
      'f',
      JSON.stringify({ kind: 'PodList', apiVersion: 'v1', items: [{ metadata: {} }] }),
    );
    expect(manifests.map(({ object }) => object['kind'])).to.deep.equal(['Pod']);
  });

  it('leaves out empty documents and a byte order mark', () => {
    expect(readDocuments('f', '\uFEFF---\n# nothing\n---\n\n').manifests).to.deep.equal([]);
    expect(readDocuments('f', '\uFEFFkind: A\n').manifests).to.have.length(1);
  });

  it('names a document that is no Kubernetes object', () => {
    const { errors } = readDocuments('values.yaml', 'replicas: 3\n');
    expect(errors).to.deep.equal([
      { file: 'values.yaml', line: 1, message: 'not a Kubernetes object: it has no kind' },
    ]);
  });

  it('takes dashes inside a block of text for a document end, as YAML does', () => {
    const { manifests, errors } = readDocuments('f', 'kind: A\ntext: |\n  one\n---\nkind: B\n');
    expect(errors).to.deep.equal([]);
    expect(manifests.map(({ object }) => object['kind'])).to.deep.equal(['A', 'B']);
  });
});
