import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { dump, load } from 'js-yaml';
import { catalogue } from '../../src/controls/catalogue.generated.ts';
import { hastened } from '../../tools/alerts/model.ts';
import { alertGroups, ruleFile } from '../../tools/alerts/rules.ts';
import { startAlertmanager } from '../../tools/monitoring/alertmanager.ts';
import { Surroundings } from '../../tools/monitoring/part.ts';
import { type Prometheus, startPrometheus } from '../../tools/monitoring/prometheus.ts';
import { eventually } from '../kube/support.ts';
import {
  createProfile,
  deleteNamespace,
  namespaceWithPod,
  patch,
  profilePath,
  remove,
  startOperator,
  useOperatorCluster,
  type Running,
} from '../operator/live.ts';
import { requireMonitoring } from '../support/monitoring.ts';
import { Receiver } from '../support/receiver.ts';

/** A minute becomes three seconds: a scrape that takes longer than one of them is over before an alert ends for want of it. */
const haste = hastened(20);
const interval = '3s';
const profile = 'watched-by-prometheus';
const alert = 'PlumblineNamespaceNonCompliant';

/** That alert alone: others would silence it for as long as it is news. */
const groups = alertGroups.map((group) => ({
  ...group,
  alerts: group.alerts.filter(({ name }) => name === alert),
}));

/** As the sample has it, but at once, and all to one receiver. */
function configurationFor(url: string): string {
  const sample = load(readFileSync('config/monitoring/alertmanager/alertmanager.yaml', 'utf8')) as {
    route: Record<string, unknown> & { routes: Record<string, unknown>[] };
    receivers: { name: string }[];
  };
  const soon = { group_wait: '1s', group_interval: '1s' };
  const receivers = sample.receivers.map(({ name }) => ({ name, webhook_configs: [{ url }] }));
  return dump({ ...sample, receivers, route: { ...sample.route, ...soon } });
}

describe('a running Prometheus and Alertmanager', function () {
  this.timeout(300_000);
  const cluster = useOperatorCluster();
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-rules-'));
  const receiver = new Receiver();
  const around = new Surroundings(
    () => {},
    () => {},
  );
  let operator: Running | undefined;
  let prometheus: Prometheus;
  let namespace = '';

  const enforce = (value: string | null) =>
    patch(cluster(), `/api/v1/namespaces/${namespace}`, {
      metadata: { labels: { 'pod-security.kubernetes.io/enforce': value } },
    });
  const status = async () => {
    const query = `max without (pod, instance) (plumbline_control_status{namespace="${namespace}",profile="${profile}"})`;
    return (await prometheus.query(query)).map(({ metric }) => metric['status']);
  };
  const shows = (expected: string) =>
    eventually(async () => (await status()).join() === expected, `Prometheus shows ${expected}`, 60_000);

  before(async function () {
    await requireMonitoring(this, ['prometheus', 'alertmanager']);
    this.timeout(120_000);
    namespace = await namespaceWithPod(cluster(), 'watched');
    await enforce('restricted');
    await createProfile(cluster(), profile, {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
      controls: catalogue
        .filter(({ id }) => id !== 'RD-2.2.1')
        .map(({ id }) => ({ id, disabled: true, rationale: 'The test changes one control.' })),
    });
    operator = await startOperator(cluster());
    const rules = join(folder, 'rules.json');
    writeFileSync(rules, JSON.stringify(ruleFile(groups, haste)));
    const alertmanager = await startAlertmanager(around, configurationFor(await receiver.listen()));
    prometheus = await startPrometheus(around, {
      jobs: [
        {
          name: 'plumbline-metrics',
          targets: [{ address: new URL(operator.operator.metricsAddress).host, labels: { pod: 'one' } }],
        },
      ],
      rules: [rules],
      interval,
      alertmanagers: [alertmanager.address],
    });
  });
  after(async function () {
    this.timeout(60_000);
    await operator?.stop();
    await around.stop();
    receiver.close();
    rmSync(folder, { recursive: true, force: true });
    if (namespace === '') return;
    await remove(cluster(), profilePath(profile));
    await deleteNamespace(cluster(), namespace);
  });

  it('tell a receiver of a namespace that goes bad and good again: once each, with the labels to route it by', async () => {
    const ours = () =>
      receiver.notifications
        .flatMap(({ alerts }) => alerts)
        .filter(({ labels }) => labels['alertname'] === alert && labels['profile'] === profile);
    await shows('Pass');
    expect(ours()).to.deep.equal([]);

    await enforce(null);
    await shows('Fail');
    await eventually(() => ours().length > 0, 'the receiver is told', 60_000);
    const [told] = ours();
    expect(told?.status).to.equal('firing');
    expect(told?.labels).to.deep.equal({
      alertname: alert,
      job: 'plumbline-metrics',
      namespace,
      profile,
      severity: 'warning',
      control_severity: 'high',
    });
    expect(told?.annotations['description']).to.include(`1 high control(s) fail in namespace ${namespace}`);
    expect(told?.annotations['runbook_url']).to.match(/\/plumblinenamespacenoncompliant\.md$/);

    await enforce('restricted');
    await shows('Pass');
    await eventually(() => ours().length > 1, 'the receiver is told of the end', 60_000);
    // Nothing comes after it: an alert that is sent again and again would have been by now.
    await eventually(
      async () => (await prometheus.alerts()).every(({ labels }) => labels['profile'] !== profile),
      'it is over',
      60_000,
    );
    expect(ours().map((one) => one.status)).to.deep.equal(['firing', 'resolved']);
  });
});
