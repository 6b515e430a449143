import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { dump, load } from 'js-yaml';
import { kubectlSchema } from '../../../src/evidence/manifests/kubectl-schema.ts';
import { notPlain, readPlainYaml } from '../../../src/evidence/manifests/plain-yaml.ts';
import { requireFixtures } from '../../support/fixtures.ts';

/** What the whole reader says, which is always right. */
const wholly = (text: string): unknown => load(text, { schema: kubectlSchema });

/** @returns whether the text is plain; if so, what is read must be what the whole reader reads, in the same order */
function agrees(text: string): boolean {
  const value = readPlainYaml(text);
  if (value === notPlain) return false;
  const expected = wholly(text);
  expect(value, text).to.deep.equal(expected);
  expect(JSON.stringify(value), text).to.equal(JSON.stringify(expected));
  return true;
}

const manifest = `# A comment.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app.kubernetes.io/name: web}
  annotations:
    example.com/quoted: "yes"
    empty:
spec:
  replicas: 0777
  paused: yes
  template:
    spec:
      containers:
      - name: app

        image: registry.example:5000/app:1.0
        args: []
        env:
          - name: PORT
            value: '8080'
          - name: URL
            value: http://example.com/a#b
        command:
        - -c
        - "run: all"
        securityContext: {}
      -
        name: other
        resources:
          limits:
            cpu: 1.5
            memory: 64Mi
`;

const plain = manifest.replace(' {app.kubernetes.io/name: web}', ' {}');

/** Texts that must be left to the whole reader, or refused by it. */
const others: Readonly<Record<string, string>> = {
  'a scalar of two lines': 'a: one\n  two\n',
  'a no-break space before a scalar': 'a: \u00A0one\n',
  'a text in a block': 'a: |\n  one\n',
  'a flow mapping': 'a: {b: c}\n',
  'a flow list': 'a: [b]\n',
  'an anchor': 'a: &b c\n',
  'an alias': 'a: *b\n',
  'a tag': 'a: !!str 1\n',
  'a merge key': '<<: {}\n',
  'a key that stands twice': 'a: 1\na: 2\n',
  'a key that is a word for true': 'yes: 1\n',
  'a key that is a number': '1: 1\n',
  'a quoted key': '"a": 1\n',
  'a key with a space behind it': 'a : 1\n',
  'a comment behind a scalar': 'a: b # c\n',
  'a comment behind a key': 'a: # c\n  b: 1\n',
  'a mapping on the line of a key': 'a: b: c\n',
  'a list on the line of a key': 'a: - b\n',
  'a list in a list': '- - a\n',
  'a list behind a key of the same column': 'a: 1\n- b\n',
  'a key that stands further in': 'a: 1\n  b: 2\n',
  'a key that stands between two columns': 'a:\n    b: 1\n  c: 2\n',
  'an item that stands between two columns': 'a:\n    - b\n  - c\n',
  'a tab': 'a:\tb\n',
  'the line ends of Windows': 'a: b\r\n',
  'an escape': 'a: "b\\n"\n',
  'a doubled quote': "a: 'b''c'\n",
  'a quote that is not closed': 'a: "b\n',
  'text behind a quote': 'a: "b" c\n',
  'a scalar alone': 'a\n',
  'the end of a document': 'a: b\n...\n',
  'an explicit key': '? a\n: b\n',
  'a directive': '%YAML 1.2\n',
  'a reserved character': 'a: @b\n',
  'a rare character': 'a: \u{1F600}\n',
  'a prototype': '__proto__:\n  a: 1\n',
  nothing: '',
  'comments alone': '# a\n',
};

describe('the reader of plain YAML', () => {
  it('reads what manifests are mostly written in', () => {
    expect(agrees(plain)).to.equal(true);
    expect(agrees(manifest)).to.equal(false);
  });

  for (const [what, text] of Object.entries(others)) {
    it(`leaves to the whole reader: ${what}`, () => expect(readPlainYaml(text)).to.equal(notPlain));
  }

  it('reads whatever is written by a program as the whole reader does', () => {
    const scalar = fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.integer(),
      fc.boolean(),
      fc.constantFrom(
        null,
        'yes',
        '1e3',
        '0x1F',
        '1_0',
        '- a',
        'a: b',
        '~',
        '.5',
        '-',
        '--',
        '+1',
        'null',
        'y',
      ),
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        scalar,
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(
          fc.string({ unit: fc.constantFrom(...'abY/._-0'.split('')), maxLength: 5 }),
          tie('tree'),
          {
            maxKeys: 4,
          },
        ),
      ),
    }));
    let [some, all] = [0, 0];
    fc.assert(
      fc.property(tree, fc.constantFrom(1, 2, 4), fc.boolean(), (value, indent, seqNoIndent) => {
        all++;
        if (agrees(dump({ value }, { indent, seqNoIndent }))) some++;
      }),
      { numRuns: 2_000 },
    );
    expect(some / all).to.be.above(0.2);
  });

  it('reads as the whole reader does, or not at all, whatever somebody changes in a text', () => {
    const pieces = [
      ...': #-\'"{}[]&*!|>%@`?,~\n\t.=0\\'.split(''),
      '\n ',
      '\n  ',
      '\n- ',
      ': ',
      ' #',
      'yes',
      '0o7',
      '- ',
      '  ',
    ];
    const edit = fc.record({
      at: fc.nat({ max: plain.length }),
      cut: fc.nat({ max: 3 }),
      put: fc.constantFrom('', ...pieces),
    });
    let some = 0;
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
        const text = edits.reduce(
          (so, { at, cut, put }) => so.slice(0, at) + put + so.slice(at + cut),
          plain,
        );
        if (agrees(text)) some++;
      }),
      { numRuns: 5_000 },
    );
    expect(some).to.be.above(300);
  });

  it('reads every manifest that others have written as the whole reader does', function () {
    this.timeout(60_000);
    let [some, all] = [0, 0];
    for (const set of [
      'gatekeeper-library',
      'netpol-analyzer',
      'pod-security-admission',
      'policyreport-crds',
    ]) {
      const folder = requireFixtures(this, set);
      for (const file of globSync('**/*.{yaml,yml}', { cwd: folder })) {
        for (const text of readFileSync(join(folder, file), 'utf8').split(/^---.*$/m)) {
          all++;
          if (agrees(text)) some++;
        }
      }
    }
    expect(all).to.be.above(1_500);
    expect(some).to.be.above(1_200);
  });
});
