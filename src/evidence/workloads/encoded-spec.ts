import { FieldReader } from '../../base/protobuf.ts';
import { isTokenName } from './project-pod-spec.ts';

/** A pod specification in protobuf, as far as one of the same bytes need not be decoded again. */
export interface EncodedSpec {
  readonly node: string | undefined;
  /** Names of the PersistentVolumeClaims, as projectClaims has them. */
  readonly claims: readonly string[];
  /** Names of the volumes that the API server has injected for the pod's token. */
  readonly tokens: readonly string[];
  /** All that may show in its projection, byte for byte: without what differs from pod to pod of one template. */
  readonly text: string;
}

/** The numbers of fields, as pod-spec-messages.ts has them. */
const [volumes, nodeName] = [1, 10] as const;
const [volumeName, volumeSource] = [1, 2] as const;
const [claimSource, projectedSource, ephemeralSource] = [10, 26, 29] as const;

/**
 * What no projection reads, and where it stands. Much of it the API server puts into pods, so that with it a pod would be
 * another text than its template.
 */
export const unreadFields = {
  ...{ affinity: 18, nodeSelector: 7, schedulerName: 19, schedulingGates: 38, tolerations: 22 },
  ...{ topologySpreadConstraints: 33, preemptionPolicy: 31, priority: 25, priorityClassName: 24 },
  ...{ overhead: 32, restartPolicy: 3, dnsConfig: 26, dnsPolicy: 6, hostAliases: 23, hostname: 16 },
  ...{ setHostnameAsFQDN: 35, subdomain: 17, nodeName },
} as const;

const passedOver: ReadonlySet<number> = new Set(Object.values(unreadFields));

/** @param podName its generic ephemeral volumes have claims that are named after it @throws ProtobufError */
export function readEncodedSpec(bytes: Buffer, podName: string): EncodedSpec {
  const spec = new FieldReader(bytes);
  const [claims, tokens, parts]: [string[], string[], string[]] = [[], [], []];
  let node: string | undefined;
  // Of fields that follow each other one piece is taken.
  let [from, to] = [0, 0];
  while (spec.next()) {
    if (spec.number === nodeName) node = spec.text();
    const volume = spec.number === volumes ? readVolume(spec.slice()) : undefined;
    if (volume?.isToken === true) tokens.push(volume.name);
    if (volume?.isEphemeral === true) claims.push(`${podName}-${volume.name}`);
    if (volume?.claim !== undefined) claims.push(volume.claim);
    if (passedOver.has(spec.number) || volume?.claim !== undefined) {
      parts.push(bytes.toString('latin1', from, to));
      // Each pod of a StatefulSet has a claim of its own; claims are projected apart from the specification.
      if (volume?.claim !== undefined) parts.push(`claim ${volume.name}\n`);
      from = spec.to;
    }
    to = spec.to;
  }
  parts.push(bytes.toString('latin1', from, to));
  return { node: node === '' ? undefined : node, claims, tokens, text: parts.join('') };
}

interface EncodedVolume {
  name: string;
  claim?: string;
  isToken: boolean;
  isEphemeral: boolean;
}

function readVolume(bytes: Buffer): EncodedVolume {
  const volume: EncodedVolume = { name: '', isToken: false, isEphemeral: false };
  const fields = new FieldReader(bytes);
  while (fields.next()) {
    if (fields.number === volumeName) volume.name = fields.text();
    if (fields.number !== volumeSource) continue;
    const sources = fields.content();
    while (sources.next()) {
      if (sources.number === claimSource) volume.claim = firstText(sources.content());
      else if (sources.number === projectedSource) volume.isToken = isTokenName(volume.name);
      else if (sources.number === ephemeralSource) volume.isEphemeral = true;
    }
  }
  return volume;
}

/** The claim's name is the first field of its source. */
function firstText(fields: FieldReader): string {
  while (fields.next()) if (fields.number === 1) return fields.text();
  return '';
}
