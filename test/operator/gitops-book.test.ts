import { expect } from 'chai';
import { gitOpsKindOf, sourceKindOf } from '../../src/evidence/gitops/gitops-kinds.ts';
import type { GitOpsSource } from '../../src/evidence/gitops/gitops-source.ts';
import type { GitOpsObject } from '../../src/evidence/gitops/gitops-object.ts';
import { projectWorkload } from '../../src/evidence/workloads/project-workload.ts';
import type { WorkloadObject } from '../../src/evidence/workloads/project-workload.ts';
import { Store } from '../../src/kube/store.ts';
import { GitOpsBook } from '../../src/operator/gitops-book.ts';
import { concernedByNews } from '../../src/operator/gitops-wake.ts';
import { FakeClock } from '../support/fake-clock.ts';
import {
  applicationObject,
  fluxSourceObject,
  helmReleaseObject,
  kustomizationObject,
  readyCondition,
} from '../support/gitops-objects.ts';
import { workloadObject } from '../support/objects.ts';

const hour = 3_600_000;

interface Raw {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** A book whose watch is the test. */
function open() {
  const clock = new FakeClock();
  const store = new Store<GitOpsObject>();
  const owners = new Store<WorkloadObject>();
  const sources = new Store<GitOpsSource>();
  const book = new GitOpsBook([store], [sources], clock);
  const woken: string[] = [];
  const state = { owners: [{ store: owners }] } as unknown as Parameters<typeof concernedByNews>[0];
  book.subscribe((news) => woken.push(...concernedByNews(state, news, hour, clock.now())));
  let version = 0;
  const show = (object: Raw) => {
    const value = gitOpsKindOf(object.apiVersion, object.kind)?.project(object);
    if (value === undefined) throw new Error('It is of another cluster.');
    const { namespace, name } = value;
    store.set({ namespace, name, uid: name, resourceVersion: String(++version), value });
  };
  const decide = (object: Raw) => {
    const value = sourceKindOf(object.apiVersion, object.kind)?.project(object);
    if (value === undefined) throw new Error('It decides nothing.');
    const { namespace, name } = value;
    sources.set({ namespace, name, uid: name, resourceVersion: String(++version), value });
  };
  const run = (namespace: string, more: object) => {
    const object = workloadObject('Deployment', 'app', { namespace });
    const value = projectWorkload({ ...object, metadata: { ...object.metadata, ...more } });
    owners.set({ namespace, name: 'app', uid: namespace, resourceVersion: String(++version), value });
  };
  const iso = (at: number) => new Date(at).toISOString().replace(/\.\d+/, '');
  const take = () => woken.splice(0).toSorted();
  return { clock, store, sources, book, show, decide, run, take, iso };
}

describe('the book of GitOps objects', () => {
  it('finds what concerns a namespace, and no longer when it goes elsewhere or away', () => {
    const { book, show, store, take } = open();
    show(applicationObject('shop'));
    expect(book.concerning('shop').map(({ name }) => name)).to.deep.equal(['shop']);
    expect(book.concerning('argocd')).to.deep.equal([]);
    expect(take()).to.deep.equal(['shop']);
    show(
      applicationObject('shop', { spec: { destination: { namespace: 'team' } }, status: { resources: [] } }),
    );
    expect(book.concerning('shop')).to.deep.equal([]);
    expect(take()).to.deep.equal(['shop', 'team']);
    store.delete('argocd', 'shop');
    expect(book.concerning('team')).to.deep.equal([]);
    expect(take()).to.deep.equal(['team']);
  });

  it('wakes those for which what decides about signatures says something else', () => {
    const { show, decide, run, sources, take } = open();
    show(kustomizationObject('apps'));
    show(helmReleaseObject('web', { spec: { chartRef: { kind: 'HelmChart', name: 'web' } } }));
    run('team', {
      labels: { 'helm.toolkit.fluxcd.io/name': 'web', 'helm.toolkit.fluxcd.io/namespace': 'flux-system' },
    });
    take();
    decide(fluxSourceObject('GitRepository', 'other'));
    expect(take()).to.deep.equal([]);
    decide(
      fluxSourceObject('HelmChart', 'web', {
        spec: { sourceRef: { kind: 'GitRepository', name: 'charts' } },
      }),
    );
    expect(take()).to.deep.equal(['shop', 'team']);
    decide(fluxSourceObject('GitRepository', 'charts'));
    expect(take()).to.deep.equal(['shop', 'team']);
    decide(fluxSourceObject('GitRepository', 'shop'));
    expect(take()).to.deep.equal(['shop']);
    decide(fluxSourceObject('GitRepository', 'shop'));
    expect(take()).to.deep.equal([]);
    sources.delete('flux-system', 'shop');
    expect(take()).to.deep.equal(['shop']);
  });

  it('wakes the namespace alone in which something else is listed', () => {
    const { show, take } = open();
    const listing = (...names: string[]) =>
      applicationObject('shop', {
        status: {
          resources: names.map((name) => ({
            group: 'apps',
            kind: 'Deployment',
            namespace: name,
            name: 'app',
          })),
        },
      });
    show(listing('a', 'b'));
    take();
    show(listing('a', 'b', 'c'));
    expect(take()).to.deep.equal(['c']);
    show(
      applicationObject('shop', {
        status: { ...listing('a', 'b', 'c').status, health: { status: 'Degraded' } },
      }),
    );
    expect(take()).to.deep.equal(['a', 'b', 'c', 'shop']);
  });

  it('wakes nobody for another look, but for one that ends a silence', async () => {
    const { show, take, clock, iso, book } = open();
    const looked = () => applicationObject('shop', { status: { reconciledAt: iso(clock.now()) } });
    show(looked());
    take();
    await clock.advance(hour - 1_000);
    show(looked());
    expect(take()).to.deep.equal([]);
    expect(book.concerning('shop')[0]?.reconciledAt).to.equal(Math.floor(clock.now() / 1_000) * 1_000);
    await clock.advance(hour + 1_000);
    show(looked());
    expect(take()).to.deep.equal(['shop']);
  });

  it('wakes a namespace for another look after a change that came in between', async () => {
    const { show, run, take, clock, iso } = open();
    const ready = () =>
      kustomizationObject('apps', {
        status: { conditions: [readyCondition('True', 'Ok', iso(clock.now()))] },
      });
    show(ready());
    take();
    await clock.advance(60_000);
    const managedFields = [
      { manager: 'k9s', time: iso(clock.now()), fieldsV1: { 'f:spec': { 'f:paused': {} } } },
    ];
    run('shop', { managedFields });
    await clock.advance(60_000);
    show(ready());
    expect(take()).to.deep.equal(['shop']);
    await clock.advance(60_000);
    show(ready());
    expect(take()).to.deep.equal([]);
  });

  it('keeps what was known while the same is applied once more', () => {
    const { book, show, take } = open();
    const working = (status: object = {}) =>
      kustomizationObject('apps', {
        status: { conditions: [readyCondition('Unknown', 'Progressing')], ...status },
      });
    show(kustomizationObject('apps'));
    take();
    show(working());
    expect(book.concerning('shop')[0]?.state).to.equal('agreed');
    expect(take()).to.deep.equal([]);
    show(working({ lastAttemptedRevision: 'main@sha1:2' }));
    expect(book.concerning('shop')[0]?.state).to.equal('progressing');
    expect(take()).to.deep.equal(['shop']);
  });

  it('counts one time from the first failure to the next success', async () => {
    const { book, show, clock, iso } = open();
    const state = (status: string, attempted: string) =>
      kustomizationObject('apps', {
        status: {
          lastAttemptedRevision: attempted,
          conditions: [readyCondition(status, 'Some', iso(clock.now()))],
        },
      });
    const since = () => book.concerning('shop')[0]?.troubledSince;
    const began = Math.floor(clock.now() / 1_000) * 1_000;
    show(state('False', '2'));
    expect(since()).to.equal(began);
    for (const status of ['Unknown', 'False', 'Unknown', 'False']) {
      await clock.advance(60_000);
      show(state(status, '2'));
      expect([book.concerning('shop')[0]?.state, since()], status).to.deep.equal(['notReady', began]);
    }
    await clock.advance(60_000);
    show(state('True', '2'));
    expect(since()).to.equal(undefined);
    await clock.advance(60_000);
    show(state('False', '3'));
    expect(since()).to.equal(began + 360_000);
  });

  it('dates from its own view what an Application does not', async () => {
    const { book, show, clock } = open();
    const sync = (status: string) => applicationObject('shop', { status: { sync: { status } } });
    const since = () => book.concerning('shop')[0]?.troubledSince;
    show(sync('Synced'));
    expect(since()).to.equal(undefined);
    await clock.advance(hour);
    const began = clock.now();
    show(sync('OutOfSync'));
    await clock.advance(hour);
    show(
      applicationObject('shop', {
        status: { sync: { status: 'OutOfSync' }, health: { status: 'Degraded' } },
      }),
    );
    expect(since()).to.equal(began);
    show(sync('Synced'));
    expect(since()).to.equal(undefined);
  });

  it('wakes those whose workloads name a HelmRelease that comes or goes', () => {
    const { show, run, take, store } = open();
    run('elsewhere', {
      labels: { 'helm.toolkit.fluxcd.io/name': 'web', 'helm.toolkit.fluxcd.io/namespace': 'flux-system' },
    });
    show(helmReleaseObject('web'));
    expect(take()).to.deep.equal(['elsewhere', 'shop']);
    store.delete('flux-system', 'web');
    expect(take()).to.deep.equal(['elsewhere', 'shop']);
  });
});
