import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/base/clock.ts';
import { resolveBinaries } from '../control-plane/binaries.ts';
import type { Progress } from '../control-plane/build.ts';
import type { ControlPlaneError } from '../control-plane/errors.ts';
import { Parts } from '../control-plane/parts.ts';
import { findFreePort } from '../control-plane/ready.ts';

/** Where monitoring runs: the folder of its data and logs, and the warden that holds its processes. */
export class Surroundings {
  readonly folder = mkdtempSync(join(tmpdir(), 'plumbline-monitoring-'));
  readonly parts: Parts;
  readonly progress: Progress;

  /** `onDeath` is told of a process that ends though nobody stopped it. */
  constructor(onDeath: (death: ControlPlaneError) => void, progress: Progress) {
    this.progress = progress;
    this.parts = new Parts(this.folder, true, systemClock, onDeath);
  }

  /** Stops every process, the last started first, and removes the folder. Idempotent. */
  stop(): Promise<void> {
    return this.parts.close(5000);
  }
}

const readyMs = 60_000;

/**
 * Finds or builds `name`, and starts it on a free port of loopback with the flags that `flags` gives for the address.
 * Resolves with its URL when it says that it is ready. Somebody may take the port first, so there are three attempts.
 */
export async function startPart(
  { parts, progress }: Surroundings,
  name: 'prometheus' | 'alertmanager',
  flags: (address: string) => readonly string[],
): Promise<string> {
  const command = (await resolveBinaries([name], { progress }))[name];
  for (let attempt = 1; ; attempt++) {
    const address = `127.0.0.1:${await findFreePort()}`;
    try {
      await parts.start(name, command, [...flags(address)]);
      await parts.ready(name, readyMs, () => answers(`http://${address}/-/ready`));
      return `http://${address}`;
    } catch (error) {
      if (!parts.logTail(name, 50).includes('address already in use') || attempt === 3) throw error;
    }
  }
}

async function answers(url: string): Promise<true | undefined> {
  const { ok, status } = await fetch(url, { signal: AbortSignal.timeout(2000) });
  if (!ok) throw new Error(`${url} answers ${status}`);
  return true;
}
