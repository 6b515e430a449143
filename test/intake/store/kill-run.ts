import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { RuntimeReportStatus } from '../../../src/api/runtime-report.ts';
import { falcoEvent, throughFalcosidekick } from '../../support/falco.ts';
import type { LifeProcessOptions } from './life-process.ts';
import { ModelReports, moments } from './life.ts';

const program = fileURLToPath(new URL('./life-process.ts', import.meta.url));
const namespaces = ['bank', 'shop'] as const;

export interface KillResult {
  readonly lives: number;
  /** Lives that ended by SIGKILL while at work. */
  readonly killed: number;
  /** Different events, by namespace; and what the reports count. */
  readonly sent: Readonly<Record<string, number>>;
  readonly counted: Readonly<Record<string, number>>;
  /** Answered 2xx; sent again because no answer came; sent again although one did, as a second sender does. */
  readonly acknowledged: number;
  readonly repeated: number;
  readonly copies: number;
}

/** A sender that sends each event until it is acknowledged, to a replica that dies again and again on the same disk. */
export class KillRun {
  readonly #folder: string;
  readonly #reports = new ModelReports();
  readonly #sent: Record<string, number> = {};
  #port = 0;
  #agent = new Agent({ keepAlive: true });
  #unanswered: string[] = [];
  #serial = 0;
  #result = { lives: 0, killed: 0, acknowledged: 0, repeated: 0, copies: 0 };
  readonly #random: () => number;

  constructor(folder: string, random: () => number) {
    this.#folder = folder;
    this.#random = random;
  }

  async run(lives: number): Promise<KillResult> {
    const server = await this.#serveReports();
    try {
      for (let life = 0; life < lives; life++) await this.#live(true, life);
      // The last one is left alone.
      for (let quiet = 0; quiet < 3; quiet++) await this.#live(false, quiet);
    } finally {
      server.close();
    }
    const counted = Object.fromEntries(namespaces.map((name) => [name, this.#reports.total(name)]));
    return { ...this.#result, sent: this.#sent, counted };
  }

  async #live(dies: boolean, life: number): Promise<void> {
    const at = moments[life % moments.length] ?? 'received';
    const kill = {
      at,
      count:
        1 +
        Math.floor(this.#random() * (at === 'received' || at === 'committed' || at === 'answered' ? 12 : 4)),
      // Half of them at once, half somewhere in the commit or the write that follows.
      delayMs: this.#random() < 0.5 ? 0 : Math.floor(this.#random() * 6),
    };
    const options: LifeProcessOptions = {
      folder: this.#folder,
      reports: `http://127.0.0.1:${this.#port}`,
      namespaces,
      // Small, so that what is not published is added up now and then.
      foldBytes: 4_000,
      ...(dies ? { kill } : {}),
    };
    const child = spawn(process.execPath, [program, JSON.stringify(options)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exit = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    const url = await firstLine(child);
    this.#result.lives += 1;
    if (url !== undefined) await this.#send(url, exit, dies);
    if (!dies) {
      const settled = () => namespaces.every((name) => this.#reports.total(name) === (this.#sent[name] ?? 0));
      for (let waited = 0; waited < 100 && !settled(); waited++) await pause(20);
      // What is counted twice would come now.
      await pause(50);
      child.kill('SIGKILL');
    }
    const [, signal] = await exit;
    if (dies && signal === 'SIGKILL') this.#result.killed += 1;
    this.#agent.destroy();
    this.#agent = new Agent({ keepAlive: true });
  }

  /** Until the process is dead, or has taken enough. */
  async #send(url: string, exit: Promise<unknown>, dies: boolean): Promise<void> {
    const state = { dead: false };
    void exit.then(() => (state.dead = true));
    const enough = dies ? Infinity : 10;
    const work = async () => {
      for (let sent = 0; !state.dead && (this.#unanswered.length > 0 || sent < enough); sent++) {
        const again = this.#unanswered.pop();
        if (again !== undefined) this.#result.repeated += 1;
        const body = again ?? this.#newEvent();
        if (!(await post(url, body, this.#agent))) {
          this.#unanswered.push(body);
          if (!state.dead) await pause(1);
          continue;
        }
        this.#result.acknowledged += 1;
        if (this.#random() < 0.1) {
          this.#result.copies += 1;
          await post(url, JSON.stringify(throughFalcosidekick(JSON.parse(body) as never)), this.#agent);
        }
      }
    };
    await Promise.all([work(), work(), work(), work()]);
  }

  #newEvent(): string {
    const namespace = namespaces[this.#serial % namespaces.length] ?? '';
    this.#sent[namespace] = (this.#sent[namespace] ?? 0) + 1;
    const now = new Date().toISOString().slice(0, 19);
    const time = `${now}.${String(++this.#serial).padStart(9, '0')}Z`;
    const rule = `rule ${this.#serial % 7}`;
    return JSON.stringify(falcoEvent({ time, rule }, { 'k8s.ns.name': namespace }));
  }

  /** The reports, on a line that takes a while: a process may die with a write on its way. */
  async #serveReports(): Promise<Server> {
    const server = createServer((incoming, response) => {
      void (async () => {
        const namespace = (incoming.url ?? '/').slice(1);
        let text = '';
        for await (const chunk of incoming) text += String(chunk);
        await pause(this.#random() * 4);
        if (incoming.method === 'GET') {
          response.end(JSON.stringify(this.#reports.at(namespace)));
          return;
        }
        const { version, status } = JSON.parse(text) as { version: number; status: RuntimeReportStatus };
        const taken = await this.#reports.write(namespace, version, status);
        await pause(this.#random() * 4);
        response.writeHead(taken ? 200 : 409).end();
      })().catch(() => response.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
    return server;
  }
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** undefined when it ended before. */
async function firstLine({ stdout }: ChildProcess): Promise<string | undefined> {
  if (stdout === null) return undefined;
  const lines = createInterface(stdout);
  for await (const line of lines) {
    lines.close();
    stdout.resume();
    return line;
  }
  return undefined;
}

/** @returns whether it was acknowledged as kept */
function post(url: string, body: string, agent: Agent): Promise<boolean> {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const sending = request(url, { method: 'POST', agent, headers }, (response) => {
      response.resume();
      resolve(response.statusCode === 204);
    });
    sending.on('error', () => resolve(false));
    sending.end(body);
  });
}
