import type { ClusterControl, ClusterInput } from '../domain/control.ts';
import type { Verdict } from '../domain/verdict.ts';
import { notApplicable, pass, unknown } from '../domain/verdict.ts';

/** By which an event leaves the pod: what is written to its log, or to a file in it, reaches nobody by itself. */
const waysOut = ['http_output', 'program_output'];

function evaluateCluster({ snapshot, parameters, now }: ClusterInput): Verdict {
  const { sensors, falcoRules, deliveries } = snapshot;
  if (!sensors.available) return unknown(sensors.reason, sensors.message);
  const homes = new Set(
    sensors.items.flatMap(({ sensor, namespace }) => (sensor === 'falco' ? [namespace] : [])),
  );
  if (homes.size === 0) return notApplicable('NoFalco', 'No pod of Falco is there.');
  const window = parameters['runtime.deliveryProofWindow'];
  const newest = deliveries.available ? Math.max(-Infinity, ...deliveries.items) : -Infinity;
  if (newest + window > now)
    return {
      ...pass('Events of Falco have reached Plumbline within runtime.deliveryProofWindow.'),
      validUntil: newest + window,
    };
  if (!falcoRules.available) return unknown(falcoRules.reason, falcoRules.message);
  const configs = falcoRules.items.filter(
    ({ namespace, outputs }) => homes.has(namespace) && outputs !== undefined,
  );
  const mute = configs.filter(({ outputs = [] }) => !outputs.some((output) => waysOut.includes(output)));
  if (mute.length > 0)
    return {
      status: 'Fail',
      message: 'What Falco sees leaves its pod by no way out: neither http_output nor program_output is on.',
      findings: mute.map(({ namespace, name, outputs = [] }) => ({
        subject: { kind: 'ConfigMap', name: `${namespace}/${name}` },
        observed: outputs.join(', ') || 'none',
        message:
          'Of the ways out in its falco.yaml only these are on, and none of them reaches anybody by itself.',
      })),
    };
  if (!deliveries.available) return unknown(deliveries.reason, deliveries.message);
  return unknown(
    'NoEvidence',
    configs.length === 0
      ? 'No event of Falco has reached Plumbline within runtime.deliveryProofWindow, and no ConfigMap shows where its events go.'
      : 'Falco has a way out for its events, and nothing proves that any was delivered within runtime.deliveryProofWindow.',
  );
}

const control: ClusterControl = {
  id: 'RD-3.5.3',
  title: 'Runtime alerts reach someone',
  requirement: '§3: Runtime Defense',
  severity: 'medium',
  scope: 'cluster',
  rationale:
    'An alert that ends in the log of the sensor alarms nobody, and nobody notices when the way breaks.',
  rule: 'Pass: an event of Falco or Falcosidekick, a test or a snapshot of metrics among them, reached Plumbline within runtime.deliveryProofWindow. Fail: none did, and falco.yaml has neither http_output nor program_output on. Unknown (NoEvidence): none did, and one of them is on, or no ConfigMap shows falco.yaml. Unknown: pods or ConfigMaps could not be read, a file in one is not YAML, or manifests are judged. NotApplicable (NoFalco): no pod of Falco is there.',
  notes: [
    'Proof is what reaches Plumbline itself, which shows it in reports and metrics. What Falcosidekick delivers elsewhere (its counters in Prometheus, Alertmanager) is not read: of such a way this is Unknown until one more output leads here.',
    'Secrets are never read: where the outputs of Falcosidekick are kept in one, they are not seen.',
    'To the hour: that the proof is over shows up to an hour early.',
    'Whether a person looks at the alerts is not judged.',
  ],
  remediation:
    'Let Falco (http_output) or Falcosidekick (webhook) send its events to Plumbline, and turn on metrics snapshots, so that a quiet cluster gives proof too.',
  evidence: ['sensors'],
  alsoReads: ['falcorules', 'falco'],
  parameters: ['runtime.deliveryProofWindow'],
  verdicts: ['Pass', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['SI-4(5)', 'IR-6'],
    nsaCisa: ['Threat detection › Alerting'],
  },
  evaluateCluster,
};
export default control;
