import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import type { Container, PodSpec } from '../domain/pod-spec.ts';
import { containerPath } from '../domain/pod-spec.ts';
import type { Verdict } from '../domain/verdict.ts';
import { unknown } from '../domain/verdict.ts';
import { isOneOf } from './shared/container-names.ts';
import { commonRule, judgeSpecs } from './shared/judge-specs.ts';
import { isLogPath } from './shared/log-paths.ts';
import type { Issue, SpecCheck, SpecContext } from './shared/spec-check.ts';
import { containerIssue } from './shared/spec-check.ts';

const warn = { weight: 'warn' } as const;

/** What outlives the pod, or is out of it. Files of a ConfigMap and the like hold no logs. */
const lasting = ['hostPath', 'persistentVolumeClaim', 'ephemeral', 'csi', 'nfs'];

/** The options are followed by `=` or a space; the value goes on to the next space. */
const option = /(?:^|\s)(?:--log-(?:file|dir)|(?:-D|--)logging\.file\.(?:name|path))[=\s]([^\s"';&|]+)/;
const streams = /^(?:\/dev\/std(?:out|err)|\/proc\/(?:1|self)\/fd\/[12]|-)$/;
const tail = /(?:^|[\s;&|/])tail\s+(?:\S+\s+)*-(?:-follow\b|[a-zA-Z0-9]*[fF])(?!\s+\/dev\/null)/;

export const check: SpecCheck = (spec, context) => {
  const isCollector = (container: Container) => isOneOf(container, context.parameters['logs.collectors']);
  const applications = spec.containers.filter((each) => each.kind === 'container' && !isCollector(each));
  /** Init containers have ended when logs are written, and what is for the node has no neighbour. */
  const hasNeighbour = (container: Container) => applications.some((each) => each !== container);
  return [
    ...spec.containers
      .filter((container) => !isCollector(container))
      .flatMap((container) => [...judgeMounts(spec, container, context), ...judgeSettings(container)]),
    ...spec.containers.filter((each) => isCollector(each) && hasNeighbour(each)).map(besideApplication),
    ...spec.containers.filter(hasNeighbour).flatMap((container) => judgeTail(container) ?? []),
  ];
};

function judgeMounts(spec: PodSpec, container: Container, { parameters }: SpecContext): Issue[] {
  return container.volumeMounts.flatMap(({ name, mountPath, readOnly }, index) => {
    const volume = spec.volumes.find((each) => each.name === name);
    if (readOnly || !isLogPath(mountPath, parameters['logs.paths'])) return [];
    const place = (message: string, rest: Partial<Issue> = {}) =>
      containerIssue(container, `volumeMounts[${index}].mountPath`, {
        observed: mountPath,
        message,
        ...rest,
      });
    // A StatefulSet's claim templates are volumes that its template does not list.
    if (volume === undefined || volume.sources.some((source) => lasting.includes(source)))
      return [place('The container keeps its logs in a volume that is not its own.')];
    if (volume.sources.length > 0 && !volume.sources.includes('emptyDir')) return [];
    return [place('The container keeps its logs in a directory of the pod.', warn)];
  });
}

function judgeSettings(container: Container): Issue[] {
  const { commands, logSettings } = container.process;
  const variables = logSettings
    .filter(({ to }) => to !== 'stdout')
    .map(({ name }) =>
      containerIssue(container, 'env', {
        ...warn,
        observed: name,
        message: 'The variable sends the log to a file, or takes the place from elsewhere.',
      }),
    );
  const options = commands
    .filter(({ text }) => {
      const target = option.exec(text)?.[1];
      return target !== undefined && !streams.test(target);
    })
    .map(({ path }) =>
      containerIssue(container, path, {
        ...warn,
        message: 'An option of the command sends the log to a file.',
      }),
    );
  return [...variables, ...options];
}

const besideApplication = (container: Container): Issue => ({
  ...warn,
  container: container.name,
  path: containerPath(container),
  message: 'A collector in the pod reads the logs that its neighbour does not write to stdout.',
});

function judgeTail(container: Container): Issue | undefined {
  const command = container.process.commands.find(({ text }) => tail.test(text));
  return (
    command &&
    containerIssue(container, command.path, {
      ...warn,
      message: 'The container follows a log file of its neighbour.',
    })
  );
}

function evaluate(input: EvaluationInput): Verdict {
  const verdict = judgeSpecs(input, check, {
    one: 'keeps logs in volumes',
    many: 'keep logs in volumes',
    pass: 'Nothing shows that a container logs elsewhere than to stdout',
    warn: { one: 'writes logs to files', many: 'write logs to files' },
  });
  if (verdict.status !== 'Pass' || !input.parameters['logs.requireStdoutProof']) return verdict;
  return unknown(
    'NoEvidence',
    'Nothing shows that a container logs to files, and that it logs to stdout is not proven: log sizes are not read.',
  );
}

const control: BaseControl = {
  id: 'RD-5.H.5.1',
  title: 'Containers log to stdout/stderr',
  requirement: '§5: emit logs to stdout, to make it possible to collect them via a log forwarder',
  severity: 'medium',
  scope: 'container',
  rationale: 'A log in a file of a container is collected by nobody, fills the disk, and goes with the pod.',
  rule: `Fail: a container mounts a volume that outlives the pod (hostPath, a claim, NFS, CSI), to write, at a path of logs.paths. Warn: it mounts an emptyDir there; a variable or option (LOG_FILE, LOG_PATH, --log-file, --log-dir, logging.file.name) names a file; or a collector, or a container that runs tail -f, stands beside an application container. Pass: none of these. Unknown (NoEvidence): none of these, and logs.requireStdoutProof asks for a proof, which is not read. ${commonRule}`,
  notes: [
    'Containers whose name, or the last part of whose image, is in logs.collectors are collectors: their own mounts are not judged. They are known by that alone: a label of the namespace, such as owner=operator, exempts nothing, since everything else in it should log to stdout too.',
    'A collector for its node, a pod in which it has init containers or other collectors beside it and no application, is no finding.',
    'Whether a collector beside the application sends the log on to stdout or to another system stands in its configuration, which is not read; it warns either way.',
    'Endpoints of syslog and gelf, the level of the root file system and log sizes are not read. What an application writes into its own root file system is not seen.',
    'A finding names the option and never the command, which may hold secrets.',
  ],
  remediation:
    'Let the application log to stdout (or to /dev/stdout as its file), and remove the log volume.',
  evidence: ['workloads'],
  parameters: ['logs.paths', 'logs.collectors', 'logs.requireStdoutProof'],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['AU-2', 'AU-12', 'AU-6(3)'],
    nsaCisa: ['Worker node and container logging'],
    srg: ['V-233052'],
    other: ['DISA Container Hardening Process Guide v1.2, table 2-3, 1d (secondary)'],
  },
  evaluate,
};
export default control;
