import { expect } from 'chai';
import type { ApiRequest } from '../../src/kube/client.ts';
import { ApiError, ConnectionError, NotFoundError } from '../../src/kube/errors.ts';
import { EventRecorder } from '../../src/operator/event-recorder.ts';
import type { Labels } from '../../src/telemetry/metrics.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { silentLogger } from './live.ts';
import { heldBy, mostReactions } from '../support/held.ts';

const start = Date.parse('2026-01-01T12:00:00Z');

/** A recorder before a server that takes everything; what it was sent, and what was counted. */
class Desk {
  readonly clock = new FakeClock(start);
  readonly sent: string[] = [];
  readonly counted: Record<string, number> = {};
  readonly ending = new AbortController();
  leading = true;
  /** What the server says instead. */
  failure: Error | undefined;
  /** What a webhook does not let through. */
  refused: string | undefined;
  readonly recorder = new EventRecorder({
    client: {
      request: ({ body }: ApiRequest) => {
        if (this.failure !== undefined) return Promise.reject(this.failure);
        const told = (body as { note: string }).note.split(' ')[0] ?? '';
        if (told === this.refused) return Promise.reject(new ApiError(500, {}));
        this.sent.push(told);
        const sent = body as { metadata: object };
        const json = { ...sent, metadata: { ...sent.metadata, uid: 'u', resourceVersion: '1' } };
        return Promise.resolve({ status: 201, headers: {}, json, bytes: 0 });
      },
    },
    clock: this.clock,
    logger: silentLogger,
    metrics: {
      increment: (_name: string, labels?: Labels, by?: number) => {
        const result = String(labels?.['result']);
        this.counted[result] = (this.counted[result] ?? 0) + (by ?? 1);
      },
    },
    instance: 'test',
    leading: () => this.leading,
  });
  readonly done = this.recorder.run(this.ending.signal);

  see(name: string, controls: number): void {
    const time = new Date(this.clock.now()).toISOString();
    const transitions = Array.from({ length: controls }, (_, index) => ({
      time,
      control: `${name}-${index}`,
      from: 'Pass',
      to: 'Fail',
    })).reverse();
    const metadata = { namespace: 'shop', name, uid: name, resourceVersion: '1' };
    this.recorder.see('ComplianceReport', { metadata, status: { transitions } });
  }

  async end(): Promise<void> {
    this.ending.abort();
    await this.done;
  }
}

describe('EventRecorder', () => {
  let desk: Desk;
  beforeEach(() => void (desk = new Desk()));
  afterEach(() => desk.end());

  it('tells a transition once, however often a watch shows it', async () => {
    desk.see('a', 1);
    desk.see('a', 1);
    await desk.clock.advance(1_000);
    desk.see('a', 0);
    await desk.clock.advance(1_000);
    expect(desk.sent).to.deep.equal(['a-0']);
    expect(desk.counted).to.deep.equal({ created: 1 });
  });

  it('tells nothing while another replica leads, and what that one may not have told when it takes over', async () => {
    desk.leading = false;
    desk.see('a', 1);
    await desk.clock.advance(20_000);
    expect(desk.sent).to.deep.equal([]);
    desk.leading = true;
    desk.recorder.poke();
    await desk.clock.advance(1_000);
    expect(desk.sent).to.deep.equal(['a-0']);
  });

  it('does not tell what another replica led long enough to tell', async () => {
    desk.leading = false;
    desk.see('a', 1);
    await desk.clock.advance(300_000);
    desk.leading = true;
    desk.see('b', 1);
    await desk.clock.advance(1_000);
    expect(desk.sent).to.deep.equal(['b-0']);
  });

  it('tells later what the server could not be told, and says nothing of that: others do', async () => {
    desk.failure = new ConnectionError('ConnectionFailed', 'nobody answers');
    desk.see('a', 1);
    await desk.clock.advance(45_000);
    expect(desk.counted).to.deep.equal({});
    desk.failure = undefined;
    await desk.clock.advance(40_000);
    expect(desk.sent).to.deep.equal(['a-0']);
    expect(desk.counted).to.deep.equal({ created: 1 });
  });

  it('gives up what cannot be told for long, and goes on with what is new', async () => {
    desk.failure = new ConnectionError('ConnectionFailed', 'nobody answers');
    desk.see('a', 1);
    await desk.clock.advance(200_000);
    desk.failure = undefined;
    desk.see('b', 1);
    await desk.clock.advance(40_000);
    expect(desk.sent).to.deep.equal(['b-0']);
    expect(desk.counted).to.deep.equal({ created: 1, dropped: 1 });
  });

  it('believes a refusal when it lasts, and counts what it could not tell then', async () => {
    desk.failure = new ApiError(403, {});
    desk.see('a', 1);
    await desk.clock.advance(9_000);
    expect(desk.counted).to.deep.equal({});
    desk.failure = undefined;
    await desk.clock.advance(30_000);
    expect(desk.counted).to.deep.equal({ created: 1 });
    desk.failure = new ApiError(403, {});
    desk.see('b', 2);
    // Whatever the backoff has come to: when the doubt ends it is known.
    await desk.clock.advance(10_500);
    expect(desk.counted).to.deep.equal({ created: 1, failed: 2 });
  });

  it('tells the others while one is refused for now', async () => {
    desk.refused = 'a-0';
    desk.see('a', 1);
    desk.see('b', 1);
    desk.see('c', 1);
    await desk.clock.advance(60_000);
    expect(desk.sent).to.deep.equal(['b-0', 'c-0']);
    desk.refused = undefined;
    await desk.clock.advance(60_000);
    expect(desk.sent).to.deep.equal(['b-0', 'c-0', 'a-0']);
  });

  it('tells nothing of a namespace that is gone', async () => {
    desk.failure = new NotFoundError(404, {});
    desk.see('a', 1);
    await desk.clock.advance(1_000);
    desk.failure = undefined;
    await desk.clock.advance(100_000);
    expect(desk.sent).to.deep.equal([]);
    expect(desk.counted).to.deep.equal({});
  });

  it('sends a burst at once and the rest at a rate that an API server does not feel', async () => {
    for (let report = 0; report < 10; report++) desk.see(`r${report}`, 32);
    await desk.clock.advance(0);
    expect(desk.sent.length).to.be.within(200, 201);
    await desk.clock.advance(1_000);
    expect(desk.sent.length).to.be.within(218, 222);
    await desk.clock.advance(10_000);
    expect(desk.sent).to.have.length(320);
    expect(new Set(desk.sent).size).to.equal(320);
  });

  it('holds a bounded number, lets go of the oldest and counts them', async () => {
    for (let report = 0; report < 80; report++) desk.see(`r${report}`, 32);
    expect(desk.counted).to.deep.equal({ dropped: 560 });
    await desk.clock.advance(1_000);
    expect(desk.sent[0]).to.equal('r17-16');
  });

  it('leaves nothing behind with what lives as long as it does, however often it is woken', async () => {
    const reactions = await mostReactions(async () => {
      for (let time = 0; time < 1_000; time++) {
        desk.recorder.poke();
        await desk.clock.advance(1);
      }
    });
    expect(reactions).to.be.lessThan(10);
    expect(heldBy(desk.ending.signal)).to.equal(1);
  });

  it('ends at once, whether it waits for something to tell or not', async () => {
    desk.see('a', 1);
    await desk.end();
    await new Desk().end();
  });
});
