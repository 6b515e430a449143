import { load, YAMLException } from 'js-yaml';
import type { Json } from '../fields.ts';
import { isObject } from '../fields.ts';
import { kubectlSchema } from './kubectl-schema.ts';
import { notPlain, readPlainYaml } from './plain-yaml.ts';

/** Something in the input that could not be read. It costs the verdict of nothing else. */
export interface InputError {
  readonly file: string;
  /** Counted from 1. */
  readonly line?: number;
  readonly message: string;
}

/** One Kubernetes object and where it stands. */
export interface Manifest {
  readonly file: string;
  readonly line: number;
  readonly object: Json;
  /** Reads the same once more, for who does not hold the object; absent where it was not read from a text. */
  readonly again?: () => unknown;
}

export interface Documents {
  readonly manifests: readonly Manifest[];
  readonly errors: readonly InputError[];
}

interface YamlValue extends Pick<Manifest, 'line'> {
  readonly value: unknown;
  readonly again: () => unknown;
}

/** The values of one file, whatever they are. */
export interface YamlDocuments {
  readonly values: readonly YamlValue[];
  readonly errors: readonly InputError[];
}

/** One document of a file. */
export interface DocumentText {
  /** Where it begins, counted from 1. */
  readonly line: number;
  /** Where it stands in the text of the file, whose byte order mark does not count. */
  readonly start: number;
  readonly end: number;
  /** It, or the same in JSON. */
  readonly body: string;
}

/** A file, taken apart. */
export interface SplitFile {
  readonly file: string;
  readonly documents: readonly DocumentText[];
}

/**
 * Reads the objects of one file of YAML or JSON. A List gives its items; a document that is empty gives none.
 * @param again reads the text once more; without it the text is held
 */
export function readDocuments(file: string, text: string, again?: () => string): Documents {
  return readObjects(file, splitDocuments(text), again);
}

/** The same of what was split already. */
export function readObjects(
  file: string,
  documents: Iterable<DocumentText>,
  again?: () => string,
): Documents {
  const { values, errors: broken } = readValues(file, documents, again);
  const manifests: Manifest[] = [];
  const errors = [...broken];
  for (const { line, value, again } of values) {
    const problem = objectProblem(value);
    if (problem === undefined) manifests.push({ file, line, object: value as Json, again });
    else errors.push({ file, line, message: `not a Kubernetes object: ${problem}` });
  }
  return { manifests, errors };
}

/** Without its version nobody knows what an object is, and it would be passed over. */
function objectProblem(value: unknown): string | undefined {
  if (!isObject(value)) return 'it has no fields';
  const missing = ['kind', 'apiVersion'].find(
    (field) => typeof value[field] !== 'string' || value[field] === '',
  );
  if (missing !== undefined) return `it has no ${missing}`;
  // One whose items could be taken out never comes here.
  return value['kind'] === 'List' ? 'its items are no list' : undefined;
}

/** The values of a text, whatever they are. */
export const readYaml = (file: string, text: string): YamlDocuments => readValues(file, splitDocuments(text));

/** Reads each document by itself, so that an error in one loses none of the others. */
function readValues(file: string, documents: Iterable<DocumentText>, again?: () => string): YamlDocuments {
  const values: YamlValue[] = [];
  const errors: InputError[] = [];
  for (const { line, body, start, end } of documents) {
    try {
      const reread = rereader(again === undefined ? held(body) : partOf(again, start, end));
      let count = 0;
      for (const value of flatten(parse(body))) {
        values.push({ line, value, again: itemOf(reread, count++) });
      }
    } catch (error) {
      errors.push(describe(file, line, error, body));
    }
  }
  return { values, errors };
}

const withoutMark = (text: string) => text.replace(/^\uFEFF/, '');

// Each by itself, so that none of them holds what another needs.
const held = (body: string) => () => body;
const partOf = (again: () => string, start: number, end: number) => () =>
  withoutMark(again()).slice(start, end);
const itemOf = (reread: (index: number) => unknown, index: number) => () => reread(index);

/** When one object of a long list is asked for again, others mostly are too. */
function rereader(body: () => string): (index: number) => unknown {
  let values: readonly unknown[] | undefined;
  return (index) => (values ??= [...flatten(parse(body()))])[index];
}

/** JSON is YAML, and read several times faster as what it is; what is not quite JSON may still be YAML. */
function parse(body: string): unknown {
  if (body.startsWith('{') || body.startsWith('[')) {
    try {
      return JSON.parse(body);
    } catch {
      // The YAML reader says where it breaks.
    }
  }
  const plain = readPlainYaml(body);
  if (plain !== notPlain) return plain;
  // As kubectl reads it. A 1.2 reader would see a string in `yes`, and pass what should fail.
  return load(body, { schema: kubectlSchema });
}

/** A line of three dashes starts a document wherever it stands, also inside a block of text. */
export function* splitDocuments(marked: string): Generator<DocumentText> {
  const text = withoutMark(marked);
  const marker = /^---(?=\s|$).*$/gm;
  let start = 0;
  let line = 1;
  for (;;) {
    const match = marker.exec(text);
    const body = text.slice(start, match?.index ?? text.length);
    const blank = /^(?:\s*(?:#.*)?(?:\r?\n|$))*/.exec(body)?.[0].length ?? 0;
    if (blank < body.length)
      yield {
        line: line + countLines(body.slice(0, blank)),
        body: body.slice(blank),
        start: start + blank,
        end: start + body.length,
      };
    if (match === null) return;
    line += countLines(text.slice(start, match.index));
    // What follows the dashes on their own line belongs to the document: `--- {kind: Pod}`.
    start = match.index + 3;
  }
}

function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}

function* flatten(value: unknown): Generator {
  if (value === null || value === undefined) return;
  if (Array.isArray(value)) yield* flattenItems(value);
  else if (isObject(value) && isListKind(value['kind'])) yield* flattenList(value, value['kind']);
  else yield value;
}

function* flattenList(list: Json, listKind: string): Generator {
  const items = list['items'] ?? (listKind === 'List' ? [] : undefined);
  if (!Array.isArray(items)) return yield list;
  const kind = listKind.slice(0, -'List'.length);
  // The API server leaves kind and version out of the items of a typed list.
  const head = kind === '' ? {} : { apiVersion: list['apiVersion'], kind };
  yield* flattenItems(items.map((item) => (isObject(item) ? { ...head, ...item } : item)));
}

/** A List may hold a List; an item that is nothing is a mistake, unlike a document that is empty. */
function* flattenItems(items: readonly unknown[]): Generator {
  for (const item of items) {
    if (item === null) yield item;
    else yield* flatten(item);
  }
}

const isListKind = (kind: unknown): kind is string => typeof kind === 'string' && kind.endsWith('List');

function describe(file: string, line: number, error: unknown, body: string): InputError {
  if (!(error instanceof YAMLException)) return { file, line, message: String(error) };
  const at = line + (error.mark?.line ?? 0);
  const language = /\.json$/i.test(file) ? 'JSON' : 'YAML';
  return {
    file,
    line: at,
    message: `not valid ${language}: ${error.reason}${template.test(body) ? render : ''}`,
  };
}

/** A chart's template is no YAML until Helm has filled it in. */
const template = /\{\{-?\s*(?:if|range|with|include|template|define|end|toYaml|\$|\.)/;
const render = ' (it is a template of Helm: give what helm template makes of it)';
