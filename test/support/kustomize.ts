import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { loadAll } from 'js-yaml';
import { resolveBinaries } from '../../tools/control-plane/binaries.ts';

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

const run = promisify(execFile);

/** What `kubectl apply -k folder` would send. */
export async function buildKustomization(folder: string): Promise<Manifest[]> {
  const { kubectl } = await resolveBinaries(['kubectl'], {
    progress: (line) => void process.stderr.write(`${line}\n`),
  });
  const { stdout } = await run(kubectl, ['kustomize', folder], { maxBuffer: 2 ** 26 });
  return loadAll(stdout) as Manifest[];
}

export function findManifest(manifests: readonly Manifest[], kind: string, name: string): Manifest {
  const found = manifests.find((one) => one.kind === kind && one.metadata.name === name);
  if (found === undefined) throw new Error(`no ${kind} ${name}`);
  return found;
}
