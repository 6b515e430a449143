import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const memory = '/dev/shm';

/**
 * A new folder for the volumes of replicas; in memory, where the machine has such a place: on a disk that others keep busy
 * a commit may take longer than a sender is left waiting, who then sends to another.
 */
export const makeVolumeFolder = (): string =>
  mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), 'plumbline-volumes-'));
