import type { ImageScan } from '../../domain/scan-report.ts';
import type { Pod } from '../../domain/workload.ts';
import type { RunningContainer } from './running-images.ts';
import type { ComparableImage } from './same-image.ts';
import { comparable, isSameImage, repositoryKey, scannedReference } from './same-image.ts';

/** What says of an image in which container of which owner it was found. */
export type OfContainer = Pick<ImageScan, 'owner' | 'container' | 'image'>;

/** The scans that speak of one running container. */
export interface FoundScans<Scan extends OfContainer> {
  readonly ofImage: readonly Scan[];
  /** Its own reports that are of another image than the one that runs. */
  readonly ofAnother: readonly Scan[];
}

/** Finds a container's scans without looking at all of them. */
export type ScanIndex<Scan extends OfContainer> = (running: RunningContainer) => FoundScans<Scan>;

/** The hash that a Deployment's ReplicaSet has behind its name; its alphabet has no vowels and no look-alikes. */
const revision = /-[bcdfghjklmnpqrstvwxz2456789]{1,10}$/;

/** Kinds whose reports are of the ReplicaSets that they make. */
const makesReplicaSets = ['Deployment', 'Rollout'];

/**
 * A report belongs to the container by the uid of its owner, else by its owner's kind and name, else (the command
 * line's, which name no owner) by the image alone. Reports of old revisions belong to nothing that runs.
 * @param live false in a scan of manifests, where the name of the ReplicaSet that will run is not known
 */
export function indexScans<Scan extends OfContainer>(scans: readonly Scan[], live: boolean): ScanIndex<Scan> {
  const byOwner = new Map<string, Scan[]>();
  const byImage = new Map<string, Scan[]>();
  for (const scan of scans) {
    for (const key of ownerKeys(scan, live)) add(byOwner, key, scan);
    if (scan.owner === undefined) for (const key of imageKeys(scan)) add(byImage, key, scan);
  }
  // Mostly there is none, and a workload may have ten thousand pods.
  const ofPods = scans.some(({ owner }) => owner?.kind === 'Pod');
  return (running) => {
    const image = comparable(running.image, running.digest);
    const own = [
      ...ofOwners(byOwner, running).filter((scan) => isOf(scan, running)),
      ...(ofPods ? running.pods.flatMap((pod) => ofPod(byOwner, pod)) : []),
    ];
    const revisions = live ? [] : revisionKeys(running).flatMap((key) => byOwner.get(key) ?? []);
    const loose = lookupKeys(image).flatMap((key) => byImage.get(key) ?? []);
    const found: FoundScans<Scan> & { ofImage: Scan[]; ofAnother: Scan[] } = { ofImage: [], ofAnother: [] };
    for (const scan of new Set(own)) {
      if (!containerMatches(scan, running)) continue;
      (isSameImage(scan.image, image) ? found.ofImage : found.ofAnother).push(scan);
    }
    for (const scan of new Set([...revisions, ...loose])) {
      if (!containerMatches(scan, running) || found.ofImage.includes(scan) || found.ofAnother.includes(scan))
        continue;
      if (isSameImage(scan.image, image)) found.ofImage.push(scan);
    }
    return found;
  };
}

function ownerKeys({ owner }: OfContainer, live: boolean): readonly string[] {
  if (owner === undefined) return [];
  const { kind, name, uid } = owner;
  const keys = [`${kind}/${name}`, ...(uid === undefined ? [] : [uid])];
  if (live || kind !== 'ReplicaSet' || !revision.test(name)) return keys;
  return [...keys, `revision of ${name.replace(revision, '')}`];
}

type Index<Scan> = ReadonlyMap<string, Scan[]>;

const ofOwners = <Scan>(byOwner: Index<Scan>, { uids, names }: RunningContainer): Scan[] =>
  [...uids, ...names.keys()].flatMap((key) => byOwner.get(key) ?? []);

/** Of the pod itself, as the scanner owns them to pods that have no controller. */
const ofPod = <Scan extends OfContainer>(byOwner: Index<Scan>, { name, uid }: Pod): Scan[] => [
  ...(uid === undefined ? [] : (byOwner.get(uid) ?? [])),
  ...(byOwner.get(`Pod/${name}`) ?? []).filter(({ owner }) => uid === undefined || owner?.uid === undefined),
];

const revisionKeys = ({ workload }: RunningContainer): readonly string[] =>
  makesReplicaSets.includes(workload.kind) ? [`revision of ${workload.name}`] : [];

/** An object of the same name that was made anew is another one: its uid tells. */
function isOf(scan: OfContainer, running: RunningContainer): boolean {
  if (scan.owner === undefined) return false;
  const { kind, name, uid } = scan.owner;
  if (uid !== undefined && running.uids.has(uid)) return true;
  const key = `${kind}/${name}`;
  return running.names.has(key) && (uid === undefined || running.names.get(key) === undefined);
}

const containerMatches = ({ container }: OfContainer, running: RunningContainer): boolean =>
  container === undefined || container === running.container;

function imageKeys({ image }: OfContainer): readonly string[] {
  const reference = scannedReference(image);
  return [
    ...(image.digest === undefined ? [] : [image.digest]),
    ...(reference === undefined ? [] : [repositoryKey(reference)]),
  ];
}

const lookupKeys = ({ reference, digests }: ComparableImage): readonly string[] => [
  ...digests,
  ...(reference === undefined ? [] : [repositoryKey(reference)]),
];

function add<Scan>(index: Map<string, Scan[]>, key: string, scan: Scan): void {
  const list = index.get(key);
  if (list === undefined) index.set(key, [scan]);
  else list.push(scan);
}
