import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isObject, type Json } from '../../src/evidence/fields.ts';
import { readDocuments } from '../../src/evidence/manifests/documents.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { apply } from './cluster.ts';
import { DemoError } from './errors.ts';
import { findOwner, type LiveOwner } from './names.ts';
import type { NamespaceObjects } from './workloads.ts';

/** Since when the newest report is there. */
const newestAge = 3 * 60_000;
const label = (name: string) => `trivy-operator.${name}`;

/**
 * Plays Trivy Operator: writes the reports of `folder` as if it had just made them of what runs. They get the names and
 * uids that the cluster gave, and all dates are moved alike, so that the newest is of now and the old one stays old.
 * Returns how many there are.
 */
export async function playTrivyOperator(
  plane: ControlPlane,
  folder: string,
  live: ReadonlyMap<string, NamespaceObjects>,
  now: number,
): Promise<number> {
  const reports = readReports(folder);
  const newest = Math.max(...reports.map(({ report }) => updateOf(report)));
  const items = reports.map((report) => bind(report, live, now - newestAge - newest));
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  await apply(plane, ['-f', '-'], { input, manager: 'trivy-operator' });
  return items.length;
}

interface ReportFile {
  readonly file: string;
  readonly object: Json;
  readonly metadata: Json;
  readonly report: Json;
}

function readReports(folder: string): ReportFile[] {
  return readdirSync(folder).flatMap((name) => {
    const file = join(folder, name);
    return readDocuments(file, readFileSync(file, 'utf8')).manifests.map(({ object }) => ({
      file,
      object,
      metadata: object['metadata'] as Json,
      report: object['report'] as Json,
    }));
  });
}

const updateOf = (report: Json): number => Date.parse(String(report['updateTimestamp']));

function bind(
  { file, object, metadata, report }: ReportFile,
  live: ReadonlyMap<string, NamespaceObjects>,
  shift: number,
): Json {
  const namespace = String(metadata['namespace']);
  const labels = isObject(metadata['labels']) ? metadata['labels'] : {};
  const [kind, name] = [String(labels[label('resource.kind')]), String(labels[label('resource.name')])];
  const objects = live.get(namespace);
  const owner = objects && findOwner(objects, kind, name);
  if (owner === undefined)
    throw new DemoError('RequestFailed', `${file}: there is no ${kind} ${name} in ${namespace}`);
  const container = labels[label('container.name')];
  return {
    ...object,
    metadata: {
      namespace,
      name: [kind.toLowerCase(), owner.name, ...(typeof container === 'string' ? [container] : [])].join('-'),
      ...(isObject(metadata['annotations']) ? { annotations: metadata['annotations'] } : {}),
      labels: { ...labels, [label('resource.name')]: owner.name },
      ownerReferences: [referenceTo(owner)],
    },
    report: {
      ...report,
      updateTimestamp: new Date(updateOf(report) + shift).toISOString().replace(/\.\d+Z/, 'Z'),
    },
  };
}

const apiVersions: Partial<Record<LiveOwner['kind'], string>> = {
  Pod: 'v1',
  CronJob: 'batch/v1',
  Job: 'batch/v1',
};

const referenceTo = ({ kind, name, uid }: LiveOwner): Json => ({
  apiVersion: apiVersions[kind] ?? 'apps/v1',
  kind,
  name,
  uid,
  controller: true,
  blockOwnerDeletion: false,
});
