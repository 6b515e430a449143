import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import { selects } from '../domain/label-selector.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { Finding, Verdict } from '../domain/verdict.ts';
import { unknown } from '../domain/verdict.ts';
import type { Workload } from '../domain/workload.ts';
import { someOf, sortFindings } from './shared/findings.ts';
import { commonRule, judgeSpecs, specSubjects } from './shared/judge-specs.ts';
import type { SpecCheck } from './shared/spec-check.ts';
import { containerIssue } from './shared/spec-check.ts';

/** A word of its own, with or without a path: `/usr/sbin/sshd -D`, and not `sshd_config`. */
const daemon = /(?:^|[\s;&|/])(?:sshd|dropbear|telnetd|xrdp)(?=$|[\s;&|])/;

export const check: SpecCheck = (spec, { parameters }) =>
  spec.containers.flatMap((container) => {
    const started = container.process.commands.find(({ text }) => daemon.test(text));
    if (started !== undefined)
      return containerIssue(container, started.path, {
        message: 'The command starts a service for remote administration.',
      });
    return container.ports
      .filter(({ containerPort }) => parameters['workloads.remoteAdminPorts'].includes(containerPort))
      .map(({ index, containerPort, protocol }) =>
        containerIssue(container, `ports[${index}].containerPort`, {
          observed: `${containerPort}/${protocol}`,
          message: 'The port is one of remote administration.',
          weight: 'warn',
        }),
      );
  });

const warn = { one: 'has a port of remote administration', many: 'have ports of remote administration' };

function evaluate(input: EvaluationInput): Verdict {
  const verdict = judgeSpecs(input, check, {
    one: 'starts a service for remote administration',
    many: 'start services for remote administration',
    pass: 'No container has a command or port of remote administration',
    warn,
  });
  const { workloads, services } = input.snapshot;
  if (verdict.status !== 'Pass' && verdict.status !== 'Warn') return verdict;
  if (!services.available) return unknown(services.reason, services.message);
  const subjects = specSubjects(workloads.available ? workloads.items : []);
  const led = subjects.flatMap((workload) => leadTo(workload, input));
  if (led.length === 0) {
    const seen = verdict.status === 'Pass' ? ' What is installed in the images is not seen.' : '';
    return { ...verdict, message: verdict.message + seen };
  }
  const findings = sortFindings([...verdict.findings, ...led]);
  const offenders = new Set(findings.map(({ subject }) => `${subject.kind}/${subject.name}`));
  const reason = verdict.status === 'Warn' && verdict.reason !== undefined ? { reason: verdict.reason } : {};
  return {
    status: 'Warn',
    ...reason,
    message: `${someOf(offenders.size, subjects.length, warn.one, warn.many)}.`,
    findings,
  };
}

/** A port need not be declared to be open, but a Service that leads to it tells. */
function leadTo(workload: Workload, { snapshot, parameters }: EvaluationInput): Finding[] {
  const labels = workload.pods[0]?.labels ?? workload.template?.labels ?? {};
  return servicesFor(labels, snapshot).flatMap(({ name, ports }) =>
    ports
      .filter(({ targetPort }) =>
        parameters['workloads.remoteAdminPorts'].some((port) => port === targetPort),
      )
      .map(({ targetPort }) => ({
        subject: { kind: workload.kind, name: workload.name },
        observed: String(targetPort),
        message: `Service ${name} leads to a port of remote administration.`,
        ref: name,
      })),
  );
}

/** A Service without a selector, or with an empty one, selects no pods. */
const servicesFor = (labels: Readonly<Record<string, string>>, { services }: Snapshot) =>
  (services.available ? services.items : []).filter(
    ({ selector = {} }) => Object.keys(selector).length > 0 && selects({ matchLabels: selector }, labels),
  );

const control: BaseControl = {
  id: 'RD-5.H.8.3',
  title: 'No remote-administration service in containers',
  requirement: '§5: remove all packages that are not required, since they just add to the attack surface',
  severity: 'medium',
  scope: 'container',
  rationale:
    'A shell that listens is a second way in, with accounts and keys of its own, past the audit log of the API server.',
  rule: `Fail: a command (with args, or of a probe or hook) starts sshd, dropbear, telnetd or xrdp. Warn: a container declares a port of workloads.remoteAdminPorts, or a Service leads to one. Pass: none of these. ${commonRule} Unknown also where nothing fails and the Services could not be read.`,
  notes: [
    'The part that looks for openssh-server, dropbear, telnetd and xrdp among the packages of the image is not read by this version, so a port alone never fails, and a pass speaks of commands and ports alone.',
    'What the entrypoint of an image starts is not seen.',
  ],
  remediation: 'Remove the service, and use kubectl exec, which the API server audits.',
  evidence: ['workloads', 'services'],
  parameters: ['workloads.remoteAdminPorts'],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['CM-7', 'AC-17'],
    nist800190: ['4.1.2'],
    kubescape: ['C-0042'],
    other: ['kube-linter ssh-port'],
  },
  evaluate,
};
export default control;
