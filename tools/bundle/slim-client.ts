import { readFileSync } from 'node:fs';
import type { Plugin } from 'esbuild';

/** What the base class of the operator says, and how it is to be said so that a bundler can see which parts are used. */
const rewrites: readonly (readonly [from: string, to: string])[] = [
  [
    'const k8s = __importStar(require("@kubernetes/client-node"));',
    'import * as k8s from "@kubernetes/client-node";',
  ],
  [
    'const client_node_1 = require("@kubernetes/client-node");',
    'import * as client_node_1 from "@kubernetes/client-node";',
  ],
  // Only its own ways to write use it, and none of ours; loading it brings 300 KB and a deprecation warning of Node.
  [
    'const gaxios_1 = require("gaxios");',
    'const gaxios_1 = { get instance() { return require("gaxios").instance; } };',
  ],
];

/**
 * Leaves out of the bundle what nobody uses of the Kubernetes client, half of it: the operator's base class requires the
 * client as a whole, and what is required cannot be taken apart.
 */
export const slimClient: Plugin = {
  name: 'slim-client',
  setup(build) {
    build.onLoad({ filter: /@dot-i\/k8s-operator\/dist\/operator\.js$/ }, ({ path }) => ({
      contents: rewrites.reduce(rewrite, readFileSync(path, 'utf8')),
      loader: 'js',
    }));
  },
};

function rewrite(source: string, [from, to]: readonly [string, string]): string {
  if (source.split(from).length === 2) return source.replace(from, to);
  throw new Error(
    `@dot-i/k8s-operator no longer says ${from}: see what it says now, and adapt tools/bundle/slim-client.ts`,
  );
}
