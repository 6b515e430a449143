import type { PreviousReport } from '../evaluate/report.ts';
import type { ObjectRef } from '../kube/resource.ts';
import type { Logger } from '../telemetry/log.ts';
import type { StatusWriter, WriteOutcome } from './status-writer.ts';

type Writer = Pick<StatusWriter<PreviousReport>, 'current' | 'write' | 'delete' | 'forget'>;

/** Reports written at once while the process ends. */
const atOnce = 8;

/** A writer of reports that remembers which of them the budget has put off, to write them before the process ends. */
export class PutOff implements Writer {
  readonly #writer: Writer;
  /** Their namespaces, by report. */
  readonly #waiting = new Map<string, string>();
  #overBudget = false;

  constructor(writer: Writer) {
    this.#writer = writer;
  }

  current(ref: ObjectRef): PreviousReport | undefined {
    return this.#writer.current(ref);
  }

  async write(
    ref: ObjectRef,
    spec: object | undefined,
    status: object,
    options: { readonly inheritedAfterMs?: number } = {},
  ): Promise<WriteOutcome> {
    const outcome = await this.#writer.write(ref, spec, status, { ...options, overBudget: this.#overBudget });
    if (outcome.result === 'deferred') this.#waiting.set(keyOf(ref), ref.namespace);
    else this.#waiting.delete(keyOf(ref));
    return outcome;
  }

  async delete(ref: ObjectRef): Promise<number | undefined> {
    this.#waiting.delete(keyOf(ref));
    return this.#writer.delete(ref);
  }

  forget(ref: ObjectRef): void {
    this.#waiting.delete(keyOf(ref));
    this.#writer.forget(ref);
  }

  /** There is no later: lets `write` be called once more for each namespace that has waited, whatever the budget says. */
  async flush(write: (namespace: string) => Promise<void>, logger: Logger): Promise<void> {
    this.#overBudget = true;
    const namespaces = [...new Set(this.#waiting.values())];
    let failed: { namespaces: number; error: unknown } | undefined;
    const work = async (): Promise<void> => {
      for (let namespace = namespaces.pop(); namespace !== undefined; namespace = namespaces.pop()) {
        try {
          await write(namespace);
        } catch (error) {
          failed = { namespaces: (failed?.namespaces ?? 0) + 1, error };
        }
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    if (failed !== undefined) logger.error('reports could not be written before the end', failed);
  }
}

const keyOf = ({ namespace, name }: ObjectRef) => `${namespace}/${name}`;
