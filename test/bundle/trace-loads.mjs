// Preloaded by bundle.test.ts: writes the address of every module that Node loads to stderr.
import { registerHooks } from 'node:module';
import { writeSync } from 'node:fs';

registerHooks({
  load(url, context, nextLoad) {
    writeSync(2, `loads ${url}\n`);
    return nextLoad(url, context);
  },
});
