import { readFileSync } from 'node:fs';
import type { PodSpec } from '../../src/domain/pod-spec.ts';
import type { Json } from '../../src/evidence/fields.ts';
import { objectField, stringMapField } from '../../src/evidence/fields.ts';
import { readDocuments } from '../../src/evidence/manifests/documents.ts';
import { projectPodSpec } from '../../src/evidence/workloads/project-pod-spec.ts';

/** The one object of a file of YAML. */
export function readObject(file: string): Json {
  const { manifests, errors } = readDocuments(file, readFileSync(file, 'utf8'));
  const [first, ...others] = manifests;
  if (first === undefined || others.length + errors.length > 0) throw new Error(`${file}: not one object`);
  return first.object;
}

/** The specification of a v1 Pod as the controls read it. */
export function specOf(pod: Json): PodSpec {
  const metadata = objectField(pod, 'metadata', '') ?? {};
  return projectPodSpec(pod['spec'], stringMapField(metadata, 'annotations', 'metadata'));
}
