import { expect } from 'chai';
import { lastWriteOf } from '../../src/evidence/times.ts';
import type { Revision } from '../../src/evidence/workloads/project-revision.ts';
import { projectRevision } from '../../src/evidence/workloads/project-revision.ts';
import { specsSince } from '../../src/evidence/workloads/spec-since.ts';
import type { RawObject } from '../../src/kube/frame.ts';
import { eventually } from '../kube/support.ts';
import { expectOk, patch, post } from '../operator/live.ts';
import { workload } from '../support/builders.ts';
import { freshNamespace, useCluster } from '../support/cluster.ts';

const labels = { app: 'app' };
const image = (tag: number) => ({
  spec: { template: { spec: { containers: [{ name: 'app', image: `registry.example/app:${tag}` }] } } },
});
const annotations = (value: string | null) => ({
  spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': value } } } },
});

interface Owner {
  readonly kind: string;
  readonly plural: string;
  readonly more: object;
}

const owners: readonly Owner[] = [
  { kind: 'StatefulSet', plural: 'statefulsets', more: { replicas: 1, serviceName: 'app' } },
  { kind: 'DaemonSet', plural: 'daemonsets', more: {} },
];

describe('what the real controllers write into ControllerRevisions', function () {
  this.timeout(90_000);
  const cluster = useCluster({ controllerManager: true });

  for (const { kind, plural, more } of owners) {
    it(`dates the pod specification of a ${kind}, through restarts, scaling and a rollback`, async () => {
      const namespace = await freshNamespace(cluster(), plural);
      const api = `/apis/apps/v1/namespaces/${namespace}`;
      const path = `${api}/${plural}/app`;
      const { containers } = image(1).spec.template.spec;
      const made = (await post(cluster(), `${api}/${plural}`, {
        ...{ apiVersion: 'apps/v1', kind, metadata: { name: 'app' } },
        spec: {
          ...{ selector: { matchLabels: labels }, ...more },
          template: { metadata: { labels }, spec: { containers } },
        },
      })) as { metadata: { uid: string } };
      const { uid } = made.metadata;
      const ref = { kind, name: 'app', uid };
      const set = workload({ kind, name: 'app', uid, controllers: [ref] });

      const list = async () =>
        (
          expectOk('list', await cluster().request('GET', `${api}/controllerrevisions`)) as {
            items: RawObject[];
          }
        ).items;
      /** The revisions, when the newest has this number. */
      async function newest(number: number): Promise<Revision[]> {
        let revisions: Revision[] = [];
        await eventually(async () => {
          revisions = (await list()).flatMap((each) => projectRevision(each) ?? []);
          return Math.max(...revisions.map((each) => each.number)) === number;
        }, `revision ${number}`);
        return revisions;
      }
      const since = (revisions: readonly Revision[]) => specsSince([set], revisions)(ref);
      /** Stamps are of whole seconds: what happens in the next differs. */
      const nextSecond = (from: number) =>
        eventually(() => Math.floor(Date.now() / 1_000) * 1_000 > from, 'the next second');
      const present = (revisions: readonly Revision[], number: number) =>
        revisions.find((each) => each.number === number)?.since ?? NaN;

      const first = await newest(1);
      expect(since(first)).to.equal('ever');
      await patch(cluster(), path, annotations('2026-01-01T00:00:00Z'));
      expect(since(await newest(2)), 'a restart').to.equal('ever');

      await nextSecond(present(await newest(2), 2));
      await patch(cluster(), path, image(2));
      const changed = since(await newest(3));
      expect(changed).to.equal(present(await newest(3), 3));
      expect(changed).to.be.above(present(first, 1));

      await nextSecond(Number(changed));
      await patch(cluster(), path, { metadata: { labels }, spec: { minReadySeconds: 1 } });
      if (kind === 'StatefulSet') await patch(cluster(), `${path}/scale`, { spec: { replicas: 3 } });
      await patch(cluster(), path, annotations('2026-01-02T00:00:00Z'));
      expect(since(await newest(4)), 'scaled, labelled and restarted').to.equal(changed);

      await nextSecond(present(await newest(4), 4));
      await patch(cluster(), path, {
        spec: { template: { ...annotations(null).spec.template, ...image(1).spec.template } },
      });
      const back = since(await newest(5));
      expect(back, 'a rollback').to.be.above(present(await newest(5), 4));
      const all = await list();
      expect(all, 'it has its first revision again').to.have.length(4);
      const again = all.find(({ revision }) => revision === 5)?.['metadata'] as RawObject;
      expect(Date.parse(String(again['creationTimestamp']))).to.equal(present(first, 1));
      expect(lastWriteOf(again)).to.equal(back);
    });
  }
});
