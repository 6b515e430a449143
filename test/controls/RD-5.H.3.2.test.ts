import { expect } from 'chai';
import control from '../../src/controls/RD-5.H.3.2.ts';
import type { ControlCase, Manifest } from '../support/control-cases.ts';
import { commonCases, describeControl, podOf, templateOf } from '../support/control-cases.ts';

const starting = (...command: string[]): Manifest => ({ spec: { containers: [{ name: 'app', command }] } });
const withInit = (init: object): Manifest => ({
  spec: { containers: [{ name: 'app' }], initContainers: [{ name: 'init', ...init }] },
});

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
