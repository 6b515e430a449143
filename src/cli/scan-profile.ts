import { readFileSync } from 'node:fs';
import { parseProfileSpec } from '../api/parse-profile.ts';
import { complianceProfiles, group } from '../api/resources.ts';
import { catalogue } from '../controls/catalogue.generated.ts';
import type { Profile } from '../evaluate/profile.ts';
import { resolveProfile } from '../evaluate/profile.ts';
import { isObject } from '../evidence/fields.ts';
import type { InputError, Manifest } from '../evidence/manifests/documents.ts';
import { readDocuments } from '../evidence/manifests/documents.ts';
import { explain } from '../evidence/manifests/read-files.ts';

/** The ComplianceProfiles of a file. What is wrong with one is added to `errors`, which names file, line and field. */
export function readProfiles(file: string, errors: InputError[]): Profile[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    errors.push({ file, message: `the profile cannot be read: ${explain(error)}` });
    return [];
  }
  const documents = readDocuments(file, text);
  const failed: InputError[] = [...documents.errors];
  const profiles = documents.manifests.flatMap((manifest) => readProfile(manifest, failed));
  if (profiles.length === 0 && failed.length === 0) {
    failed.push({ file, message: 'there is no ComplianceProfile in it' });
  }
  errors.push(...failed);
  return profiles;
}

function readProfile({ file, line, object }: Manifest, errors: InputError[]): Profile[] {
  const apiGroup = String(object['apiVersion']).split('/')[0];
  if (object['kind'] !== complianceProfiles.kind || apiGroup !== group) {
    errors.push({
      file,
      line,
      message: `expected a ComplianceProfile of ${group}, found a ${String(object['kind'])}`,
    });
    return [];
  }
  const metadata = isObject(object['metadata']) ? object['metadata'] : {};
  const { name } = metadata;
  if (typeof name !== 'string' || name === '') {
    // Reports bear the name of their profile.
    errors.push({ file, line, message: 'metadata.name: a profile needs a name' });
    return [];
  }
  const shape = parseProfileSpec(object['spec']);
  const result = shape.ok ? resolveProfile(name, shape.value, catalogue) : shape;
  if (result.ok) return [result.profile];
  errors.push(
    ...result.errors.map(({ field, message }) => ({ file, line, message: `${field}: ${message}` })),
  );
  return [];
}
