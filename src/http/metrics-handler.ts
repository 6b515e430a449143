import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import { constants, createGzip } from 'node:zlib';
import type { Clock } from '../base/clock.ts';
import type { Format } from '../telemetry/exposition-format.ts';
import { contentTypes } from '../telemetry/exposition-format.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { AccessCheck } from './guard.ts';
import { answerText, Guard } from './guard.ts';
import { chooseFormat, takesGzip } from './negotiate.ts';

export interface MetricsHandlerOptions {
  readonly metrics: Pick<Metrics, 'expose'>;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'error'>;
  /** Who may read; absent: everyone who reaches the port. */
  readonly access?: AccessCheck | undefined;
}

/** Scrapes at once: two Prometheus servers, a person, and one that a slow line holds up. */
const most = 4;
/** Milliseconds for one, where the reader does not say how long he waits, and however long he says. */
const longestMs = 60_000;

/** Answers `/metrics`: in the format and compression that the reader asks for, within the time that he waits. */
export class MetricsHandler {
  readonly #options: MetricsHandlerOptions;
  readonly #guard: Guard | undefined;
  #underWay = 0;

  constructor(options: MetricsHandlerOptions) {
    this.#options = options;
    const { access, logger } = options;
    this.#guard = access === undefined ? undefined : new Guard(access, logger);
  }

  /** Never rejects. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { clock, logger } = this.#options;
    const timer = clock.timer(patienceOf(request), () => {
      // Nobody waits for the rest any more, and half an answer must not look whole.
      if (response.headersSent) response.destroy();
      else answerText(response, 503, 'There was no more time.');
    });
    try {
      if (this.#guard === undefined || (await this.#guard.admits(request, response)))
        await this.#answer(request, response);
    } catch (error) {
      logger.error('metrics could not be written', { error });
      response.destroy();
    } finally {
      timer.cancel();
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (response.headersSent || response.destroyed) return;
    const format = chooseFormat(request.headers.accept);
    const gzip = takesGzip(request.headers['accept-encoding']?.toString());
    const headers = {
      'Content-Type': contentTypes[format],
      Vary: 'Accept, Accept-Encoding',
      ...(gzip ? { 'Content-Encoding': 'gzip' } : {}),
    };
    if (request.method === 'HEAD') return void response.writeHead(200, headers).end();
    if (this.#underWay >= most)
      return answerText(response, 503, `${most} others read at this moment.`, { 'Retry-After': '5' });
    this.#underWay++;
    try {
      response.writeHead(200, headers);
      await this.#write(response, format, gzip);
    } finally {
      this.#underWay--;
    }
  }

  async #write(response: ServerResponse, format: Format, gzip: boolean): Promise<void> {
    // The quickest level makes a tenth of such text already; it works on another thread.
    const sink = gzip ? createGzip({ level: constants.Z_BEST_SPEED, chunkSize: 65_536 }) : response;
    if (sink !== response) sink.pipe(response);
    try {
      for await (const chunk of this.#options.metrics.expose(format)) {
        // A reader that has gone drains nothing more.
        if (response.destroyed) return;
        // Waiting lets the event loop turn between chunks, and a slow reader hold back the writer.
        if (!sink.write(chunk)) await drained(sink, response);
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (response.destroyed) return;
      sink.end();
      // A slow reader is one who is under way until he has it all.
      await ended(response);
    } finally {
      if (response.destroyed) sink.destroy();
    }
  }
}

/** Milliseconds that the reader waits, as Prometheus says it. */
function patienceOf(request: IncomingMessage): number {
  const seconds = Number(request.headers['x-prometheus-scrape-timeout-seconds']);
  return seconds > 0 ? Math.min(seconds * 1_000, longestMs) : longestMs;
}

/** Resolves when there is room again, or nobody who reads. */
function drained(sink: Writable, response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      sink.off('drain', done);
      response.off('close', done);
      resolve();
    };
    sink.once('drain', done);
    response.once('close', done);
  });
}

function ended(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    if (response.writableFinished || response.destroyed) resolve();
    else response.once('finish', resolve).once('close', resolve);
  });
}
