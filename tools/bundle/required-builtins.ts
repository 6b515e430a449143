import type { Plugin } from 'esbuild';

/**
 * Has `node:http` required, not imported: to import a module of Node reads all that it exports, and with `WebSocket` this
 * one loads the whole of Node's own fetch, and HTTP/2 with it. That takes 10 MB, and nobody uses any of it.
 */
export const requiredBuiltins: Plugin = {
  name: 'required-builtins',
  setup(build) {
    build.onResolve({ filter: /^(?:node:)?http$/ }, ({ kind }) =>
      kind === 'require-call' ? undefined : { path: 'node:http', namespace: 'required' },
    );
    build.onLoad({ filter: /.*/, namespace: 'required' }, ({ path }) => ({
      contents: `module.exports = require("${path}");`,
    }));
  },
};
