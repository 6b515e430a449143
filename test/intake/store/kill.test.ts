import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { KillRun } from './kill-run.ts';

describe('a replica that is killed again and again on its disk', function () {
  this.timeout(180_000);
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-kill-'));
  after(() => rmSync(folder, { recursive: true }));

  it('has each event that it acknowledged in the reports once, after a hundred deaths', async () => {
    // Two at once, for the two processors that a machine has at least.
    const runs = await Promise.all(
      ['a', 'b'].map((name) => new KillRun(join(folder, name), Math.random).run(50)),
    );
    for (const { killed, counted, sent, repeated, copies, acknowledged } of runs) {
      expect(counted).to.deep.equal(sent);
      expect(killed).to.equal(50);
      expect(acknowledged).to.be.greaterThan(100);
      expect(repeated, 'events without an answer').to.be.greaterThan(0);
      expect(copies).to.be.greaterThan(0);
    }
  });
});
