import control from '../../src/controls/RD-5.H.7.3.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import type { Parameters } from '../../src/domain/parameters.ts';
import { projectConfigMap } from '../../src/evidence/secrets/project-config-map.ts';
import { input } from '../support/builders.ts';
import { describeControl } from '../support/control-cases.ts';
import type { ControlCase } from '../support/control-cases.ts';
import { alphanumeric, FakeSecrets } from '../support/fake-secrets.ts';

const draw = new FakeSecrets(3);
const key = draw.text(alphanumeric, 32);
const keyData = Buffer.from(draw.pem()).toString('base64');
const random = 'This is a secret in plain sight: its name says so, and its characters look random.';
const formed = (kind: string) => `This is a secret in plain sight: it has the form of a secret (${kind})`;

const given = (maps: Record<string, object>, parameters: Partial<Parameters> = {}) =>
  input(
    {
      configMaps: read(
        Object.entries(maps).map(([name, { ...rest }]) => projectConfigMap({ metadata: { name }, ...rest })),
      ),
    },
    parameters,
  );
const one = (data: Record<string, string>, parameters: Partial<Parameters> = {}) =>
  given({ settings: { data } }, parameters);
const found = (path: string, observed: string, message: string) => [
  { subject: { kind: 'ConfigMap', name: 'settings' }, path, observed, message },
];

/** Sentence: a file, its text, where the secret stands, and why it is one. */
const files: Record<string, [key: string, text: string, observed: string, message: string]> = {
  properties: [
    'app.properties',
    `port=80\ndb.password=${key}\n`,
    'the value of db.password, line 2, 32 characters',
    random,
  ],
  YAML: [
    'app.yaml',
    `db:\n  host: db\n  password: "${key}"\n`,
    'the value of password, line 3, 32 characters',
    random,
  ],
  'JSON on one line': [
    'app.json',
    JSON.stringify({ a: 1, apiToken: key, b: 2 }),
    'the value of apiToken, 32 characters',
    random,
  ],
  XML: [
    'settings.xml',
    `<server>\n<password>${key}</password>\n</server>`,
    'the value of password, line 2, 32 characters',
    random,
  ],
  'a file of variables': [
    '.env',
    `A=b\nexport API_KEY='${key}'\n`,
    'the value of API_KEY, line 2, 32 characters',
    random,
  ],
  'a kubeconfig with a key': [
    'config',
    `users:\n- name: a\n  user:\n    client-key-data: ${keyData}\n`,
    `the value of client-key-data, line 4, ${keyData.length} characters`,
    `${formed('private key')}.`,
  ],
  'credentials of a registry': [
    '.dockerconfigjson',
    JSON.stringify({ auths: { 'r.example': { auth: Buffer.from(`shop:${key}`).toString('base64') } } }),
    'the value of auth, 52 characters',
    `${formed('registry password')}.`,
  ],
  'a private key among certificates': [
    'tls.pem',
    `-----BEGIN CERTIFICATE-----\n${draw.text(alphanumeric, 64)}\n-----END CERTIFICATE-----\n${draw.pem('EC')}`,
    'line 4, 16 characters',
    `${formed('private key')}.`,
  ],
};

const cases: Record<string, ControlCase> = {
  'passes settings': {
    given: one({ LOG_LEVEL: 'info', 'app.yaml': 'port: 8080\ntoken_ttl: 15m\n' }),
    status: 'Pass',
    message: 'No ConfigMap has a secret in plain sight (1 ConfigMap).',
  },
  'fails a key with its value': {
    given: one({ API_KEY: key }),
    status: 'Fail',
    message: '1 of 1 ConfigMap has secrets in plain sight.',
    findings: found('data[API_KEY]', '32 characters', random),
  },
  'fails text in binaryData': {
    given: given({
      settings: { binaryData: { f: Buffer.from(`a: b\ntoken: ${key}\n`).toString('base64') } },
    }),
    status: 'Fail',
    findings: found('binaryData[f]', 'the value of token, line 2, 32 characters', random),
  },
  'fails one that is immutable': {
    given: given({ settings: { immutable: true, data: { API_KEY: key } } }),
    status: 'Fail',
  },
  'fails what was applied once and is no longer in the data, and tells what is in both once': {
    given: given({
      settings: {
        metadata: {
          name: 'settings',
          annotations: {
            'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({
              data: { OLD_TOKEN: key, API_KEY: `${key}2` },
            }),
          },
        },
        data: { API_KEY: `${key}2` },
      },
    }),
    status: 'Fail',
    findings: [
      ...found('data[API_KEY]', '33 characters', random),
      ...found(
        'metadata.annotations[kubectl.kubernetes.io/last-applied-configuration]',
        'the value of OLD_TOKEN, 32 characters',
        random,
      ),
    ],
  },
  'warns of what may be one': {
    given: given({ a: { data: { DB_PASSWORD: 'hunter2' } }, b: { data: { x: 'y' } } }),
    status: 'Warn',
    reason: 'PossibleSecrets',
    message: '1 of 2 ConfigMaps has values that may be secrets.',
  },
  'passes certificates, templates and references': {
    given: one({
      'ca.crt': `-----BEGIN CERTIFICATE-----\n${draw.text(alphanumeric, 64)}\n-----END CERTIFICATE-----\n`,
      'template.yaml': 'password: {{ .Values.password }}\ntoken: ${TOKEN}\n',
    }),
    status: 'Pass',
  },
  'passes what is no text': {
    given: given({ s: { binaryData: { f: Buffer.from(`\0password: ${key}`).toString('base64') } } }),
    status: 'Pass',
  },
  'does not apply where there is none but what Kubernetes puts there': {
    given: given({ 'kube-root-ca.crt': { data: { 'ca.crt': 'x' } } }),
    status: 'NotApplicable',
    reason: 'NoConfigMaps',
    message: 'Namespace shop has no ConfigMaps.',
  },
  'is Unknown where reading is refused': {
    given: input({ configMaps: unread('Forbidden', 'Reading configmaps is refused.') }),
    status: 'Unknown',
    reason: 'Forbidden',
    message: 'Reading configmaps is refused.',
  },
  'is Unknown where lines are left unread': {
    given: one({ 'a.yaml': 'x: y\n'.repeat(30) }, { 'secrets.configMapMaxLines': 20 }),
    status: 'Unknown',
    reason: 'PartialEvidence',
    message: '1 of 1 ConfigMap is longer than what is read of one, such as settings.',
  },
  'is Unknown where bytes are left unread': {
    given: one({ 'a.yaml': `x: ${'y'.repeat(2_000)}` }, { 'secrets.configMapMaxBytes': 1_024 }),
    status: 'Unknown',
    reason: 'PartialEvidence',
  },
  'is Unknown where there are more pairs than are kept': {
    given: one({
      'a.yaml': Array.from({ length: 1_100 }, (_, at) => `name-${at}: some-${at}-word`).join('\n'),
    }),
    status: 'Unknown',
    reason: 'PartialEvidence',
  },
  'does not fail for what stands behind the limit of lines': {
    given: one({ 'a.yaml': `${'x: y\n'.repeat(30)}token: ${key}` }, { 'secrets.configMapMaxLines': 30 }),
    status: 'Unknown',
    reason: 'PartialEvidence',
  },
  'does not fail for what stands behind the limit of bytes, counted over all keys': {
    given: one({ a: 'y'.repeat(1_024), b: `token=${key}` }, { 'secrets.configMapMaxBytes': 1_024 }),
    status: 'Unknown',
    reason: 'PartialEvidence',
  },
  'fails for what was read, whatever was not': {
    given: one({ 'a.yaml': `token: ${key}\n${'x: y\n'.repeat(30)}` }, { 'secrets.configMapMaxLines': 20 }),
    status: 'Fail',
  },
};

for (const [sentence, [name, text, observed, message]] of Object.entries(files)) {
  cases[`fails ${sentence}`] = {
    given: one({ [name]: text }),
    status: 'Fail',
    findings: found(`data[${name}]`, observed, message),
  };
}

describeControl(control, cases);
