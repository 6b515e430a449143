import { expect } from 'chai';
import type { ApiClient } from '../../src/kube/client.ts';
import type { DiscoveredResource } from '../../src/kube/discovery.ts';
import { AdmissionKeeper } from '../../src/operator/admission-keeper.ts';
import { watchNames } from '../../src/operator/base-class.ts';
import { ClusterState } from '../../src/operator/cluster-state.ts';
import { ExploitedKeeper } from '../../src/operator/exploited-keeper.ts';
import { MeshKeeper } from '../../src/operator/mesh-keeper.ts';
import { ProfileBook } from '../../src/operator/profile-book.ts';
import { ProprietaryKeeper } from '../../src/operator/proprietary-keeper.ts';
import { distrustEverything } from '../../src/operator/rollback.ts';
import { ScanEvidenceKeeper } from '../../src/operator/scan-evidence.ts';
import { SignKeeper } from '../../src/operator/sign-keeper.ts';
import type { Witness } from '../../src/operator/watched.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { ModelServer } from '../kube/model-server.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { noHooks } from '../support/hooks.ts';

const kind = (group: string, version: string, plural: string): DiscoveredResource => ({
  ...{ group, version, plural, namespaced: true, kind: plural, verbs: ['get', 'list', 'watch'] },
});

/** Everybody who watches something, before a server that has nothing; all has been read. */
async function believing() {
  const clock = new FakeClock();
  const server = new ModelServer();
  const client = server as unknown as ApiClient;
  const ending = new AbortController();
  const { signal } = ending;
  const common = { client, clock, signal, logger: silentLogger, hooks: noHooks, onChange: () => undefined };
  const state = new ClusterState(client, clock, noHooks);
  const admission = new AdmissionKeeper({ ...common, auditMaxAge: () => 0 });
  const mesh = new MeshKeeper(common);
  const proprietary = new ProprietaryKeeper(common);
  const exploited = new ExploitedKeeper(common);
  const scans = new ScanEvidenceKeeper({ ...common, state });
  const signs = new SignKeeper({
    ...{ ...common, state, home: { namespace: 'plumbline-system', replica: 'a' } },
    ...{ blindAfter: () => [], leading: () => false },
  });
  const resources = [
    kind('kyverno.io', 'v1', 'policies'),
    kind('policy.linkerd.io', 'v1beta1', 'serverauthorizations'),
    kind('s3.services.k8s.aws', 'v1', 'buckets'),
  ];
  proprietary.follow(['*.k8s.aws']);
  for (const keeper of [admission, mesh, proprietary])
    keeper.serve({ version: { major: 1, minor: 37, gitVersion: '' }, resources, incomplete: [] });
  const book = new ProfileBook([]);
  book.set('strict', {
    generation: 1,
    spec: { parameters: { vulnerabilities: { knownExploited: 'exploited' } } },
    status: undefined,
  });
  exploited.follow(book.active());
  scans.prepare(book.active(), signal);
  const definitions = watchNames({
    ...{ client, clock, logger: silentLogger, namespace: undefined },
    resource: kind('apiextensions.k8s.io', 'v1', 'customresourcedefinitions'),
    onRolledBack: () => undefined,
    onEvent: () => Promise.resolve(),
  });
  const running = [state.run(signal), signs.run(signal), definitions.watcher.run(signal)];
  await clock.advance(1_000);
  const told: string[] = [];
  const writer = (name: string) => ({ distrust: () => void told.push(name) });
  const believers = {
    ...{ state, admission, mesh, proprietary, exploited, scans, signs, named: [definitions] },
    ...{ sboms: writer('sboms'), runtimeWriter: writer('runtime'), term: writer('term') },
  };
  const all = {
    state: state.all,
    admission: admission.watched(),
    mesh: mesh.watched,
    proprietary: proprietary.watched(),
    exploited: exploited.watched,
    scans: scans.watched,
    signs: signs.watched,
    named: [definitions],
  };
  const stop = async () => {
    ending.abort();
    await Promise.all(running);
  };
  return { clock, server, believers, all, told, stop };
}

describe('when the server was restored from a backup', () => {
  type All = Awaited<ReturnType<typeof believing>>['all'];
  const witnesses: Record<string, (all: All) => Witness | undefined> = {
    'which a write has shown': () => undefined,
    'which the watch of all ConfigMaps has shown': ({ state }) =>
      state.find(({ name, options }) => name === 'configmaps' && options.labelSelector === undefined),
    'which the watch of rules of Falco has shown, in ConfigMaps too': ({ state }) =>
      state.find(({ name, options }) => name === 'configmaps' && options.labelSelector !== undefined),
    'which the watch of one ConfigMap of the scanner has shown': ({ scans }) => scans[0],
    'which the watch of a list of exploited vulnerabilities has shown': ({ exploited }) => exploited[0],
    'which the watch of what replicas tell each other has shown': ({ signs }) => signs[0],
    'which the watch of definitions has shown': ({ named }) => named[0],
    'which the watch of a policy has shown': ({ admission }) => admission[0],
  };
  for (const [title, find] of Object.entries(witnesses)) {
    it(`everything but that watch is read again, ${title}`, async () => {
      const { believers, all, told, stop } = await believing();
      for (const [who, some] of Object.entries(all)) expect(some, who).to.not.have.length(0);
      const watches = Object.values(all).flat();
      const rereading = () => watches.filter(({ watcher }) => watcher.rereads);
      expect(rereading()).to.deep.equal([]);
      const witness = find(all);
      expect(witness === undefined).to.equal(title === 'which a write has shown');
      distrustEverything(believers, witness);
      const others = watches.filter((each) => each !== witness);
      expect(rereading().map(({ name }) => name)).to.deep.equal(others.map(({ name }) => name));
      expect(told).to.deep.equal(['sboms', 'term', 'runtime']);
      await stop();
    });
  }
});
