import control from '../../src/controls/RD-5.H.7.2.ts';
import { read } from '../../src/domain/snapshot.ts';
import { projectWorkload } from '../../src/evidence/workloads/project-workload.ts';
import { assembleWorkloads } from '../../src/evidence/workloads/assemble.ts';
import { input } from '../support/builders.ts';
import type { ControlCase, Manifest } from '../support/control-cases.ts';
import { commonCases, describeControl, podOf, templateOf } from '../support/control-cases.ts';
import { alphanumeric, FakeSecrets, hex } from '../support/fake-secrets.ts';

const draw = new FakeSecrets(2);
const key = draw.text(alphanumeric, 32);

const app = (rest: object): Manifest => ({ spec: { containers: [{ name: 'app', ...rest }] } });
const subject = { kind: 'Deployment', name: 'app', container: 'app' };
const prefix = 'spec.template.spec.containers[0].';
const random = 'This is a secret in plain sight: its name says so, and its characters look random.';

/** Sentence: the container, the path below it, what is seen of it, and why. */
const failing: Record<string, [object, path: string, observed: string, message: string]> = {
  'the value behind a flag': [
    { args: ['serve', '--api-token', key] },
    'args[2]',
    'the value of api-token, 32 characters',
    random,
  ],
  'the value of a flag': [
    { command: ['/app', `--api-token=${key}`] },
    'command[1]',
    'the value of api-token, 32 characters',
    random,
  ],
  'a system property': [
    { command: ['java', `-Ddb.password=${key}`, '-jar', 'app.jar'] },
    'command[1]',
    'the value of db.password, 32 characters',
    random,
  ],
  'the password flag of a program that has one': [
    { command: ['mysql', '-u', 'root', `-p${key}`] },
    'command[3]',
    'the value of password, 32 characters',
    random,
  ],
  'the login of curl in a script': [
    { command: ['sh', '-c', `until curl -sf -u shop:${key} http://db; do sleep 1; done`] },
    'command[2]',
    'the value of password, 32 characters',
    'This is a secret in plain sight: it has the form of a secret (login), and its name says so.',
  ],
  'a variable that a script sets': [
    { args: [`export TOKEN=${key}\nexec /app`] },
    'args[0]',
    'the value of TOKEN, 32 characters',
    random,
  ],
  'a pair within the value of a flag': [
    { args: [`--set=replicas=2,db.password=${key}`] },
    'args[0]',
    'the value of db.password, 32 characters',
    random,
  ],
  'a pair within JSON': [
    { args: [`--config={"password":"${key}"}`] },
    'args[0]',
    'the value of password, 32 characters',
    random,
  ],
  'a parameter of a URL': [
    { args: [`https://api.example.com/hook?user=me&token=${key}`] },
    'args[0]',
    'the value of token, 32 characters',
    random,
  ],
  'user information in a URL': [
    { args: [`--remote=https://deploy:${key}@git.example.com/shop.git`] },
    'args[0]',
    `the value of remote, ${`https://deploy:${key}@git.example.com/shop.git`.length} characters`,
    'This is a secret in plain sight: it has the form of a secret (password in a URL).',
  ],
  'the command of a probe': [
    { readinessProbe: { exec: { command: ['redis-cli', '-a', key, 'ping'] } } },
    'readinessProbe.exec.command[2]',
    'the value of password, 32 characters',
    random,
  ],
  'the command of a hook': [
    { lifecycle: { preStop: { exec: { command: ['/leave', '--token', key] } } } },
    'lifecycle.preStop.exec.command[2]',
    'the value of token, 32 characters',
    random,
  ],
  'an Authorization header, whatever it looks like': [
    {
      livenessProbe: {
        httpGet: { port: 80, httpHeaders: [{ name: 'Authorization', value: 'Basic c2hvcDpob3A=' }] },
      },
    },
    'livenessProbe.httpGet.httpHeaders[Authorization]',
    '12 characters',
    'This is a secret in plain sight: it has the form of a secret (authorization header).',
  ],
};

const cases: Record<string, ControlCase> = {
  'warns of a word that only looks random': {
    given: templateOf(app({ args: ['run', key] })),
    status: 'Warn',
    reason: 'PossibleSecrets',
    findings: [
      {
        subject,
        path: `${prefix}args[1]`,
        observed: '32 characters',
        message: 'This may be a secret in plain sight: its characters look random.',
      },
    ],
  },
  'warns of a password that people make up behind a flag': {
    given: templateOf(app({ args: ['--password', 'hunter2'] })),
    status: 'Warn',
    reason: 'PossibleSecrets',
  },
  'passes references, ports, files and digests': {
    given: templateOf(
      app({
        command: ['/app', '--password=$(DB_PASSWORD)', '--token-file=/run/secrets/token', '-p', '8080'],
        args: [
          '--image=registry.example/app@sha256:' + 'ab'.repeat(32),
          'curl -H "Authorization: Bearer $TOKEN" x',
        ],
        livenessProbe: {
          httpGet: { port: 80, httpHeaders: [{ name: 'Authorization', value: 'Bearer $(TOKEN)' }] },
        },
      }),
    ),
    status: 'Pass',
    message: 'No command, probe or annotation has a secret in plain sight (1 workload).',
  },
  'fails an annotation of the template': {
    given: templateOf({ ...app({}), annotations: { 'example.com/token': key } }),
    status: 'Fail',
    findings: [
      {
        subject: { kind: 'Deployment', name: 'app' },
        path: 'spec.template.metadata.annotations[example.com/token]',
        observed: '32 characters',
        message: random,
      },
    ],
  },
  'passes annotations that describe, whatever they are called': {
    given: templateOf({
      ...app({}),
      annotations: {
        'example.com/token': 'rotated weekly',
        'checksum/secret': draw.text(hex, 64),
        'vault.hashicorp.com/agent-inject-secret-db': 'database/creds/shop',
      },
    }),
    status: 'Pass',
  },
  'fails what was applied once and still stands in the annotation of a pod': {
    given: podOf({
      ...app({}),
      annotations: {
        'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({
          kind: 'Pod',
          spec: { containers: [{ name: 'app', env: [{ name: 'TOKEN', value: key }] }] },
        }),
      },
    }),
    status: 'Fail',
    findings: [
      {
        subject: { kind: 'Pod', name: 'app-0' },
        path: 'metadata.annotations[kubectl.kubernetes.io/last-applied-configuration]',
        observed: 'the value of TOKEN, 32 characters',
        message: random,
      },
    ],
  },
  'fails what was applied once and still stands in the annotation of the owner': {
    given: ownedBy({
      metadata: {
        name: 'app',
        annotations: {
          'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({
            kind: 'Deployment',
            spec: { template: { spec: { containers: [{ name: 'app', args: ['--token', key] }] } } },
          }),
        },
      },
    }),
    status: 'Fail',
    message: '1 of 1 workload has secrets in commands, probes or annotations.',
    findings: [
      {
        subject: { kind: 'Deployment', name: 'app' },
        path: 'metadata.annotations[kubectl.kubernetes.io/last-applied-configuration]',
        observed: 'the value of token, 32 characters',
        message: random,
      },
    ],
  },
  'passes the annotation of an owner that cannot be read as a manifest and holds nothing': {
    given: ownedBy({
      metadata: {
        name: 'app',
        annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{"kind": "Deployment", ' },
      },
    }),
    status: 'Pass',
  },
};

function ownedBy(object: object) {
  const owner = projectWorkload({ ...object, spec: { template: { spec: app({}).spec } } }, 'Deployment');
  return input({ workloads: read(assembleWorkloads({ pods: [], owners: [owner] })) });
}

for (const [sentence, [rest, path, observed, message]] of Object.entries(failing)) {
  cases[`fails ${sentence}`] = {
    given: templateOf(app(rest)),
    status: 'Fail',
    findings: [{ subject, path: prefix + path, observed, message }],
  };
}

describeControl(control, {
  ...commonCases(app({ args: ['--token=$(TOKEN)'] }), app({ args: [`--token=${key}`] })),
  ...cases,
});
