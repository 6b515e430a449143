import { join } from 'node:path';
import type { Plugin } from 'esbuild';
import { type Rewrite, rewriteFile } from './rewrite.ts';

/** In place of what nobody uses: whoever comes to use it is told. */
const leftOut = (what: string) =>
  `new Proxy({}, { get() { throw new Error("${what} is left out of the bundle (tools/bundle/slim-client.ts)"); } })`;

/** A class that is loaded when the first object of it is made. */
const late = (name: string, from: string) =>
  `const ${name} = function (...args) { return new (require("${from}").${name})(...args); };`;

/** The base class of the operator requires the client as a whole, and what is required cannot be taken apart. */
const baseClass: readonly Rewrite[] = [
  [
    'const k8s = __importStar(require("@kubernetes/client-node"));',
    'import { KubeConfig } from "@kubernetes/client-node"; const k8s = { KubeConfig };',
  ],
  // A client of its own, its own way to watch, to define resources and to write: none of that is ours (docs/adr/0003).
  ['this.k8sApi = this.kubeConfig.makeApiClient(k8s.CoreV1Api);', ''],
  [
    'const client_node_1 = require("@kubernetes/client-node");',
    `const client_node_1 = ${leftOut('client-node')};`,
  ],
  ['const gaxios_1 = require("gaxios");', `const gaxios_1 = ${leftOut('gaxios')};`],
  ['const Async = __importStar(require("async"));', 'const Async = { queue: require("async/queue") };'],
];

/** Of client-node we use the kubeconfig and its ways of authentication; not what it says of every kind of Kubernetes. */
const kubeConfig: readonly Rewrite[] = [
  [
    "import { createConfiguration, ServerConfiguration, } from './gen/index.js';",
    `const createConfiguration = () => ${leftOut('makeApiClient')}.it; const ServerConfiguration = Object;`,
  ],
  ["import { SocksProxyAgent } from 'socks-proxy-agent';", late('SocksProxyAgent', 'socks-proxy-agent')],
  [
    "import { SocksClient } from 'socks';",
    'const SocksClient = { createConnection: (...args) => require("socks").SocksClient.createConnection(...args) };',
  ],
  [
    "import { HttpProxyAgent, HttpsProxyAgent } from 'hpagent';",
    late('HttpProxyAgent', 'hpagent') + late('HttpsProxyAgent', 'hpagent'),
  ],
];

/** Used when a token has expired, by clusters of two vendors. */
const jsonPath: readonly Rewrite[] = [
  [
    "import * as jsonpath from 'jsonpath-plus';",
    'const jsonpath = { JSONPath: (...args) => require("jsonpath-plus").JSONPath(...args) };',
  ],
];

const openId: readonly Rewrite[] = [
  ["import * as oidc from 'openid-client';", ''],
  ['await oidc.refreshTokenGrant(', 'await (await import("openid-client")).refreshTokenGrant('],
  [
    '// Create a custom https agent with the IDP CA certificate',
    'const oidc = await import("openid-client");',
  ],
  [
    "await oidc.discovery(user.authProvider.config['idp-issuer-url'], user.authProvider.config['client-id']);",
    "await (await import(\"openid-client\")).discovery(user.authProvider.config['idp-issuer-url'], user.authProvider.config['client-id']);",
  ],
];

/** HTTP/2 is switched off in all our connections, and Node's own takes 5 MB. */
const httpTwo: readonly Rewrite[] = [
  [
    "const connectH2 = require('./client-h2.js')",
    "const connectH2 = (...args) => require('./client-h2.js')(...args)",
  ],
];

/** undici as far as it is used; its index loads fetch, WebSocket, caches and mocks. */
const undici = `
  import Dispatcher from 'undici/lib/dispatcher/dispatcher.js';
  import api from 'undici/lib/api/index.js';
  import Agent from 'undici/lib/dispatcher/agent.js';
  import ProxyAgent from 'undici/lib/dispatcher/proxy-agent.js';
  import Socks5ProxyAgent from 'undici/lib/dispatcher/socks5-proxy-agent.js';
  import buildConnector from 'undici/lib/core/connect.js';
  Object.assign(Dispatcher.prototype, api);
  export { Agent, buildConnector, ProxyAgent, Socks5ProxyAgent };
`;

/**
 * Leaves out of the bundle what nobody uses of the Kubernetes client and of what it brings, and loads late what few use:
 * all of it together takes as much memory as some ten thousand pods.
 */
export const slimClient: Plugin = {
  name: 'slim-client',
  setup(build) {
    rewriteFile(build, /@dot-i\/k8s-operator\/dist\/operator\.js$/, baseClass);
    rewriteFile(build, /@kubernetes\/client-node\/dist\/config\.js$/, kubeConfig);
    rewriteFile(build, /@kubernetes\/client-node\/dist\/(?:azure|gcp)_auth\.js$/, jsonPath);
    rewriteFile(build, /@kubernetes\/client-node\/dist\/oidc_auth\.js$/, openId);
    rewriteFile(build, /undici\/lib\/dispatcher\/client\.js$/, httpTwo);
    build.onResolve({ filter: /^@kubernetes\/client-node$/ }, ({ resolveDir, kind }) =>
      build.resolve('@kubernetes/client-node/dist/config.js', { resolveDir, kind }),
    );
    build.onResolve({ filter: /^undici$/ }, () => ({ path: 'undici', namespace: 'slim' }));
    build.onLoad({ filter: /^undici$/, namespace: 'slim' }, () => ({
      contents: undici,
      resolveDir: join(import.meta.dirname, '..', '..'),
    }));
  },
};
