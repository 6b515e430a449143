import { expect } from 'chai';
import type { ParameterPath } from '../../src/domain/parameters.ts';
import { defaultParameters, parameterTable } from '../../src/domain/parameters.ts';
import type { FieldError } from '../../src/domain/field-error.ts';
import { readParameters } from '../../src/evaluate/read-parameters.ts';

function read(tree: Readonly<Record<string, unknown>>) {
  const errors: FieldError[] = [];
  return { values: readParameters(tree, errors), errors };
}

/** `images.allowedRegistries: value` as a tree. */
const treeOf = (path: string, value: unknown): Record<string, unknown> =>
  path.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Record<string, unknown>;

const hour = 3_600_000;
const levels =
  'expected an object {enforce, audit, warn} of levels privileged, baseline or restricted, found ';
const exemptions = 'expected an object {namespaces, usernames, runtimeClasses} of lists of strings, found ';

/** For each type one parameter that has it: what it takes, as it is parsed, and what it refuses. */
const types: Record<
  string,
  { path: ParameterPath; good: [given: unknown, parsed: unknown][]; bad: [given: unknown, message: string][] }
> = {
  duration: {
    path: 'runtime.alertWindow',
    good: [
      ['1h', hour],
      ['90m', 1.5 * hour],
      ['1h30m0s', 1.5 * hour],
      ['7d', 168 * hour],
    ],
    bad: [
      [24, 'expected a duration such as 15m, 24h or 7d, found 24'],
      ['24', 'expected a duration such as 15m, 24h or 7d, found "24"'],
      ['', 'expected a duration such as 15m, 24h or 7d, found ""'],
      ['-1h', 'expected a duration such as 15m, 24h or 7d, found "-1h"'],
      [null, 'expected a duration such as 15m, 24h or 7d, found null'],
      ['59m', 'must be at least 1h'],
      ['169h', 'must be at most 7d'],
      [`${'9'.repeat(30)}d`, `expected a duration such as 15m, 24h or 7d, found "${'9'.repeat(30)}d"`],
    ],
  },
  optionalDuration: {
    path: 'policies.configAuditMaxAge',
    good: [['24h', 24 * hour]],
    bad: [
      [null, 'expected a duration such as 15m, 24h or 7d, found null'],
      ['30s', 'must be at least 1m'],
    ],
  },
  configMapName: {
    path: 'vulnerabilities.knownExploited',
    good: [
      ['kev', 'kev'],
      ['security/cisa-kev.v1', 'security/cisa-kev.v1'],
    ],
    bad: [
      ['', 'expected the name of a ConfigMap, or namespace/name, found ""'],
      ['KEV', 'expected the name of a ConfigMap, or namespace/name, found "KEV"'],
      ['a/b/c', 'expected the name of a ConfigMap, or namespace/name, found "a/b/c"'],
      [['kev'], 'expected the name of a ConfigMap, or namespace/name, found ["kev"]'],
    ],
  },
  severity: {
    path: 'policies.failSeverity',
    good: [['critical', 'critical']],
    bad: [
      ['High', 'expected one of critical, high, medium, low, found "High"'],
      ['info', 'expected one of critical, high, medium, low, found "info"'],
    ],
  },
  integer: {
    path: 'runtime.noticeThreshold',
    good: [
      [1, 1],
      [1_000_000, 1_000_000],
    ],
    bad: [
      [0, 'must be at least 1'],
      [1_000_001, 'must be at most 1000000'],
      [1.5, 'expected an integer, found 1.5'],
      ['20', 'expected an integer, found "20"'],
    ],
  },
  selector: {
    path: 'platform.productionNamespaces',
    good: [['stage in (live,canary), !sandbox', 'stage in (live,canary), !sandbox']],
    bad: [
      ['', 'expected a label selector such as environment=production, found ""'],
      ['stage=live=', 'expected a label selector such as environment=production, found "stage=live="'],
      [['stage'], 'expected a label selector such as environment=production, found ["stage"]'],
    ],
  },
  boolean: {
    path: 'podSecurity.forbidAllSysctls',
    good: [
      [true, true],
      [false, false],
    ],
    bad: [
      ['true', 'expected true or false, found "true"'],
      [1, 'expected true or false, found 1'],
      [undefined, 'expected true or false, found nothing'],
    ],
  },
  string: {
    path: 'vulnerabilities.scannerNamespace',
    good: [['monitoring', 'monitoring']],
    bad: [
      ['', 'expected a string, found ""'],
      [3, 'expected a string, found 3'],
    ],
  },
  registries: {
    path: 'images.allowedRegistries',
    good: [
      [[], []],
      [['quay.io'], ['quay.io']],
    ],
    bad: [
      ['quay.io', 'expected a list of strings, found "quay.io"'],
      [['quay.io', 3], 'expected a list of strings, found ["quay.io",3]'],
      [
        ['https://a.example', 'quay.io', '*'],
        'the entry "https://a.example" has a scheme: write the host alone; the entry "*" would allow every registry',
      ],
    ],
  },
  strings: {
    path: 'images.floatingTags',
    good: [[['edge'], ['edge']]],
    bad: [
      ['edge', 'expected a list of strings, found "edge"'],
      [[1], 'expected a list of strings, found [1]'],
    ],
  },
  integers: {
    path: 'workloads.remoteAdminPorts',
    good: [
      [[], []],
      [
        [22, 2222],
        [22, 2222],
      ],
    ],
    bad: [
      [22, 'expected a list of integers, found 22'],
      [['22'], 'expected an integer, found "22"'],
      [[22, 0], 'must be at least 1'],
      [[22, 70_000], 'must be at most 65535'],
    ],
  },
  patterns: {
    path: 'workloads.downloadCommands',
    good: [
      [
        ['git clone', 'a|b'],
        ['git clone', 'a|b'],
      ],
    ],
    bad: [
      ['git clone', 'expected a list of regular expressions, found "git clone"'],
      [['ok', '('], '"(" is not a regular expression that matches some text'],
      [[''], '"" is not a regular expression that matches some text'],
    ],
  },
  mirrors: {
    path: 'images.mirrors',
    good: [
      [{}, {}],
      [{ 'docker.io': 'mirror.example:5000/hub' }, { 'docker.io': 'mirror.example:5000/hub' }],
    ],
    bad: [
      [['docker.io'], 'expected an object from registry to registry, found ["docker.io"]'],
      [{ 'docker.io': 1 }, '1 is not a registry, with or without a path'],
      [{ '*.example.com': 'a.example' }, '"*.example.com" is not a registry, with or without a path'],
      [{ 'docker.io': 'https://a.example' }, '"https://a.example" is not a registry, with or without a path'],
    ],
  },
  scanners: {
    path: 'vulnerabilities.sources',
    good: [
      [
        ['trivy', 'harbor'],
        ['trivy', 'harbor'],
      ],
      [[], []],
    ],
    bad: [
      ['trivy', 'expected a list of trivy, kubescape, harbor, found "trivy"'],
      [['Trivy'], 'expected a list of trivy, kubescape, harbor, found ["Trivy"]'],
    ],
  },
  templateFields: {
    path: 'workloads.explicitFields',
    good: [
      [
        ['resources', 'probes'],
        ['resources', 'probes'],
      ],
    ],
    bad: [
      [
        ['Resources'],
        'expected a list of automountServiceAccountToken, serviceAccountName, enableServiceLinks, securityContext.runAsNonRoot, securityContext.runAsUser, securityContext.allowPrivilegeEscalation, securityContext.readOnlyRootFilesystem, securityContext.seccompProfile, securityContext.capabilities, imagePullPolicy, resources, probes, strategy, terminationGracePeriodSeconds, found ["Resources"]',
      ],
    ],
  },
  userNamespaces: {
    path: 'podSecurity.userNamespaces',
    good: [
      ['relax', 'relax'],
      ['strict', 'strict'],
    ],
    bad: [['Strict', 'expected relax or strict, found "Strict"']],
  },
  priority: {
    path: 'runtime.alertPriority',
    good: [['Emergency', 'Emergency']],
    bad: [
      [
        'warning',
        'expected one of Emergency, Alert, Critical, Error, Warning, Notice, Informational, Debug, found "warning"',
      ],
    ],
  },
  podSecurityLevels: {
    path: 'podSecurity.clusterDefault',
    good: [
      [{}, { enforce: 'privileged' }],
      [
        { enforce: 'baseline', warn: 'restricted' },
        { enforce: 'baseline', warn: 'restricted' },
      ],
    ],
    bad: [
      ['baseline', `${levels}"baseline"`],
      [{ enforce: 'Baseline' }, `${levels}{"enforce":"Baseline"}`],
      [{ enforce: ['baseline'] }, `${levels}{"enforce":["baseline"]}`],
      [{ enforced: 'baseline' }, `${levels}{"enforced":"baseline"}`],
    ],
  },
  admissionExemptions: {
    path: 'podSecurity.admissionExemptions',
    good: [
      [{ namespaces: ['legacy'] }, { namespaces: ['legacy'], usernames: [], runtimeClasses: [] }],
      [{}, { namespaces: [], usernames: [], runtimeClasses: [] }],
    ],
    bad: [
      [['legacy'], `${exemptions}["legacy"]`],
      [{ namespaces: 'legacy' }, `${exemptions}{"namespaces":"legacy"}`],
      [{ namespace: ['legacy'] }, `${exemptions}{"namespace":["legacy"]}`],
    ],
  },
  decimal: {
    path: 'secrets.minEntropy',
    good: [
      ['3.5', 3.5],
      ['4', 4],
    ],
    bad: [
      [3.5, 'expected a decimal in quotes, such as "3.5", found 3.5'],
      ['-1', 'expected a decimal in quotes, such as "3.5", found "-1"'],
      ['8.1', 'must be at most 8'],
    ],
  },
  namePattern: {
    path: 'secrets.namePattern',
    good: [['pass(word)?|pin', 'pass(word)?|pin']],
    bad: [
      ['', 'expected a pattern, found ""'],
      [7, 'expected a pattern, found 7'],
      ['(a', 'the pattern has a group that does not end'],
    ],
  },
  environmentVerdict: {
    path: 'secrets.fromEnvironment',
    good: [
      ['Warn', 'Warn'],
      ['Fail', 'Fail'],
    ],
    bad: [['Pass', 'expected Warn or Fail, found "Pass"']],
  },
};

describe('readParameters', () => {
  it('has a case for every type that a parameter of the table has', () => {
    const used = new Set(Object.values(parameterTable).map(({ type }) => type));
    expect(Object.keys(types)).to.have.members([...used]);
    for (const [type, { path }] of Object.entries(types)) expect(parameterTable[path].type).to.equal(type);
  });

  for (const [type, { path, good, bad }] of Object.entries(types)) {
    for (const [given, parsed] of good) {
      it(`takes ${JSON.stringify(given)} for a ${type}`, () => {
        const { values, errors } = read(treeOf(path, given));
        expect(errors).to.deep.equal([]);
        expect(values).to.deep.equal({ ...defaultParameters, [path]: parsed });
      });
    }
    for (const [given, message] of bad) {
      it(`refuses ${JSON.stringify(given)} for a ${type}`, () => {
        const { values, errors } = read(treeOf(path, given));
        expect(errors).to.deep.equal([{ field: `spec.parameters.${path}`, message }]);
        expect(values).to.deep.equal(defaultParameters);
      });
    }
  }

  it('takes the default of every parameter that has one as a person would write it', () => {
    const written: Record<string, unknown> = {
      'platform.maxClockSkew': '5m',
      'vulnerabilities.reportMaxAge': '7d',
      'vulnerabilities.rescanGrace': '60m',
      'runtime.alertWindow': '24h',
      'policies.auditMaxAge': '30m',
      'exceptions.maxLifetime.critical': '30d',
      'exceptions.maxLifetime.low': '365d',
      'exceptions.expiryWarning': '14d',
      'secrets.minEntropy': '3.5',
      'images.osEolWarning': '90d',
      'vulnerabilities.criticalFixDue': '7d',
      'vulnerabilities.highFixDue': '30d',
      'vulnerabilities.mediumFixDue': '90d',
      'vulnerabilities.unfixedAcceptWithin': '90d',
      'vulnerabilities.criticalScore': '9.0',
      'vulnerabilities.highScore': '7.0',
      'logs.uncoveredGrace': '30m',
      'runtime.blindSensorAfter': '15m',
      'runtime.uncoveredGrace': '30m',
      'runtime.crashLoopWindow': '24h',
      'runtime.deliveryProofWindow': '24h',
      'images.baseLag': '30d',
      'gitops.reconciledWithin': '1h',
      'gitops.notReadyFailAfter': '1h',
      'gitops.suspendedFailAfter': '7d',
      'gitops.outOfSyncFailAfter': '24h',
    };
    for (const [path, { default: value }] of Object.entries(parameterTable)) {
      if (value === undefined) continue;
      const { values, errors } = read(treeOf(path, written[path] ?? value));
      expect(errors, path).to.deep.equal([]);
      expect(values, path).to.deep.equal(defaultParameters);
    }
  });

  const trees: Record<string, [tree: Record<string, unknown>, expected: FieldError[]]> = {
    'takes an empty group': [{ images: {} }, []],
    'names a parameter that does not exist, with the one that was probably meant': [
      { images: { allowedRegistry: [] } },
      [
        {
          field: 'spec.parameters.images.allowedRegistry',
          message: 'no such parameter; did you mean images.allowedRegistries?',
        },
      ],
    ],
    'names a group that does not exist, and does not look into it': [
      { xyz: { a: 1, b: 2 } },
      [{ field: 'spec.parameters.xyz', message: 'no such parameter' }],
    ],
    'does not take a dotted path for a nested one': [
      { runtime: { 'alertWindow.x': '1h' } },
      [
        {
          field: 'spec.parameters.runtime.alertWindow.x',
          message: 'no such parameter; did you mean runtime.alertWindow?',
        },
      ],
    ],
    'refuses a value where a group stands': [
      { runtime: [], images: null },
      [
        { field: 'spec.parameters.runtime', message: 'expected an object' },
        { field: 'spec.parameters.images', message: 'expected an object' },
      ],
    ],
    'is not misled by names that every object has': [
      JSON.parse('{"__proto__": {"images": {}}, "constructor": 1, "images": {"toString": 1}}') as Record<
        string,
        unknown
      >,
      [
        { field: 'spec.parameters.__proto__', message: 'no such parameter' },
        { field: 'spec.parameters.constructor', message: 'no such parameter' },
        { field: 'spec.parameters.images.toString', message: 'no such parameter' },
      ],
    ],
  };
  for (const [sentence, [tree, expected]] of Object.entries(trees)) {
    it(sentence, () => expect(read(tree).errors).to.deep.equal(expected));
  }
});

const field = 'spec.parameters.images.allowedRegistries';
const cases: Record<string, [unknown, readonly string[], FieldError[]]> = {
  'takes entries of every form': [
    ['registry.example.com', '*.example.com:5000', 'h.example/team/*', 'docker.io/library/busybox:1.36'],
    ['registry.example.com', '*.example.com:5000', 'h.example/team/*', 'docker.io/library/busybox:1.36'],
    [],
  ],
  'names the entry that cannot be read, and says why': [
    ['docker.io', 'https://quay.io'],
    [],
    [{ field, message: 'the entry "https://quay.io" has a scheme: write the host alone' }],
  ],
  'refuses what is no list': [
    'docker.io',
    [],
    [{ field, message: 'expected a list of strings, found "docker.io"' }],
  ],
};

describe('readParameters: images.allowedRegistries', () => {
  for (const [sentence, [allowedRegistries, values, expected]] of Object.entries(cases)) {
    it(sentence, () => {
      const errors: FieldError[] = [];
      const parameters = readParameters({ images: { allowedRegistries } }, errors);
      expect(errors).to.deep.equal(expected);
      expect(parameters['images.allowedRegistries']).to.deep.equal(values);
    });
  }
});

describe('parameters that belong together', () => {
  const pairs: Record<string, [tree: Readonly<Record<string, unknown>>, errors: FieldError[]]> = {
    'may be equal': [{ secrets: { warnScore: 4 }, vulnerabilities: { highScore: '9.0' } }, []],
    'are refused where what warns is above what fails': [
      { secrets: { warnScore: 5 } },
      [
        {
          field: 'spec.parameters.secrets.warnScore',
          message: 'must be at most secrets.failScore, which is 4',
        },
      ],
    ],
    'name the one that is set': [
      { secrets: { failScore: 1 } },
      [
        {
          field: 'spec.parameters.secrets.failScore',
          message: 'must be at least secrets.warnScore, which is 2',
        },
      ],
    ],
    'name the lesser where both are set': [
      { vulnerabilities: { criticalScore: '5.0', highScore: '6.0' } },
      [
        {
          field: 'spec.parameters.vulnerabilities.highScore',
          message: 'must be at most vulnerabilities.criticalScore, which is 5',
        },
      ],
    ],
  };
  for (const [sentence, [tree, errors]] of Object.entries(pairs)) {
    it(sentence, () => expect(read(tree).errors).to.deep.equal(errors));
  }

  it('are held against what is inherited', () => {
    const errors: FieldError[] = [];
    const base = { ...defaultParameters, 'secrets.failScore': 3 };
    readParameters({ secrets: { warnScore: 4 } }, errors, { base });
    expect(errors.map(({ message }) => message)).to.deep.equal([
      'must be at most secrets.failScore, which is 3',
    ]);
  });
});
