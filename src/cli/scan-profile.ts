import { readFileSync } from 'node:fs';
import { closest } from '../base/closest.ts';
import { parseProfileSpec } from '../api/parse-profile.ts';
import { apiVersion, complianceProfiles, group } from '../api/resources.ts';
import { catalogue } from '../controls/catalogue.generated.ts';
import type { Profile } from '../evaluate/profile.ts';
import type { ProfileSource } from '../evaluate/resolve-profiles.ts';
import { resolveProfiles } from '../evaluate/resolve-profiles.ts';
import { isObject } from '../evidence/fields.ts';
import type { InputError, Manifest } from '../evidence/manifests/documents.ts';
import { readDocuments } from '../evidence/manifests/documents.ts';
import { explain } from '../evidence/manifests/read-files.ts';

interface Found {
  readonly manifest: Manifest;
  readonly source: ProfileSource;
}

/**
 * The ComplianceProfiles of the files, which may extend each other and the built-in one. What is wrong with one is added to
 * `errors`, which names file, line and field.
 */
export function readProfiles(files: readonly string[], errors: InputError[]): Profile[] {
  const found = new Map<string, Found>();
  for (const file of files) readFile(file, found, errors);
  const sources = new Map([...found].map(([name, { source }]) => [name, source]));
  const resolved = resolveProfiles(sources, catalogue);
  return [...found].flatMap(([name, { manifest }]) => {
    const result = resolved.get(name);
    if (result?.ok === true) return [result.profile];
    const { file, line } = manifest;
    errors.push(
      ...(result?.errors ?? []).map(({ field, message }) => ({
        file,
        line,
        message: `${field}: ${message}`,
      })),
    );
    return [];
  });
}

function readFile(file: string, found: Map<string, Found>, errors: InputError[]): void {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    errors.push({ file, message: `the profile cannot be read: ${explain(error)}` });
    return;
  }
  const documents = readDocuments(file, text);
  errors.push(...documents.errors);
  if (documents.manifests.length === 0 && documents.errors.length === 0) {
    errors.push({ file, message: 'there is no ComplianceProfile in it' });
  }
  for (const manifest of documents.manifests) {
    const name = nameOf(manifest);
    if (typeof name !== 'string') {
      errors.push({ file, line: manifest.line, message: name.problem });
      continue;
    }
    const before = found.get(name)?.manifest;
    if (before === undefined) {
      found.set(name, { manifest, source: parseProfileSpec(manifest.object['spec'], closest) });
    } else {
      const message = `metadata.name: there is a profile ${name} already, in ${before.file}:${before.line}`;
      errors.push({ file, line: manifest.line, message });
    }
  }
}

/** What Kubernetes takes for the name of an object: a DNS subdomain. */
const objectName = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;
const longestName = 253;

function nameProblem(name: string): string {
  if (name.length > longestName) return `it is longer than ${longestName} characters`;
  return /[^a-z0-9.-]/.test(name)
    ? 'it has other characters than a-z, 0-9, - and .'
    : 'it and its parts between dots begin and end with a letter or a digit';
}

function nameOf({ object }: Manifest): string | { readonly problem: string } {
  const apiGroup = String(object['apiVersion']).split('/')[0];
  if (object['kind'] !== complianceProfiles.kind || apiGroup !== group) {
    return { problem: `expected a ComplianceProfile of ${group}, found a ${String(object['kind'])}` };
  }
  if (object['apiVersion'] !== apiVersion) {
    const found = String(object['apiVersion']);
    return { problem: `apiVersion: a ComplianceProfile is of ${apiVersion}, not ${found}` };
  }
  const metadata = isObject(object['metadata']) ? object['metadata'] : {};
  const { name } = metadata;
  // Reports bear the name of their profile, and the API server would refuse another.
  if (typeof name !== 'string' || name === '') return { problem: 'metadata.name: a profile needs a name' };
  if (name.length > longestName || !objectName.test(name))
    return { problem: `metadata.name: "${name}" is no name of an object: ${nameProblem(name)}` };
  return name;
}
