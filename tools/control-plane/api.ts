import { Agent, request } from 'node:https';

export interface ApiResponse {
  readonly status: number;
  /** Parsed where it is JSON, else the text. */
  readonly body: unknown;
}

export interface ApiRequestOptions {
  readonly token?: string;
  /** Of the request's body; default `application/json`. Patches name their kind by it. */
  readonly contentType?: string;
  /** Milliseconds; default 60,000. */
  readonly timeout?: number;
}

/** A small client for the API server at `url()`: for setting tests up, not for testing clients. */
export class Api {
  readonly #url: () => string;
  readonly #agent: Agent;

  constructor(url: () => string, ca: string) {
    this.#url = url;
    this.#agent = new Agent({ ca, keepAlive: true, maxSockets: 32 });
  }

  /** `body` is sent as it is when it is a string, else as JSON. Any status resolves; only a broken line rejects. */
  request(
    method: string,
    path: string,
    body: unknown,
    options: ApiRequestOptions = {},
  ): Promise<ApiResponse> {
    const { token, contentType = 'application/json', timeout = 60_000 } = options;
    const headers: Record<string, string> = { accept: 'application/json' };
    if (token !== undefined) headers['authorization'] = `Bearer ${token}`;
    if (body !== undefined) headers['content-type'] = contentType;
    return new Promise((resolve, reject) => {
      const call = request(
        this.#url() + path,
        { method, headers, agent: this.#agent, timeout },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString('utf8');
            const json = response.headers['content-type']?.startsWith('application/json') === true;
            resolve({ status: response.statusCode ?? 0, body: json ? (JSON.parse(text) as unknown) : text });
          });
        },
      );
      call.on('timeout', () => call.destroy(new Error(`${method} ${path}: no answer within ${timeout} ms`)));
      call.on('error', reject);
      call.end(body === undefined || typeof body === 'string' ? body : JSON.stringify(body));
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
