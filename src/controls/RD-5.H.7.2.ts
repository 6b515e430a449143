import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import type { Workload } from '../domain/workload.ts';
import { commonRule, judgeSpecs } from './shared/judge-specs.ts';
import { literalIssues, scoreNotes, scoreParameters, scoreRule } from './shared/literal-issues.ts';
import type { Issue, SpecCheck } from './shared/spec-check.ts';
import { containerIssue } from './shared/spec-check.ts';

export const check: SpecCheck = ({ containers, annotationLiterals }, { parameters }) => [
  ...containers.flatMap((container) =>
    literalIssues(container.plainText?.commands, parameters).map(({ path, ...issue }) =>
      containerIssue(container, path, issue),
    ),
  ),
  ...literalIssues(annotationLiterals, parameters),
];

/** `kubectl apply` notes in the owner what it applied, also what was taken out of it by other means. */
const ofOwner =
  ({ parameters }: EvaluationInput) =>
  ({ annotationLiterals }: Workload): readonly Issue[] =>
    literalIssues(annotationLiterals, parameters);

const control: BaseControl = {
  id: 'RD-5.H.7.2',
  title: 'No secret values in commands, arguments, probes or annotations',
  requirement: '§5, Container hardening: do not hard-code configuration or secrets',
  severity: 'high',
  scope: 'container',
  rationale:
    'Besides all who may read the manifest, everybody on the node who may list processes sees the arguments of a command, and process accounting, crash reports and runtime sensors write them down.',
  rule:
    'Judged are command, args, the commands of probes and lifecycle hooks, the headers of HTTP probes and hooks, the annotations of pods and templates, and those of the objects that own them. ' +
    'In a command that is the value of a flag (--password X, --token=X, and -p X of programs that take a password there), an assignment, and a word by itself; in a script or an annotation each pair of name and value. ' +
    `${scoreRule} What an Authorization header holds literally, and the password of a login (curl -u), have the form of a secret. ` +
    `Fail: a value scores secrets.failScore or more. Warn (PossibleSecrets): one scores secrets.warnScore or more, such as a word that only looks random. Pass: all score less. ${commonRule}`,
  notes: [
    'kubectl.kubernetes.io/last-applied-configuration holds the whole manifest as it was applied: a value that was moved elsewhere by kubectl edit or by an admission webhook still stands there. It is read as a manifest. That of a Secret would hold its data; Secrets are not read.',
    'In annotations plain words are no secrets under any name: annotations describe.',
    ...scoreNotes,
  ],
  remediation:
    'Let the program read the value from a file or from a variable that comes from a Secret ($(NAME) in args), rotate it, and apply the manifest again, so that the last-applied annotation is written anew.',
  evidence: ['workloads'],
  parameters: scoreParameters,
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['IA-5', 'IA-5(7)'],
    nist800190: ['4.1.4'],
    cis: ['5.4.1'],
    stig: ['V-274883'],
    kubescape: ['C-0012'],
  },
  evaluate: (input) =>
    judgeSpecs(
      input,
      check,
      {
        one: 'has secrets in commands, probes or annotations',
        many: 'have secrets in commands, probes or annotations',
        pass: 'No command, probe or annotation has a secret in plain sight',
        warn: {
          one: 'has commands, probes or annotations that may hold secrets',
          many: 'have commands, probes or annotations that may hold secrets',
        },
      },
      ofOwner(input),
    ),
};
export default control;
