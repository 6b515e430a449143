import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../telemetry/log.ts';

export type Access = 'allowed' | 'unauthenticated' | 'forbidden';

/** Says what the bearer of a token may do. Rejects when that cannot be known now. */
export type AccessCheck = (token: string) => Promise<Access>;

/** Lets through who may read metrics, and answers all others. */
export class Guard {
  readonly #check: AccessCheck;
  readonly #logger: Pick<Logger, 'error'>;
  #problem: string | undefined;

  constructor(check: AccessCheck, logger: Pick<Logger, 'error'>) {
    this.#check = check;
    this.#logger = logger;
  }

  /** @returns whether the request may go on; if not, it is answered. While nobody can say, nobody may. */
  async admits(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const token = bearerOf(request.headers.authorization);
    try {
      const access = token === undefined ? 'unauthenticated' : await this.#check(token);
      if (token !== undefined) this.#problem = undefined;
      if (access === 'allowed') return true;
      if (access === 'forbidden') answerText(response, 403, 'You may not get /metrics.');
      else
        answerText(response, 401, 'Show a bearer token of this cluster.', { 'WWW-Authenticate': 'Bearer' });
    } catch (error) {
      this.#tell(error as Error);
      answerText(response, 503, 'Who you are cannot be found out now.');
    }
    return false;
  }

  /** Once for each trouble, however many ask. */
  #tell(error: Error): void {
    if (error.message === this.#problem) return;
    this.#problem = error.message;
    this.#logger.error('it cannot be found out who asks for metrics, and nobody gets them', { error });
  }
}

/** Answers with a sentence, unless the reader has gone or has an answer already. */
export function answerText(
  response: ServerResponse,
  status: number,
  sentence: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', ...headers });
  response.end(`${sentence}\n`);
}

function bearerOf(header: string | undefined): string | undefined {
  return /^bearer +(\S+) *$/i.exec(header ?? '')?.[1];
}
