import type { BoundClaim } from '../../domain/snapshot.ts';
import { present } from '../present.ts';
import type { ClaimObject } from './project-claim.ts';
import type { VolumeObject } from './project-volume.ts';

/** As much of a claim as tells what it is bound to. */
export type BindingClaim = Omit<ClaimObject, 'accessModes' | 'provisioner'>;

/**
 * The claims that have a volume, with what lies behind it. A claim that names a volume which is kept for another claim
 * is not bound, and no pod starts on it. In manifests the volume may name the claim instead of the claim the volume.
 * @returns in the order of the claims
 */
export function boundClaims(claims: readonly BindingClaim[], volumes: readonly VolumeObject[]): BoundClaim[] {
  const byName = new Map(volumes.map((volume) => [volume.name, volume]));
  const byClaim = new Map(volumes.flatMap((volume) => (volume.claim ? [[keyOf(volume.claim), volume]] : [])));
  return claims.flatMap((claim) => {
    const volume = claim.volume === undefined ? byClaim.get(keyOf(claim)) : byName.get(claim.volume);
    if (volume === undefined || (volume.claim && keyOf(volume.claim) !== keyOf(claim))) return [];
    return [
      present({ claim: claim.name, volume: volume.name, hostPath: volume.hostPath, local: volume.local }),
    ];
  });
}

const keyOf = ({ namespace, name }: { readonly namespace: string; readonly name: string }) =>
  `${namespace}/${name}`;
