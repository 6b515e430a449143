import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What Alertmanager tells a webhook. */
export interface Notification {
  readonly status: 'firing' | 'resolved';
  readonly alerts: readonly {
    readonly status: 'firing' | 'resolved';
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
    readonly startsAt: string;
    readonly endsAt: string;
  }[];
}

/** A webhook on loopback that keeps all that it is told. */
export class Receiver {
  readonly notifications: Notification[] = [];
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        this.notifications.push(JSON.parse(Buffer.concat(chunks).toString()) as Notification);
        response.end();
      });
    });
  }

  /** @returns its URL */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** What it was told of one alert, in order: `firing` or `resolved`. */
  told(alertname: string): readonly string[] {
    return this.notifications
      .flatMap(({ alerts }) => alerts)
      .filter(({ labels }) => labels['alertname'] === alertname)
      .map(({ status }) => status);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
