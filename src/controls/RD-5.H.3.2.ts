import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import type { Container } from '../domain/pod-spec.ts';
import type { RuntimeFinding } from '../domain/runtime.ts';
import type { Verdict } from '../domain/verdict.ts';
import { soonest, unknown } from '../domain/verdict.ts';
import { isOneOf } from './shared/container-names.ts';
import { count, sortFindings } from './shared/findings.ts';
import { commonRule, judgeSpecs } from './shared/judge-specs.ts';
import { eventFinding, eventsOfRules, leavesAt } from './shared/runtime-window.ts';
import type { Issue, SpecCheck } from './shared/spec-check.ts';
import { containerIssue } from './shared/spec-check.ts';

const compiled = new WeakMap<readonly string[], readonly (readonly [string, RegExp])[]>();

/** Each pattern of the profile, compiled once. */
function patternsOf(texts: readonly string[]): readonly (readonly [string, RegExp])[] {
  const known = compiled.get(texts) ?? texts.map((text) => [text, new RegExp(text)] as const);
  compiled.set(texts, known);
  return known;
}

export const check: SpecCheck = (spec, { parameters }) =>
  spec.containers.flatMap((container) => {
    const found = matching(container, parameters['workloads.downloadCommands']);
    return found.length > 0 ? found : (judgeInit(container) ?? []);
  });

/** A command may hold secrets, so it is told by the pattern alone. */
function matching(container: Container, texts: readonly string[]): Issue[] {
  return container.process.commands.flatMap(({ path, text }) => {
    const match = patternsOf(texts).find(([, pattern]) => pattern.test(text));
    if (match === undefined) return [];
    return containerIssue(container, path, { message: `The command matches "${match[0]}".` });
  });
}

function judgeInit(container: Container): Issue | undefined {
  if (container.kind !== 'initContainer') return undefined;
  const warn = { weight: 'warn' } as const;
  const command = container.process.commands.find(({ text }) => /\b(?:curl|wget|git)\b/.test(text));
  if (command !== undefined)
    return containerIssue(container, command.path, {
      ...warn,
      message: 'The init container runs curl, wget or git.',
    });
  if (!isOneOf(container, ['git-sync'])) return undefined;
  return containerIssue(container, 'image', {
    ...warn,
    message: 'The init container fetches a Git repository.',
  });
}

const checkWhole: SpecCheck = (spec) =>
  spec.containers.flatMap((container) =>
    container.process.commands
      .filter(({ cut }) => cut === true)
      .map(({ path }) =>
        containerIssue(container, path, { message: 'The command is too long to be read whole.' }),
      ),
  );

const texts = {
  one: 'downloads code or packages',
  many: 'download code or packages',
  pass: 'No command downloads code or packages',
  warn: { one: 'may download code in an init container', many: 'may download code in init containers' },
};

/** Of Falco's rule sets: the second is stable, the others incubating. */
const rules: readonly string[] = [
  'Launch Package Management Process in Container',
  'Drop and execute new binary in container',
  'Launch Ingress Remote File Copy Tools in Container',
];

function evaluate(input: EvaluationInput): Verdict {
  const verdict = judgeCommands(input);
  const events = eventsOfRules(input, rules);
  if (events.length > 0) return failByEvents(verdict, events, input.parameters['runtime.alertWindow']);
  const { runtime } = input.snapshot;
  // Nobody saw it: that is no reason to pass what another would have seen.
  if (!runtime.available && (verdict.status === 'Pass' || verdict.status === 'Warn'))
    return unknown(runtime.reason, runtime.message);
  return verdict;
}

/** The event stands whatever the commands say: an entrypoint of an image may have done it. */
function failByEvents(verdict: Verdict, events: readonly RuntimeFinding[], window: number): Verdict {
  const saw = `Falco saw code or packages brought into a container (${count(events.length, 'rule')}).`;
  const failing = verdict.status === 'Fail';
  const validUntil = events
    .map((event) => leavesAt(event, window))
    .reduce<number | undefined>(soonest, undefined);
  return {
    status: 'Fail',
    message: failing ? `${saw} ${verdict.message}` : saw,
    findings: sortFindings([...events.map(eventFinding), ...(failing ? verdict.findings : [])]),
    ...(validUntil === undefined ? {} : { validUntil }),
  };
}

function judgeCommands(input: EvaluationInput): Verdict {
  const verdict = judgeSpecs(input, check, texts);
  if (verdict.status !== 'Pass' && verdict.status !== 'Warn') return verdict;
  const whole = judgeSpecs(input, checkWhole, texts);
  if (whole.status === 'Fail' || whole.status === 'Warn')
    return unknown(
      'PartialEvidence',
      'A command is too long to be read whole, and its beginning downloads nothing.',
    );
  const seen = verdict.status === 'Pass' ? ' Entrypoints of images are not seen.' : '';
  return { ...verdict, message: verdict.message + seen };
}

const control: BaseControl = {
  id: 'RD-5.H.3.2',
  title: 'Containers do not download code or packages at start or run time',
  requirement:
    '§5: ensure that code dependencies are available through some means that does not require Internet access',
  severity: 'medium',
  scope: 'container',
  rationale:
    'What is downloaded at the start was scanned by nobody, differs from pod to pod, and is missing when the network is down.',
  rule: `Of every command of a container: command with args, and what its probes and hooks execute. Fail: it matches an entry of workloads.downloadCommands; or Falco saw packages installed, a new binary run or files fetched in a container within runtime.alertWindow. Warn: an init container runs curl, wget or git, or has the image git-sync. Pass: none of these. Unknown (PartialEvidence): a command is longer than 16,384 characters, and its beginning matches nothing. ${commonRule} Unknown also where nothing fails and no Falco event can be read.`,
  notes: [
    'A finding names the pattern and never the command, which may hold secrets.',
    'Patterns are matched against the words joined by spaces, with … in the place of values that are or may be secrets (docs/adr/0008): what has such a form is not seen.',
    'What the entrypoint of an image does is not seen, nor scripts that are mounted from a ConfigMap.',
    `The rules of Falco are ${rules.map((rule) => `"${rule}"`).join(', ')}. That none of them was broken does not show that a sensor watched: RD-2.5.2 asks that.`,
    'The first pattern finds what curl or wget and then a shell behind a pipe or && does. It is written so that the first pipe decides, which is the same and cannot be made slow.',
    'Egress that RD-2.3.2 isolates makes a download fail; the command is then still wrong.',
  ],
  remediation: 'Put the dependencies into the image when it is built.',
  evidence: ['workloads', 'falco'],
  parameters: ['workloads.downloadCommands', 'runtime.alertWindow'],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['CM-7', 'CM-11', 'SI-7'],
    nist800190: ['4.1.2', '4.4.4'],
    other: ['checkov DangerousGitSync'],
  },
  evaluate,
};
export default control;
