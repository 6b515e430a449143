import { expect } from 'chai';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Settings } from '../src/settings.ts';
import { readSettings, SettingsError, settingTable } from '../src/settings.ts';

type Environment = Record<string, string>;

const folder = mkdtempSync(join(tmpdir(), 'plumbline-settings-'));
const secretFile = join(folder, 'token');
const emptyFile = join(folder, 'empty');
const absentFile = join(folder, 'absent');

const defaults: Settings = {
  logLevel: 'info',
  metricsAddress: { host: '127.0.0.1', port: 8080 },
  podName: hostname(),
  lease: { namespace: 'plumbline-system', name: 'plumbline' },
  intake: { address: { host: '127.0.0.1', port: 2802 }, insecure: false, files: {} },
};

function problemsOf(environment: Environment): readonly string[] {
  try {
    readSettings(environment);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
}

describe('readSettings', () => {
  before(() => {
    writeFileSync(secretFile, '  s3cret\n');
    writeFileSync(emptyFile, ' \n');
  });
  after(() => rmSync(folder, { recursive: true }));

  const address = (text: string) => ({ PLUMBLINE_METRICS_ADDRESS: text });
  const good: Record<string, [environment: Environment, expected: Partial<Settings>]> = {
    'has defaults for all': [{}, {}],
    'takes a log level': [{ PLUMBLINE_LOG_LEVEL: 'debug' }, { logLevel: 'debug' }],
    'takes a kubeconfig': [{ KUBECONFIG: '/a:/b' }, { kubeconfig: '/a:/b' }],
    'takes the name and place of the Lease': [
      { PLUMBLINE_LEASE_NAMESPACE: 'tools', PLUMBLINE_LEASE_NAME: 'one' },
      { lease: { namespace: 'tools', name: 'one' } },
    ],
    'takes the name of the pod': [
      { POD_NAME: 'plumbline-7d9f8-abcde' },
      { podName: 'plumbline-7d9f8-abcde' },
    ],
    'takes an empty KUBECONFIG for none': [{ KUBECONFIG: '' }, {}],
    'takes a name and a port': [address('localhost:0'), { metricsAddress: { host: 'localhost', port: 0 } }],
    'takes a port alone for every address': [
      address(':9090'),
      { metricsAddress: { host: '0.0.0.0', port: 9090 }, metricsSecure: {} },
    ],
    'takes an IPv6 address in brackets': [
      address('[::1]:65535'),
      { metricsAddress: { host: '::1', port: 65_535 } },
    ],
    'secures metrics beyond loopback unasked, with a certificate that is made': [
      address('10.0.0.7:8443'),
      { metricsAddress: { host: '10.0.0.7', port: 8443 }, metricsSecure: {} },
    ],
    'secures them by a name too, whatever it stands for': [
      address('plumbline.internal:8443'),
      { metricsAddress: { host: 'plumbline.internal', port: 8443 }, metricsSecure: {} },
    ],
    'serves them plain where somebody says so': [
      { ...address(':8080'), PLUMBLINE_METRICS_SECURE: 'false' },
      { metricsAddress: { host: '0.0.0.0', port: 8080 } },
    ],
    'secures them on loopback where somebody says so, with a certificate of files': [
      {
        PLUMBLINE_METRICS_SECURE: 'true',
        PLUMBLINE_METRICS_TLS_CERT_FILE: secretFile,
        PLUMBLINE_METRICS_TLS_KEY_FILE: secretFile,
      },
      { metricsSecure: { files: { certificate: secretFile, key: secretFile } } },
    ],
    'takes a file with tokens, which is read again when it changes': [
      { PLUMBLINE_INTAKE_TOKEN_FILE: secretFile },
      {
        intake: { address: { host: '127.0.0.1', port: 2802 }, insecure: false, files: { token: secretFile } },
      },
    ],
    'takes a file with secret paths': [
      { PLUMBLINE_INTAKE_PATH_FILE: secretFile, PLUMBLINE_INTAKE_INSECURE: 'true' },
      {
        intake: {
          address: { host: '127.0.0.1', port: 2802 },
          insecure: true,
          files: { secretPath: secretFile },
        },
      },
    ],
    'takes files with a certificate, its key, and the CA of the senders': [
      {
        PLUMBLINE_INTAKE_TLS_CERT_FILE: secretFile,
        PLUMBLINE_INTAKE_TLS_KEY_FILE: secretFile,
        PLUMBLINE_INTAKE_CLIENT_CA_FILE: secretFile,
      },
      {
        intake: {
          address: { host: '127.0.0.1', port: 2802 },
          insecure: false,
          files: { certificate: secretFile, key: secretFile, clientCa: secretFile },
        },
      },
    ],
    'takes a folder for events, of 256 MiB': [
      { PLUMBLINE_STORE_FOLDER: '/var/lib/plumbline' },
      {
        intake: {
          address: { host: '127.0.0.1', port: 2802 },
          insecure: false,
          files: {},
          store: { folder: '/var/lib/plumbline', maxBytes: 268_435_456 },
        },
      },
    ],
    'takes another size for it': [
      { PLUMBLINE_STORE_FOLDER: 'events', PLUMBLINE_STORE_MAX_BYTES: '16777216' },
      {
        intake: {
          address: { host: '127.0.0.1', port: 2802 },
          insecure: false,
          files: {},
          store: { folder: 'events', maxBytes: 16_777_216 },
        },
      },
    ],
    'does not look at variables of others': [
      { PLUMBLINE_SERVICE_HOST: '10.0.0.1', PLUMBLINE_PORT: 'tcp://x' },
      {},
    ],
  };
  for (const [sentence, [environment, expected]] of Object.entries(good)) {
    it(sentence, () => expect(readSettings(environment)).to.deep.equal({ ...defaults, ...expected }));
  }

  it('opens no intake where its address is empty', () => {
    const { intake: _, ...others } = defaults;
    expect(readSettings({ PLUMBLINE_INTAKE_ADDRESS: '' })).to.deep.equal(others);
  });

  it('takes no part in an election where that is turned off', () => {
    const { lease: _, ...others } = defaults;
    expect(readSettings({ PLUMBLINE_LEADER_ELECTION: 'false' })).to.deep.equal(others);
  });

  const bad: Record<string, [environment: Environment, problems: string[]]> = {
    'a log level that does not exist': [
      { PLUMBLINE_LOG_LEVEL: 'verbose' },
      ['PLUMBLINE_LOG_LEVEL="verbose": expected error, warn, info, debug'],
    ],
    'a switch that is neither true nor false': [
      { PLUMBLINE_INTAKE_INSECURE: 'yes' },
      ['PLUMBLINE_INTAKE_INSECURE="yes": expected true, false'],
    ],
    'an election that is neither on nor off': [
      { PLUMBLINE_LEADER_ELECTION: 'maybe' },
      ['PLUMBLINE_LEADER_ELECTION="maybe": expected true, false'],
    ],
    'a name that no object can have': [
      { PLUMBLINE_LEASE_NAMESPACE: 'A B', PLUMBLINE_LEASE_NAME: '' },
      [
        'PLUMBLINE_LEASE_NAMESPACE="A B": expected the name of a Kubernetes object',
        'PLUMBLINE_LEASE_NAME="": expected the name of a Kubernetes object',
      ],
    ],
    'a certificate without a key': [
      { PLUMBLINE_INTAKE_TLS_CERT_FILE: secretFile },
      [
        'PLUMBLINE_INTAKE_TLS_KEY_FILE="": expected a file if PLUMBLINE_INTAKE_TLS_CERT_FILE is set, and only then',
      ],
    ],
    'metrics that are half secured': [
      { PLUMBLINE_METRICS_SECURE: 'perhaps', PLUMBLINE_METRICS_TLS_KEY_FILE: secretFile },
      [
        'PLUMBLINE_METRICS_SECURE="perhaps": expected true, false',
        `PLUMBLINE_METRICS_TLS_KEY_FILE="${secretFile}": expected a file if PLUMBLINE_METRICS_TLS_CERT_FILE is set, and only then`,
      ],
    ],
    'a certificate for metrics that nobody would see': [
      {
        PLUMBLINE_METRICS_SECURE: 'false',
        PLUMBLINE_METRICS_TLS_CERT_FILE: secretFile,
        PLUMBLINE_METRICS_TLS_KEY_FILE: secretFile,
      },
      [
        `PLUMBLINE_METRICS_TLS_CERT_FILE="${secretFile}": expected nothing unless PLUMBLINE_METRICS_SECURE=true`,
      ],
    ],
    'a certificate for metrics that would be served plain, since only this machine sees them': [
      { PLUMBLINE_METRICS_TLS_CERT_FILE: secretFile, PLUMBLINE_METRICS_TLS_KEY_FILE: secretFile },
      [
        `PLUMBLINE_METRICS_TLS_CERT_FILE="${secretFile}": expected nothing unless PLUMBLINE_METRICS_SECURE=true`,
      ],
    ],
    'certificates of senders without one of its own': [
      { PLUMBLINE_INTAKE_CLIENT_CA_FILE: secretFile },
      [
        `PLUMBLINE_INTAKE_CLIENT_CA_FILE="${secretFile}": expected nothing without PLUMBLINE_INTAKE_TLS_CERT_FILE`,
      ],
    ],
    'a store without room': [
      { PLUMBLINE_STORE_MAX_BYTES: '1000' },
      ['PLUMBLINE_STORE_MAX_BYTES="1000": expected a number of bytes, at least 16777216'],
    ],
    'a size that is none': [
      { PLUMBLINE_STORE_MAX_BYTES: '256Mi' },
      ['PLUMBLINE_STORE_MAX_BYTES="256Mi": expected a number of bytes, at least 16777216'],
    ],
    'a file that is not there': [
      { PLUMBLINE_INTAKE_TOKEN_FILE: absentFile },
      [`PLUMBLINE_INTAKE_TOKEN_FILE="${absentFile}": expected the name of a readable file that is not empty`],
    ],
    'a file with nothing in it, which would be no secret at all': [
      { PLUMBLINE_INTAKE_PATH_FILE: emptyFile },
      [`PLUMBLINE_INTAKE_PATH_FILE="${emptyFile}": expected the name of a readable file that is not empty`],
    ],
    ...Object.fromEntries(
      [
        '8080',
        'localhost',
        'localhost:',
        'localhost:http',
        'localhost:65536',
        '::1:8080',
        '[::1]',
        'a b:1',
        '',
      ].map((text) => [
        `the address ${JSON.stringify(text)}`,
        [
          address(text),
          [`PLUMBLINE_METRICS_ADDRESS=${JSON.stringify(text)}: expected host:port, such as 127.0.0.1:8080`],
        ],
      ]),
    ),
  };
  for (const [sentence, [environment, problems]] of Object.entries(bad)) {
    it(`refuses ${sentence}`, () => expect(problemsOf(environment)).to.deep.equal(problems));
  }

  it('tells all that is wrong at once', () => {
    const environment = {
      PLUMBLINE_LOG_LEVEL: 'loud',
      PLUMBLINE_METRICS_ADDRESS: 'here',
      PLUMBLINE_INTAKE_ADDRESS: 'there',
      PLUMBLINE_INTAKE_TOKEN_FILE: absentFile,
      PLUMBLINE_INTAKE_PATH_FILE: emptyFile,
      PLUMBLINE_INTAKE_INSECURE: '1',
    };
    const named = problemsOf(environment).map((problem) => problem.split('=')[0]);
    expect(named).to.have.members(Object.keys(environment));
    expect(() => readSettings(environment)).to.throw(
      SettingsError,
      /LOG_LEVEL(?:.|\n)*INSECURE|INSECURE(?:.|\n)*/,
    );
  });

  it('cannot be changed afterwards', () => {
    const settings = readSettings({}) as { logLevel: string; metricsAddress: { port: number } };
    expect(() => (settings.logLevel = 'debug')).to.throw(TypeError);
    expect(() => (settings.metricsAddress.port = 1)).to.throw(TypeError);
  });

  it('takes every default of the table for what it is', () => {
    const environment = Object.fromEntries(
      Object.values(settingTable).map(({ variable, default: value }) => [variable, value]),
    );
    expect(readSettings(environment)).to.deep.equal(defaults);
  });
});
