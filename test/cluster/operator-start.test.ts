import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { load } from 'js-yaml';
import { eventually, kubeconfigAt } from '../kube/support.ts';
import { TcpProxy } from '../kube/tcp-proxy.ts';
import { Child } from '../operator/child.ts';
import {
  awaitVerdicts,
  namespaceWithPod,
  operatorKubeconfig,
  patch,
  remove,
  reportOf,
  useOperatorCluster,
} from '../operator/live.ts';
import { applyManifests, freshNamespace } from '../support/cluster.ts';
import { terminateSoon } from '../support/stop-time.ts';

const definitionPath = (plural: string) =>
  `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${plural}.plumbline.dev`;

describe('plumbline run', function () {
  this.timeout(60_000);
  const cluster = useOperatorCluster();
  let folder: string;
  const children: Child[] = [];

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'plumbline-run-'));
  });
  after(() => rmSync(folder, { recursive: true }));
  afterEach(async () => {
    for (const child of children.splice(0)) await child.kill();
  });

  function run(environment: Record<string, string>, ...args: string[]): Child {
    const child = new Child(environment, args);
    children.push(child);
    return child;
  }
  const kubeconfig = () => operatorKubeconfig(cluster());
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  describe('says what is wrong, in one message, and ends with 2', () => {
    const cases: Record<
      string,
      { environment: () => Promise<Record<string, string>>; args?: string[]; says: string[] }
    > = {
      'with a KUBECONFIG that does not exist': {
        environment: async () => ({ KUBECONFIG: '/nonexistent/kubeconfig' }),
        says: ['kubeconfig /nonexistent/kubeconfig does not exist; check KUBECONFIG'],
      },
      'with a KUBECONFIG that is no YAML': {
        environment: async () => ({ KUBECONFIG: write('no.yaml', 'clusters: [') }),
        says: ['no.yaml is not YAML'],
      },
      'with a context that the kubeconfig does not have': {
        environment: async () => ({ KUBECONFIG: await kubeconfig() }),
        args: ['--context', 'elsewhere'],
        says: ['context "elsewhere" is not in the kubeconfig; it has: '],
      },
      'without any way to a cluster': {
        environment: async () => ({}),
        says: ['no cluster is named', 'set KUBECONFIG'],
      },
      'with settings that cannot be used: all at once': {
        environment: async () => ({
          PLUMBLINE_LOG_LEVEL: 'loud',
          PLUMBLINE_METRICS_ADDRESS: 'nowhere',
          PLUMBLINE_INTAKE_TOKEN_FILE: '/nonexistent/token',
        }),
        says: [
          'PLUMBLINE_LOG_LEVEL="loud"',
          'PLUMBLINE_METRICS_ADDRESS="nowhere"',
          'PLUMBLINE_INTAKE_TOKEN_FILE',
        ],
      },
      'with an intake that anybody could send to': {
        environment: async () => ({ KUBECONFIG: await kubeconfig(), PLUMBLINE_INTAKE_ADDRESS: '0.0.0.0:0' }),
        says: ['anybody could send events'],
      },
      'with an argument that there is not': {
        environment: async () => ({ KUBECONFIG: await kubeconfig() }),
        args: ['namespaces'],
        says: ['run takes no argument namespaces'],
      },
    };
    for (const [title, { environment, args = [], says }] of Object.entries(cases)) {
      it(title, async () => {
        const child = run(await environment(), ...args);
        const { code, stderr } = await child.exit;
        for (const text of says) expect(stderr).to.include(text);
        expect(stderr)
          .to.match(/^plumbline: /)
          .and.not.match(/\n\s+at /);
        expect(code).to.equal(2);
        expect(child.log).to.deep.equal([]);
      });
    }

    for (const variable of ['PLUMBLINE_METRICS_ADDRESS', 'PLUMBLINE_INTAKE_ADDRESS']) {
      it(`with a port in use as ${variable}`, async () => {
        const server = createServer().listen(0, '127.0.0.1');
        await once(server, 'listening');
        const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
        const child = run({ KUBECONFIG: await kubeconfig(), [variable]: address });
        const { code, stderr } = await child.exit;
        server.close();
        expect(stderr)
          .to.match(/^plumbline: .*address already in use.*\n$/)
          .and.include(address);
        expect(code).to.equal(2);
      });
    }
  });

  it('passes over a file of KUBECONFIG that is not there, as kubectl does', async () => {
    const child = run({ KUBECONFIG: `/nonexistent/first:${await kubeconfig()}` });
    await child.ready();
    expect(await child.terminate()).to.include({ code: 0, stderr: '' });
  });

  it('keeps trying where no server listens, and says so in the log and in /readyz', async () => {
    const proxy = new TcpProxy(Number(new URL(cluster().url).port));
    const port = await proxy.listen();
    await proxy.close();
    const child = run({ KUBECONFIG: kubeconfigAt(await kubeconfig(), port) });
    const { error } = await child.logged('the API server cannot be worked with; trying on');
    const reason = `cannot reach the API server https://127.0.0.1:${port}: connection refused`;
    expect((error as { message: string }).message).to.include(reason);
    const { status, text } = await child.get('/readyz');
    expect(status).to.equal(503);
    expect(text).to.include(reason);
    expect((await child.get('/healthz')).status).to.equal(200);
    expect((await child.get('/metrics')).text).to.not.include('\nplumbline_control_status{');
    const { code, stderr } = await terminateSoon(child);
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
  });

  it('ends in time though the server has stopped answering', async () => {
    const proxy = new TcpProxy(Number(new URL(cluster().url).port));
    const child = run({ KUBECONFIG: kubeconfigAt(await kubeconfig(), await proxy.listen()) });
    await child.ready();
    proxy.stall();
    await freshNamespace(cluster(), 'unseen');
    const { code } = await terminateSoon(child);
    await proxy.close();
    expect(code).to.equal(0);
  });

  it('loses nothing to a SIGTERM in the midst of its work', async () => {
    const first = run({ KUBECONFIG: await kubeconfig() });
    await first.ready();
    // No more than can be written in the time of a stop.
    const made = Array.from({ length: 14 }, () => namespaceWithPod(cluster(), 'midst'));
    const namespaces = await Promise.all(made);
    const { code } = await terminateSoon(first);
    expect(code).to.equal(0);
    expect(first.log.filter(({ level }) => level === 'error')).to.deep.equal([]);
    expect(first.log.at(-1)).to.include({ message: 'stopped' });
    const second = run({ KUBECONFIG: await kubeconfig() });
    for (const namespace of namespaces) await awaitVerdicts(cluster(), namespace, { 'RD-2.2.16': 'Fail' });
    expect((await second.terminate()).code).to.equal(0);
  });

  describe('with other definitions of its kinds', () => {
    // Also after a test that failed half way, for those that come.
    afterEach(async () => {
      for (const child of children.splice(0)) await child.kill();
      await applyManifests(cluster(), ['crds']);
    });

    it('says which of its kinds are not installed and how to install them, and starts when they are', async () => {
      for (const plural of ['compliancereports', 'runtimereports']) {
        await remove(cluster(), definitionPath(plural));
        const isGone = async () => (await cluster().request('GET', definitionPath(plural))).status === 404;
        await eventually(isGone, `${plural} are gone`);
      }
      const child = run({ KUBECONFIG: await kubeconfig() });
      const missing = 'compliancereports.plumbline.dev is not installed; install it: kubectl apply';
      const isKnown = async () => {
        const { text } = await child.get('/readyz');
        return (
          text.includes(missing) &&
          !text.includes('was not read yet') &&
          !text.includes('was not reached yet')
        );
      };
      await eventually(isKnown, missing);
      const { status, text } = await child.get('/readyz');
      expect(status).to.equal(503);
      expect(text)
        .to.include('runtimereports.plumbline.dev is not installed')
        .and.not.include('complianceprofiles');
      await applyManifests(cluster(), ['crds']);
      await child.ready();
      const namespace = await freshNamespace(cluster(), 'installed');
      await awaitVerdicts(cluster(), namespace, { 'RD-2.2.1': 'Fail' });
      expect((await child.terminate()).code).to.equal(0);
    });

    it('says once that the definition of a kind is of an earlier version, and goes on when it is the right one', async () => {
      await patch(cluster(), definitionPath('compliancereports'), otherDefinition(withoutWorkloads));
      const child = run({ KUBECONFIG: await kubeconfig() });
      const namespace = await namespaceWithPod(cluster(), 'older');
      const line = await child.logged(
        'the installed CustomResourceDefinition is not the one of this version',
      );
      expect(line).to.include({ level: 'error', kind: 'ComplianceReport' });
      expect(line['problem']).to.include('.status.workloads');
      expect(line['remedy']).to.equal('kubectl apply --server-side -k config/crds');
      const problem = 'the CustomResourceDefinition of ComplianceReport is not the one of this version';
      await eventually(async () => (await child.get('/readyz')).text.includes(problem), problem);
      await child.logged('every namespace was judged');
      expect(child.log.filter(({ level }) => level === 'error')).to.deep.equal([line]);
      await applyManifests(cluster(), ['crds']);
      await awaitVerdicts(cluster(), namespace, { 'RD-2.2.16': 'Fail' });
      await child.ready();
      await child.terminate();
    });

    it('does not write on and on when the definition of a kind fills in what it does not know', async () => {
      await patch(cluster(), definitionPath('compliancereports'), otherDefinition(withDefault));
      const child = run({ KUBECONFIG: await kubeconfig() });
      const namespace = await freshNamespace(cluster(), 'newer');
      const line = await child.logged(
        'the installed CustomResourceDefinition is not the one of this version',
      );
      expect(line).to.include({ level: 'error', kind: 'ComplianceReport' });
      const report = await awaitVerdicts(cluster(), namespace, { 'RD-2.2.1': 'Fail' });
      expect(report.status).to.have.property('colour', 'red');
      await child.logged('every namespace was judged');
      // A report is written at most every ten seconds: what is put off must have come when it is looked.
      const versionAfter = async (looked: string) => {
        await patch(cluster(), `/api/v1/namespaces/${namespace}`, { metadata: { labels: { looked } } });
        await setTimeout(11_000);
        return (await reportOf(cluster(), namespace))?.metadata.resourceVersion;
      };
      const once = await versionAfter('once');
      expect(once).to.match(/^\d+$/);
      expect(await versionAfter('twice')).to.equal(once);
      await child.terminate();
    });
  });
});

interface Definition {
  readonly spec: {
    readonly versions: {
      readonly schema: {
        readonly openAPIV3Schema: { readonly properties: { readonly status: StatusSchema } };
      };
    }[];
  };
}
interface StatusSchema {
  readonly properties: Record<string, unknown>;
  required: string[];
}

/** The definition of the ComplianceReport, as another version might have it. */
function otherDefinition(change: (status: StatusSchema) => void): object {
  const { spec } = load(readFileSync('crds/plumbline.dev_compliancereports.yaml', 'utf8')) as Definition;
  for (const { schema } of spec.versions) change(schema.openAPIV3Schema.properties.status);
  return { spec };
}

function withoutWorkloads(status: StatusSchema): void {
  delete status.properties['workloads'];
  status.required = status.required.filter((name) => name !== 'workloads');
}

function withDefault(status: StatusSchema): void {
  status.properties['colour'] = { type: 'string', default: 'red' };
}
