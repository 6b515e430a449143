import { expect } from 'chai';
import fc from 'fast-check';
import type { ApiRequest, ApiResponse } from '../../src/kube/client.ts';
import { ConnectionError, NotFoundError, readApiError } from '../../src/kube/errors.ts';
import { SbomReader } from '../../src/operator/sbom-reader.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { heldBy } from '../support/held.ts';

interface Body {
  readonly digest?: string;
  readonly packages?: readonly string[];
  readonly resourceVersion?: string;
  readonly bytes?: number;
  /** In the place of an answer. */
  readonly error?: () => Error;
  readonly json?: unknown;
}

const sbomReport = ({ digest, packages = [], resourceVersion = '1' }: Body) => ({
  metadata: { name: 'r', resourceVersion },
  report: {
    artifact: { repository: 'app', ...(digest === undefined ? {} : { digest }) },
    registry: { server: 'registry.example' },
    summary: { componentsCount: packages.length + 1 },
    components: {
      components: packages.map((name) => ({ type: 'library', name, purl: `pkg:deb/debian/${name}@1` })),
    },
  },
});

/** Packages that are sought from the beginning. */
const sought = ['bash', 'dash', 'aa', 'bb', 'of-a-one', 'of-a-two', 'of-b-one'];

/** Answers from a table of bodies by `namespace/name`, each after a tick. */
function reading(bodies: Record<string, Body>) {
  const clock = new FakeClock();
  const stop = new AbortController();
  const asked: string[] = [];
  const told: string[] = [];
  const refusals: (string | undefined)[] = [];
  let [open, most] = [0, 0];
  const request = async ({ path, method }: ApiRequest): Promise<ApiResponse> => {
    const [, namespace = '', name = ''] =
      /^\/apis\/aquasecurity\.github\.io\/v1alpha1\/namespaces\/([^/]+)\/sbomreports\/([^/]+)$/.exec(path) ??
      [];
    asked.push(`${namespace}/${name}`);
    expect(method).to.equal('GET');
    most = Math.max(most, ++open);
    await new Promise((resolve) => setImmediate(resolve));
    open--;
    const body = bodies[`${namespace}/${name}`];
    if (body === undefined) throw new NotFoundError(404, { message: `${name} not found` });
    if (body.error !== undefined) throw body.error();
    return { status: 200, headers: {}, json: body.json ?? sbomReport(body), bytes: body.bytes ?? 1_000 };
  };
  const reader: SbomReader = new SbomReader({
    client: { request },
    clock,
    signal: stop.signal,
    random: () => 0.5,
    onRead: (namespace) => told.push(namespace),
    onRefusal: () => refusals.push(reader.refusal),
  });
  reader.seek(sought);
  const want = (key: string, resourceVersion = '1', digest?: string) => {
    const [namespace = '', name = ''] = key.split('/');
    reader.want({ namespace, name, resourceVersion, ...(digest === undefined ? {} : { digest }) });
  };
  const names = (key: string) => {
    const [namespace = '', name = ''] = key.split('/');
    return reader.contentOf(namespace, name).composition?.named.map((each) => each.name);
  };
  return { reader, clock, asked, told, refusals, bodies, stop, want, names, most: () => most };
}

describe('the reader of SBOMs', () => {
  it('reads what is wanted, one by one and by name, and tells of a namespace when all of it is read', async () => {
    const { clock, asked, told, want, names } = reading({
      'a/one': { packages: ['bash'] },
      'a/two': { packages: ['zlib1g'] },
      'b/one': { packages: [] },
    });
    for (const key of ['a/one', 'a/two', 'b/one']) want(key);
    expect(names('a/one')).to.equal(undefined);
    await clock.advance(0);
    expect(asked).to.deep.equal(['a/one', 'a/two', 'b/one']);
    expect(told).to.deep.equal(['a', 'b']);
    expect([names('a/one'), names('a/two'), names('b/one')]).to.deep.equal([['bash'], [], []]);
  });

  it('reads no version of a report twice', async () => {
    const { clock, asked, want, bodies, names } = reading({ 'a/one': { packages: ['bash'] } });
    for (let n = 0; n < 3; n++) {
      want('a/one');
      await clock.advance(1_000);
    }
    expect(asked).to.have.length(1);
    bodies['a/one'] = { packages: ['dash'], resourceVersion: '2' };
    want('a/one', '2');
    expect(names('a/one'), 'what was known stands until the new is there').to.deep.equal(['bash']);
    await clock.advance(0);
    expect(names('a/one')).to.deep.equal(['dash']);
  }).timeout(5_000);

  it('does not ask again for one that came newer than the watch knows', async () => {
    const { clock, asked, want } = reading({ 'a/one': { resourceVersion: '7' } });
    for (const version of ['5', '5', '7']) {
      want('a/one', version);
      await clock.advance(0);
    }
    expect(asked).to.have.length(1);
  });

  it('reads one report of an image that a hundred are of', async () => {
    const keys = Array.from({ length: 100 }, (_, index) => `ns-${index}/one`);
    const bodies = Object.fromEntries(keys.map((key) => [key, { digest: 'sha256:aa', packages: ['bash'] }]));
    const { reader, clock, asked, told, want, names } = reading(bodies);
    want(keys[0] ?? '', '1', 'sha256:aa');
    await clock.advance(0);
    for (const key of keys) want(key, '1', 'sha256:aa');
    await clock.advance(0);
    expect(asked).to.have.length(1);
    expect(keys.map(names)).to.deep.equal(keys.map(() => ['bash']));
    expect(told).to.deep.equal(['ns-0']);
    expect(reader.images).to.equal(1);
  });

  it('reads a report itself when another image runs than the one that it was taken for', async () => {
    const { clock, asked, want, names } = reading({
      'a/one': { digest: 'sha256:aa', packages: ['bash'] },
      'b/one': { digest: 'sha256:bb', packages: ['dash'] },
    });
    want('a/one', '1', 'sha256:aa');
    await clock.advance(0);
    want('b/one', '1', 'sha256:aa');
    expect(names('b/one')).to.deep.equal(['bash']);
    want('b/one', '1', 'sha256:bb');
    await clock.advance(0);
    expect(asked).to.deep.equal(['a/one', 'b/one']);
    expect(names('b/one')).to.deep.equal(['dash']);
  });

  it('forgets an image with the last report that is of it', async () => {
    const { reader, clock, asked, want, names } = reading({
      'a/one': { digest: 'sha256:aa', packages: ['bash'] },
    });
    want('a/one', '1', 'sha256:aa');
    await clock.advance(0);
    want('b/one', '1', 'sha256:aa');
    reader.forget('a', 'one');
    expect([names('a/one'), names('b/one'), reader.images]).to.deep.equal([undefined, ['bash'], 1]);
    reader.forget('b', 'one');
    expect([names('b/one'), reader.images]).to.deep.equal([undefined, 0]);
    expect(asked).to.have.length(1);
  });

  it('keeps nothing of a report that is deleted while it is fetched', async () => {
    const { reader, clock, want, told } = reading({ 'a/one': {} });
    want('a/one');
    reader.forget('a', 'one');
    await clock.advance(0);
    expect([reader.images, reader.waiting, told]).to.deep.equal([0, 0, ['a']]);
  });

  it('looks again through what it has read when a new package is sought', async () => {
    const { reader, clock, asked, want, names } = reading({ 'a/one': { packages: ['bash', 'perl'] } });
    want('a/one');
    await clock.advance(0);
    expect(reader.seek(['bash'])).to.equal(false);
    want('a/one');
    expect(reader.seek(['perl'])).to.equal(true);
    want('a/one');
    await clock.advance(0);
    expect(asked).to.have.length(2);
    expect(names('a/one')).to.deep.equal(['bash', 'perl']);
  });

  it('holds a bounded rate over five thousand, two at once, and reads them all', async () => {
    const keys = Array.from({ length: 5_000 }, (_, index) => `ns-${index % 50}/r-${index}`);
    const bytes = 300 * 1024;
    const bodies = Object.fromEntries(keys.map((key, index) => [key, { digest: `sha256:${index}`, bytes }]));
    const { reader, clock, asked, told, want, most } = reading(bodies);
    for (const key of keys) want(key);
    let before = asked.length;
    let busiest = 0;
    for (let second = 0; second < 400 && reader.waiting > 0; second++) {
      await clock.advance(1_000);
      if (second > 5) busiest = Math.max(busiest, asked.length - before);
      before = asked.length;
    }
    await clock.advance(1_000);
    expect(busiest * bytes, 'bytes in the busiest second').to.be.within(3 * 1024 ** 2, 5 * 1024 ** 2);
    expect(most()).to.equal(2);
    expect(asked).to.have.length(5_000);
    expect(told).to.have.length(50);
    expect(reader.images).to.equal(5_000);
  }).timeout(30_000);

  it('asks for no more than sixty-four small ones in a second', async () => {
    const keys = Array.from({ length: 800 }, (_, index) => `a/r-${index}`);
    const { clock, asked, want } = reading(Object.fromEntries(keys.map((key) => [key, { bytes: 10 }])));
    for (const key of keys) want(key);
    const inSteps = async (steps: number) => {
      for (let step = 0; step < steps; step++) await clock.advance(10);
    };
    await inSteps(100);
    const burst = asked.length;
    expect(burst).to.be.within(300, 330);
    await inSteps(500);
    expect(asked.length - burst).to.be.within(310, 330);
  });

  const failures: Readonly<Record<string, () => Error>> = {
    'a line that breaks': () => new ConnectionError('ConnectionLost', 'the connection was lost'),
    'a busy server': () => readApiError(429, '', '2'),
    'a server that fails': () => readApiError(500, ''),
  };
  for (const [sentence, error] of Object.entries(failures)) {
    it(`tries again after ${sentence}`, async () => {
      const { clock, asked, want, bodies, names, told } = reading({ 'a/one': { error } });
      want('a/one');
      await clock.advance(60_000);
      expect(asked.length).to.be.within(2, 40);
      expect(names('a/one')).to.equal(undefined);
      bodies['a/one'] = { packages: ['bash'] };
      await clock.advance(60_000);
      expect(names('a/one')).to.deep.equal(['bash']);
      expect(told).to.deep.equal(['a']);
    });
  }

  it('says that bodies are refused, until they are not', async () => {
    const forbidden = () => readApiError(403, JSON.stringify({ kind: 'Status', message: 'no right to get' }));
    const { reader, clock, want, bodies, refusals } = reading({ 'a/one': { error: forbidden } });
    want('a/one');
    await clock.advance(60_000);
    expect(reader.refusal).to.equal('no right to get');
    bodies['a/one'] = {};
    await clock.advance(60_000);
    expect(refusals).to.deep.equal(['no right to get', undefined]);
  });

  const finals: Readonly<Record<string, [Body | undefined, string]>> = {
    'a body of another shape': [
      { json: { metadata: {}, report: { components: [] } } },
      'report.components: expected',
    ],
    'no object': [{ json: 'text' }, 'expected an object'],
    'a report that is gone': [undefined, 'one not found'],
  };
  for (const [sentence, [body, expected]] of Object.entries(finals)) {
    it(`says what is wrong with ${sentence}, and does not ask for it again`, async () => {
      const { reader, clock, asked, want, told } = reading(body === undefined ? {} : { 'a/one': body });
      for (let n = 0; n < 3; n++) {
        want('a/one');
        await clock.advance(60_000);
      }
      expect(asked).to.have.length(1);
      expect(told).to.deep.equal(['a']);
      expect(reader.contentOf('a', 'one').problem)
        .to.match(/^SbomReport one cannot be read: .*\.$/)
        .and.to.include(expected);
    });
  }

  it('tells who waits for a namespace when it is read, or when he no longer waits', async () => {
    const { reader, clock, want } = reading({ 'a/one': {} });
    const done: string[] = [];
    const patience = new AbortController();
    await reader.settled('a', patience.signal);
    want('a/one');
    want('b/one');
    void reader.settled('a', patience.signal).then(() => done.push('a'));
    await clock.advance(0);
    expect(done).to.deep.equal(['a']);
    expect(heldBy(patience.signal)).to.equal(0);
    const impatient = reader.settled('a', AbortSignal.abort());
    await impatient;
  });

  it('stops with its signal', async () => {
    const keys = Array.from({ length: 1_000 }, (_, index) => `a/r-${index}`);
    const { clock, asked, want, stop } = reading(Object.fromEntries(keys.map((key) => [key, {}])));
    for (const key of keys) want(key);
    await clock.advance(0);
    stop.abort();
    const before = asked.length;
    await clock.advance(600_000);
    expect(asked).to.have.length(before);
    expect(clock.pendingTimers).to.equal(0);
  });

  it('knows in the end what each report says, whatever happens in between', async () => {
    const key = fc.constantFrom('a/one', 'a/two', 'b/one');
    const digest = fc.constantFrom(undefined, 'sha256:aa', 'sha256:bb');
    const step = fc.oneof(
      fc.record({ do: fc.constant('write' as const), key, digest }),
      fc.record({ do: fc.constant('delete' as const), key, digest }),
      fc.record({ do: fc.constant('want' as const), key, digest }),
      fc.record({ do: fc.constant('wait' as const), key, digest }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
        const { reader, clock, want, names, bodies } = reading({});
        let version = 0;
        // What is in an image hangs on its digest alone.
        const packagesOf = (of: string | undefined, at: string) => [
          of === undefined ? `of-${at}` : of.slice(7),
        ];
        const run = (of: string) => bodies[of]?.digest;
        for (const { do: what, key: at, digest: of } of steps) {
          if (what === 'write') {
            bodies[at] = {
              ...(of === undefined ? {} : { digest: of }),
              packages: packagesOf(of, at.replace('/', '-')),
              resourceVersion: String(++version),
            };
          } else if (what === 'delete') {
            delete bodies[at];
            reader.forget(...(at.split('/') as [string, string]));
          } else if (what === 'want' && bodies[at] !== undefined) {
            want(at, bodies[at].resourceVersion, run(at));
          } else if (what === 'wait') await clock.advance(10);
        }
        for (const at of Object.keys(bodies)) want(at, bodies[at]?.resourceVersion, run(at));
        await clock.advance(1_000);
        for (const at of ['a/one', 'a/two', 'b/one'])
          expect(names(at), at).to.deep.equal(bodies[at]?.packages);
        const images = Object.entries(bodies).map(([at, body]) => body.digest ?? at);
        expect(reader.images).to.equal(new Set(images).size);
      }),
      { numRuns: 60 },
    );
  }).timeout(30_000);
});
