import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { alertGroups, ruleFile } from '../../tools/alerts/rules.ts';
import { type Alertmanager, startAlertmanager } from '../../tools/monitoring/alertmanager.ts';
import { Surroundings } from '../../tools/monitoring/part.ts';
import { eventually } from '../kube/support.ts';
import { requireMonitoring, runTool } from '../support/monitoring.ts';

const file = 'config/monitoring/alertmanager/alertmanager.yaml';
type Labels = Readonly<Record<string, string>>;

/** Which receivers an alert reaches. */
const routes: Readonly<Record<string, { readonly labels: Labels; readonly receivers: string }>> = {
  'a namespace that has a team goes to that team': {
    labels: { alertname: 'PlumblineNamespaceNonCompliant', namespace: 'payments', severity: 'critical' },
    receivers: 'payments',
  },
  'a namespace without a team goes to the platform': {
    labels: { alertname: 'PlumblineNamespaceNonCompliant', namespace: 'webshop', severity: 'warning' },
    receivers: 'platform',
  },
  'the cluster, which has no namespace, goes to the platform': {
    labels: { alertname: 'PlumblineClusterNonCompliant', severity: 'critical' },
    receivers: 'platform',
  },
  'what wakes nobody goes nowhere': {
    labels: { alertname: 'PlumblineControlUnknown', namespace: 'payments', severity: 'info' },
    receivers: 'null',
  },
  'what Falco saw goes to the security team, and to the team of the namespace': {
    labels: { alertname: 'PlumblineRuntimeFindings', namespace: 'payments', severity: 'critical' },
    receivers: 'security,payments',
  },
  'what Falco saw in a namespace without a team goes to the security team, and to the platform': {
    labels: { alertname: 'PlumblineRuntimeFindings', namespace: 'webshop', severity: 'critical' },
    receivers: 'security,platform',
  },
  'an operator that is gone is a page': {
    labels: { alertname: 'PlumblineAbsent', namespace: 'plumbline-system', severity: 'critical' },
    receivers: 'platform-pager',
  },
  'alerts of others go where they went': {
    labels: { alertname: 'KubePodCrashLooping', namespace: 'shop', severity: 'warning' },
    receivers: 'platform',
  },
};

const of = (alertname: string, severity: string, more: Labels = {}) => ({ alertname, severity, ...more });
const payments = { namespace: 'payments', profile: 'p' };
const webshop = { namespace: 'webshop', profile: 'p' };

/** What is silenced by what; `told` and `silenced` are all that are sent. */
const inhibitions: Readonly<
  Record<string, { readonly told: readonly Labels[]; readonly silenced: readonly Labels[] }>
> = {
  'an operator that is gone silences all others': {
    told: [of('PlumblineAbsent', 'critical'), of('SomebodyElses', 'warning')],
    silenced: [
      of('PlumblineNotLeading', 'critical'),
      of('PlumblineNamespaceNonCompliant', 'critical', payments),
      of('PlumblineRuntimeFindings', 'critical', payments),
    ],
  },
  'a source that is gone silences what is unknown by it, in every namespace, and its age': {
    told: [
      of('PlumblineEvidenceGone', 'warning', { source: 'vulnerabilityreports' }),
      of('PlumblineNamespaceNonCompliant', 'warning', payments),
      of('PlumblineEvidenceStale', 'warning', { source: 'exposedsecretreports' }),
    ],
    silenced: [
      of('PlumblineControlUnknown', 'info', payments),
      of('PlumblineControlUnknown', 'info', webshop),
      of('PlumblineClusterControlUnknown', 'info'),
      of('PlumblineEvidenceStale', 'warning', { source: 'vulnerabilityreports' }),
    ],
  },
  'nobody who leads silences what follows, and not what others should know': {
    told: [of('PlumblineNotLeading', 'critical'), of('PlumblineErrors', 'warning')],
    silenced: [of('PlumblineReportsNotEvaluated', 'warning'), of('PlumblineQueueStuck', 'critical')],
  },
  'what has just begun is told once, and what failed before is told beside it': {
    told: [
      of('PlumblineNamespaceGotWorse', 'critical', { ...payments, control_severity: 'critical' }),
      of('PlumblineNamespaceNonCompliant', 'critical', { ...webshop, control_severity: 'critical' }),
    ],
    silenced: [
      of('PlumblineNamespaceNonCompliant', 'critical', { ...payments, control_severity: 'critical' }),
    ],
  },
  'the louder silences the quieter of the same namespace, profile and name': {
    told: [
      of('PlumblineNamespaceNonCompliant', 'critical', payments),
      of('PlumblineNamespaceNonCompliant', 'warning', webshop),
      of('PlumblineNamespaceNonCompliant', 'info', { ...payments, profile: 'q' }),
      of('PlumblineControlUnknown', 'info', payments),
    ],
    silenced: [
      of('PlumblineNamespaceNonCompliant', 'warning', payments),
      of('PlumblineNamespaceNonCompliant', 'info', payments),
      of('PlumblineNamespaceNonCompliant', 'info', webshop),
    ],
  },
};

describe("the sample of Alertmanager's file", function () {
  this.timeout(60_000);
  let amtool = '';
  before(async function () {
    ({ amtool } = await requireMonitoring(this, ['amtool', 'alertmanager']));
  });

  it('is one that amtool accepts', async () => {
    const { code, output } = await runTool(amtool, ['check-config', file]);
    expect(code, output).to.equal(0);
  });

  it('names only alerts that there are', () => {
    const known = alertGroups.flatMap(({ alerts }) => alerts.map(({ name }) => name));
    const named = readFileSync(file, 'utf8').match(/Plumbline[A-Z]\w+/g) ?? [];
    expect(named.filter((name) => !known.includes(name))).to.deep.equal([]);
    const labels = ruleFile().groups.flatMap(({ rules }) =>
      rules.flatMap((rule) => Object.keys(rule.labels)),
    );
    expect(labels).to.include.members(['severity', 'control_severity', 'namespace']);
  });

  for (const [sentence, { labels, receivers }] of Object.entries(routes)) {
    it(`routes: ${sentence}`, async () => {
      const pairs = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
      const args = [
        'config',
        'routes',
        'test',
        `--config.file=${file}`,
        `--verify.receivers=${receivers}`,
        ...pairs,
      ];
      const { code, output } = await runTool(amtool, args);
      expect(code, output).to.equal(0);
    });
  }

  describe('inhibits', () => {
    let around: Surroundings | undefined;
    let alertmanager: Alertmanager;
    beforeEach(async () => {
      around = new Surroundings(
        () => {},
        () => {},
      );
      alertmanager = await startAlertmanager(around, readFileSync(file, 'utf8'));
    });
    afterEach(() => around?.stop());

    for (const [sentence, { told, silenced }] of Object.entries(inhibitions)) {
      it(sentence, async () => {
        const response = await fetch(`${alertmanager.url}/api/v2/alerts`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify([...told, ...silenced].map((labels) => ({ labels }))),
        });
        expect(response.status).to.equal(200);
        const inState = async (state: string) =>
          (await alertmanager.alerts())
            .filter(({ status }) => status.state === state)
            .map(({ labels }) => labels);
        await eventually(async () => (await inState('unprocessed')).length === 0, 'all were looked at');
        // An alert is looked at anew whenever it is asked for.
        expect(await inState('active')).to.have.deep.members(told);
        expect(await inState('suppressed')).to.have.deep.members(silenced);
      });
    }
  });
});
