import { expect } from 'chai';
import fc from 'fast-check';
import { catalogue } from '../../src/controls/catalogue.generated.ts';
import { defaultParameters } from '../../src/domain/parameters.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import { read } from '../../src/domain/snapshot.ts';
import { evaluateNamespace } from '../../src/evaluate/evaluate-namespace.ts';
import { VerdictMemory } from '../../src/evaluate/verdict-memory.ts';
import { RescanMemory } from '../../src/evidence/trivy/rescan-memory.ts';
import type { ApiClient } from '../../src/kube/client.ts';
import type { Change } from '../../src/kube/store.ts';
import { ClusterState } from '../../src/operator/cluster-state.ts';
import type { GatherContext } from '../../src/operator/gather.ts';
import { gatherSnapshot, noRuntimeYet } from '../../src/operator/gather.ts';
import { Remembered } from '../../src/operator/remembered.ts';
import type { Watched } from '../../src/operator/watched.ts';
import { ModelServer } from '../kube/model-server.ts';
import { now, scannerSettings } from '../support/builders.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { profileOf } from '../support/judging.ts';
import { noHooks } from '../support/hooks.ts';

const profile = profileOf(catalogue);

/** A cluster of which everything was read, and nothing is there; objects are put into the stores by hand. */
async function emptyCluster() {
  const clock = new FakeClock();
  const hooks = noHooks;
  const state = new ClusterState(new ModelServer() as unknown as ApiClient, clock, hooks);
  const abort = new AbortController();
  const done = state.run(abort.signal);
  await clock.advance(0);
  const stop = async () => {
    abort.abort();
    await done;
  };
  const deletedVulnerabilityScans: GatherContext['deletedVulnerabilityScans'] = new RescanMemory({
    keepFor: 86_400_000,
  });
  const context: GatherContext = {
    state,
    facts: () => facts,
    sboms: { evidence: () => read([]) },
    admission: { admission: () => read([]), audits: () => read([]) },
    mesh: { evidence: () => read([]) },
    exploited: { evidence: () => read([]) },
    proprietary: { objects: () => read([]) },
    deletedVulnerabilityScans,
    deletedSecretScans: new RescanMemory({ keepFor: 86_400_000 }),
    runtime: () => ({ ...noRuntimeYet }),
    signs: { tell: () => ({ signs: 'never' as const }) },
    scannerSettings: () => read([scannerSettings()]),
  };
  return { state, context, stop };
}

const facts = { minor: 37, unreadPolicyApis: [], live: true };

let version = 0;

function put<T>(watched: Watched<T>, namespace: string, name: string, rest: object = {}): void {
  const metadata = { name, ...(namespace === '' ? {} : { namespace }), uid: `${namespace}/${name}` };
  const value = watched.options.project({ metadata, ...rest });
  if (value === undefined) throw new Error(`${watched.name} ${name} is not kept`);
  const resourceVersion = String(++version);
  watched.store.set({ namespace, name, uid: metadata.uid, resourceVersion, value });
}

const image = (variant: number) => ({
  containers: [{ name: 'app', image: `registry.example/app:${variant}` }],
});

const ofSet = (namespace: string) => [
  { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', uid: `${namespace}/db`, controller: true },
];
const stamp = (variant: number) => `2026-01-0${variant + 1}T00:00:00Z`;
const revision = (namespace: string, variant: number) => ({
  metadata: {
    ...{ name: `db-${variant}`, namespace, creationTimestamp: stamp(variant) },
    ownerReferences: ofSet(namespace),
  },
  ...{ revision: variant + 1, data: { spec: { template: { spec: image(variant) } } } },
});
const configAudit = (namespace: string, variant: number) => ({
  metadata: { name: 'statefulset-db', namespace, ownerReferences: ofSet(namespace) },
  report: { updateTimestamp: stamp(variant), summary: {}, checks: [] },
});

/** What may happen, by resource. `variant` tells one content from another. */
const happenings: Record<string, (state: ClusterState, namespace: string, variant: number) => void> = {
  pod: ({ pods }, namespace, variant) =>
    put(pods, namespace, `pod-${variant % 2}`, { spec: image(variant), status: { phase: 'Running' } }),
  'pod gone': ({ pods }, namespace, variant) => pods.store.delete(namespace, `pod-${variant % 2}`),
  deployment: ({ owners }, namespace, variant) => {
    const [deployments] = owners;
    const template = { metadata: {}, spec: image(variant) };
    if (deployments !== undefined)
      put(deployments, namespace, 'web', { spec: { replicas: variant, selector: {}, template } });
  },
  'stateful set': ({ owners }, namespace, variant) => {
    const [, sets] = owners;
    const template = { metadata: {}, spec: image(variant) };
    if (sets !== undefined) put(sets, namespace, 'db', { spec: { selector: {}, template } });
  },
  revision: ({ controllerRevisions }, namespace, variant) =>
    put(controllerRevisions, namespace, `db-${variant}`, revision(namespace, variant)),
  'config audit': ({ configAuditReports }, namespace, variant) =>
    put(configAuditReports, namespace, 'statefulset-db', configAudit(namespace, variant)),
  policy: ({ networkPolicies }, namespace, variant) =>
    put(networkPolicies, namespace, 'deny', {
      spec: { podSelector: {}, policyTypes: variant % 2 === 0 ? ['Ingress'] : ['Ingress', 'Egress'] },
    }),
  'policy gone': ({ networkPolicies }, namespace) => networkPolicies.store.delete(namespace, 'deny'),
  service: ({ services }, namespace, variant) =>
    put(services, namespace, 'web', { spec: { selector: {}, ports: [{ port: 80 + variant }] } }),
  ingress: ({ ingresses }, namespace, variant) => {
    const annotations = variant % 2 === 0 ? {} : { 'networking.gke.io/key': 'value' };
    put(ingresses, namespace, 'web', { metadata: { name: 'web', namespace, annotations } });
  },
  account: ({ serviceAccounts }, namespace, variant) =>
    put(serviceAccounts, namespace, 'default', { automountServiceAccountToken: variant % 2 === 0 }),
  binding: ({ roleBindings }, namespace, variant) =>
    put(roleBindings, namespace, `binding-${variant % 2}`, {
      subjects: [{ kind: 'ServiceAccount', name: 'default', namespace }],
      roleRef: { kind: 'ClusterRole', name: 'view' },
    }),
  'binding of the cluster': ({ clusterRoleBindings }, namespace, variant) =>
    put(clusterRoleBindings, '', `of-${namespace}-${variant % 2}`, {
      subjects: [{ kind: 'ServiceAccount', name: 'default', namespace }],
      roleRef: { kind: 'ClusterRole', name: 'view' },
    }),
  claim: ({ claims }, namespace, variant) =>
    put(claims, namespace, 'data', {
      spec: {
        volumeName: `pv-${namespace}`,
        accessModes: [variant % 2 === 0 ? 'ReadWriteOnce' : 'ReadWriteMany'],
      },
      status: { phase: 'Bound' },
    }),
  volume: ({ volumes }, namespace, variant) =>
    put(volumes, '', `pv-${namespace}`, {
      spec: { hostPath: { path: `/data/${variant}` }, claimRef: { namespace, name: 'data' } },
    }),
  'config map': ({ configMaps }, namespace, variant) =>
    put(configMaps, namespace, 'settings', { data: { LEVEL: variant % 2 === 0 ? 'info' : 'debug' } }),
  limits: ({ limitRanges }, namespace) =>
    put(limitRanges, namespace, 'limits', {
      spec: { limits: [{ type: 'Container', defaultRequest: { cpu: '1' } }] },
    }),
};

const anyHappening = fc.record({
  what: fc.constantFrom(...Object.keys(happenings)),
  variant: fc.nat({ max: 3 }),
});

function judge(snapshot: Snapshot, memory?: VerdictMemory): string {
  const onError = (control: string, error: unknown) => {
    throw new Error(control, { cause: error });
  };
  return JSON.stringify(evaluateNamespace({ snapshot, profile, now, onError, memory }));
}

describe('gatherSnapshot with a memory', function () {
  this.timeout(60_000);

  it('gives what it would give without one, and so does the evaluation, after any changes', async () => {
    const namespaces = fc.constantFrom('shop', 'other');
    const steps = fc.array(fc.tuple(namespaces, anyHappening), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const { state, context, stop } = await emptyCluster();
        const [sources, verdicts] = [new Remembered(), new VerdictMemory()];
        for (const [namespace, { what, variant }] of all) {
          happenings[what]?.(state, namespace, variant);
          const fresh = gatherSnapshot(context, 'shop', defaultParameters, now);
          const remembered = gatherSnapshot(context, 'shop', defaultParameters, now, sources);
          expect(remembered).to.deep.equal(fresh);
          expect(judge(remembered, verdicts)).to.equal(judge(fresh));
        }
        await stop();
      }),
      { numRuns: 60 },
    );
  });

  it('gives the same objects, and the same bytes, whatever happens in other namespaces', async () => {
    const before = fc.array(anyHappening, { maxLength: 8 });
    const elsewhere = fc.array(anyHappening, { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(before, elsewhere, async (own, others) => {
        const { state, context, stop } = await emptyCluster();
        for (const { what, variant } of own) happenings[what]?.(state, 'shop', variant);
        const sources = new Remembered();
        const first = gatherSnapshot(context, 'shop', defaultParameters, now, sources);
        const judged = judge(first);
        for (const { what, variant } of others) happenings[what]?.(state, 'other', variant);
        const second = gatherSnapshot(context, 'shop', defaultParameters, now, sources);
        for (const field of Object.keys(first) as (keyof Snapshot)[])
          expect(second[field], field).to.equal(first[field]);
        expect(judge(gatherSnapshot(context, 'shop', defaultParameters, now))).to.equal(judged);
        await stop();
      }),
      { numRuns: 60 },
    );
  });

  const touches: Record<string, [what: string, variant: number, fields: (keyof Snapshot)[]]> = {
    'another image of a pod changes the workloads': ['pod', 2, ['workloads']],
    'a pod that goes changes the workloads': ['pod gone', 0, ['workloads']],
    'what a kubelet writes without changing what is kept changes nothing': ['pod', 0, []],
    'a policy changes the policies': ['policy', 1, ['networkPolicies']],
    'a service changes the services': ['service', 1, ['services']],
    'an Ingress that is annotated otherwise changes the Ingresses': ['ingress', 1, ['ingresses']],
    'a service account changes those, and nobody’s labels': ['account', 1, ['serviceAccounts']],
    'a binding changes the bindings, and what they give': ['binding', 1, ['roleBindings', 'rights']],
    'a binding of the cluster too': ['binding of the cluster', 1, ['roleBindings', 'rights']],
    'a claim changes the claims, and not what they are bound to': ['claim', 1, ['claims']],
    'a volume changes the volumes': ['volume', 1, ['volumes']],
    'a ConfigMap changes the ConfigMaps': ['config map', 1, ['configMaps']],
    'a revision of what was audited changes the audits': ['revision', 1, ['policyAudits']],
  };
  for (const [sentence, [what, variant, fields]] of Object.entries(touches)) {
    it(sentence, async () => {
      const { state, context, stop } = await emptyCluster();
      for (const happen of Object.values(happenings)) happen(state, 'shop', 0);
      for (const each of [0, 1]) happenings['pod']?.(state, 'shop', each);
      happenings['policy']?.(state, 'shop', 0);
      const sources = new Remembered();
      const first = gatherSnapshot(context, 'shop', defaultParameters, now, sources);
      happenings[what]?.(state, 'shop', variant);
      const second = gatherSnapshot(context, 'shop', defaultParameters, now, sources);
      const changed = (Object.keys(second) as (keyof Snapshot)[]).filter((key) => second[key] !== first[key]);
      expect(changed).to.deep.equal(fields);
      await stop();
    });
  }

  it('dates the template of what was audited, and says it where that cannot be read', async () => {
    const { state, context, stop } = await emptyCluster();
    const auditsBy = (watched: ClusterState) =>
      gatherSnapshot({ ...context, state: watched }, 'shop', defaultParameters, now).policyAudits;
    const forbidden = { available: false, reason: 'Forbidden', message: 'It is refused.' } as const;
    const blind: ClusterState = Object.create(state, {
      controllerRevisions: { value: { evidence: () => forbidden } },
    });
    expect(auditsBy(blind), 'nobody asks').to.not.have.property('gap');
    happenings['stateful set']?.(state, 'shop', 0);
    happenings['config audit']?.(state, 'shop', 0);
    const dated = (specSince: unknown) => ({ name: 'statefulset-db', specSince });
    const first = (source: Snapshot['policyAudits']) => source.available && source.items[0];
    expect(first(auditsBy(state))).to.deep.include(dated('unknown'));
    for (const variant of [0, 1]) happenings['revision']?.(state, 'shop', variant);
    expect(first(auditsBy(state))).to.deep.include(dated(Date.parse(stamp(1))));
    expect(auditsBy(state)).to.not.have.property('gap');
    expect(first(auditsBy(blind))).to.deep.include(dated('unknown'));
    const { reason, message } = forbidden;
    expect(auditsBy(blind)).to.deep.include({ gap: { reason, message } });
    await stop();
  });

  it('gives the same sensors while a node is heard, and others for a sensor, a node or a profile that changed', async () => {
    const { state, context, stop } = await emptyCluster();
    const heard = { signs: 'heard' as const, unbrokenSince: now };
    const asked: number[] = [];
    const signs: GatherContext['signs'] = {
      tell: (_node, blindAfter) => {
        asked.push(blindAfter);
        return { ...heard };
      },
    };
    put(state.pods, 'shop', 'app', { spec: { ...image(1), nodeName: 'a' } });
    const sources = new Remembered();
    const sensorsBy = (blindAfter = 900_000) => {
      const parameters = { ...defaultParameters, 'runtime.blindSensorAfter': blindAfter };
      const found = gatherSnapshot({ ...context, signs }, 'shop', parameters, now, sources);
      return [found.sensorNodes, found.sensorsPresent];
    };
    const [first, none] = sensorsBy();
    expect(none).to.deep.equal([]);
    expect(sensorsBy(600_000)[0]).to.deep.equal(first);
    expect(sensorsBy()[0]).to.equal(first);
    expect(new Set(asked)).to.deep.equal(new Set([900_000, 600_000]));
    put(state.pods, 'falco', 'x', {
      spec: { nodeName: 'a', containers: [{ name: 'falco', image: 'falcosecurity/falco:1' }] },
    });
    const [second, present] = sensorsBy();
    expect(present).to.deep.equal(['falco']);
    expect(second).to.not.equal(first);
    put(state.nodes, '', 'a', { spec: { taints: [{ key: 'virtual-kubelet.io/provider' }] } });
    const { items: [node] = [] } = sensorsBy()[0] as { items?: object[] };
    expect(node).to.deep.include({ name: 'a', uncoverable: 'virtual', ...heard });
    await stop();
  });

  it('sees a deleted report that stands until its rescan, and its end', async () => {
    const { context, stop } = await emptyCluster();
    const sources = new Remembered();
    const scansAt = (at: number) =>
      gatherSnapshot(context, 'shop', defaultParameters, at, sources).vulnerabilityScans;
    const none = scansAt(now);
    const scan = { name: 'report', image: { registry: '', repository: 'app' } };
    context.deletedVulnerabilityScans.reportDeleted('shop', scan as never, now);
    const [standing, same] = [scansAt(now + 1), scansAt(now + 2)];
    expect(standing).to.have.property('items').that.has.length(1);
    expect(same).to.equal(standing);
    expect(scansAt(now + 86_400_001)).to.deep.equal(none);
    await stop();
  });
});

describe('a store', () => {
  it('keeps the old value where a new version says the same', async () => {
    const { state, stop } = await emptyCluster();
    const changes: Change<unknown>[] = [];
    put(state.services, 'shop', 'web', { spec: { ports: [{ port: 80 }] } });
    state.services.store.subscribe((change) => changes.push(change));
    put(state.services, 'shop', 'web', { spec: { ports: [{ port: 80 }] } });
    put(state.services, 'shop', 'web', { spec: { ports: [{ port: 81 }] } });
    expect(changes.map((change) => change.type === 'set' && change.old === change.value)).to.deep.equal([
      true,
      false,
    ]);
    await stop();
  });
});
