import { FieldReader } from '../../base/protobuf.ts';
import type { Decoded } from '../../base/protobuf-message.ts';
import { MessageSet } from '../../base/protobuf-message.ts';
import type { Json } from '../fields.ts';
import { projectOwner } from './project-metadata.ts';
import { podSpecMessages } from './pod-spec-messages.ts';

/** What anybody reads of a Pod. */
const messages = new MessageSet({
  ...podSpecMessages,
  ManagedFields: 'managedFields=17*:ManagedFieldsEntry',
  ManagedFieldsEntry:
    'manager=1 operation=2 apiVersion=3 time=4?:Time fieldsType=6 fieldsV1=7?:json subresource=8',
  PodStatus:
    'phase=1 conditions=2*:PodCondition podIP=6 initContainerStatuses=10*:ContainerStatus ' +
    'containerStatuses=8*:ContainerStatus ephemeralContainerStatuses=13*:ContainerStatus',
  PodCondition: 'type=1! status=2! lastTransitionTime=4:Time',
  ContainerStatus:
    'name=1! state=2:ContainerState lastState=3:ContainerState ready=4!:bool restartCount=5!:int image=6! ' +
    'imageID=7! containerID=8 user=13:ContainerUser',
  ContainerState:
    'waiting=1:ContainerStateWaiting running=2:ContainerStateRunning ' +
    'terminated=3:ContainerStateTerminated',
  ContainerUser: 'linux=1:LinuxContainerUser',
  ContainerStateWaiting: 'reason=1 message=2',
  ContainerStateRunning: 'startedAt=1:Time',
  ContainerStateTerminated:
    'exitCode=1!:int signal=2:int reason=3 message=4 startedAt=5:Time finishedAt=6:Time containerID=7',
  LinuxContainerUser: 'uid=1!:int gid=2!:int supplementalGroups=3*:int',
});

const parts = {
  metadata: messages.message('ObjectMeta'),
  managedFields: messages.message('ManagedFields'),
  spec: messages.message('PodSpec'),
  status: messages.message('PodStatus'),
};

const none = Buffer.alloc(0);

/** A Pod (core/v1) in protobuf. Its metadata are decoded, and the rest when it is asked for. */
export class EncodedPod {
  readonly kind = 'Pod';
  readonly apiVersion = 'v1';
  readonly metadata: Json;
  /** A view of the bytes of `spec`. */
  readonly encodedSpec: Buffer;
  readonly #encodedStatus: Buffer;
  #spec: Json | undefined;
  #status: Json | undefined;

  /** @throws ProtobufError */
  constructor(bytes: Buffer) {
    const pod = new FieldReader(bytes);
    let [metadata, spec, status]: [Buffer, Buffer, Buffer] = [none, none, none];
    while (pod.next()) {
      if (pod.number === 1) metadata = pod.slice();
      else if (pod.number === 2) spec = pod.slice();
      else if (pod.number === 3) status = pod.slice();
    }
    this.metadata = decodeMetadata(metadata);
    this.encodedSpec = spec;
    this.#encodedStatus = status;
  }

  /** @throws ProtobufError */
  get spec(): Json {
    return (this.#spec ??= parts.spec.decode(new FieldReader(this.encodedSpec)));
  }

  /** @throws ProtobufError */
  get status(): Json {
    return (this.#status ??= parts.status.decode(new FieldReader(this.#encodedStatus)));
  }
}

/** @throws ProtobufError */
export const decodePod = (bytes: Buffer): Readonly<Decoded> => new EncodedPod(bytes) as unknown as Decoded;

/** Managed fields are half of the bytes of most pods, and nobody reads them of one that a controller owns. */
function decodeMetadata(bytes: Buffer): Json {
  const decoded = parts.metadata.decode(new FieldReader(bytes));
  if (projectOwner(decoded, 'metadata') !== undefined) return decoded;
  return { ...decoded, ...parts.managedFields.decode(new FieldReader(bytes)) };
}
