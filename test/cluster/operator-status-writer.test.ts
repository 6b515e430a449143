import { expect } from 'chai';
import { complianceReports } from '../../src/api/resources.ts';
import type { ApiClient } from '../../src/kube/client.ts';
import {
  AlreadyExistsError,
  ApiError,
  ConflictError,
  NotFoundError,
  toApiError,
} from '../../src/kube/errors.ts';
import { Store } from '../../src/kube/store.ts';
import { WriteBudget } from '../../src/kube/write-budget.ts';
import type { PreviousReport } from '../../src/evaluate/report.ts';
import { memoOfReport, rememberReport, reportHash } from '../../src/operator/memos.ts';
import { resources } from '../../src/operator/resources.ts';
import type { OwnObject } from '../../src/operator/status-writer.ts';
import { StatusWriter } from '../../src/operator/status-writer.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { clientFor } from '../kube/support.ts';
import { JumpClock } from '../operator/jump-clock.ts';
import type { LiveReport } from '../operator/live.ts';
import { operatorKubeconfig, patch, remove, reportOf, useOperatorCluster } from '../operator/live.ts';
import { reportStatus } from '../support/api-samples.ts';
import { freshNamespace } from '../support/cluster.ts';
import { pathOf } from '../support/kept.ts';

const name = 'reference-design';
const spec = { profile: name };
const status = (score: number) => ({ ...reportStatus, score });

/** Here the test is the watch: the store knows what the test lets it know. */
describe('the writer of statuses', function () {
  this.timeout(30_000);
  const cluster = useOperatorCluster();
  let client: ApiClient;
  let clock: JumpClock;
  let store: Store<OwnObject<PreviousReport>>;
  let writer: StatusWriter<PreviousReport>;
  let ref: { namespace: string; name: string };

  before(async () => {
    client = clientFor(await operatorKubeconfig(cluster())).client;
  });
  after(() => client.close());

  beforeEach(async () => {
    clock = new JumpClock();
    store = new Store();
    writer = new StatusWriter({
      client,
      clock,
      resource: resources.complianceReports,
      kind: complianceReports.kind,
      store,
      remember: memoOfReport,
      hash: reportHash,
      budget: new WriteBudget({ clock }),
      logger: silentLogger,
    });
    ref = { namespace: await freshNamespace(cluster(), 'writer'), name };
  });

  const path = () => pathOf(complianceReports, ref.namespace, name);
  const live = () => reportOf(cluster(), ref.namespace);
  /** What the watch would do now. */
  const show = async (report?: LiveReport) => {
    const shown = report ?? (await live());
    if (shown === undefined) return store.delete(ref.namespace, name);
    const { uid, resourceVersion } = shown.metadata;
    store.set({ ...ref, uid, resourceVersion, value: rememberReport({ ...shown }) });
  };
  const foreignEdit = (score: number) =>
    patch(cluster(), `${path()}/status`, { status: { score } }) as Promise<LiveReport>;

  it('lets a change of what is inherited wait, until it is its turn or something else changes too', async () => {
    const inherited = { ...reportStatus.controls[0], id: 'RD-3.5.1', inherited: true, findings: [] };
    const whole = (score: number, verdict: string) => ({
      ...status(score),
      controls: [...reportStatus.controls, { ...inherited, status: verdict }],
    });
    const write = (score: number, verdict: string, inheritedAfterMs: number) =>
      writer.write(ref, spec, whole(score, verdict), { inheritedAfterMs, overBudget: true });
    await write(1, 'Fail', 60_000);
    expect(await write(1, 'Pass', 60_000)).to.deep.equal({ result: 'waiting', retryAfterMs: 60_000 });
    expect((await live())?.status).to.deep.equal(whole(1, 'Fail'));
    expect(await write(2, 'Pass', 60_000)).to.include({ result: 'written' });
    expect((await live())?.status).to.deep.equal(whole(2, 'Pass'));
    expect(await write(2, 'Warn', 0)).to.include({ result: 'written' });
    expect(await write(2, 'Warn', 60_000)).to.deep.equal({ result: 'unchanged' });
  });

  it('makes the object, and writes nothing when it is asked for the same', async () => {
    expect(await writer.write(ref, spec, status(1))).to.deep.equal({ result: 'written', overtaken: false });
    expect((await live())?.status).to.deep.equal(status(1));
    expect(await writer.write(ref, spec, status(1)), 'before the watch shows it').to.deep.equal({
      result: 'unchanged',
    });
    await show();
    expect(await writer.write(ref, spec, status(1)), 'after it').to.deep.equal({ result: 'unchanged' });
  });

  it('remembers what the next evaluation needs, from its own write on', async () => {
    await writer.write(ref, spec, status(1));
    const memo = writer.current(ref);
    expect(memo).to.deep.equal(memoOfReport(status(1)));
    await show();
    expect(writer.current(ref)).to.deep.equal(memo);
  });

  it('knows its own echo, and a foreign version from it', async () => {
    await writer.write(ref, spec, status(1));
    const { resourceVersion = '' } = (await live())?.metadata ?? {};
    expect(writer.isOwnEcho(ref, resourceVersion)).to.equal(true);
    const edited = await foreignEdit(99);
    expect(writer.isOwnEcho(ref, edited.metadata.resourceVersion)).to.equal(false);
  });

  it('takes what the watch shows during a write for its echo, and says afterwards if it was not', async () => {
    await writer.write(ref, spec, status(1));
    await show();
    clock.jump(10_000);
    const before = await live();
    if (before === undefined) throw new Error('it was written');
    const writing = writer.write(ref, spec, status(2));
    expect(writer.isOwnEcho(ref, '7')).to.equal(true);
    await show({ ...before, metadata: { ...before.metadata, resourceVersion: '999999999' } });
    expect(await writing).to.deep.equal({ result: 'written', overtaken: true });
  });

  it('puts off what the budget does not admit, unless there is no later', async () => {
    await writer.write(ref, spec, status(1));
    const put = await writer.write(ref, spec, status(2));
    expect(put).to.include({ result: 'deferred' });
    expect(put).to.have.property('retryAfterMs').that.is.within(1, 10_000);
    expect(await writer.write(ref, spec, status(3), { overBudget: true })).to.include({ result: 'written' });
    expect((await live())?.status?.score).to.equal(3);
  });

  it('never overwrites what it has not seen, and may write at once when it has', async () => {
    await writer.write(ref, spec, status(1));
    await show();
    clock.jump(10_000);
    await foreignEdit(99);
    const refused = await writer.write(ref, spec, status(2)).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(ConflictError);
    expect((await live())?.status?.score).to.equal(99);
    await show();
    expect(await writer.write(ref, spec, status(2))).to.include({ result: 'written' });
  });

  describe('when its write is refused', () => {
    let rolledBack: number;
    /** What happens between the question how the object is now and the answer. */
    let meanwhile: () => Promise<unknown>;
    /** What the server says to that question. */
    let answer: (found: LiveReport) => LiveReport;

    beforeEach(async () => {
      rolledBack = 0;
      meanwhile = async () => undefined;
      answer = (found) => found;
      const asking: Pick<ApiClient, 'request'> = {
        request: async (request) => {
          const response = await client.request(request);
          if (request.method !== 'GET') return response;
          await meanwhile();
          return { ...response, json: answer(response.json as LiveReport) };
        },
      };
      writer = new StatusWriter({
        client: asking,
        clock,
        resource: resources.complianceReports,
        kind: complianceReports.kind,
        store,
        remember: memoOfReport,
        logger: silentLogger,
        onRolledBack: () => rolledBack++,
      });
      await writer.write(ref, spec, status(1));
      await show();
      await foreignEdit(99);
    });
    const refused = async () =>
      expect(await writer.write(ref, spec, status(2)).catch((error: unknown) => error)).to.be.instanceOf(
        ConflictError,
      );

    /** The watch has shown what the server does not have any more. */
    const showLater = async (more: { readonly uid?: string } = {}) => {
      const known = await live();
      if (known === undefined) throw new Error('it was written');
      await show({ ...known, metadata: { ...known.metadata, resourceVersion: '999999999', ...more } });
    };

    it('believes in a restored backup if the object is older than the watch has shown it', async () => {
      await showLater();
      await refused();
      expect(rolledBack).to.equal(1);
    });

    it('also if the watch has shown another of its name', async () => {
      await showLater({ uid: 'another' });
      await refused();
      expect(rolledBack).to.equal(1);
    });

    it('also if the watch has not shown yet what was written', async () => {
      await show();
      await writer.write(ref, spec, status(3));
      const written = await live();
      // The server goes back to what the watch has shown: the version that was written has never been.
      answer = (found) => ({
        ...found,
        metadata: {
          ...found.metadata,
          resourceVersion: String(Number(written?.metadata.resourceVersion) - 1),
        },
      });
      await foreignEdit(98);
      await refused();
      expect(rolledBack).to.equal(1);
    });

    it('but not if the watch has read it anew while it asks', async () => {
      await showLater();
      meanwhile = () => show();
      await refused();
      expect(rolledBack).to.equal(0);
    });

    describe('because the object is not there', () => {
      const missed = async () =>
        expect(await writer.write(ref, spec, status(2)).catch((error: unknown) => error)).to.be.instanceOf(
          NotFoundError,
        );

      let last: LiveReport | undefined;
      beforeEach(async () => {
        await show();
        last = await live();
        await remove(cluster(), path());
        await missed();
      });

      it('believes in a restored backup if the watch does not show for two minutes that it is gone', async () => {
        clock.jump(100_000);
        await missed();
        expect(rolledBack).to.equal(0);
        clock.jump(21_000);
        await missed();
        expect(rolledBack).to.equal(1);
      });

      it('but not if the watch has shown another meanwhile', async () => {
        clock.jump(119_000);
        await show(last && { ...last, metadata: { ...last.metadata, resourceVersion: '999999999' } });
        clock.jump(60_000);
        await missed();
        expect(rolledBack).to.equal(0);
      });
    });

    it('nor if the watch shows a later one while it asks', async () => {
      meanwhile = async () => {
        await foreignEdit(98);
        await show();
      };
      await refused();
      expect(rolledBack).to.equal(0);
    });
  });

  describe('when the server asks it to wait for long', () => {
    /** Milliseconds that the next request is told to wait. */
    let retryAfterMs: number | undefined;
    let asked: number;

    beforeEach(async () => {
      [retryAfterMs, asked] = [undefined, 0];
      const throttled: Pick<ApiClient, 'request'> = {
        request: (request) => {
          asked++;
          const refusal = retryAfterMs;
          retryAfterMs = undefined;
          if (refusal === undefined) return client.request(request);
          return Promise.reject(toApiError(429, { message: 'too many requests' }, refusal));
        },
      };
      writer = new StatusWriter({
        client: throttled,
        clock,
        resource: resources.complianceReports,
        kind: complianceReports.kind,
        store,
        remember: memoOfReport,
        hash: reportHash,
        logger: silentLogger,
      });
      await writer.write(ref, spec, status(1));
      await show();
    });
    const busy = async (run: () => Promise<unknown>) => {
      retryAfterMs = 60_000;
      const failure = await run().catch((error: unknown) => error);
      expect(failure).to.be.instanceOf(ApiError).and.to.include({ retryAfterMs: 60_000 });
      asked = 0;
    };

    it('puts off whatever is to be written of the object until then, and of no other', async () => {
      await busy(() => writer.write(ref, spec, status(2)));
      clock.jump(20_000);
      const put = await writer.write(ref, spec, status(3));
      expect(put).to.include({ result: 'deferred' });
      expect(put).to.have.property('retryAfterMs').that.is.within(35_000, 40_000);
      expect(writer.putOffMs(ref)).to.be.within(35_000, 40_000);
      expect(asked).to.equal(0);
      const other = { namespace: await freshNamespace(cluster(), 'writer'), name };
      expect(await writer.write(other, spec, status(3))).to.include({ result: 'written' });
      clock.jump(40_000);
      expect(await writer.write(ref, spec, status(3))).to.include({ result: 'written' });
      expect((await live())?.status?.score).to.equal(3);
    });

    it('but writes what has no later', async () => {
      await busy(() => writer.write(ref, spec, status(2)));
      const options = { overBudget: true };
      expect(await writer.write(ref, spec, status(3), options)).to.include({ result: 'written' });
    });

    it('does not delete it before either', async () => {
      await busy(() => writer.delete(ref));
      expect(await writer.delete(ref)).to.be.within(55_000, 60_000);
      expect(asked).to.equal(0);
      clock.jump(60_000);
      expect(await writer.delete(ref)).to.equal(undefined);
      expect(await live()).to.equal(undefined);
    });
  });

  it('makes again what somebody deleted while the answer to the write was on its way', async () => {
    await writer.write(ref, spec, status(1));
    await show();
    clock.jump(10_000);
    const writing = writer.write(ref, spec, status(2));
    // The watch shows the deletion, which comes after the write, before the write is answered.
    writer.forget(ref);
    await writing;
    await remove(cluster(), path());
    await show();
    clock.jump(10_000);
    expect(await writer.write(ref, spec, status(2))).to.include({ result: 'written' });
    expect((await live())?.status?.score).to.equal(2);
  });

  it('believes for a minute in what it created and the watch does not show, and then makes it again', async () => {
    await writer.write(ref, spec, status(1));
    await remove(cluster(), path());
    clock.jump(50_000);
    expect(await writer.write(ref, spec, status(1))).to.deep.equal({ result: 'unchanged' });
    clock.jump(11_000);
    expect(await writer.write(ref, spec, status(1))).to.include({ result: 'written' });
    expect((await live())?.status?.score).to.equal(1);
  });

  it('does not take over an object of its name that it has not seen', async () => {
    const object = {
      apiVersion: 'plumbline.dev/v1alpha1',
      kind: 'ComplianceReport',
      metadata: { name },
      spec,
    };
    const made = await cluster().request('POST', pathOf(complianceReports, ref.namespace), object);
    expect(made).to.have.property('status', 201);
    const refused = await writer.write(ref, spec, status(1)).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(AlreadyExistsError);
    await show();
    expect(await writer.write(ref, spec, status(1))).to.include({ result: 'written' });
  });

  it('deletes only the version that it knows', async () => {
    await writer.write(ref, spec, status(1));
    await show();
    await foreignEdit(99);
    expect(await writer.delete(ref).catch((error: unknown) => error)).to.be.instanceOf(ConflictError);
    await show();
    await writer.delete(ref);
    expect(await live()).to.equal(undefined);
    // The watch still shows it: that it is gone already is well.
    await writer.delete(ref);
  });
});
