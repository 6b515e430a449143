import { expect } from 'chai';
import { kinds } from '../../src/api/kinds.ts';
import { complianceReports, group, version } from '../../src/api/resources.ts';
import { sleep, systemClock } from '../../src/base/clock.ts';
import type { ControlPlane } from '../../tools/control-plane/control-plane.ts';
import { customResourceDefinition } from '../../tools/generate/crds.ts';
import { samples } from '../support/api-samples.ts';
import { freshNamespace, useCluster } from '../support/cluster.ts';
import type { Kept } from '../support/kept.ts';
import { applyStatus, pathOf, write } from '../support/kept.ts';

describe('a new CustomResourceDefinition over an old one', () => {
  const cluster = useCluster();

  // A group of their own: the definitions of the others stay as they are.
  const oldGroup = 'upgrade.example.com';
  const names = complianceReports;
  const moved = (definition: object) =>
    JSON.parse(JSON.stringify(definition).replaceAll(group, oldGroup)) as Record<string, unknown>;
  after(() => cluster().kubectl(['delete', 'crd', `${names.plural}.${oldGroup}`, '--wait=false']));
  const inOldGroup = (object: object) => ({ ...object, apiVersion: `${oldGroup}/${version}` });

  it('leaves what is stored readable, and takes the fields that came', async function () {
    this.timeout(60_000);
    const definition = customResourceDefinition(kindNamed('ComplianceReport'));
    const { object, status } = samples[0];
    const { transitions: _, workloads: __, ...before } = status;

    await define(cluster(), moved(older(definition)));
    const fresh = await freshNamespace(cluster(), 'upgrade');
    const old = await write(cluster(), names, fresh, inOldGroup(object), before, oldGroup);
    expect(old.status).to.deep.equal(before);

    await define(cluster(), moved(definition));
    const path = pathOf(names, fresh, object.metadata.name, oldGroup);
    const read = (await cluster().request('GET', path)).body as Kept;
    expect(read).to.deep.equal(old);
    const renewed = await applyStatus(cluster(), path, inOldGroup(object), read, status);
    expect(renewed.status).to.deep.equal(status);
    const { stdout } = await cluster().kubectl(['get', `${names.plural}.${oldGroup}`, '-n', fresh]);
    expect(stdout).to.match(/reference-design +NonCompliant +42 /);
  });
});

function kindNamed(kind: string) {
  const found = kinds.find((one) => one.kind === kind);
  if (found === undefined) throw new Error(`no kind ${kind}`);
  return found;
}

/** The definition as it was before two fields of the status, a column and wider bounds came. */
function older(definition: object): object {
  const copy = structuredClone(definition) as {
    spec: {
      versions: {
        additionalPrinterColumns: unknown[];
        selectableFields?: unknown;
        schema: { openAPIV3Schema: { properties: { status: Properties } } };
      }[];
    };
  };
  interface Properties {
    required: string[];
    properties: Record<string, { maxItems?: number }>;
  }
  for (const one of copy.spec.versions) {
    const { status } = one.schema.openAPIV3Schema.properties;
    for (const name of ['transitions', 'workloads']) delete status.properties[name];
    status.required = status.required.filter((name) => status.properties[name] !== undefined);
    const { controls } = status.properties;
    if (controls !== undefined) controls.maxItems = 8;
    one.additionalPrinterColumns.shift();
    delete one.selectableFields;
  }
  return copy;
}

async function define(cluster: ControlPlane, definition: Record<string, unknown>): Promise<void> {
  const { code, stderr } = await cluster.kubectl(['apply', '--server-side', '-f', '-'], {
    input: JSON.stringify(definition),
  });
  if (code !== 0) throw new Error(stderr);
  const { name } = definition['metadata'] as { name: string };
  const wait = await cluster.kubectl(['wait', '--for=condition=Established', '--timeout=30s', `crd/${name}`]);
  if (wait.code !== 0) throw new Error(wait.stderr);
  // The handler of the new schema takes over a moment later; what discovery shows follows it.
  await applied(cluster, name, definition);
}

/** Resolves when the published schema is the one of the definition. */
async function applied(
  cluster: ControlPlane,
  name: string,
  definition: Record<string, unknown>,
): Promise<void> {
  const [plural, ofGroup] = [name.split('.')[0], name.slice(name.indexOf('.') + 1)];
  const { versions } = definition['spec'] as {
    versions: { schema: { openAPIV3Schema: { properties: { status: { properties: object } } } } }[];
  };
  const fields = Object.keys(versions[0]?.schema.openAPIV3Schema.properties.status.properties ?? {}).sort();
  for (let attempt = 0; attempt < 100; attempt++) {
    const { body } = await cluster.request('GET', `/openapi/v3/apis/${ofGroup}/${version}`);
    const schemas =
      (body as { components?: { schemas?: Record<string, Published> } }).components?.schemas ?? {};
    const found = Object.values(schemas).find((one) => one.properties?.['status'] !== undefined && !one.enum);
    const published = Object.keys(found?.properties?.['status']?.properties ?? {}).sort();
    if (JSON.stringify(published) === JSON.stringify(fields)) return;
    await sleep(systemClock, 100);
  }
  throw new Error(`the API server does not publish the schema of ${plural}`);
}

interface Published {
  readonly enum?: unknown;
  readonly properties?: Readonly<Record<string, Published>>;
}
