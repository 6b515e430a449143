import { DemoError } from './errors.ts';

export interface Answer {
  readonly ok: boolean;
  readonly status: number;
  readonly text: string;
}

/** Asks the operator. Any status resolves. @throws DemoError RequestFailed when it does not answer */
export async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(10_000) });
    return { ok: response.ok, status: response.status, text: await response.text() };
  } catch (error) {
    const why = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw new DemoError('RequestFailed', `${url} does not answer: ${why}`, { cause: error });
  }
}
