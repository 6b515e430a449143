import { expect } from 'chai';
import fc from 'fast-check';
import { dump } from 'js-yaml';
import { readDocuments } from '../../../src/evidence/manifests/documents.ts';

/** A document of one line that is a Kubernetes object. */
const object = (kind: string) => `{apiVersion: v1, kind: ${kind}}`;

const kindsOf = (text: string) =>
  readDocuments('f.yaml', text).manifests.map(({ line, object: { kind } }) => [line, kind]);

describe('readDocuments', () => {
  const scalars: Record<string, [string, unknown]> = {
    'yes is true, as kubectl reads it': ['yes', true],
    'Off is false': ['Off', false],
    'NO is false': ['NO', false],
    'y is true, as an old go-yaml has it': ['y', true],
    'a mixed case is text': ['yEs', 'yEs'],
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
    'nothing is null': ['', null],
    'a signed number': ['-12', -12],
    'a lone dash is text': ['-x', '-x'],
  };
  for (const [sentence, [source, expected]] of Object.entries(scalars)) {
    it(sentence, () => {
      const { manifests, errors } = readDocuments('f', `apiVersion: v1\nkind: A\nvalue: ${source}\n`);
      expect(errors).to.deep.equal([]);
      expect(manifests[0]?.object['value']).to.equal(expected);
    });
  }

  const broken: Record<string, [file: string, text: string, message: RegExp]> = {
    'JSON that is cut off is called JSON': ['f.json', '{"kind": "Pod"', /^not valid JSON: /],
    'YAML that is cut off is called YAML': ['f.yaml', 'kind: "Pod', /^not valid YAML: [^(]*$/],
    'a template of Helm is known': [
      't.yaml',
      '{{- if .Values.web }}\nkind: Pod\n{{- end }}\n',
      /^not valid YAML: .* \(it is a template of Helm: give what helm template makes of it\)$/,
    ],
  };
  for (const [sentence, [file, text, message]] of Object.entries(broken)) {
    it(sentence, () => {
      const { manifests, errors } = readDocuments(file, text);
      expect(manifests).to.deep.equal([]);
      expect(errors.map((error) => error.message)).to.have.length(1);
      expect(errors[0]?.message).to.match(message);
    });
  }

  const texts: Record<string, [text: string, expected: [line: number, kind: string][]]> = {
    'an empty text has none': ['', []],
    'blanks, comments and markers have none': ['---\n# nothing\n---\n\n  \n---', []],
    'a byte order mark is no part of the first': [`\uFEFF${object('A')}`, [[1, 'A']]],
    'a document that begins on the line of its marker': [
      `--- ${object('A')}\n--- ${object('B')}`,
      [
        [1, 'A'],
        [2, 'B'],
      ],
    ],
    'a comment behind the marker': [`--- # one\n${object('A')}`, [[2, 'A']]],
    'documents with the line ends of Windows': [
      `# c\r\n---\r\napiVersion: v1\r\nkind: A\r\n---\r\n# c\r\n${object('B')}\r\n`,
      [
        [3, 'A'],
        [7, 'B'],
      ],
    ],
    'an indented marker is text': ['apiVersion: v1\nkind: A\ntext: |\n  one\n  ---\n  two\n', [[1, 'A']]],
    'four dashes are text': ['apiVersion: v1\nkind: A\ntext: |\n  a\nb: ----\n', [[1, 'A']]],
    'a marker ends a block of text, as in YAML': [
      `apiVersion: v1\nkind: A\ntext: |\n  one\n---\n${object('B')}`,
      [
        [1, 'A'],
        [6, 'B'],
      ],
    ],
    'three dots end a document': [
      `${object('A')}\n...\n---\n${object('B')}`,
      [
        [1, 'A'],
        [4, 'B'],
      ],
    ],
    'JSON is YAML': ['{"apiVersion": "v1", "kind": "A"}', [[1, 'A']]],
    'JSON in several documents': [
      '{"apiVersion": "v1", "kind": "A"}\n---\n{"apiVersion": "v1", "kind": "B"}',
      [
        [1, 'A'],
        [3, 'B'],
      ],
    ],
    'what is not quite JSON': ['{"apiVersion": "v1", kind: A,}', [[1, 'A']]],
    'an alias is what it stands for': ['apiVersion: v1\nkind: &kind A\ncopy: *kind\n', [[1, 'A']]],
    'a List gives its items': [
      `apiVersion: v1\nkind: List\nitems:\n- ${object('A')}\n- ${object('B')}\n`,
      [
        [1, 'A'],
        [1, 'B'],
      ],
    ],
    'an empty List gives none': ['apiVersion: v1\nkind: List\nitems: []\n', []],
    'a list of objects gives its items': [
      `- ${object('A')}\n- ${object('B')}\n`,
      [
        [1, 'A'],
        [1, 'B'],
      ],
    ],
    'a kind that ends in List and has no items is an object': [object('AllowList'), [[1, 'AllowList']]],
  };
  for (const [sentence, [text, expected]] of Object.entries(texts)) {
    it(`knows its objects and their lines: ${sentence}`, () => {
      const { errors } = readDocuments('f.yaml', text);
      expect(errors).to.deep.equal([]);
      expect(kindsOf(text)).to.deep.equal(expected);
    });
  }

  it('gives the items of a typed list its version and kind, which the API server leaves out', () => {
    const list = { kind: 'DeploymentList', apiVersion: 'apps/v1', items: [{ metadata: { name: 'web' } }] };
    expect(readDocuments('f', JSON.stringify(list)).manifests.map((each) => each.object)).to.deep.equal([
      { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' } },
    ]);
  });

  it('takes the items out of a List in a List, so that none goes unseen', () => {
    const inner = { apiVersion: 'v1', kind: 'List', items: [{ apiVersion: 'v1', kind: 'A' }] };
    const typed = { apiVersion: 'v1', kind: 'PodList', items: [{ metadata: { name: 'p' } }] };
    expect(kindsOf(JSON.stringify({ ...inner, items: [inner, typed] }))).to.deep.equal([
      [1, 'A'],
      [1, 'Pod'],
    ]);
  });

  it('takes nothing out of a List without items', () => {
    expect(readDocuments('f', 'apiVersion: v1\nkind: List\nitems:\n')).to.deep.equal({
      manifests: [],
      errors: [],
    });
  });

  const refused: Record<string, [text: string, line: number, message: string | RegExp]> = {
    'an object without a kind': ['replicas: 3', 1, 'not a Kubernetes object: it has no kind'],
    'an object whose kind is a number': [
      'apiVersion: v1\nkind: 3',
      1,
      'not a Kubernetes object: it has no kind',
    ],
    'an object without a version, which nobody would judge': [
      '\nkind: Deployment',
      2,
      'not a Kubernetes object: it has no apiVersion',
    ],
    'a text': ['hello', 1, 'not a Kubernetes object: it has no fields'],
    'a List whose items are none': [
      'apiVersion: v1\nkind: List\nitems: {a: 1}',
      1,
      'not a Kubernetes object: its items are no list',
    ],
    'nothing in a List': [
      'apiVersion: v1\nkind: List\nitems: [null]',
      1,
      'not a Kubernetes object: it has no fields',
    ],
    'a number in a List': [
      'apiVersion: v1\nkind: List\nitems: [3]',
      1,
      'not a Kubernetes object: it has no fields',
    ],
    'a list that is never closed, where that shows': ['a: 1\nb: [', 3, /^not valid YAML: /],
    'a tab for indentation': ['a:\n\tb: 1', 2, /^not valid YAML: /],
    'a key twice, of which kubectl would take one': [
      'a: 1\nb: 2\na: 3',
      3,
      /^not valid YAML: duplicated mapping key/,
    ],
    'two documents without a marker between': ['{a: 1}\n...\n{b: 1}', 1, /^not valid YAML: /],
    'nesting without an end': [`a: ${'['.repeat(200_000)}`, 1, /./],
  };
  for (const [sentence, [text, line, message]] of Object.entries(refused)) {
    it(`names file and line of ${sentence}, and reads on`, () => {
      const { manifests, errors } = readDocuments('dir/f.yaml', `${text}\n---\n${object('B')}\n`);
      expect(manifests.map((each) => each.object['kind'])).to.deep.equal(['B']);
      expect(errors.map((error) => [error.file, error.line])).to.deep.equal([['dir/f.yaml', line]]);
      if (typeof message === 'string') expect(errors[0]?.message).to.equal(message);
      else expect(errors[0]?.message).to.match(message);
    });
  }

  it('shows nothing of the text around an error, which may be a secret', () => {
    const { errors } = readDocuments('f', 'kind: Secret\ndata:\n  password: s3cret\n bad: [');
    expect(JSON.stringify(errors)).to.not.contain('s3cret');
  });

  it('finds every document and its line, however many and whatever stands between', () => {
    const document = fc
      .record({ name: fc.stringMatching(/^[a-z]{1,8}$/), text: fc.string({ maxLength: 40 }) })
      .map((fields) => ({ apiVersion: 'v1', kind: 'A', ...fields }));
    const between = fc.constantFrom('---\n', '---\n\n\n', '--- # comment\n# another\n', '\n---\n---\n');
    fc.assert(
      fc.property(fc.array(fc.tuple(between, document)), (drawn) => {
        let text = '';
        const expected = drawn.map(([marker, fields]) => {
          text += marker;
          const line = text.split('\n').length;
          text += dump(fields);
          return { file: 'f', line, object: fields };
        });
        const { manifests, errors } = readDocuments('f', text);
        expect(errors).to.deep.equal([]);
        expect(manifests.map(({ again: _again, ...rest }) => rest)).to.deep.equal(expected);
        expect(manifests.map(({ again }) => again?.())).to.deep.equal(drawn.map(([, fields]) => fields));
      }),
    );
  });

  it('reads each item of a list once more, all of them at once', () => {
    const text = `apiVersion: v1\nkind: List\nitems:\n${`- ${object('A')}\n- ${object('B')}\n`.repeat(5_000)}`;
    const { manifests } = readDocuments('f', text);
    expect(manifests).to.have.length(10_000);
    for (const manifest of manifests) expect(manifest.again?.()).to.deep.equal(manifest.object);
  });

  it('takes time that grows with the text alone: 5,000 documents, half a million comments', function () {
    this.timeout(10_000);
    const many = Array.from(
      { length: 5_000 },
      (_, index) => `apiVersion: v1\nkind: A\nname: n${index}\n`,
    ).join('---\n');
    expect(readDocuments('f', many).manifests).to.have.length(5_000);
    expect(kindsOf(`${'# c\n'.repeat(500_000)}${object('A')}`)).to.deep.equal([[500_001, 'A']]);
    expect(kindsOf(`${' \n'.repeat(500_000)}${object('A')}`)).to.deep.equal([[500_001, 'A']]);
    expect(kindsOf(`${'---\n'.repeat(200_000)}${object('A')}`)).to.deep.equal([[200_001, 'A']]);
  });
});
