import { expect } from 'chai';
import { PutOff } from '../../src/operator/put-off.ts';
import type { WriteOutcome } from '../../src/operator/status-writer.ts';
import { silentLogger } from '../../src/telemetry/log.ts';

const ref = (namespace: string, name = 'reference-design') => ({ namespace, name });

/** A writer under whose budget nothing is left. */
function spent() {
  const written: string[] = [];
  const answer = (overBudget: boolean): WriteOutcome =>
    overBudget ? { result: 'written', overtaken: false } : { result: 'deferred', retryAfterMs: 1 };
  const putOff = new PutOff({
    current: () => undefined,
    write: async ({ namespace, name }, _spec, _status, options) => {
      if (options?.overBudget === true) written.push(`${namespace}/${name}`);
      return answer(options?.overBudget === true);
    },
    delete: async () => undefined,
    forget: () => undefined,
  });
  const write = (namespace: string, name?: string) => putOff.write(ref(namespace, name), {}, {});
  return { putOff, written, write };
}

describe('the reports that the budget has put off', () => {
  it('are written at the end, each namespace once', async () => {
    const { putOff, written, write } = spent();
    await write('shop');
    await write('shop', 'payments');
    await write('bank');
    const asked: string[] = [];
    await putOff.flush(async (namespace) => {
      asked.push(namespace);
      await write(namespace);
    }, silentLogger);
    expect(asked.toSorted()).to.deep.equal(['bank', 'shop']);
    expect(written.toSorted()).to.deep.equal(['bank/reference-design', 'shop/reference-design']);
  });

  it('are not those that were written, deleted or gone since', async () => {
    const { putOff, write } = spent();
    for (const namespace of ['shop', 'bank']) await write(namespace);
    await putOff.delete(ref('shop'));
    putOff.forget(ref('bank'));
    const asked: string[] = [];
    await putOff.flush(async (namespace) => void asked.push(namespace), silentLogger);
    expect(asked).to.deep.equal([]);
  });

  it('are all tried, and those that cannot be written are told of once', async () => {
    const { putOff, write } = spent();
    for (const namespace of ['a', 'b', 'c']) await write(namespace);
    const told: unknown[] = [];
    const logger = { ...silentLogger, error: (_message: string, fields?: object) => void told.push(fields) };
    const error = new Error('no more time');
    await putOff.flush(
      (namespace) => (namespace === 'b' ? Promise.resolve() : Promise.reject(error)),
      logger,
    );
    expect(told).to.deep.equal([{ namespaces: 2, error }]);
  });
});
