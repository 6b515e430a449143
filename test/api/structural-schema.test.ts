import { expect } from 'chai';
import { z } from 'zod';
import { kinds } from '../../src/api/kinds.ts';
import * as schema from '../../src/api/schema.ts';
import type { StructuralSchema } from '../../tools/generate/structural-schema.ts';
import { SchemaError, toStructuralSchema } from '../../tools/generate/structural-schema.ts';
import { samples } from '../support/api-samples.ts';

const described = { description: 'd' };

describe('a structural schema', () => {
  const translated: Record<string, { from: z.ZodType; to: StructuralSchema }> = {
    'text with its bound': { from: schema.text('d', 9), to: { ...described, type: 'string', maxLength: 9 } },
    'a word, which is not empty': {
      from: schema.word('d', 9),
      to: { ...described, type: 'string', minLength: 1, maxLength: 9 },
    },
    'a time': {
      from: schema.timestamp('d'),
      to: { ...described, type: 'string', format: 'date-time', maxLength: 64 },
    },
    'a choice': {
      from: schema.choice(['a', 'b'], 'd'),
      to: { ...described, type: 'string', enum: ['a', 'b'] },
    },
    'a flag': { from: schema.flag('d'), to: { ...described, type: 'boolean' } },
    'a count, from zero on': {
      from: schema.count('d'),
      to: { ...described, type: 'integer', format: 'int64', minimum: 0 },
    },
    'an integer between bounds': {
      from: schema.integer('d', { minimum: -1, maximum: 1 }),
      to: { ...described, type: 'integer', format: 'int64', minimum: -1, maximum: 1 },
    },
    'a text of one form, whose rule speaks plainly': {
      from: schema.matching(/^a+$/, 'only a', 'd', 5),
      to: {
        ...described,
        type: 'string',
        maxLength: 5,
        'x-kubernetes-validations': [{ rule: "self.matches(r'^a+$')", message: 'only a' }],
      },
    },
    'an atomic list': {
      from: schema.list(schema.flag('i'), 3, 'd'),
      to: {
        ...described,
        type: 'array',
        maxItems: 3,
        items: { description: 'i', type: 'boolean' },
        'x-kubernetes-list-type': 'atomic',
      },
    },
    'an atomic object with an optional field': {
      from: schema.part({ a: schema.flag('a'), b: schema.flag('b').exactOptional() }, 'd'),
      to: {
        ...described,
        type: 'object',
        required: ['a'],
        properties: { a: { description: 'a', type: 'boolean' }, b: { description: 'b', type: 'boolean' } },
        'x-kubernetes-map-type': 'atomic',
      },
    },
    'an object that keeps unknown fields': {
      from: schema.openStruct({}, 'd'),
      to: { ...described, type: 'object', properties: {}, 'x-kubernetes-preserve-unknown-fields': true },
    },
    'a map of strings': {
      from: schema.stringMap(z.string().max(3), 2, 'd'),
      to: {
        ...described,
        type: 'object',
        maxProperties: 2,
        additionalProperties: { type: 'string', maxLength: 3 },
      },
    },
  };
  for (const [what, { from, to }] of Object.entries(translated)) {
    it(`can say: ${what}`, () => {
      expect(toStructuralSchema(from, 'Kind.spec')).to.deep.equal(to);
    });
  }

  const refused: Record<string, { from: z.ZodType; because: RegExp }> = {
    'a union': { from: z.union([z.string(), z.int()]), because: /zod's union has no structural form/ },
    'a literal': { from: z.literal('a'), because: /zod's literal has no structural form/ },
    'null beside a value': {
      from: z.string().max(3).nullable(),
      because: /zod's nullable has no structural form/,
    },
    'a default': { from: z.string().max(3).default('a'), because: /zod's default has no structural form/ },
    'a transformation': { from: z.string().transform(Number), because: /zod's pipe has no structural form/ },
    'a date object': { from: z.date(), because: /zod's date has no structural form/ },
    'anything at all': { from: z.unknown(), because: /zod's unknown has no structural form/ },
    'a tuple': { from: z.tuple([z.string()]), because: /zod's tuple has no structural form/ },
    'a refinement': {
      from: z
        .string()
        .max(3)
        .refine((text) => text !== 'no'),
      because: /zod's refinement has no structural form/,
    },
    'a number that is not an integer': { from: z.number().meta(described), because: /not an integer/ },
    'a string without a bound': { from: z.string().meta(described), because: /a string needs maxLength/ },
    'a list without a bound': {
      from: z.array(schema.flag('i')).meta(described),
      because: /a list needs maxItems/,
    },
    'a map without a bound': {
      from: z.record(z.string(), z.string().max(3)).meta(described),
      because: /a map needs maxProperties/,
    },
    'named fields beside others of one type': {
      from: z.object({}).catchall(z.string()).meta(described),
      because: /either named fields or values of one type/,
    },
    'a field without a description': { from: z.boolean(), because: /needs a description/ },
  };
  for (const [what, { from, because }] of Object.entries(refused)) {
    it(`cannot say: ${what}`, () => {
      const parent = z
        .object({ field: schema.list(schema.part({ inner: from }, 'item'), 3, 'list') })
        .meta(described);
      expect(() => toStructuralSchema(parent, 'Kind.spec'))
        .to.throw(SchemaError, because)
        .with.property('message')
        .that.matches(/^Kind\.spec\.field\[\]\.inner: /);
    });
  }
});

describe('the samples', () => {
  for (const { names, object, status } of samples) {
    it(`have every field of a ${names.kind}, so that what is tested with them is tested for all`, () => {
      const kind = kinds.find((one) => one.kind === names.kind);
      if (kind === undefined) throw new Error(`no kind ${names.kind}`);
      const sample = { ...object, status };
      const declared = [
        ...(kind.spec === undefined ? [] : pathsOfSchema(toStructuralSchema(kind.spec, 'spec'), 'spec')),
        ...pathsOfSchema(toStructuralSchema(kind.status, 'status'), 'status'),
      ];
      // The rule of the profile lets a sample have one of the two.
      const missing = declared.filter(
        (path) => !pathsOf(sample, '').has(path) && !path.startsWith('spec.namespaces.include'),
      );
      expect(missing).to.deep.equal([]);
      expect(kind.status.parse(status)).to.deep.equal(status);
    });
  }
});

function pathsOfSchema(node: StructuralSchema, path: string): string[] {
  const { properties, items } = node as {
    properties?: Record<string, StructuralSchema>;
    items?: StructuralSchema;
  };
  if (items !== undefined) return [path, ...pathsOfSchema(items, `${path}[]`)];
  return [
    path,
    ...Object.entries(properties ?? {}).flatMap(([name, child]) => pathsOfSchema(child, `${path}.${name}`)),
  ];
}

function pathsOf(value: unknown, path: string, found = new Set<string>()): Set<string> {
  found.add(path);
  if (Array.isArray(value)) for (const item of value) pathsOf(item, `${path}[]`, found);
  else if (typeof value === 'object' && value !== null) {
    for (const [name, child] of Object.entries(value))
      pathsOf(child, path === '' ? name : `${path}.${name}`, found);
  }
  return found;
}
