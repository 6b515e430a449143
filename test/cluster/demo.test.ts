import { expect } from 'chai';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ComplianceReport } from '../../src/api/compliance-report.ts';
import { sleep, systemClock } from '../../src/base/clock.ts';
import { resolveBinaries } from '../../tools/control-plane/binaries.ts';
import { binaryNames } from '../../tools/control-plane/components.ts';
import { findKwokStages } from '../../tools/control-plane/kwok.ts';
import { requireMonitoring } from '../support/monitoring.ts';
import { isAlive, processTree } from '../support/process-tree.ts';

/** What kubectl prints of the reports: namespace, state, controls that fail, are unknown, are for people, pass and warn. */
const states = [
  ['legacy', 'NonCompliant', '31', '5', '4', '16', '8'],
  // Without SBOMs, and on nodes that do not say what they run, the hardened namespace is not Compliant: nobody knows.
  ['payments', 'Unknown', '0', '6', '4', '47', '9'],
  ['webshop', 'NonCompliant', '11', '13', '4', '26', '11'],
];

/**
 * What each control says of each namespace, found by reading examples/ and not by running anything. In payments nearly
 * all is well; behind # stands what is not well elsewhere, first in webshop, then in legacy.
 */
const verdicts = `
  control    payments webshop legacy
  RD-2.0.2   Pass     Pass    Pass          # nothing of a cloud's own
  RD-2.1.1   Pass     Fail    Fail          # cart says nothing of root; all three workloads
  RD-2.1.2   Pass     Pass    Fail          # ; intranet and node-monitor ask for UID 0
  RD-2.1.3   Pass     Unknown Fail          # nobody says as whom cart runs; intranet asks for UID 0
  RD-2.1.4   Pass     Warn    Warn          # no runAsGroup
  RD-2.2.1   Pass     Warn    Fail          # enforces Baseline, warns of Restricted; no label
  RD-2.2.2   Pass     Pass    Fail          # ; node-monitor
  RD-2.2.3   Pass     Pass    Fail          # ; node-monitor
  RD-2.2.4   Pass     Warn    Fail          # catalog's pictures lie on a node; node-monitor
  RD-2.2.5   Pass     Pass    Fail          # ; intranet (and node-monitor, by the host's network)
  RD-2.2.6   Pass     Pass    Fail          # ; the probe of intranet
  RD-2.2.7   Pass     Fail    Fail          # cart, and the init container of catalog; all three
  RD-2.2.8   Pass     Fail    Fail          # the same; intranet and debug-shell
  RD-2.2.9   Pass     Fail    Fail          # cart and frontend; all three
  RD-2.2.10  Pass     Pass    Fail          # ; node-monitor
  RD-2.2.11  Pass     Pass    Fail          # ; debug-shell
  RD-2.2.12  Pass     Pass    Pass
  RD-2.2.13  Pass     Pass    Fail          # ; debug-shell
  RD-2.2.14  Pass     Pass    Fail          # ; intranet's NFS
  RD-2.2.15  Pass     Pass    Pass
  RD-2.2.16  Pass     Fail    Fail          # cart; all three
  RD-2.2.17  Pass     Pass    Fail          # ; intranet and node-monitor
  RD-2.2.18  Pass     Fail    Fail          # what fails above, taken together
  RD-2.2.19  NotApplicable NotApplicable NotApplicable # no engine, so nothing is exempt
  RD-2.3.1   Pass     Pass    Fail          # ; no policy
  RD-2.3.2   Pass     Fail    Fail          # no policy for egress; no policy
  RD-2.3.3   Pass     Warn    Fail          # for ingress only; no policy
  RD-2.3.4   Pass     Warn    NotApplicable # same-namespace; no policy that could allow anything
  RD-2.4.1   Pass     Unknown Pass          # cart was never scanned, frontend weeks ago
  RD-2.5.1   Pass     Pass    Pass          # sensor.yaml has Falco on every node, and it is heard
  RD-2.5.2   Pass     Pass    Fail          # two Notice alerts are few; three alerts, two of them grave
  RD-2.6.1   Pass     Fail    Fail          # quay.io and docker.io; docker.io throughout
  RD-2.6.2   Unknown  Unknown Unknown       # a simulated node does not say which images it runs
  RD-2.6.4   Pass     Pass    Fail          # tags that do not move; debug-shell wants the latest
  RD-3.0.1   NotApplicable NotApplicable NotApplicable # no sidecars
  RD-3.1.1   Pass     Pass    Pass          # logging.yaml has one on every node
  RD-3.1.3   Pass     Pass    Pass          # nothing is bound
  RD-3.4.1   Warn     Fail    Fail          # no engine; Pod Security enforces Restricted in payments alone
  RD-3.4.2   Pass     Unknown Warn          # configuration audits: all well; of former revisions or none; checks that fail
  RD-3.4.3   Pass     Fail    Fail          # what fails above
  RD-3.5.1   Pass     Pass    Pass          # of the cluster; all pods of Falco are ready
  RD-3.5.2   Pass     Pass    Pass          # of the cluster; Falco has its official rules, and none is off
  RD-3.5.3   Pass     Pass    Pass          # of the cluster; what Falco sees arrives here
  RD-3.6.2   Warn     Fail    Warn          # all but api are default, without tokens: the demo's control plane mounts none; migrate would have one
  RD-3.6.3   NotApplicable NotApplicable NotApplicable # no mesh
  RD-3.9.1   Unknown  Fail    Fail          # no list of own registries; elsewhere than in either list, as RD-2.6.1
  RD-3.9.2   Manual   Manual  Manual
  RD-3.10.1  Unknown  Fail    Fail          # parts are not built; RD-2.3.2
  RD-3.10.2  NotApplicable NotApplicable NotApplicable # nothing is bound
  RD-4.1.1   Warn     Warn    Warn          # applied with kubectl
  RD-4.1.2   NotApplicable NotApplicable NotApplicable # no GitOps
  RD-4.1.3   NotApplicable NotApplicable NotApplicable # no account of a pipeline
  RD-5.G.1.1 Warn     Warn    Warn          # as RD-4.1.1
  RD-5.G.1.2 NotApplicable NotApplicable NotApplicable # no GitOps
  RD-5.G.1.3 NotApplicable NotApplicable NotApplicable # no GitOps
  RD-5.G.2.1 Warn     Warn    Warn          # nothing is traced
  RD-5.G.3.1 Pass     Warn    Pass          # catalog has one replica
  RD-5.G.3.2 Warn     Warn    Warn          # no disruption budgets
  RD-5.H.1.1 Manual   Manual  Manual        # nobody states a base
  RD-5.H.1.2 Pass     Unknown Pass          # as RD-2.4.1
  RD-5.H.2.1 Pass     Unknown Fail          # as RD-2.4.1; intranet's Debian 11.5 has ended
  RD-5.H.2.2 Pass     Unknown Fail          # as RD-2.4.1; curl and libc-bin of intranet
  RD-5.H.2.3 Unknown  Unknown Unknown       # no SBOMs
  RD-5.H.3.1 Manual   Manual  Manual
  RD-5.H.3.2 Pass     Pass    Fail          # ; a binary that came into the container of intranet runs there
  RD-5.H.4.1 Warn     Warn    Warn          # ledger names no service account; cart nothing; all three
  RD-5.H.4.2 Warn     Pass    Pass          # the certificate of api is optional
  RD-5.H.5.1 Pass     Pass    Pass
  RD-5.H.6.1 Pass     Fail    Fail          # RD-2.1.1
  RD-5.H.7.1 Pass     Pass    Pass
  RD-5.H.7.2 Pass     Pass    Pass
  RD-5.H.7.3 NotApplicable NotApplicable NotApplicable # no ConfigMaps
  RD-5.H.7.4 Pass     Unknown Fail          # as RD-2.4.1; two secrets in the image of intranet
  RD-5.H.7.5 Pass     NotApplicable NotApplicable # api mounts one; no Secret is used
  RD-5.H.7.6 Pass     Pass    Pass
  RD-5.H.8.1 Unknown  Unknown Unknown       # no SBOMs
  RD-5.H.8.2 Unknown  Unknown Unknown       # no SBOMs
  RD-5.H.8.3 Pass     Pass    Pass
  RD-5.H.9.1 Pass     Fail    Fail          # as RD-2.2.8
  RD-5.H.9.2 Unknown  Unknown Unknown       # no SBOMs
  RD-5.H.10.1 Pass    Fail    Fail          # catalog's golang.org/x/net; intranet, node-monitor and debug-shell
  RD-5.H.10.2 Warn    Unknown Pass          # zlib1g of ledger (in payments) has no fix; as RD-2.4.1
  RD-5.H.10.3 Manual  Manual  Manual
  RD-5.H.10.4 NotApplicable NotApplicable NotApplicable # no ignore file
`;

/** A line of the table above, and of the one that the demo prints. */
const row = /^ *(RD-\S+) +(\w+) +(\w+) +(\w+)/gm;

const run = promisify(execFile);
const inRoot = (path: string, ...names: string[]) => join(import.meta.dirname, '../..', path, ...names);

/** The demo as a process, in a temporary folder of its own, so that whatever it leaves there is seen. */
class Demo {
  readonly temporary = mkdtempSync(join(tmpdir(), 'plumbline-test-'));
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown[]>;
  readonly #processes = new Set<number>();
  stdout = '';
  stderr = '';

  constructor(...args: string[]) {
    const env = { ...process.env, TMPDIR: this.temporary };
    this.#child = spawn(process.execPath, [inRoot('tools/demo/main.ts'), ...args], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    this.#child.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.#ended = once(this.#child, 'exit');
  }

  /** Resolves when it has said that on stderr. Notes which processes there are. */
  async said(text: string): Promise<void> {
    while (!this.stderr.includes(text)) {
      if (this.#child.exitCode !== null) throw new Error(`it ended without "${text}":\n${this.stderr}`);
      await sleep(systemClock, 100);
    }
    for (const pid of processTree(this.#child.pid ?? 0)) this.#processes.add(pid);
  }

  /** How a Ctrl-C arrives: from the terminal, and once more from npm. */
  interrupt(): void {
    this.#child.kill('SIGINT');
    this.#child.kill('SIGINT');
  }

  /** The exit code. */
  async ended(): Promise<unknown> {
    return (await this.#ended)[0];
  }

  /** What is still there of all that it had started and written. */
  leftovers(): { processes: number[]; files: string[] } {
    return { processes: [...this.#processes].filter(isAlive), files: readdirSync(this.temporary) };
  }

  get processCount(): number {
    return this.#processes.size;
  }

  /** Should a test have failed midway. */
  async discard(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
    while ([...this.#processes].some(isAlive)) await sleep(systemClock, 50);
    rmSync(this.temporary, { recursive: true, force: true });
  }
}

const rowsOf = (text: string, pattern: RegExp): string[][] =>
  [...text.matchAll(pattern)].map((match) => match.slice(1));

describe('the demo', function () {
  this.timeout(60_000);
  const nothing = { processes: [], files: [] };
  let demo: Demo;

  before(async function () {
    this.timeout(30 * 60_000);
    await resolveBinaries(binaryNames, { progress: () => {} });
    await findKwokStages({ progress: () => {} });
  });
  afterEach(() => demo.discard());

  it('shows the three reports, whose verdicts are those of the manifests, and ends', async () => {
    demo = new Demo('--once');
    await demo.said('Waiting until the reports have settled');
    // Five parts of the control plane, the operator, a warden for each of the two, and the demo itself.
    expect(demo.processCount).to.equal(9);
    expect(await demo.ended(), demo.stderr).to.equal(0);
    const wide = /^(\S+) +reference-design +(\S+) +\d+ +(\d+) +(\d+) +(\d+) +0 +(\d+) +(\d+) /gm;
    expect(rowsOf(demo.stdout, wide)).to.deep.equal(states);
    expect(rowsOf(demo.stdout, row)).to.deep.equal(rowsOf(verdicts, row));
    const narrow = /^(\w+) +reference-design +(\w+) +(\d+) +(\d+) +(\d+) +(\d+) +0 +\d+s$/gm;
    const shown = rowsOf(readFileSync('README.md', 'utf8'), narrow);
    expect(shown, 'what README.md shows').to.have.length(3);
    expect(shown).to.deep.equal(rowsOf(demo.stdout, narrow));
    expect(rowsOf(demo.stdout, /^(\S+) +runtime +(\w+) +(\d+) +(\d+)/gm)).to.deep.equal([
      ['legacy', 'Critical', '4', '3'],
      ['webshop', 'Notice', '2', '2'],
    ]);
    expect(demo.leftovers()).to.deep.equal(nothing);
  }).timeout(180_000);

  it('turns the runtime controls away from Pass when Falco is unplugged, in the time that is configured, and says why', async () => {
    demo = new Demo('--once', '--unplug-falco');
    expect(await demo.ended(), demo.stderr).to.equal(0);
    const [before = '', silent = '', gone = ''] = demo.stdout.split(/\n(?=Falco is .*; after)/);
    expect(rowsOf(before, row), 'plugged in, all is as ever').to.deep.equal(rowsOf(verdicts, row));

    const told = /^(\w+) +(RD-\S+) +(\w+) +((?:StaleEvidence|NoEvidence|NoSensor)?) /gm;
    const stale = ['Unknown', 'StaleEvidence'];
    expect(rowsOf(silent, told)).to.deep.equal([
      ['legacy', 'RD-2.5.1', ...stale],
      // Alerts are there, whoever listens.
      ['legacy', 'RD-2.5.2', 'Fail', ''],
      ['legacy', 'RD-3.5.1', 'Pass', ''],
      ...['payments', 'webshop'].flatMap((namespace) => [
        [namespace, 'RD-2.5.1', ...stale],
        [namespace, 'RD-2.5.2', ...stale],
        [namespace, 'RD-3.5.1', 'Pass', ''],
      ]),
    ]);
    expect(silent).to.match(/payments +RD-2\.5\.1 .* nothing is heard of it: worker-\d since \d{4}-/);
    expect(silent).to.match(
      /payments +RD-2\.5\.2 .*No alert was received, and no event of the sensors any more/,
    );

    expect(rowsOf(gone, told)).to.deep.equal(
      [
        ['legacy', 'Fail', ''],
        ['payments', 'Unknown', 'NoEvidence'],
        ['webshop', 'Unknown', 'NoEvidence'],
      ].flatMap(([namespace, ...alerts]) => [
        [namespace, 'RD-2.5.1', 'Fail', ''],
        [namespace, 'RD-2.5.2', ...alerts],
        [namespace, 'RD-3.5.1', 'Fail', 'NoSensor'],
      ]),
    );
    expect(gone).to.match(/payments +RD-2\.5\.1 .*No runtime sensor is ready on \d of \d node/);
    // Half a minute is left of the five, and a node may be bare for 20 s; a look for silence every 15, a write every 10.
    // The rest is for a machine under load.
    const [[first = ''] = [], [second = ''] = []] = rowsOf(demo.stdout, /; after (\d+) s:/g);
    expect(Number(first)).to.be.within(10, 90);
    expect(Number(second)).to.be.within(15, 80);
    expect(demo.leftovers()).to.deep.equal(nothing);
  }).timeout(300_000);

  it('tells commands that work, shows a change, and leaves nothing behind after Ctrl-C', async () => {
    demo = new Demo();
    await demo.said('Everything keeps running.');
    const env = { ...process.env, KUBECONFIG: /export KUBECONFIG=(\S+)/.exec(demo.stdout)?.[1] };
    const kubectl = /alias kubectl=(\S+)/.exec(demo.stdout)?.[1];
    const shell = async (line: string) =>
      (await run('sh', ['-c', `kubectl() { '${kubectl}' "$@"; }; ${line}`], { env })).stdout;

    const lines = rowsOf(demo.stdout, /^ {2}(kubectl .*[^&])$/gm).flat();
    const outputs = new Map<string, string>();
    for (const line of lines) outputs.set(line, await shell(line));
    expect(lines.filter((line) => outputs.get(line) === '')).to.deep.equal([]);
    expect([...outputs.values()].join('\n'))
      .to.include('Containers are prevented from running as root')
      .and.include('Drop and execute new binary in container')
      .and.match(/^RD-2\.6\.1\t2 of 4 workloads use images from elsewhere/m)
      // What a process in the examples was given as its password.
      .and.not.include('9fK2mQ7xR4');
    const [metrics = ''] = /http:\S+\/metrics/.exec(demo.stdout) ?? [];
    expect(await (await fetch(metrics)).text()).to.include('plumbline_report_compliant{namespace="legacy"');

    // The last of the commands was the change.
    const failing = () =>
      shell("kubectl -n legacy get crep reference-design -o jsonpath='{.status.summary.fail}'");
    while ((await failing()) !== '29') await sleep(systemClock, 200);

    demo.interrupt();
    expect(await demo.ended(), demo.stderr).to.equal(0);
    expect(demo.leftovers()).to.deep.equal(nothing);
  }).timeout(180_000);

  it('leaves nothing behind when Ctrl-C comes while it starts', async () => {
    demo = new Demo();
    await demo.said('Installing Plumbline');
    expect(demo.processCount).to.be.at.least(7);
    demo.interrupt();
    expect(await demo.ended()).to.equal(130);
    expect(demo.stdout).to.equal('');
    expect(demo.leftovers()).to.deep.equal(nothing);
  });

  it('shows an alert in Alertmanager, and ends what watches with the rest', async function () {
    await requireMonitoring(this, ['prometheus', 'alertmanager']);
    this.timeout(240_000);
    demo = new Demo('--once', '--monitoring');
    await demo.said('Starting a Prometheus');
    expect(await demo.ended(), demo.stderr).to.equal(0);
    expect(demo.stdout)
      .to.include('PlumblineRuntimeFindings  severity=critical namespace=legacy')
      .and.include('Falco reported events of priority Critical in namespace legacy')
      .and.match(/whose time has not come \(.*PlumblineNamespaceNonCompliant/)
      .and.match(/curl -s http:\/\/127\.0\.0\.1:\d+\/api\/v1\/alerts/);
    expect(demo.leftovers()).to.deep.equal(nothing);
  });

  it('names an option that it does not know, and starts nothing', async () => {
    demo = new Demo('--twice');
    expect(await demo.ended()).to.equal(2);
    expect(demo.stderr)
      .to.include("Unknown option '--twice'")
      .and.include('npm run demo [-- [--once] [--monitoring] [--unplug-falco]]');
    expect(demo.leftovers()).to.deep.equal(nothing);
  });
});

describe('the examples', function () {
  this.timeout(60_000);
  it('are judged by a scan as by the operator, where no report or event is needed', async () => {
    const examples = ['payments', 'webshop', 'legacy', 'storage.yaml'].map((name) =>
      inRoot('examples', name),
    );
    const options = ['--profile', inRoot('examples/profile.yaml'), '--format', 'json', '--fail-on', 'none'];
    const { stdout } = await run(process.execPath, [inRoot('src/main.ts'), 'scan', ...examples, ...options]);
    const { items } = JSON.parse(stdout) as {
      items: (ComplianceReport & { metadata: { namespace?: string } })[];
    };
    const needEvidence = [
      ...[
        'RD-2.4.1',
        'RD-2.5.1',
        'RD-2.5.2',
        'RD-3.4.3',
        'RD-3.5.1',
        'RD-3.5.2',
        'RD-3.5.3',
        'RD-5.H.1.2',
        'RD-5.H.2.1',
        'RD-5.H.2.2',
        'RD-5.H.3.2',
        'RD-5.H.7.4',
      ],
      ...['RD-5.H.10.1', 'RD-5.H.10.2'],
      // What is bound, and which nodes have a log collector, the examples do not show.
      ...['RD-3.1.1', 'RD-3.1.3', 'RD-3.10.2'],
      // What is enforced, excepted and found at admission.
      ...['RD-2.2.19', 'RD-3.4.1', 'RD-3.4.2', 'RD-5.H.10.3', 'RD-5.H.10.4'],
      // How workloads are deployed, manifests do not show.
      ...['RD-4.1.1', 'RD-4.1.2', 'RD-5.G.1.1', 'RD-5.G.1.2', 'RD-5.G.1.3'],
      // Neither do they show whether the network shows flows.
      ...['RD-5.G.2.1'],
      // What runs, as whom, and with what is shown by a cluster alone.
      ...['RD-2.1.3', 'RD-2.6.2', 'RD-3.6.2', 'RD-5.H.6.1'],
    ];
    const statusOf = (namespace: string, id: string) =>
      items
        .find(({ metadata }) => metadata.namespace === namespace)
        ?.status?.controls?.find((control) => control.id === id)?.status;
    const expected = rowsOf(verdicts, row).filter(([id = '']) => !needEvidence.includes(id));
    const scanned = expected.map(([id = '']) => [
      id,
      ...['payments', 'webshop', 'legacy'].map((namespace) => statusOf(namespace, id)),
    ]);
    expect(scanned).to.deep.equal(expected);
  });
});
