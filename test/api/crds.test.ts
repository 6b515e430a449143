import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { kinds } from '../../src/api/kinds.ts';
import { customResourceDefinition, renderCrds } from '../../tools/generate/crds.ts';

type Node = Readonly<Record<string, unknown>>;

/** Every schema node of the tree with its path. */
function* walk(node: Node, path: string): Generator<readonly [string, Node]> {
  yield [path, node];
  for (const [name, child] of Object.entries((node['properties'] ?? {}) as Record<string, Node>)) {
    yield* walk(child, `${path}.${name}`);
  }
  if (node['items'] !== undefined) yield* walk(node['items'] as Node, `${path}[]`);
}

const rootOf = (definition: object) =>
  (definition as { spec: { versions: { schema: { openAPIV3Schema: Node } }[] } }).spec.versions[0]?.schema
    .openAPIV3Schema ?? {};

describe('the definitions of the kinds', () => {
  for (const [name, content] of renderCrds()) {
    it(`crds/${name} is what the generator writes`, async () => {
      expect(await readFile(`crds/${name}`, 'utf8')).to.equal(content);
    });
  }

  it('say the same on every run', () => {
    expect([...renderCrds()]).to.deep.equal([...renderCrds()]);
  });

  for (const kind of kinds) {
    const nodes = [...walk(rootOf(customResourceDefinition(kind)), '')];
    const below = (field: string) => nodes.filter(([path]) => path.startsWith(`.${field}`));

    describe(kind.kind, () => {
      it('describes every field', () => {
        const bare = [...below('spec'), ...below('status')].filter(
          ([, node]) => node['description'] === undefined,
        );
        expect(bare.map(([path]) => path)).to.deep.equal([]);
      });

      it('bounds every list and every string that is no choice', () => {
        const unbounded = [...below('spec'), ...below('status')].filter(
          ([, { type, maxItems, maxLength, enum: values }]) =>
            (type === 'array' && maxItems === undefined) ||
            (type === 'string' && maxLength === undefined && values === undefined),
        );
        expect(unbounded.map(([path]) => path)).to.deep.equal([]);
      });

      it('writes its status as a whole, and every list and object in it, conditions aside', () => {
        const merged = below('status').filter(
          ([, node]) =>
            (node['type'] === 'array' && node['x-kubernetes-list-type'] !== 'atomic') ||
            (node['type'] === 'object' && node['x-kubernetes-map-type'] !== 'atomic'),
        );
        expect(merged.map(([path]) => path)).to.deep.equal(['.status.conditions', '.status.conditions[]']);
      });

      it('keeps unknown fields at every level of what people write, and nowhere else', () => {
        const open = nodes.filter(([, node]) => node['x-kubernetes-preserve-unknown-fields'] === true);
        const expected = nodes.filter(
          ([path, node]) =>
            kind.kind === 'ComplianceProfile' &&
            path.startsWith('.spec') &&
            node['type'] === 'object' &&
            node['additionalProperties'] === undefined,
        );
        expect(open.map(([path]) => path)).to.deep.equal(expected.map(([path]) => path));
      });

      it('has no default: what is left out stays out, so that a later default holds for old objects too', () => {
        expect(nodes.filter(([, node]) => 'default' in node)).to.deep.equal([]);
      });

      it('shows only fields that it has', () => {
        const known = new Set(nodes.map(([path]) => path));
        const paths = kind.columns.map(({ jsonPath }) => jsonPath.replace(/\[\?.*\]/, '[]'));
        const unknown = paths.filter((path) => !known.has(path) && !path.startsWith('.metadata.'));
        expect(unknown).to.deep.equal([]);
      });
    });
  }
});
