import { expect } from 'chai';
import type { AdmissionWebhook } from '../../src/domain/admission.ts';
import { WebhookEndpoints } from '../../src/operator/webhook-endpoints.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { noHooks } from '../support/hooks.ts';

const webhook = {
  is: 'webhook',
  kind: 'ValidatingWebhookConfiguration',
  name: 'engine',
  service: 'policy/engine',
};

/** What is known of the webhook when the server lists EndpointSlices with these endpoints. */
async function judged(...slices: unknown[]): Promise<boolean | undefined> {
  const clock = new FakeClock();
  const abort = new AbortController();
  const frames = slices.map((endpoints, index) => ({
    type: 'ADDED',
    object: {
      metadata: { name: `engine-${index}`, namespace: 'policy', uid: `uid-${index}`, resourceVersion: '5' },
      endpoints,
    },
  }));
  const end = {
    type: 'BOOKMARK',
    object: {
      metadata: { resourceVersion: '9', annotations: { 'k8s.io/initial-events-end': 'true' } },
    },
  };
  async function* chunks(signal: AbortSignal) {
    yield Buffer.from([...frames, end].map((frame) => `${JSON.stringify(frame)}\n`).join(''));
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  }
  const endpoints = new WebhookEndpoints({
    client: {
      request: () => Promise.reject(new Error('nothing is asked for but watches')),
      stream: ({ signal }) => Promise.resolve({ status: 200, isProtobuf: false, chunks: chunks(signal) }),
    },
    clock,
    hooks: noHooks,
    signal: abort.signal,
    onChange: () => undefined,
  });
  const items = [webhook as unknown as AdmissionWebhook];
  endpoints.follow(items);
  await clock.advance(0);
  expect(endpoints.watched.map(({ available }) => available)).to.deep.equal([true]);
  const [item] = endpoints.judge(items);
  abort.abort();
  await clock.advance(0);
  return item?.is === 'webhook' ? item.ready : undefined;
}

const ready = [{ addresses: ['10.0.0.1'], conditions: { ready: true } }];
const waiting = [{ addresses: ['10.0.0.1'], conditions: { ready: false } }];

describe('what stands behind the webhook of a policy engine', () => {
  it('answers when one endpoint of any slice is ready', async () => {
    expect(await judged(waiting, ready)).to.equal(true);
  });

  it('does not when none is', async () => {
    expect(await judged(waiting)).to.equal(false);
    expect(await judged()).to.equal(false);
  });

  it('is not known when a slice cannot be read, unless another has one that is ready', async () => {
    expect(await judged(waiting, 'none')).to.equal(undefined);
    expect(await judged('none', ready)).to.equal(true);
  });
});
