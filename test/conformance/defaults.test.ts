import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { parseDuration } from '../../src/base/duration.ts';
import type { ParameterDescription } from '../../src/domain/parameters.ts';
import { isParameterPath, parameterTable } from '../../src/domain/parameters.ts';
import type { ReservedParameter } from '../../src/domain/reserved-parameters.ts';
import { reservedTable } from '../../src/domain/reserved-parameters.ts';
import { requireReference } from '../support/fixtures.ts';

interface Row {
  readonly path: string;
  readonly type: string;
  readonly default: string;
}

function readRows(file: string): Row[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, path, type, value] = /^\| `([a-zA-Z.]+)` \| (.*?) \| (.*?) \| /.exec(line) ?? [];
      return path === undefined ? [] : [{ path, type: type ?? '', default: value ?? '' }];
    });
}

const lists = ['strings', 'registries', 'patterns', 'templateFields'];

/** The types of the tables that one of the page may be. */
const typesOf: Readonly<Record<string, readonly string[]>> = {
  boolean: ['boolean'],
  integer: ['integer'],
  duration: ['duration', 'optionalDuration'],
  decimal: ['decimal'],
  selector: ['selector'],
  endpoint: ['endpoint'],
  map: ['mirrors'],
  regex: ['namePattern'],
  'regex[]': ['patterns'],
  'integer[]': ['integers'],
  'string[]': lists,
  string: ['string', 'configMapName'],
};

function typesFor(type: string): readonly string[] {
  const [, word = '', rest = ''] = /^(\S+)(.*)$/.exec(type) ?? [];
  // `string (ConfigMap name)`, `string[] (namespace/name)`
  if (rest === '' || rest.startsWith(' (')) return typesOf[word] ?? [word];
  return [type];
}

/** Enums and objects have a type each; the page spells them out. */
const spelled: Readonly<Record<string, string>> = {
  userNamespaces: 'enum relax, strict',
  environmentVerdict: 'enum Warn, Fail',
  severity: 'enum critical, high, medium, low',
  priority: 'enum Emergency, Alert, Critical, Error, Warning, Notice, Informational, Debug',
  scanners: 'enum[] trivy, kubescape, harbor',
  podSecurityLevels: 'object {enforce, audit, warn}',
  admissionExemptions: 'object {namespaces[], usernames[], runtimeClasses[]}',
};

function isType(type: ParameterDescription['type'] | ReservedParameter['type'], promised: string): boolean {
  if (typeof type !== 'string') return promised === `object {${Object.keys(type).join(', ')}}`;
  return spelled[type] === promised || typesFor(promised).includes(type);
}

const isEmpty = (value: unknown) =>
  value === undefined || (typeof value === 'object' && Object.keys(value ?? {}).length === 0);

/** Whether a default is the one of the page, which writes it in several ways. */
function isDefault(
  { type, default: value }: ParameterDescription | ReservedParameter,
  cell: string,
): boolean {
  if (cell === '—') return value === undefined;
  // What a list holds stands in the catalogue, control by control; the tests of the tables hold it.
  if (/^as (listed )?in RD-/.test(cell)) return !isEmpty(value);
  if (cell.startsWith('empty')) return isEmpty(value);
  const words = [...cell.matchAll(/`([^`]+)`/g)].map(([, word]) => word ?? '');
  const [first = ''] = words;
  if (Array.isArray(value)) return JSON.stringify(value.map(String)) === JSON.stringify(words);
  if (type === 'duration' && typeof value === 'number') return value === parseDuration(first);
  if (type === 'duration') return typeof value === 'string' && parseDuration(value) === parseDuration(first);
  if (typeof value === 'number') return value === Number(first);
  if (typeof value === 'object')
    return (
      first ===
      Object.entries(value ?? {})
        .flat()
        .join(': ')
    );
  return JSON.stringify(value) === first || value === first;
}

/** The table that the reference promises: a name, a type or a default that differs from it is a defect here. */
describe('the parameters of the reference design', () => {
  let rows: Row[] = [];
  before(function () {
    rows = readRows(requireReference(this, 'defaults.md'));
  });

  const known: Readonly<Record<string, ParameterDescription | ReservedParameter>> = {
    ...reservedTable,
    ...parameterTable,
  };

  it('are all known here, and no others', () => {
    expect(rows).to.have.length.above(100);
    expect(Object.keys(known)).to.have.members(rows.map(({ path }) => path));
  });

  it('have the types that are promised', () => {
    const wrong = rows.filter(
      ({ path, type }) => known[path] === undefined || !isType(known[path].type, type),
    );
    expect(wrong.map(({ path, type }) => [path, type, known[path]?.type])).to.deep.equal([]);
  });

  it('have the defaults that are promised', () => {
    const wrong = rows.filter(
      (row) => known[row.path] === undefined || !isDefault(known[row.path]!, row.default),
    );
    expect(wrong.map((row) => [row.path, row.default, known[row.path]?.default])).to.deep.equal([]);
  });

  it('stand in one of the two tables: one that a control reads is deleted from src/domain/reserved-parameters.ts', () => {
    expect(Object.keys(reservedTable).filter(isParameterPath)).to.deep.equal([]);
  });

  it('are told apart from others by type and default', () => {
    const parameter = { type: 'duration', default: 86_400_000, description: '' } as const;
    expect([isDefault(parameter, '`24h`'), isDefault(parameter, '`25h`')]).to.deep.equal([true, false]);
    const list = { type: 'strings', default: ['a', 'b'], description: '' } as const;
    expect([isDefault(list, '`a`, `b`'), isDefault(list, '`a`')]).to.deep.equal([true, false]);
    expect([isType('boolean', 'boolean'), isType('boolean', 'integer')]).to.deep.equal([true, false]);
    expect([isType('priority', 'enum Warn, Fail'), isType('strings', 'string')]).to.deep.equal([
      false,
      false,
    ]);
  });
});
