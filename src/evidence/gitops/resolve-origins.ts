import type { GitOpsOrigin, UnreadSignature } from '../../domain/gitops.ts';
import { present } from '../present.ts';
import type { GitOpsSource } from './gitops-source.ts';
import { signatureOf } from './gitops-source.ts';
import type { SourceKey, SourceRef } from './source-ref.ts';

/** The object of a key; why it cannot be read; or undefined where there is none. */
export type SourceLookup = (key: SourceKey) => GitOpsSource | UnreadSignature | undefined;

/** Where Flux verifies something. It fetches from other kinds too, such as a Bucket, and verifies nothing there. */
export const fluxSourceKinds: readonly string[] = ['GitRepository', 'OCIRepository', 'HelmChart'];

/** The object that decides about a source. */
export const keyOfRef = (ref: SourceRef): SourceKey =>
  ref.is === 'argo' ? { kind: 'AppProject', ...ref.project } : ref;

export const resolveOrigins = (refs: readonly SourceRef[], find: SourceLookup): GitOpsOrigin[] =>
  refs.map((ref) => {
    const { by, signature } = resolve(ref, find);
    return present({ path: ref.path, by, signature, head: ref.is === 'argo' ? ref.head : undefined });
  });

function resolve(ref: SourceRef, find: SourceLookup): Pick<GitOpsOrigin, 'by' | 'signature'> {
  const key = keyOfRef(ref);
  const by = nameSource(key);
  if (ref.is === 'flux' && !fluxSourceKinds.includes(ref.kind)) return { by, signature: 'never' };
  const found = find(key);
  if (found === undefined) return { by, signature: { reason: 'NoEvidence', message: `${by} is not there.` } };
  if ('reason' in found) return { by, signature: found };
  if (found.is === 'project') return { by, signature: ref.is === 'argo' ? signatureOf(ref, found) : 'never' };
  // A chart of a chart there is not: this ends.
  if (found.from !== undefined && found.from.kind !== 'HelmChart') return resolve(found.from, find);
  return { by, signature: found.signature };
}

const nameSource = ({ kind, namespace, name }: SourceKey): string => `${kind} ${namespace}/${name}`;
