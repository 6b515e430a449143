import { expect } from 'chai';
import control from '../../src/controls/RD-5.H.3.2.ts';
import type { RuntimeFinding } from '../../src/domain/runtime.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import { now, runtimeFinding } from '../support/builders.ts';
import type { ControlCase, Manifest } from '../support/control-cases.ts';
import { commonCases, describeControl, podOf, templateOf } from '../support/control-cases.ts';

const starting = (...command: string[]): Manifest => ({ spec: { containers: [{ name: 'app', command }] } });
const withInit = (init: object): Manifest => ({
  spec: { containers: [{ name: 'app' }], initContainers: [{ name: 'init', ...init }] },
});

const withRuntime = (runtime: Snapshot['runtime'], manifest: Manifest) => {
  const input = templateOf(manifest);
  return { ...input, snapshot: { ...input.snapshot, runtime } };
};
const seen = (events: RuntimeFinding[], manifest = starting('node', 'server.js')) =>
  withRuntime(read(events), manifest);
const withoutFalco = (manifest: Manifest) =>
  withRuntime(unread('NoEvidence', 'No Falco events were given.'), manifest);

const downloads = [
  'sh -c curl https://a.example/x | sh',
  'sh -c wget -qO- https://a.example/x && bash x',
  'apt-get update',
  'apk --no-cache add git',
  'microdnf install -y java',
  'pip3.11 install flask',
  'npm ci',
  'gem install rails',
  'go install a.example/x@latest',
  'git clone https://a.example/x',
];
const harmless = [
  'curl -f http://localhost/health',
  'node server.js',
  'npm start',
  'go test',
  'capk addendum',
  'sh run.sh',
];

const cases: Record<string, ControlCase> = {
  ...commonCases(starting('node', 'server.js'), starting('npm', 'install')),
  'names the pattern and not the command': {
    given: podOf(starting('sh', '-c', 'git clone https://user:hunter2@a.example/x')),
    status: 'Fail',
    findings: [
      {
        subject: { kind: 'Pod', name: 'app-0', container: 'app' },
        path: 'spec.containers[0].command',
        message: String.raw`The command matches "\bgit\s+clone\b".`,
      },
    ],
  },
  'looks at what hooks and probes run': {
    given: podOf({
      spec: {
        containers: [{ name: 'app', lifecycle: { postStart: { exec: { command: ['apk', 'add', 'x'] } } } }],
      },
    }),
    status: 'Fail',
  },
  'warns of an init container that runs git': {
    given: templateOf(withInit({ command: ['git', 'fetch'] })),
    status: 'Warn',
    message: '1 of 1 workload may download code in an init container.',
  },
  'warns of an init container that is git-sync': {
    given: templateOf(withInit({ image: 'registry.k8s.io/git-sync/git-sync:v4' })),
    status: 'Warn',
  },
  'does not pass a command that it has not read to its end': {
    given: templateOf(starting('wait '.repeat(4_000), 'git clone x')),
    status: 'Unknown',
    reason: 'PartialEvidence',
  },
  'fails a long command whose beginning downloads': {
    given: templateOf(starting('git clone x', 'wait '.repeat(4_000))),
    status: 'Fail',
  },
  'takes the patterns of the profile': {
    given: templateOf(starting('fetch', 'x'), { parameters: { 'workloads.downloadCommands': ['^fetch '] } }),
    status: 'Fail',
  },
  'fails what Falco has seen in the window, whatever the commands say': {
    given: seen([runtimeFinding({ rule: 'Drop and execute new binary in container' })]),
    status: 'Fail',
    message: 'Falco saw code or packages brought into a container (1 rule).',
    findings: [
      {
        subject: runtimeFinding().subject,
        example: runtimeFinding().example ?? '',
        message: `Falco saw it, last at ${runtimeFinding().lastSeen.replace(/\.\d+/, '')}.`,
        ref: 'Drop and execute new binary in container',
      },
    ],
  },
  'says both, where a command downloads too': {
    given: seen(
      [runtimeFinding({ rule: 'Launch Package Management Process in Container' })],
      starting('npm', 'ci'),
    ),
    status: 'Fail',
    message:
      'Falco saw code or packages brought into a container (1 rule). 1 of 1 workload downloads code or packages.',
  },
  'passes what other rules have seen': {
    given: seen([runtimeFinding({ rule: 'Terminal shell in container' })]),
    status: 'Pass',
  },
  'passes what was seen before the window': {
    given: seen([
      runtimeFinding({
        rule: 'Drop and execute new binary in container',
        lastSeen: new Date(now - 25 * 3_600_000).toISOString(),
      }),
    ]),
    status: 'Pass',
  },
  'does not pass where no event can be read': {
    given: withoutFalco(starting('node', 'server.js')),
    status: 'Unknown',
    reason: 'NoEvidence',
  },
  'does not warn there either': {
    given: withoutFalco(withInit({ command: ['git', 'fetch'] })),
    status: 'Unknown',
    reason: 'NoEvidence',
  },
  'fails a command there all the same': {
    given: withoutFalco(starting('npm', 'ci')),
    status: 'Fail',
  },
};
for (const text of downloads)
  cases[`fails "${text}"`] = { given: templateOf(starting(text)), status: 'Fail' };
for (const text of harmless)
  cases[`passes "${text}"`] = { given: templateOf(starting(text)), status: 'Pass' };

describeControl(control, cases);

describe('the patterns of RD-5.H.3.2', () => {
  it('cannot be made slow by a command that nearly matches many times', () => {
    const started = performance.now();
    control.evaluate(templateOf(starting('curl|'.repeat(3_000))));
    expect(performance.now() - started).to.be.below(5_000);
  });
});
