import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import { selects } from '../domain/label-selector.ts';
import { remoteAdminPackages } from '../domain/sbom.ts';
import type { Service } from '../domain/surroundings.ts';
import type { Finding, Verdict } from '../domain/verdict.ts';
import { unknown } from '../domain/verdict.ts';
import type { Workload } from '../domain/workload.ts';
import {
  countSubjects,
  coverContainers,
  judgeSbomGaps,
  listNames,
  packagesOf,
  sbomFinding,
  someContainers,
  soughtFor,
} from './shared/cover-sboms.ts';
import { someOf, sortFindings } from './shared/findings.ts';
import { commonRule, judgeSpecs, specSubjects } from './shared/judge-specs.ts';
import type { RunningContainer } from './shared/running-images.ts';
import { isVerdict } from './shared/scan-verdict.ts';
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
  const suspects = suspectsIn(input);
  const led = subjects.flatMap((workload) => leadTo(workload, suspects));
  if (led.length === 0) return verdict.status === 'Pass' ? verdict : judgeInstalled(input, verdict);
  const findings = sortFindings([...verdict.findings, ...led]);
  const offenders = new Set(findings.map(({ subject }) => `${subject.kind}/${subject.name}`));
  const reason = verdict.status === 'Warn' && verdict.reason !== undefined ? { reason: verdict.reason } : {};
  return judgeInstalled(input, {
    status: 'Warn',
    ...reason,
    message: `${someOf(offenders.size, subjects.length, warn.one, warn.many)}.`,
    findings,
  });
}

/** Behind a port of remote administration a package that serves it fails; without an SBOM nobody knows whether there is one. */
function judgeInstalled(input: EvaluationInput, ports: Verdict): Verdict {
  const covered = coverContainers(input);
  if (isVerdict(covered)) return ports;
  const behind = covered
    .filter(({ running }) => ports.findings.some((each) => isPort(each) && isAbout(each, running)))
    .map((coverage) => soughtFor(coverage, remoteAdminPackages));
  const serving = behind
    .map((coverage) => ({ coverage, held: packagesOf(coverage, remoteAdminPackages) }))
    .filter(({ held }) => held.length > 0);
  if (serving.length > 0) {
    const n = countSubjects(serving.map(({ coverage }) => coverage));
    const found = serving.map(({ coverage, held }) =>
      sbomFinding(coverage, `It has ${listNames(held)}, and a port for it.`, held[0]?.report),
    );
    return {
      status: 'Fail',
      message: `${someContainers(n, covered, 'has', 'have')} a service for remote administration and a port for it.`,
      findings: sortFindings([...found, ...ports.findings]),
    };
  }
  return judgeSbomGaps(behind, input) ?? ports;
}

/** Of a container, or of a Service; a template alone may start a daemon too, which its pods do not. */
const isPort = ({ path = '', ref }: Finding) => path.endsWith('.containerPort') || ref !== undefined;

/** A Service leads to the pods, and not to one of their containers. */
const isAbout = ({ subject }: Finding, { workload, container }: RunningContainer): boolean =>
  subject.kind === workload.kind &&
  subject.name === workload.name &&
  (subject.container === undefined || subject.container === container);

/** A port need not be declared to be open, but a Service that leads to it tells. */
function leadTo(workload: Workload, suspects: readonly Suspect[]): Finding[] {
  const labels = workload.pods[0]?.labels ?? workload.template?.labels ?? {};
  return suspects
    .filter(({ service: { selector = {} } }) => selects({ matchLabels: selector }, labels))
    .flatMap(({ service: { name }, ports }) =>
      ports.map((port) => ({
        subject: { kind: workload.kind, name: workload.name },
        observed: String(port),
        message: `Service ${name} leads to a port of remote administration.`,
        ref: name,
      })),
    );
}

/** A Service that leads to such ports, whatever pods are behind it. */
interface Suspect {
  readonly service: Service;
  readonly ports: readonly (number | string)[];
}

function suspectsIn({ snapshot, parameters }: EvaluationInput): readonly Suspect[] {
  const { services } = snapshot;
  return (services.available ? services.items : []).filter(selectsPods).flatMap((service) => {
    const targets = service.ports.map(({ targetPort }) => targetPort);
    const ports = targets.filter((target) =>
      parameters['workloads.remoteAdminPorts'].some((port) => port === target),
    );
    return ports.length === 0 ? [] : [{ service, ports }];
  });
}

/** A Service without a selector, or with an empty one, selects no pods. */
const selectsPods = ({ selector = {} }: Service) => Object.keys(selector).length > 0;

const control: BaseControl = {
  id: 'RD-5.H.8.3',
  title: 'No remote-administration service in containers',
  requirement: '§5: remove all packages that are not required, since they just add to the attack surface',
  severity: 'medium',
  scope: 'container',
  rationale:
    'A shell that listens is a second way in, with accounts and keys of its own, past the audit log of the API server.',
  rule: `Fail: a command (with args, or of a probe or hook) starts sshd, dropbear, telnetd or xrdp; or a container declares a port of workloads.remoteAdminPorts, or a Service leads to one, and its SBOM has a package that serves it (openssh-server, dropbear, telnetd, xrdp). Warn: there is such a port, and no such package. Pass: no such command and no such port. ${commonRule} Unknown also where there is such a port and no SBOM that tells all, as RD-5.H.8.1 has it, and where nothing fails and the Services could not be read.`,
  notes: [
    'A package alone does not fail: without a port nobody is let in, and RD-5.H.8.1 is about what lies about in images.',
    'What the entrypoint of an image starts is not seen.',
  ],
  remediation: 'Remove the service, and use kubectl exec, which the API server audits.',
  evidence: ['workloads', 'services'],
  alsoReads: ['sbomreports', 'scannersettings'],
  parameters: ['workloads.remoteAdminPorts', 'vulnerabilities.scannerNamespace'],
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
