/**
 * The rooms of src/ and who may import whom. Each row is one room; what it does not list, it may not import.
 * `tools/verify.ts` also asserts that modules were cruised at all: a tool that reads nothing finds no violation.
 */
const rooms = {
  base: [],
  domain: [],
  api: ['domain'],
  controls: ['domain'],
  evaluate: ['domain', 'base'],
  evidence: ['domain', 'base'],
  kube: ['base'],
  telemetry: ['base'],
  http: ['telemetry', 'base'],
  intake: ['domain', 'evidence', 'base', 'telemetry'],
  operator: [
    'api',
    'base',
    'controls',
    'domain',
    'evaluate',
    'evidence',
    'http',
    'intake',
    'kube',
    'telemetry',
    'settings',
  ],
};

const advice = {
  domain: 'The domain names things and knows nobody: move what you need into it, or pass it in.',
  controls:
    'A control is data and a pure function of the snapshot: put what it lacks into domain/snapshot.ts and gather it in evidence/.',
  evaluate: 'Evaluation is pure: pass the controls, the profile and the time in.',
  kube: 'The engine knows nothing of compliance: hand it a projection and a callback.',
  base: 'base/ stands alone.',
};

const forbidden = Object.entries(rooms).map(([room, may]) => ({
  name: `room-${room}`,
  severity: 'error',
  comment: advice[room] ?? `src/${room} may import only: ${may.join(', ') || 'nothing'}. Pass it in instead.`,
  from: { path: `^src/${room}/` },
  to: {
    path: '^src/',
    pathNot: [room, ...may].map((name) => `^src/${name}(/|\\.ts$)`),
    // A type leaves nothing behind at run time; the kinds are declared once, in api/.
    ...(room === 'evaluate' ? { dependencyTypesNot: ['type-only'] } : {}),
  },
}));

module.exports = {
  forbidden: [
    ...forbidden,
    {
      name: 'evaluate-types-only-from-api',
      severity: 'error',
      comment: 'evaluate/ may name the kinds as types, and nothing else beyond domain and base.',
      from: { path: '^src/evaluate/' },
      to: { path: '^src/', pathNot: '^src/(evaluate|domain|base|api)/' },
    },
    {
      name: 'settings-alone',
      severity: 'error',
      comment: 'Settings are parsed before anything exists: they may use base/ only.',
      from: { path: '^src/settings\\.ts$' },
      to: { path: '^src/', pathNot: '^src/(base/|settings\\.ts$)' },
    },
    {
      name: 'main-only-cli',
      severity: 'error',
      comment: 'main.ts hands argv to a command: put the work into src/cli.',
      from: { path: '^src/main\\.ts$' },
      to: { path: '^src/', pathNot: '^src/(cli/|main\\.ts$)' },
    },
    {
      name: 'telemetry-owns-its-libraries',
      severity: 'error',
      comment: 'Only src/telemetry uses winston and prom-client: take a Logger or a metric from there.',
      from: { path: '^src/', pathNot: '^src/telemetry/' },
      to: { path: 'node_modules/(winston|prom-client)/' },
    },
    {
      name: 'client-node-has-one-door',
      severity: 'error',
      comment: 'Importing client-node costs half a second: only src/kube/client.ts and the operator may.',
      from: { path: '^src/', pathNot: '^src/(kube|operator)/' },
      to: { path: 'node_modules/(@kubernetes|@dot-i)/' },
    },
    {
      name: 'no-circular',
      severity: 'error',
      comment: 'Split what both need into a third file.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-test-in-product',
      severity: 'error',
      comment: 'The product does not know its tests and tools.',
      from: { path: '^src/' },
      to: { path: '^(test|tools|bench)/' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
};
