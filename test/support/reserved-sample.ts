import type { ReservedObject, ReservedType } from '../../src/domain/reserved-parameters.ts';
import { isReservedPath, reservedTable } from '../../src/domain/reserved-parameters.ts';

type Tree = Record<string, unknown>;

const values: Readonly<Record<ReservedType, unknown>> = {
  boolean: true,
  integer: 7,
  duration: '1h30m',
  string: 'text',
  strings: ['one'],
  severity: 'medium',
  endpoint: { url: 'https://here.example', credentialsFile: '/etc/here/token' },
};

function valueOf(type: ReservedType | ReservedObject): unknown {
  if (typeof type === 'string') return values[type];
  return Object.fromEntries(Object.entries(type).map(([name, kind]) => [name, values[kind]]));
}

/** `a.b: value` as a tree. */
export const treeOf = (path: string, value: unknown): Tree =>
  path.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Tree;

/** The tree with every parameter added that no control reads yet. */
export function withReserved<T extends object>(tree: T): T {
  const added = Object.entries(reservedTable)
    .filter(([path]) => isReservedPath(path))
    .map(([path, { type }]) => treeOf(path, valueOf(type)));
  return [...added, tree as Tree].reduce<Tree>(merge, {}) as T;
}

function merge(a: Tree, b: Tree): Tree {
  const merged = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const before = merged[key];
    merged[key] = isTree(before) && isTree(value) ? merge(before, value) : value;
  }
  return merged;
}

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
