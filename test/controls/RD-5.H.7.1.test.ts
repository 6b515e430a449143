import control from '../../src/controls/RD-5.H.7.1.ts';
import { commonCases, describeControl, deploymentOf, podOf, templateOf } from '../support/control-cases.ts';
import type { Manifest } from '../support/control-cases.ts';
import { alphanumeric, FakeSecrets } from '../support/fake-secrets.ts';

const draw = new FakeSecrets(1);
const key = draw.text(alphanumeric, 32);
const [, githubToken = ''] = draw.formats().find(([kind]) => kind === 'GitHub token') ?? [];

const env = (...variables: [name: string, value: string][]): Manifest => ({
  spec: { containers: [{ name: 'app', env: variables.map(([name, value]) => ({ name, value })) }] },
});
const at = (name: string) => `spec.template.spec.containers[0].env[${name}]`;
const subject = { kind: 'Deployment', name: 'app', container: 'app' };

describeControl(control, {
  ...commonCases(env(['LOG_LEVEL', 'info']), env(['API_KEY', key])),
  'fails a random value under a name that says so, and shows its place and length alone': {
    given: templateOf(env(['LOG_LEVEL', 'info'], ['API_KEY', key])),
    status: 'Fail',
    message: '1 of 1 workload has secrets in environment variables.',
    findings: [
      {
        subject,
        path: at('API_KEY'),
        observed: '32 characters',
        message: 'This is a secret in plain sight: its name says so, and its characters look random.',
      },
    ],
  },
  'fails a known form under any name': {
    given: templateOf(env(['SETTING', githubToken])),
    status: 'Fail',
    findings: [
      {
        subject,
        path: at('SETTING'),
        observed: '40 characters',
        message: 'This is a secret in plain sight: it has the form of a secret (GitHub token).',
      },
    ],
  },
  'fails the password in a URL under a name that ends in _URL': {
    given: templateOf(env(['DATABASE_URL', `postgres://shop:${key}@db/shop`])),
    status: 'Fail',
  },
  'fails a pair within a value of several words': {
    given: templateOf(env(['OPTS', `-Xmx1g -Dapi.token=${key}`])),
    status: 'Fail',
    findings: [
      {
        subject,
        path: at('OPTS'),
        observed: 'the value of api.token, 32 characters',
        message: 'This is a secret in plain sight: its name says so, and its characters look random.',
      },
    ],
  },
  'fails init and ephemeral containers too': {
    given: podOf({
      spec: {
        initContainers: [{ name: 'init', env: [{ name: 'TOKEN', value: key }] }],
        containers: [{ name: 'app' }],
        ephemeralContainers: [{ name: 'debug', env: [{ name: 'TOKEN', value: githubToken }] }],
      },
    }),
    status: 'Fail',
    findings: [
      {
        subject: { kind: 'Pod', name: 'app-0', container: 'debug' },
        path: 'spec.ephemeralContainers[0].env[TOKEN]',
        observed: '40 characters',
        message:
          'This is a secret in plain sight: it has the form of a secret (GitHub token), and its name says so.',
      },
      {
        subject: { kind: 'Pod', name: 'app-0', container: 'init' },
        path: 'spec.initContainers[0].env[TOKEN]',
        observed: '32 characters',
        message: 'This is a secret in plain sight: its name says so, and its characters look random.',
      },
    ],
  },
  'finds a variable by its name, wherever admission puts others': {
    given: deploymentOf(env(['INJECTED', 'by-admission'], ['API_KEY', key]), env(['API_KEY', key])),
    status: 'Fail',
    findings: [
      {
        subject,
        path: at('API_KEY'),
        observed: '32 characters',
        message: 'This is a secret in plain sight: its name says so, and its characters look random.',
      },
    ],
  },
  'warns of a password that people make up': {
    given: templateOf(env(['DB_PASSWORD', 'hunter2'])),
    status: 'Warn',
    reason: 'PossibleSecrets',
    message: '1 of 1 workload has environment variables that may hold secrets.',
    findings: [
      {
        subject,
        path: at('DB_PASSWORD'),
        observed: '7 characters',
        message: 'This may be a secret in plain sight: its name says so.',
      },
    ],
  },
  'warns of a random value under a name that says nothing': {
    given: templateOf(env(['SALT', key])),
    status: 'Warn',
    reason: 'PossibleSecrets',
  },
  'warns of a placeholder where a secret is expected': {
    given: templateOf(env(['DB_PASSWORD', 'change-me'])),
    status: 'Warn',
    reason: 'PossibleSecrets',
    findings: [
      {
        subject,
        path: at('DB_PASSWORD'),
        observed: '9 characters',
        message:
          'This may be a secret in plain sight: a placeholder stands where a secret is expected; where it is used, anybody can guess it.',
      },
    ],
  },
  'passes names that only contain such a word': {
    given: templateOf(
      env(
        ['KEYCLOAK_URL', 'https://keycloak.example.com'],
        ['TOKENIZER', 'cl100k_base'],
        ['SECRET_NAME', 'shop-database'],
        ['PASSWORD_MIN_LENGTH', '12'],
        ['MONKEY', 'banana'],
      ),
    ),
    status: 'Pass',
    message: 'No environment variable has a secret in plain sight (1 workload).',
  },
  'passes what comes from a Secret': {
    given: templateOf({
      spec: {
        containers: [
          { name: 'app', env: [{ name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'a', key: 'b' } } }] },
        ],
      },
    }),
    status: 'Pass',
  },
  'passes an id under a name that says nothing': {
    given: templateOf(env(['DEPLOYMENT', draw.uuid()])),
    status: 'Pass',
  },
  'fails an id under a name that says so': {
    given: templateOf(env(['CLIENT_SECRET', draw.uuid()])),
    status: 'Fail',
  },
  'takes the names that a profile gives': {
    given: templateOf(env(['GEHEIMNIS', key], ['API_KEY', 'hunter2']), {
      parameters: { 'secrets.namePattern': 'geheimnis' },
    }),
    status: 'Fail',
    findings: [
      {
        subject,
        path: at('GEHEIMNIS'),
        observed: '32 characters',
        message: 'This is a secret in plain sight: its name says so, and its characters look random.',
      },
    ],
  },
  'takes the placeholders that a profile gives, in any spelling': {
    given: templateOf(env(['SETTING', key.toUpperCase()]), { parameters: { 'secrets.placeholders': [key] } }),
    status: 'Pass',
  },
  'takes the endings that a profile gives': {
    given: templateOf(env(['DB_PASSWORD_SCHEMA', key]), {
      parameters: { 'secrets.harmlessSuffixes': ['_SCHEMA'] },
    }),
    status: 'Pass',
  },
  'takes the scores that a profile gives': {
    given: templateOf(env(['DB_PASSWORD', 'hunter2']), { parameters: { 'secrets.failScore': 2 } }),
    status: 'Fail',
  },
  'takes the entropy that a profile gives': {
    given: templateOf(env(['SALT', key]), { parameters: { 'secrets.minEntropy': 6 } }),
    status: 'Pass',
  },
  'takes the length that a profile gives': {
    given: templateOf(env(['SALT', key]), { parameters: { 'secrets.minEntropyLength': 33 } }),
    status: 'Pass',
  },
});
