import type { Json } from '../fields.ts';
import { isObject, ShapeError } from '../fields.ts';
import type { InputError, Manifest } from '../manifests/documents.ts';
import { readDocuments } from '../manifests/documents.ts';
import { isTrivyJson } from './command-line.ts';
import type { TrivyReports } from './read-document.ts';
import { readTrivyDocument } from './read-document.ts';

export interface TrivyFile {
  readonly reports: TrivyReports;
  readonly errors: readonly InputError[];
}

/**
 * Reads a file of Trivy reports: YAML or JSON of Trivy Operator's objects (also a List, as kubectl writes it), or the
 * JSON of the command line. What cannot be read is an error with file and line, and costs nothing else.
 */
export function readTrivyFile(file: string, text: string): TrivyFile {
  const { manifests, errors } = readJson(file, text) ?? readDocuments(file, text);
  const found: TrivyReports[] = [];
  const failed: InputError[] = [...errors];
  for (const { object, line } of manifests) {
    try {
      const reports = readTrivyDocument(object, file);
      if (reports !== undefined) found.push(reports);
      else failed.push({ file, line, message: `not a report of Trivy: ${describe(object)}` });
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error;
      failed.push({ file, line, message: error.message });
    }
  }
  return { reports: merge(found), errors: failed };
}

/** JSON is YAML too, but a list of reports can be a hundred megabytes, and the files of the command line have no kind. */
function readJson(file: string, text: string): { manifests: Manifest[]; errors: [] } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
  const all = Array.isArray(value) ? value : isObject(value) ? itemsOf(value) : undefined;
  if (all === undefined || !all.every(isObject)) return undefined;
  return { manifests: all.map((object) => ({ file, line: 1, object })), errors: [] };
}

function itemsOf(value: Json): unknown[] | undefined {
  if (isTrivyJson(value) || value['bomFormat'] !== undefined) return [value];
  const { kind, items } = value;
  if (typeof kind !== 'string') return undefined;
  if (!kind.endsWith('List') || !Array.isArray(items)) return [value];
  // The API server leaves kind and version out of the items of a typed list.
  const type = kind.slice(0, -'List'.length);
  const head = type === '' ? {} : { kind: type, apiVersion: value['apiVersion'] };
  return items.map((item: unknown) => (isObject(item) ? { ...head, ...item } : item));
}

const describe = (object: Json) =>
  typeof object['kind'] === 'string' ? `it is a ${object['kind']}` : 'it has no kind';

function merge(all: readonly TrivyReports[]): TrivyReports {
  return {
    vulnerabilities: all.flatMap((each) => each.vulnerabilities),
    secrets: all.flatMap((each) => each.secrets),
    configAudits: all.flatMap((each) => each.configAudits),
    notes: all.flatMap((each) => each.notes),
  };
}
