import { expect } from 'chai';
import { sleep, systemClock } from '../../src/base/clock.ts';
import { TerminalError } from '../../src/kube/errors.ts';
import { type KubeEvent, recordEvent } from '../../src/kube/event.ts';
import type { ControlPlane } from '../../tools/control-plane/control-plane.ts';
import { clientFor, eventually } from '../kube/support.ts';
import { JumpClock } from '../operator/jump-clock.ts';
import type { Running } from '../operator/live.ts';
import {
  awaitVerdicts,
  barePod,
  caughtUp,
  counter,
  expectOk,
  namespaceWithPod,
  post,
  startOperator,
  useOperatorCluster,
} from '../operator/live.ts';
import { freshNamespace } from '../support/cluster.ts';

interface Told {
  readonly type: string;
  readonly reason: string;
  readonly note: string;
  readonly series?: { readonly count: number; readonly lastObservedTime: string };
  readonly regarding: { readonly kind: string; readonly name: string };
}

async function eventsIn(cluster: ControlPlane, namespace: string, control = ''): Promise<Told[]> {
  const path = `/apis/events.k8s.io/v1/namespaces/${namespace}/events`;
  const { items } = expectOk('list events', await cluster.request('GET', path)) as { items: Told[] };
  return items.filter(({ note }) => note.startsWith(`${control} `) || control === '');
}

const summary = (events: readonly Told[]) =>
  events.map(({ type, reason, series }) => `${type} ${reason} ${series?.count ?? 1}`).sort();

const podPath = (namespace: string, name = '') => `/api/v1/namespaces/${namespace}/pods/${name}`;

const isolated = { hostNetwork: false };
const onHost = { hostNetwork: true };
const control = 'RD-2.2.3';

describe('Kubernetes Events of transitions', function () {
  this.timeout(60_000);
  const cluster = useOperatorCluster();
  let running: Running;

  before(async () => {
    running = await startOperator(cluster());
  });
  after(() => running.stop());

  /** The pod `turned` on the network of its host, or not. */
  async function turn(namespace: string, spec: object, verdict: string): Promise<void> {
    await cluster().request('DELETE', `${podPath(namespace, 'turned')}?gracePeriodSeconds=0`);
    await post(cluster(), podPath(namespace), barePod('turned', spec));
    await awaitVerdicts(cluster(), namespace, { [control]: verdict });
    await caughtUp(cluster());
  }

  it('tells nothing of a first report: nothing has changed', async () => {
    const namespace = await namespaceWithPod(cluster(), 'first');
    await awaitVerdicts(cluster(), namespace, { 'RD-2.2.16': 'Fail' });
    await caughtUp(cluster());
    const from = (await eventsIn(cluster(), namespace)).filter(({ note }) => /RD-2\.2\.16/.test(note));
    expect(from).to.deep.equal([]);
  });

  it('tells a transition once, in words that kubectl describe shows', async () => {
    const namespace = await namespaceWithPod(cluster(), 'once');
    await turn(namespace, isolated, 'Pass');
    await turn(namespace, onHost, 'Fail');
    await eventually(
      async () =>
        (await eventsIn(cluster(), namespace, control)).some(({ reason }) => reason === 'ControlFailed'),
      'it is told',
    );
    const told = await eventsIn(cluster(), namespace, control);
    expect(summary(told.filter(({ reason }) => reason === 'ControlFailed'))).to.deep.equal([
      'Warning ControlFailed 1',
    ]);
    const { stdout } = await cluster().kubectl(['describe', 'compliancereport', '-n', namespace]);
    expect(stdout.slice(stdout.lastIndexOf('Events:'))).to.match(
      /Warning +ControlFailed .*plumbline.dev\/operator.* +RD-2\.2\.3 .*: Pass to Fail\. /,
    );
  });

  it('counts a transition that comes back in the series of its Event', async () => {
    const namespace = await namespaceWithPod(cluster(), 'series');
    await turn(namespace, isolated, 'Pass');
    for (let round = 0; round < 3; round++) {
      // Transitions are dated by the second, as all that the API server writes; reports are written less often, as shipped.
      await sleep(systemClock, 1_000);
      await turn(namespace, onHost, 'Fail');
      await turn(namespace, isolated, 'Pass');
    }
    const told = async () =>
      summary(
        (await eventsIn(cluster(), namespace, control)).filter(({ note }) =>
          /(Pass to Fail|Fail to Pass)/.test(note),
        ),
      );
    await eventually(async () => (await told()).every((each) => each.endsWith('3')), 'all are counted').catch(
      () => {}, // What was counted instead is said below.
    );
    expect(await told()).to.deep.equal(['Normal ControlPassed 3', 'Warning ControlFailed 3']);
    expect(await counter(running, 'plumbline_kubernetes_events_total', 'result="repeated"')).to.be.at.least(
      4,
    );
  });

  it('tells nothing again when the operator starts anew', async () => {
    const namespace = await namespaceWithPod(cluster(), 'again');
    await turn(namespace, isolated, 'Pass');
    await turn(namespace, onHost, 'Fail');
    await eventually(async () => (await eventsIn(cluster(), namespace, control)).length > 0, 'it is told');
    const before = await eventsIn(cluster(), namespace);
    await running.stop();
    running = await startOperator(cluster());
    await caughtUp(cluster());
    await eventually(
      async () => (await counter(running, 'plumbline_kubernetes_events_total', 'result="known"')) > 0,
      'it has looked',
    );
    expect(await eventsIn(cluster(), namespace)).to.deep.equal(before);
  });

  it('says so once where it may not, and the next that may tells what was not told', async () => {
    await running.stop();
    const role = '/apis/rbac.authorization.k8s.io/v1/clusterroles/plumbline-operator';
    const whole = (await cluster().request('GET', role)).body as { rules: { apiGroups?: string[] }[] };
    const rules = whole.rules.filter(({ apiGroups }) => apiGroups?.includes('events.k8s.io') !== true);
    expect(rules).to.have.length(whole.rules.length - 1);
    const replace = (change: object) =>
      cluster().request('PATCH', role, change, { contentType: 'application/merge-patch+json' });
    expectOk('take the right away', await replace({ rules }));
    const clock = new JumpClock();
    running = await startOperator(cluster(), { clock });
    const namespace = await namespaceWithPod(cluster(), 'mute');
    await turn(namespace, isolated, 'Pass');
    await turn(namespace, onHost, 'Fail');
    const refused = ['resource="events.events.k8s.io"', 'code="403"'];
    await eventually(
      async () => (await counter(running, 'plumbline_api_requests_total', ...refused)) > 0,
      'it is refused',
    );
    // A refusal is doubted for ten seconds; the next operator is to find transitions of this minute.
    await eventually(async () => {
      clock.jump(1_000);
      return (await counter(running, 'plumbline_kubernetes_events_total', 'result="failed"')) > 0;
    }, 'it has failed');
    const said = running.log.filter(({ message }) =>
      message.startsWith('Kubernetes Events cannot be recorded'),
    );
    expect(said).to.have.length(1);
    expect(await eventsIn(cluster(), namespace)).to.deep.equal([]);
    await running.stop();
    expectOk('give it back', await replace({ rules: whole.rules }));
    running = await startOperator(cluster());
    await eventually(
      async () =>
        (await eventsIn(cluster(), namespace, control)).some(({ reason }) => reason === 'ControlFailed'),
      'it is told',
    );
  });
});

describe('recordEvent', function () {
  this.timeout(30_000);
  const cluster = useOperatorCluster();

  const event = (namespace: string, at: number): KubeEvent => ({
    namespace,
    name: 'reference-design.abc',
    at,
    type: 'Warning',
    reason: 'ControlFailed',
    action: 'Evaluate',
    note: 'RD-2.2.3 failed.',
    regarding: {
      apiVersion: 'plumbline.dev/v1alpha1',
      kind: 'ComplianceReport',
      namespace,
      name: 'reference-design',
      uid: 'u-1',
    },
    reportingController: 'plumbline.dev/operator',
    reportingInstance: 'plumbline-0',
  });
  const now = 1_767_225_600_000;

  it('creates, counts what is newer, and knows what is not', async () => {
    const namespace = await freshNamespace(cluster(), 'record');
    const { client } = clientFor(cluster().kubeconfigPath);
    const writing = { client, clock: systemClock };
    expect(await recordEvent(writing, event(namespace, now))).to.equal('created');
    expect(await recordEvent(writing, event(namespace, now))).to.equal('known');
    expect(await recordEvent(writing, event(namespace, now + 5_000))).to.equal('repeated');
    expect(await recordEvent(writing, event(namespace, now + 5_000))).to.equal('known');
    expect(await recordEvent(writing, event(namespace, now))).to.equal('known');
    const [told] = await eventsIn(cluster(), namespace);
    expect(told?.series).to.deep.equal({ count: 2, lastObservedTime: '2026-01-01T00:00:05.000000Z' });
  });

  it('counts each once when several tell the same at once', async () => {
    const namespace = await freshNamespace(cluster(), 'race');
    const { client } = clientFor(cluster().kubeconfigPath);
    const writing = { client, clock: systemClock };
    const results = await Promise.all([1, 2, 3].map(() => recordEvent(writing, event(namespace, now))));
    expect(results.sort()).to.deep.equal(['created', 'known', 'known']);
  });

  it('refuses for good what the API server does', async () => {
    const namespace = await freshNamespace(cluster(), 'refused');
    const { client } = clientFor(cluster().kubeconfigPath);
    const writing = { client, clock: systemClock };
    const thrown = await recordEvent(writing, { ...event(namespace, now), note: 'x'.repeat(2_000) }).catch(
      (error: unknown) => error,
    );
    expect(thrown).to.be.instanceOf(TerminalError).with.property('reason', 'Invalid');
  });
});
