import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import type { Verdict } from '../domain/verdict.ts';
import type { Workload } from '../domain/workload.ts';
import { liveSpecs } from '../domain/workload.ts';
import type { PodSpec } from '../domain/pod-spec.ts';
import { judgeSpecs, specSubjects } from './shared/judge-specs.ts';
import { templatePrefix } from './shared/judge-workload.ts';
import type { Issue, SpecCheck } from './shared/spec-check.ts';
import { containerIssue } from './shared/spec-check.ts';

export const check: SpecCheck = ({ containers }, { parameters }) =>
  containers.flatMap((container) => {
    const count = container.plainText?.literalEnv ?? 0;
    const most = parameters['workloads.maxLiteralEnv'];
    if (count <= most) return [];
    return containerIssue(container, 'env', {
      observed: `${count} literal values`,
      message: `More than ${most} settings are written into the workload.`,
      weight: 'warn',
      reason: 'LiteralConfiguration',
    });
  });

interface Use {
  readonly workload: Workload;
  readonly issue: Issue;
}

/** By fingerprint of the value, where it stands, once for each workload. */
function usesOf(workloads: readonly Workload[]): Map<number, Map<Workload, Use>> {
  const uses = new Map<number, Map<Workload, Use>>();
  for (const workload of workloads) {
    for (const { spec, prefix } of specsOf(workload)) {
      for (const container of spec.containers) {
        for (const { name, mark } of container.plainText?.addresses ?? []) {
          const of = uses.get(mark) ?? new Map<Workload, Use>();
          uses.set(mark, of);
          const issue = containerIssue(container, `env[${name}]`, { message: '' });
          if (!of.has(workload))
            of.set(workload, { workload, issue: { ...issue, path: prefix + issue.path } });
        }
      }
    }
  }
  return uses;
}

/** The place to mend is the template; a pod alone is its own. */
const specsOf = (workload: Workload): readonly { spec: PodSpec; prefix: string }[] =>
  workload.template === undefined
    ? [...liveSpecs(workload).keys()].map((spec) => ({ spec, prefix: '' }))
    : [{ spec: workload.template.spec, prefix: templatePrefix(workload.kind) }];

/** What several workloads have in common, as something that is wrong with each of them. */
function repeated({ snapshot, parameters }: EvaluationInput): (workload: Workload) => readonly Issue[] {
  const least = parameters['workloads.repeatedLiteralWorkloads'];
  const subjects = specSubjects(snapshot.workloads.available ? snapshot.workloads.items : []);
  const issues = new Map<Workload, Issue[]>();
  for (const uses of usesOf(subjects).values()) {
    if (uses.size < least) continue;
    for (const { workload, issue } of uses.values()) {
      const message = `The same host or URL is written into ${uses.size} workloads.`;
      const found = { ...issue, message, weight: 'warn' as const, reason: 'RepeatedConfiguration' };
      issues.set(workload, [...(issues.get(workload) ?? []), found]);
    }
  }
  return (workload) => issues.get(workload) ?? [];
}

const evaluate = (input: EvaluationInput): Verdict =>
  judgeSpecs(
    input,
    check,
    {
      one: 'has its configuration written into it',
      many: 'have their configuration written into them',
      pass: 'Configuration stands outside of the workloads',
      warn: {
        one: 'has configuration written into it that belongs outside',
        many: 'have configuration written into them that belongs outside',
      },
    },
    repeated(input),
  );

const control: BaseControl = {
  id: 'RD-5.H.7.6',
  title: 'Configuration is externalised',
  requirement: '§5, Container hardening: do not hard-code configuration or secrets',
  severity: 'low',
  scope: 'workload',
  rationale:
    'A setting that is written into several workloads is changed in some of them and forgotten in others. In a ConfigMap it has one place, one history and one owner.',
  rule:
    'Pass: no container has more than workloads.maxLiteralEnv literal environment values, and no literal host or URL stands in the environment of workloads.repeatedLiteralWorkloads workloads or more. ' +
    'Warn (LiteralConfiguration): a container has more literal values. Warn (RepeatedConfiguration): workloads share a literal host or URL. It never fails. ' +
    'Live pods are counted, without live pods the template; hosts and URLs are compared in the templates, and in pods that have none. ' +
    'NotApplicable (NoWorkloads): the namespace runs none. Unknown: the workloads could not be read.',
  notes: [
    'Values that come from ConfigMaps, Secrets, fields of the pod or resources are not literal. Literal values beyond the limit warn, whatever else comes from a ConfigMap.',
    "localhost and the other addresses of the pod itself are nobody else's and do not count as shared; neither do words and numbers (info, production, 8080), which are equal by chance.",
    'Values are compared by fingerprints that mean nothing outside of the process; none is shown.',
  ],
  remediation:
    'Move shared settings to a ConfigMap and refer to it with configMapKeyRef or envFrom, or mount it as files.',
  evidence: ['workloads'],
  parameters: ['workloads.maxLiteralEnv', 'workloads.repeatedLiteralWorkloads'],
  verdicts: ['Pass', 'Warn', 'Unknown', 'NotApplicable'],
  references: { nist80053: ['CM-6'], nist800190: ['4.1.2'] },
  evaluate,
};
export default control;
