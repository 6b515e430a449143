import { expect } from 'chai';
import type { ApiRequest } from '../../src/kube/client.ts';
import { ApiError, ConnectionError, toApiError } from '../../src/kube/errors.ts';
import { LeaderElector } from '../../src/kube/lease.ts';
import type { LeaseSpec } from '../../src/kube/lease-record.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { Candidate } from './candidate.ts';
import { LeaseServer } from './lease-server.ts';

const old = '2020-01-01T00:00:00.000000Z';
const theirs: LeaseSpec = {
  holderIdentity: 'other',
  leaseDurationSeconds: 15,
  acquireTime: old,
  renewTime: old,
  leaseTransitions: 3,
};

/** One candidate `a`, not started. */
function stand(before?: LeaseSpec, options: ConstructorParameters<typeof Candidate>[3] = {}) {
  const world = new FakeClock();
  const server = new LeaseServer();
  if (before !== undefined) server.write(before);
  const one = new Candidate(world, server, 'a', options);
  return { world, server, one };
}

/** One that leads, at the world's time 0, and has written once. */
async function lead() {
  const standing = stand();
  standing.one.start();
  await standing.world.advance(0);
  expect(standing.one.elector.leading).to.equal(true);
  standing.one.asked.length = 0;
  return standing;
}

const methods = (one: Candidate) => one.asked.map(({ method }) => method);

describe('a candidate', () => {
  it('makes the Lease at once when there is none', async () => {
    const { world, server, one } = stand();
    one.start();
    await world.advance(0);
    expect(server.spec).to.deep.equal({
      holderIdentity: one.elector.identity,
      leaseDurationSeconds: 15,
      acquireTime: '2026-01-01T00:00:00.000000Z',
      renewTime: '2026-01-01T00:00:00.000000Z',
      leaseTransitions: 0,
    });
    expect(methods(one)).to.deep.equal(['GET', 'POST']);
    expect([one.elector.leading, one.elector.holder]).to.deep.equal([true, one.elector.identity]);
    expect(one.events).to.deep.equal(['started']);
  });

  it('is told from another under the same name', () => {
    const { world, server, one } = stand();
    const { identity } = new Candidate(world, server, 'a').elector;
    expect(identity).to.match(/^a_[0-9a-f-]{36}$/);
    expect(identity).to.not.equal(one.elector.identity);
  });

  const vacant: Record<string, { before: LeaseSpec; transitions: number }> = {
    'one that was released': { before: { ...theirs, holderIdentity: '' }, transitions: 4 },
    'one that nobody has ever held': { before: {}, transitions: 1 },
  };
  for (const [title, { before, transitions }] of Object.entries(vacant)) {
    it(`takes at once ${title}`, async () => {
      const { world, server, one } = stand({ ...before, strategy: 'kept' });
      one.start();
      await world.advance(0);
      expect(methods(one)).to.deep.equal(['GET', 'PUT']);
      expect(server.spec).to.deep.include({
        holderIdentity: one.elector.identity,
        leaseTransitions: transitions,
        acquireTime: '2026-01-01T00:00:00.000000Z',
        strategy: 'kept',
      });
    });
  }

  const waits: Record<string, { before: LeaseSpec; seconds: number }> = {
    'though its last renewal was years ago by the clock on the wall': { before: theirs, seconds: 16 },
    'and not for ever, though its last renewal is years ahead': {
      before: { ...theirs, renewTime: '2036-01-01T00:00:00.000000Z' },
      seconds: 16,
    },
    'as long as the holder was promised, if that is longer': {
      before: { ...theirs, leaseDurationSeconds: 30 },
      seconds: 30,
    },
    'no shorter than our own duration, whatever the record says': {
      before: { ...theirs, leaseDurationSeconds: 1 },
      seconds: 16,
    },
    'when it promises nothing': { before: { holderIdentity: 'other' }, seconds: 16 },
  };
  for (const [title, { before, seconds }] of Object.entries(waits)) {
    it(`waits for a lease from when it saw the record, looking every two seconds: ${title}`, async () => {
      const { world, one } = stand(before);
      one.start();
      await world.advance(seconds * 1_000 - 1);
      expect(one.asked).to.deep.equal(
        Array.from({ length: seconds / 2 }, (_, i) => ({ method: 'GET', at: i * 2_000 })),
      );
      expect([one.elector.leading, one.elector.holder]).to.deep.equal([false, 'other']);
      await world.advance(1);
      expect(one.events).to.deep.equal(['started']);
    });
  }

  it('spreads its looks by the jitter', async () => {
    const { world, one } = stand(theirs, { random: () => 0.5 });
    one.start();
    await world.advance(7_000);
    expect(one.asked.map(({ at }) => at)).to.deep.equal([0, 2_200, 4_400, 6_600]);
  });

  it('looks as often when answers are slow', async () => {
    const { world, one } = stand(theirs);
    Object.assign(one.line, { there: 300, back: 300 });
    one.start();
    await world.advance(7_000);
    expect(one.asked.map(({ at }) => at)).to.deep.equal([0, 2_000, 4_000, 6_000]);
  });

  it('stands back while the holder renews', async () => {
    const { world, server, one } = stand(theirs);
    one.start();
    for (let seconds = 0; seconds < 120; seconds += 10) {
      server.write({ ...theirs, renewTime: new Date(seconds).toISOString() });
      await world.advance(10_000);
    }
    expect(one.events).to.deep.equal([]);
  });

  it('takes no label for a renewal', async () => {
    const { world, server, one } = stand(theirs);
    one.start();
    await world.advance(9_000);
    server.write(theirs, { touched: 'yes' });
    await world.advance(7_000);
    expect(one.events).to.deep.equal(['started']);
    expect(server.lease?.metadata.labels).to.deep.equal({ touched: 'yes' });
  });

  it('gives the holder of a deleted Lease time to put it back', async () => {
    const { world, server, one } = stand(theirs);
    one.start();
    await world.advance(9_000);
    server.remove();
    await world.advance(16_999);
    expect(one.events).to.deep.equal([]);
    await world.advance(1);
    expect(one.events).to.deep.equal(['started']);
    expect(server.spec).to.deep.include({ leaseTransitions: 4 });
  });

  it('is second when another makes the Lease first, and it is no problem', async () => {
    const { world, server, one } = stand();
    one.line.there = 10;
    one.start();
    await world.advance(15);
    server.write(theirs);
    await world.advance(4_100);
    expect(methods(one)).to.deep.equal(['GET', 'POST', 'GET', 'GET']);
    expect([one.elector.leading, one.elector.holder]).to.deep.equal([false, 'other']);
    expect([one.events, one.problems]).to.deep.equal([[], []]);
  });

  it('is second when another takes a free Lease first', async () => {
    const { world, server, one } = stand({ ...theirs, holderIdentity: '' });
    one.line.there = 10;
    one.start();
    await world.advance(15);
    server.write(theirs);
    await world.advance(4_100);
    expect(methods(one)).to.deep.equal(['GET', 'PUT', 'GET', 'GET']);
    expect(one.events).to.deep.equal([]);
    expect(server.spec).to.deep.equal(theirs);
  });

  it('knows its own claim again whose answer was lost', async () => {
    const { world, server, one } = stand({ ...theirs, holderIdentity: '' });
    one.line.there = 10;
    one.line.refusal = () => new ConnectionError('ConnectionLost', 'cut');
    one.start();
    await world.advance(5);
    one.line.fault = 'lost';
    await world.advance(20);
    expect([server.spec?.holderIdentity, one.elector.leading]).to.deep.equal([one.elector.identity, false]);
    one.line.fault = 'none';
    await world.advance(3_000);
    expect(one.events).to.deep.equal(['started']);
    expect(server.spec).to.deep.include({ leaseTransitions: 4 });
  });

  const pages: Record<string, object> = {
    'a page that is no Lease': { kind: 'Page', metadata: { uid: 'u', resourceVersion: '1' } },
    'a Lease without a uid': { kind: 'Lease', metadata: { resourceVersion: '1' } },
    'a Lease without a version': { kind: 'Lease', metadata: { uid: 'u' } },
  };
  for (const [title, json] of Object.entries(pages))
    it(`takes ${title} for nothing, and writes nothing on it`, async () => {
      const { world, one } = stand();
      const methods = new Set<string>();
      const client = {
        request: ({ method }: ApiRequest) => {
          methods.add(method);
          return Promise.resolve({ status: 200, headers: {}, json, bytes: 9 });
        },
      };
      const elector = new LeaderElector({
        client,
        clock: world,
        namespace: 'home',
        name: 'x',
        identity: 'b',
        onProblem: (problem) => one.problems.push(problem?.message),
      });
      const abort = new AbortController();
      const done = elector.run(abort.signal);
      await world.advance(60_000);
      abort.abort();
      await done;
      expect(one.problems).to.deep.equal(['an answer is not a Lease']);
      expect([...methods]).to.deep.equal(['GET']);
    });

  const rooms: Record<string, Partial<ConstructorParameters<typeof LeaderElector>[0]>> = {
    'a deadline as long as the lease': { renewDeadlineMs: 15_000 },
    'a deadline within which there is no second try': { renewDeadlineMs: 2_400 },
  };
  for (const [title, options] of Object.entries(rooms)) {
    it(`is not made with ${title}`, () => {
      expect(() => stand(undefined, options)).to.throw(/must/);
    });
  }
});

describe('a leader', () => {
  it('renews every two seconds by one write, and keeps what is not its own', async () => {
    const { world, server, one } = await lead();
    const first = server.spec;
    server.write({ ...first, strategy: 'kept' }, { team: 'x' });
    await world.advance(2_000);
    one.asked.length = 0;
    await world.advance(60_000);
    expect(one.asked).to.deep.equal(
      Array.from({ length: 30 }, (_, i) => ({ method: 'PUT', at: 4_000 + i * 2_000 })),
    );
    expect(server.spec).to.deep.equal({
      ...first,
      renewTime: '2026-01-01T00:01:02.000032Z',
      strategy: 'kept',
    });
    expect(server.lease?.metadata.labels).to.deep.equal({ team: 'x' });
    expect(one.events).to.deep.equal(['started']);
    expect([world.pendingTimers, one.listeners]).to.deep.equal([1, 1]);
  });

  it('writes something new each time, though the clock on the wall stands still', async () => {
    const { world, server } = await lead();
    const versions = new Set<string | undefined>();
    for (let renewal = 0; renewal < 5; renewal++) {
      versions.add(server.lease?.metadata.resourceVersion);
      await world.advance(2_000);
      world.jump(-2_000);
    }
    expect(versions.size).to.equal(5);
  });

  const cut = () => new ConnectionError('ConnectionLost', 'cut');
  const mishaps: Record<
    string,
    { fault: 'refused' | 'lost' | 'hung'; refusal: () => Error; tries: number[] }
  > = {
    '500s': {
      fault: 'refused',
      refusal: () => toApiError(500, { message: 'ill' }),
      tries: [2_000, 4_000, 6_000, 8_000],
    },
    'a server that is busy for long': {
      fault: 'refused',
      refusal: () => toApiError(429, { message: 'busy' }, 60_000),
      tries: [2_000, 8_000],
    },
    'a server that is busy for a moment': {
      fault: 'refused',
      refusal: () => toApiError(429, { message: 'busy' }, 1_000),
      tries: [2_000, 4_000, 6_000, 8_000],
    },
    'cut lines': { fault: 'refused', refusal: cut, tries: [2_000, 4_000, 6_000, 8_000] },
    'a black hole': { fault: 'hung', refusal: cut, tries: [2_000, 7_000] },
  };
  for (const [title, { fault, refusal, tries }] of Object.entries(mishaps)) {
    it(`tries until the deadline, and gives up then: ${title}`, async () => {
      const { world, one } = await lead();
      Object.assign(one.line, { fault, refusal });
      await world.advance(9_999);
      expect([one.elector.leading, one.events]).to.deep.equal([true, ['started']]);
      expect(one.asked.map(({ at }) => at)).to.deep.equal(tries);
      await world.advance(1);
      expect([one.elector.leading, one.events]).to.deep.equal([false, ['started', 'expired']]);
      expect(one.elector.problem).to.be.instanceOf(Error);
    });

    it(`goes on when it is over before the deadline: ${title}`, async () => {
      const { world, one } = await lead();
      Object.assign(one.line, { fault, refusal });
      await world.advance((tries.at(-1) ?? 0) - 500);
      one.line.fault = 'none';
      await world.advance(20_000);
      expect([one.events, one.elector.problem]).to.deep.equal([['started'], undefined]);
    });
  }

  it('counts the deadline from when it sent the last renewal', async () => {
    const { world, one } = await lead();
    one.line.back = 1_500;
    await world.advance(3_500);
    one.line.fault = 'refused';
    await world.advance(8_499);
    expect(one.elector.leading).to.equal(true);
    await world.advance(1);
    expect(one.elector.leading).to.equal(false);
  });

  it('leads again after an expired term when nobody has taken over, without a change of holder', async () => {
    const { world, server, one } = await lead();
    one.line.fault = 'refused';
    await world.advance(11_000);
    one.line.fault = 'none';
    await world.advance(1_000);
    expect(one.events).to.deep.equal(['started', 'expired', 'started']);
    expect(server.spec).to.deep.include({ leaseTransitions: 0, acquireTime: '2026-01-01T00:00:00.000000Z' });
  });

  const meddling: Record<string, (server: LeaseServer) => void> = {
    'a label': (server) => server.write(server.spec ?? {}, { touched: 'yes' }),
    'another duration': (server) => server.write({ ...server.spec, leaseDurationSeconds: 99 }),
    'a deletion': (server) => server.remove(),
  };
  for (const [title, meddle] of Object.entries(meddling)) {
    it(`stays in office and sets right: ${title}`, async () => {
      const { world, server, one } = await lead();
      const before = server.spec;
      meddle(server);
      await world.advance(2_000);
      expect(methods(one)).to.deep.equal(['PUT', 'GET', title === 'a deletion' ? 'POST' : 'PUT']);
      expect(server.spec).to.deep.include({ ...before, renewTime: server.spec?.renewTime });
      await world.advance(2_000);
      expect([methods(one).length, one.events]).to.deep.equal([4, ['started']]);
    });
  }

  it('takes back at once a Lease whose holder was wiped out', async () => {
    const { world, server, one } = await lead();
    server.write({ ...server.spec, holderIdentity: '' });
    await world.advance(2_000);
    expect(server.spec).to.deep.include({ holderIdentity: one.elector.identity, leaseTransitions: 1 });
    expect(one.events).to.deep.equal(['started']);
  });

  it('stops at its next renewal when the Lease was stolen, and stands for election again', async () => {
    const { world, server, one } = await lead();
    server.write(theirs);
    await world.advance(2_000);
    expect([one.elector.leading, one.elector.holder]).to.deep.equal([false, 'other']);
    expect(one.events).to.deep.equal(['started', 'lost']);
    expect(server.spec).to.deep.equal(theirs);
    await world.advance(16_000);
    expect(one.events).to.deep.equal(['started', 'lost', 'started']);
  });

  it('is told to stop before it no longer leads', async () => {
    const seen: boolean[] = [];
    const { world, server, one } = stand(undefined, { onStopped: () => seen.push(one.elector.leading) });
    one.start();
    await world.advance(0);
    server.write(theirs);
    await world.advance(2_000);
    expect([seen, one.elector.leading]).to.deep.equal([[true], false]);
  });

  it('does not lead after a hook that threw', async () => {
    const { world, one } = stand(undefined, {
      onStopped: () => {
        throw new Error('a defect');
      },
    });
    const abort = new AbortController();
    const done = one.elector.run(abort.signal).catch((error: unknown) => error);
    await world.advance(0);
    abort.abort();
    expect(await done).to.deep.include({ message: 'a defect' });
    expect(one.elector.leading).to.equal(false);
  });

  describe('that was paused', () => {
    it('does not lead at the first look, before anything of it has run', async () => {
      const { world, one } = await lead();
      one.clock.pause();
      await world.advance(9_999);
      expect(one.elector.leading).to.equal(true);
      await world.advance(1);
      expect([one.elector.leading, one.events]).to.deep.equal([false, ['started']]);
    });

    it('finds its successor, and leaves the Lease alone', async () => {
      const { world, server, one } = await lead();
      one.clock.pause();
      await world.advance(20_000);
      server.write(theirs);
      await one.clock.resume();
      await world.advance(0);
      expect(one.events).to.deep.equal(['started', 'expired']);
      expect([methods(one), server.spec, one.elector.holder]).to.deep.equal([['GET'], theirs, 'other']);
    });

    for (const reversed of [false, true]) {
      it(`begins a new term with what was answered meanwhile, or none: ${reversed ? 'timers' : 'answers'} first`, async () => {
        const { world, one } = await lead();
        one.line.back = 100;
        await world.advance(2_050);
        one.clock.pause();
        await world.advance(8_000);
        expect(one.elector.leading).to.equal(false);
        await one.clock.resume(reversed);
        await world.advance(3_000);
        expect(one.events).to.deep.equal(['started', 'expired', 'started']);
        expect(one.elector.leading).to.equal(true);
      });
    }

    it('does not begin a term that is over already', async () => {
      const { world, one } = await lead();
      one.line.back = 100;
      await world.advance(2_050);
      one.clock.pause();
      await world.advance(20_000);
      await one.clock.resume();
      expect(one.events).to.deep.equal(['started', 'expired']);
    });
  });
});

describe('an elector that stops', () => {
  it('releases the Lease, and a standby has it within the next look', async () => {
    const { world, server, one } = await lead();
    const other = new Candidate(world, server, 'b');
    await world.advance(500);
    other.start();
    await world.advance(500);
    one.stop();
    await world.advance(0);
    expect([one.ended, one.elector.leading, one.events]).to.deep.equal([true, false, ['started', 'stopped']]);
    expect(server.spec).to.deep.include({
      holderIdentity: '',
      leaseDurationSeconds: 1,
      renewTime: '2026-01-01T00:00:01.000001Z',
    });
    await world.advance(1_500);
    expect([other.elector.leading, server.spec?.leaseTransitions]).to.deep.equal([true, 1]);
  });

  const moments: Record<string, { ms: number; leads: boolean }> = {
    'before its first answer': { ms: 5, leads: false },
    'while its claim is under way': { ms: 25, leads: false },
    'when its claim is carried out, but not answered': { ms: 35, leads: false },
    'while it rests': { ms: 1_000, leads: true },
    'while a renewal is under way': { ms: 2_045, leads: true },
    'when a renewal is carried out, but not answered': { ms: 2_055, leads: true },
  };
  for (const [title, { ms, leads }] of Object.entries(moments)) {
    it(`leaves no Lease in its name, no timer and no listener behind: ${title}`, async () => {
      const { world, server, one } = stand();
      Object.assign(one.line, { there: 10, back: 10 });
      one.start();
      await world.advance(ms);
      expect(one.elector.leading).to.equal(leads);
      one.stop();
      expect(one.listeners).to.equal(0);
      await world.advance(200);
      expect(one.ended).to.equal(true);
      expect(server.spec?.holderIdentity ?? '').to.equal('');
      expect([world.pendingTimers, one.listeners]).to.deep.equal([0, 0]);
      expect(one.events).to.deep.equal(leads ? ['started', 'stopped'] : []);
    });
  }

  it('asks nothing when it has claimed nothing', async () => {
    const { world, one } = stand(theirs);
    one.start();
    await world.advance(1_000);
    one.stop();
    await world.advance(0);
    expect([one.ended, methods(one)]).to.deep.equal([true, ['GET']]);
  });

  it('asks nothing when it was stopped before it began', async () => {
    const { world, one } = stand();
    one.stop();
    one.start();
    await world.advance(0);
    expect([one.ended, one.asked]).to.deep.equal([true, []]);
  });

  it('asks nothing when it was told before that it has lost', async () => {
    const { world, server, one } = await lead();
    server.write(theirs);
    await world.advance(3_000);
    one.asked.length = 0;
    one.stop();
    await world.advance(0);
    expect([one.ended, one.asked]).to.deep.equal([true, []]);
  });

  it('lets a thief keep the Lease', async () => {
    const { world, server, one } = await lead();
    server.write(theirs);
    one.stop();
    await world.advance(0);
    expect([one.ended, server.spec]).to.deep.equal([true, theirs]);
  });

  it('does not wait for a dead server for longer than five seconds', async () => {
    const { world, one } = await lead();
    one.line.fault = 'hung';
    one.stop();
    await world.advance(4_999);
    expect([one.ended, one.elector.leading]).to.deep.equal([false, false]);
    await world.advance(1);
    expect([one.ended, world.pendingTimers]).to.deep.equal([true, 0]);
    expect(one.elector.problem).to.be.instanceOf(Error);
  });
});

describe('the problem of an elector', () => {
  const forbid = (verb: string) => (method: string) =>
    ({ get: 'GET', create: 'POST', update: 'PUT' })[verb] === method;
  const rights: Record<string, { before: LeaseSpec | undefined; message: string }> = {
    get: {
      before: undefined,
      message: 'the right to get leases.coordination.k8s.io "plumbline" in namespace "home" is missing',
    },
    create: {
      before: undefined,
      message: 'the right to create leases.coordination.k8s.io in namespace "home" is missing',
    },
    update: {
      before: { ...theirs, holderIdentity: '' },
      message: 'the right to update leases.coordination.k8s.io "plumbline" in namespace "home" is missing',
    },
  };
  for (const [verb, { before, message }] of Object.entries(rights)) {
    it(`names the right to ${verb}, says so once, and goes when the right is there`, async () => {
      const { world, server, one } = stand(before);
      const isForbidden = forbid(verb);
      const handle = server.handle.bind(server);
      server.handle = (request) => {
        if (isForbidden(request.method)) throw toApiError(403, { message: 'forbidden', reason: 'Forbidden' });
        return handle(request);
      };
      one.start();
      await world.advance(20_000);
      expect(one.elector.problem).to.deep.include({ code: 'MissingRight', verb, message });
      expect(one.elector.problem?.cause).to.be.instanceOf(ApiError);
      expect(one.problems).to.deep.equal([message]);
      server.handle = handle;
      await world.advance(2_000);
      expect([one.elector.leading, one.elector.problem]).to.deep.equal([true, undefined]);
      expect(one.problems).to.deep.equal([message, undefined]);
    });
  }

  it('is no missing right where the namespace is being deleted', async () => {
    const { world, server, one } = stand();
    server.handle = ({ method }) => {
      if (method === 'GET') throw toApiError(404, { message: 'not found' });
      const details = { causes: [{ reason: 'NamespaceTerminating' }] };
      throw toApiError(403, { message: 'it is being terminated', reason: 'Forbidden', details });
    };
    one.start();
    await world.advance(0);
    expect(one.problems).to.deep.equal(['it is being terminated']);
  });

  it('makes a standby wait as long as the server asks', async () => {
    const { world, one } = stand(theirs);
    Object.assign(one.line, {
      fault: 'refused',
      refusal: () => toApiError(429, { message: 'busy' }, 7_000),
    });
    one.start();
    await world.advance(20_000);
    expect(one.asked.map(({ at }) => at)).to.deep.equal([0, 7_000, 14_000]);
    expect(one.elector.problem?.message).to.equal('busy');
  });
});
