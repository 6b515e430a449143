import { expect } from 'chai';
import { unreadFields } from '../../src/evidence/workloads/encoded-spec.ts';
import { decodePod } from '../../src/evidence/workloads/pod-message.ts';
import { podSpecMessages } from '../../src/evidence/workloads/pod-spec-messages.ts';
import { projectPod } from '../../src/evidence/workloads/project-pod.ts';
import type { Json } from '../../src/evidence/fields.ts';
import { decodeObject, protobufType } from '../../src/kube/protobuf.ts';
import { clientFor } from '../kube/support.ts';
import { freshNamespace, useCluster } from '../support/cluster.ts';
import { fullSpecs, fullStatus } from '../support/full-pods.ts';

interface Property {
  readonly type?: string;
  readonly $ref?: string;
  readonly allOf?: readonly { readonly $ref: string }[];
  readonly items?: Property;
  readonly additionalProperties?: Property;
}

interface Described {
  readonly name: string;
  readonly mark: string;
  readonly type: string;
  readonly inline: boolean;
}

const messages: Readonly<Record<string, string>> = podSpecMessages;

const describedIn = (message: string): Described[] =>
  (messages[message] ?? '').split(' ').map((text) => {
    const groups =
      /^(?<inline>\.\.\.)?(?<name>\w+)=\d+(?<mark>[*%?!])?(?::(?<type>\w+))?$/.exec(text)?.groups ?? {};
    const { name = '', mark = '', type = 'text', inline } = groups;
    return { name, mark, type, inline: inline !== undefined };
  });

/** With those of what stands in it inline. */
const fieldsOf = (message: string): Described[] =>
  describedIn(message).flatMap((field) => (field.inline ? fieldsOf(field.type) : [field]));

/** All features on, so that the server takes each field that it knows. */
const everything = {
  extraApiServerArgs: ['--feature-gates=AllAlpha=true,AllBeta=true', '--runtime-config=api/all=true'],
};

describe('what is decoded of a pod in protobuf', function () {
  this.timeout(120_000);
  const cluster = useCluster(everything);
  let namespace = '';
  let schemas: Readonly<Record<string, { readonly properties?: Readonly<Record<string, Property>> }>> = {};
  const pods = new Map<string, { readonly json: Json; readonly bytes: Buffer }>();

  before(async () => {
    const { body } = await cluster().request('GET', '/openapi/v3/api/v1');
    ({ schemas } = (body as { components: { schemas: typeof schemas } }).components);
    namespace = await freshNamespace(cluster(), 'messages');
    const post = async (path: string, object: object) => {
      const { status, body: answer } = await cluster().request('POST', path, object);
      expect(status, JSON.stringify(answer)).to.equal(201);
    };
    const inNamespace = `/api/v1/namespaces/${namespace}`;
    for (const name of ['default', 'robot'])
      await post(`${inNamespace}/serviceaccounts`, { metadata: { name } });
    await post('/apis/node.k8s.io/v1/runtimeclasses', { metadata: { name: 'kata' }, handler: 'kata' });
    const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'app', uid: '1', controller: true };
    for (const [name, spec] of Object.entries(fullSpecs)) {
      const ownerReferences = name === 'full' ? [owner] : [];
      const annotations = { 'example.com/long': 'x'.repeat(300), 'kubernetes.io/empty': '' };
      const metadata = {
        name,
        labels: { app: 'shop' },
        annotations,
        ownerReferences,
        finalizers: ['example.com/held'],
      };
      await post(`${inNamespace}/pods`, { metadata, spec });
    }
    await debug();
    const patched = await patch(`${inNamespace}/pods/full/status`, { status: fullStatus });
    expect(patched.status, JSON.stringify(patched.body)).to.equal(200);
    await cluster().request('DELETE', `${inNamespace}/pods/host`);
    for (const name of Object.keys(fullSpecs)) pods.set(name, await read(`${inNamespace}/pods/${name}`));
  });

  const patch = (path: string, body: object) =>
    cluster().request('PATCH', path, body, { contentType: 'application/strategic-merge-patch+json' });

  /** A container that somebody looks in with. */
  async function debug(): Promise<void> {
    const ephemeralContainers = [
      { name: 'debug', image: 'busybox', targetContainerName: 'app', stdin: true },
    ];
    const path = `/api/v1/namespaces/${namespace}/pods/full/ephemeralcontainers`;
    const { status, body } = await patch(path, { spec: { ephemeralContainers } });
    expect(status, JSON.stringify(body)).to.equal(200);
  }

  async function read(path: string): Promise<{ json: Json; bytes: Buffer }> {
    const { client } = clientFor(cluster().kubeconfigPath);
    try {
      const { signal } = new AbortController();
      const { isProtobuf, chunks } = await client.stream({ path, accept: protobufType, signal });
      expect(isProtobuf).to.equal(true);
      const envelope = await collect(chunks);
      let bytes = Buffer.alloc(0);
      decodeObject(envelope, (message) => ((bytes = Buffer.from(message)), {}));
      const { body } = await cluster().request('GET', path);
      return { json: body as Json, bytes };
    } finally {
      await client.close();
    }
  }

  const each = (test: (name: string, json: Json, bytes: Buffer) => void) => {
    expect([...pods.keys()]).to.deep.equal(Object.keys(fullSpecs));
    for (const [name, { json, bytes }] of pods) test(name, json, bytes);
  };

  const without = (object: unknown, names: readonly string[]): Json =>
    Object.fromEntries(Object.entries(object as Json).filter(([name]) => !names.includes(name)));

  it('is the specification that JSON has, key for key, but for what nobody reads', () => {
    each((name, json, bytes) => {
      const expected = without(json['spec'], Object.keys(unreadFields));
      const decoded = decodePod(bytes)['spec'];
      expect(decoded, name).to.deep.equal(expected);
      expect(JSON.stringify(decoded), name).to.equal(JSON.stringify(expected));
    });
  });

  it('is the metadata that JSON has, but for who manages it where a controller does', () => {
    each((name, json, bytes) => {
      const left = name === 'full' ? ['managedFields'] : [];
      expect(decodePod(bytes)['metadata'], name).to.deep.equal(without(json['metadata'], left));
    });
  });

  it('is as much of the status as it has words for', () => {
    const { json, bytes } = pods.get('full') ?? {};
    const decoded = decodePod(bytes ?? Buffer.alloc(0))['status'] as Json;
    expect(Object.keys(decoded)).to.include.members(['phase', 'podIP', 'containerStatuses', 'conditions']);
    expect(json?.['status']).to.containSubset(decoded);
  });

  it('is projected as JSON is', () => {
    each((name, json, bytes) => {
      const [fromJson, fromBytes] = [projectPod(json), projectPod(decodePod(bytes))];
      expect(fromBytes, name).to.deep.equal(fromJson);
      expect(fromBytes.spec, name).to.equal(fromJson.spec);
    });
  });

  it('has words for every field of a specification that the server has', () => {
    for (const message of Object.keys(messages)) {
      const schema = schemaOf(message);
      // Some are of fields that stand in another message.
      if (schema === undefined) continue;
      const known = fieldsOf(message).map(({ name }) => name);
      const passed =
        message === 'PodSpec' ? Object.keys(unreadFields) : message === 'ObjectMeta' ? ofServer : [];
      expect([...known, ...passed].sort(), message).to.deep.equal(
        Object.keys(schema.properties ?? {}).sort(),
      );
    }
  });

  it('has each field as what the server has it', () => {
    for (const message of Object.keys(messages))
      for (const { name, mark, type } of fieldsOf(message)) {
        const property = schemaOf(message)?.properties?.[name];
        if (property !== undefined)
          expect(typeOf(property), `${message}.${name}`).to.equal(jsonTypeOf(mark, type));
      }
  });

  it('meets every field of a specification in these pods', () => {
    const met = new Set<string>();
    const meet = (message: string, object: Json) => {
      for (const { name, type } of fieldsOf(message)) {
        const value = object[name];
        if (value === undefined) continue;
        met.add(`${message}.${name}`);
        for (const part of Array.isArray(value) ? (value as unknown[]) : [value])
          if (type in messages) meet(type, part as Json);
      }
    };
    each((_, { spec }) => meet('PodSpec', spec as Json));
    const wanted = Object.keys(messages)
      .filter((message) => schemaOf(message) !== undefined && !inOthers.has(message))
      .flatMap((message) => fieldsOf(message).map(({ name }) => `${message}.${name}`));
    expect(wanted.filter((field) => !met.has(field))).to.deep.equal([]);
  });

  /** The API server's own, which nobody reads. */
  const ofServer = ['managedFields', 'selfLink'];
  /** Met in other pods than these, or in the metadata of all of them. */
  const inOthers = new Set(['ObjectMeta', 'OwnerReference', 'EphemeralContainer']);

  function schemaOf(message: string) {
    return (
      schemas[`io.k8s.api.core.v1.${message}`] ?? schemas[`io.k8s.apimachinery.pkg.apis.meta.v1.${message}`]
    );
  }
});

async function collect(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

const special: Readonly<Record<string, string>> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': 'Quantity',
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': 'IntOrString',
  'io.k8s.apimachinery.pkg.apis.meta.v1.Time': 'Time',
};

function typeOf({ type, $ref, allOf, items, additionalProperties }: Property): string {
  const ref = ($ref ?? allOf?.[0]?.$ref)?.split('/').at(-1);
  if (ref !== undefined) return special[ref] ?? ref.split('.').at(-1) ?? '';
  if (items !== undefined) return `${typeOf(items)}*`;
  if (additionalProperties !== undefined) return `${typeOf(additionalProperties)}%`;
  return type ?? '';
}

const scalars: Readonly<Record<string, string>> = { text: 'string', int: 'integer', bool: 'boolean' };

const jsonTypeOf = (mark: string, type: string): string =>
  `${scalars[type] ?? type}${mark === '*' || mark === '%' ? mark : ''}`;
