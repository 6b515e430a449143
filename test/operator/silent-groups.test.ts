import { expect } from 'chai';
import type { DiscoveredResource } from '../../src/kube/discovery.ts';
import type { Source } from '../../src/domain/snapshot.ts';
import { read } from '../../src/domain/snapshot.ts';
import { AdmissionKeeper } from '../../src/operator/admission-keeper.ts';
import { MeshKeeper } from '../../src/operator/mesh-keeper.ts';
import { ProprietaryKeeper } from '../../src/operator/proprietary-keeper.ts';
import { ModelServer } from '../kube/model-server.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { noHooks } from '../support/hooks.ts';

const kind = (group: string, version: string, plural: string): DiscoveredResource => ({
  ...{ group, version, plural, namespaced: true, kind: plural, verbs: ['get', 'list', 'watch'] },
});

type Options = ConstructorParameters<typeof MeshKeeper>[0];

/** Each keeper, a kind of its own that is served, another group of its own, and what it says of a namespace. */
const keepers = {
  'of admission': {
    served: kind('kyverno.io', 'v1', 'policies'),
    other: 'config.gatekeeper.sh',
    make: (options: Options) => {
      const keeper = new AdmissionKeeper({ ...options, auditMaxAge: () => 0 });
      return { keeper, evidence: (): Source<unknown> => keeper.admission('ns') };
    },
  },
  'of meshes': {
    served: kind('policy.linkerd.io', 'v1beta1', 'serverauthorizations'),
    other: 'security.istio.io',
    make: (options: Options) => {
      const keeper = new MeshKeeper(options);
      return { keeper, evidence: (): Source<unknown> => keeper.evidence('ns', read([])) };
    },
  },
  'of objects of one vendor': {
    served: kind('s3.services.k8s.aws', 'v1', 'buckets'),
    other: 'sns.services.k8s.aws',
    make: (options: Options) => {
      const keeper = new ProprietaryKeeper(options);
      keeper.follow(['*.k8s.aws']);
      return { keeper, evidence: (): Source<unknown> => keeper.objects('ns') };
    },
  },
};

for (const [title, { served, other, make }] of Object.entries(keepers)) {
  describe(`the keeper ${title}, when an API group does not answer`, () => {
    const abort = () => new AbortController();
    let ending: AbortController;
    let clock: FakeClock;
    let told: number;
    let server: ModelServer;
    let made: ReturnType<typeof make>;

    beforeEach(async () => {
      [ending, clock, told, server] = [abort(), new FakeClock(), 0, new ModelServer()];
      made = make({
        ...{ client: server, clock, signal: ending.signal },
        hooks: noHooks,
        onChange: () => void told++,
      });
      await serve([served]);
    });
    afterEach(async () => {
      ending.abort();
      await clock.advance(0);
    });

    /** @returns how often it was told that something has changed */
    async function serve(
      resources: readonly DiscoveredResource[],
      incomplete: readonly string[] = [],
    ): Promise<number> {
      told = 0;
      made.keeper.serve({ version: { major: 1, minor: 37, gitVersion: '' }, resources, incomplete });
      await clock.advance(0);
      return told;
    }
    const gap = () => {
      const source = made.evidence();
      return source.available ? source.gap?.message : source.message;
    };

    it('tells of it, and that it answers again, though it watches the same', async () => {
      const unknown = `What ${other} serves is not known: it does not answer.`;
      expect(gap()).to.equal(undefined);
      expect(await serve([served], [`${other}/v1`])).to.be.above(0);
      expect(gap()).to.equal(unknown);
      expect(await serve([served], [`${other}/v1`]), 'no news').to.equal(0);
      expect(await serve([served])).to.be.above(0);
      expect(gap()).to.equal(undefined);
      expect(await serve([served], ['metrics.example/v1']), 'nothing of its own').to.equal(0);
    });

    it('watches what that served on and no second time, and lets go what is gone once it answers', async () => {
      const version = `${served.group}/${served.version}`;
      await serve([], [version]);
      await serve([served], [version]);
      expect([server.openStreams, server.asked]).to.deep.equal([1, ['watch']]);
      await serve([]);
      expect(server.openStreams).to.equal(0);
    });
  });
}
