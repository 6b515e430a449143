import { expect } from 'chai';
import {
  applyObject,
  applyStatus,
  createObject,
  patchObject,
  readObject,
  type Writing,
} from '../../src/kube/apply.ts';
import type { ApiRequest } from '../../src/kube/client.ts';
import { BadResponseError, ConnectionError, TerminalError, toApiError } from '../../src/kube/errors.ts';
import { FakeClock } from '../support/fake-clock.ts';

const target = {
  resource: { group: '', version: 'v1', plural: 'things', namespaced: true },
  kind: 'Thing',
  namespace: 'ns',
  name: 'one',
};
const created = {
  status: 201,
  headers: {},
  json: { kind: 'Thing', metadata: { name: 'one', uid: 'u', resourceVersion: '7' } },
  bytes: 10,
};

/** A server that fails so, in order, and then obeys. */
function failing(...errors: Error[]) {
  const clock = new FakeClock();
  const asked: number[] = [];
  const request = () => {
    asked.push(clock.monotonic());
    const error = errors.shift();
    return error === undefined ? Promise.resolve(created) : Promise.reject(error);
  };
  const writing: Writing = { client: { request }, clock, random: () => 1 };
  return { clock, asked, writing };
}

const busy = (seconds?: number) =>
  toApiError(429, { message: 'busy' }, seconds === undefined ? undefined : seconds * 1_000);
const ill = () => toApiError(500, { message: 'ill' });

describe('a write, when the server has a bad moment', () => {
  const recoveries: Record<string, { errors: Error[]; at: number[] }> = {
    'is repeated after 500': { errors: [ill()], at: [0, 800] },
    'is repeated after 503 and 504': {
      errors: [toApiError(503, {}), toApiError(504, {})],
      at: [0, 800, 2_400],
    },
    'is repeated when the line breaks': {
      errors: [new ConnectionError('ConnectionLost', 'cut')],
      at: [0, 800],
    },
    'is repeated when the server says after 429': { errors: [busy(5)], at: [0, 5_800] },
    'is repeated three times at most': { errors: [ill(), ill(), ill()], at: [0, 800, 2_400, 5_600] },
  };
  for (const [title, { errors, at }] of Object.entries(recoveries)) {
    it(title, async () => {
      const { clock, asked, writing } = failing(...errors);
      const written = createObject(writing, target);
      await clock.advance(60_000);
      expect(await written).to.deep.include({ uid: 'u', resourceVersion: '7' });
      expect(asked).to.deep.equal(at);
    });
  }

  const surrenders: Record<string, { errors: Error[]; times: number; code: string }> = {
    'gives up after the fourth failure': {
      errors: [ill(), ill(), ill(), ill(), ill()],
      times: 4,
      code: 'ApiRefused',
    },
    'does not hold a worker for a long wait': { errors: [busy(60)], times: 1, code: 'ApiRefused' },
    'does not repeat a conflict': { errors: [toApiError(409, {})], times: 1, code: 'Conflict' },
    'does not repeat what is not there': { errors: [toApiError(404, {})], times: 1, code: 'NotFound' },
    'does not repeat without credentials': { errors: [toApiError(401, {})], times: 1, code: 'ApiRefused' },
    'does not repeat what is invalid': { errors: [toApiError(422, {})], times: 1, code: 'Terminal' },
  };
  for (const [title, { errors, times, code }] of Object.entries(surrenders)) {
    it(title, async () => {
      const { clock, asked, writing } = failing(...errors);
      const failed = createObject(writing, target).catch((error: unknown) => error);
      await clock.advance(60_000);
      expect(await failed).to.deep.include({ code });
      expect(asked).to.have.length(times);
    });
  }

  const reasons: Record<string, { error: Error; reason: string }> = {
    'a bad request': { error: toApiError(400, {}), reason: 'BadRequest' },
    'a missing right': { error: toApiError(403, {}), reason: 'Forbidden' },
    'a namespace that goes': {
      error: toApiError(403, { details: { causes: [{ reason: 'NamespaceTerminating' }] } }),
      reason: 'NamespaceTerminating',
    },
    'too much': { error: toApiError(413, {}), reason: 'TooLarge' },
    'what the schema refuses': { error: toApiError(422, {}), reason: 'Invalid' },
    'another refusal': { error: toApiError(415, {}), reason: 'Refused' },
  };
  for (const [title, { error, reason }] of Object.entries(reasons)) {
    it(`names ${title} ${reason}`, async () => {
      const failed: unknown = await createObject(failing(error).writing, target).catch(
        (thrown: unknown) => thrown,
      );
      expect(failed).to.be.instanceOf(TerminalError).and.to.deep.include({ reason, cause: error });
    });
  }

  it('leaves to be tried again what is refused while a definition is being removed', async () => {
    const message = 'x "y" is forbidden: create not allowed while custom resource definition is terminating';
    const error = toApiError(403, { message });
    const failed: unknown = await createObject(failing(error).writing, target).catch(
      (thrown: unknown) => thrown,
    );
    expect(failed).to.equal(error);
  });

  it('stops trying when its signal aborts', async () => {
    const { clock, asked, writing } = failing(ill(), ill(), ill());
    const abort = new AbortController();
    const failed = createObject({ ...writing, signal: abort.signal }, target).catch(
      (error: unknown) => error,
    );
    await clock.advance(100);
    abort.abort();
    expect(await failed).to.deep.include({ status: 500 });
    expect(asked).to.have.length(1);
    expect(clock.pendingTimers).to.equal(0);
  });
});

describe('an answer that is not the object', () => {
  const metadata = { name: 'one', uid: 'u', resourceVersion: '7' };
  const answers: Record<string, unknown> = {
    'a page of a proxy': undefined,
    'a text': 'ok',
    'a list': [],
    nothing: null,
    'an object without metadata': { kind: 'Thing' },
    'metadata that is none': { kind: 'Thing', metadata: 'x' },
    'a Status': { kind: 'Status', metadata: {}, status: 'Success' },
    'another kind': { kind: 'Other', metadata },
    'another name': { kind: 'Thing', metadata: { ...metadata, name: 'two' } },
    'one without a uid': { kind: 'Thing', metadata: { ...metadata, uid: undefined } },
    'one without a version': { kind: 'Thing', metadata: { ...metadata, resourceVersion: '' } },
    'one whose version is a number': { kind: 'Thing', metadata: { ...metadata, resourceVersion: 7 } },
  };
  const fence = { uid: 'u', resourceVersion: '6' };
  const ways: Record<string, (writing: Writing) => Promise<unknown>> = {
    createObject: (writing) => createObject(writing, target),
    applyStatus: (writing) => applyStatus(writing, target, fence, {}),
    applyObject: (writing) => applyObject(writing, target, undefined, {}),
    patchObject: (writing) => patchObject(writing, target, {}),
    readObject: (writing) => readObject(writing, target),
  };
  for (const [way, run] of Object.entries(ways))
    for (const [title, json] of Object.entries(answers))
      it(`is named by ${way}, and no later write is decided on it: ${title}`, async () => {
        const request = () => Promise.resolve({ ...created, json });
        const writing: Writing = { client: { request }, clock: new FakeClock() };
        const thrown: unknown = await run(writing).catch((error: unknown) => error);
        expect(thrown).to.be.instanceOf(BadResponseError).and.to.deep.include({ code: 'NotTheObject' });
        expect((thrown as Error).message).to.match(/^an answer is not Thing "one" in namespace "ns"/);
      });
});

describe('an apply', () => {
  it('is read by the server once: it warns of no key that stands twice', async () => {
    const sent: ApiRequest[] = [];
    const request = (each: ApiRequest) => {
      sent.push(each);
      return Promise.resolve(created);
    };
    const writing: Writing = { client: { request }, clock: new FakeClock() };
    await applyStatus(writing, target, { uid: 'u', resourceVersion: '6' }, { state: 'Compliant' });
    expect(sent).to.have.length(1);
    expect(sent[0]).to.deep.include({
      method: 'PATCH',
      path: '/api/v1/namespaces/ns/things/one/status',
      query: { fieldManager: 'plumbline', force: true, fieldValidation: 'Ignore' },
      contentType: 'application/apply-patch+yaml',
    });
  });
});
