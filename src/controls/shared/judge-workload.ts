import type { PodSpec } from '../../domain/pod-spec.ts';
import type { Pod, Workload } from '../../domain/workload.ts';
import { liveSpecs } from '../../domain/workload.ts';
import type { Finding } from '../../domain/verdict.ts';
import type { Examined, Exemption, Issue } from './spec-check.ts';
import { isExemption } from './spec-check.ts';

/** What a rule about pod specifications says of one workload. */
export interface JudgedWorkload {
  readonly status: 'Fail' | 'Warn' | 'Pass' | 'Exempt';
  /** The template breaks the rule, and the live pods do not. */
  readonly byMutation: boolean;
  /** Those that decide the status. */
  readonly findings: readonly Finding[];
  /** Issues that count as notes. */
  readonly notes: readonly Issue[];
  /** Of the issues that warn. */
  readonly reason?: string;
  readonly exemption?: Exemption;
}

interface Found {
  readonly issue: Issue;
  /** The first live pod by name that shows it. */
  readonly pod?: Pod;
  /** It is about the owner itself, and not about its pods. */
  readonly own?: true;
}

/**
 * The live pods decide, on the specification that was admitted. A template that breaks the rule while they keep it
 * warns: something changes the pods on admission, and the workload would fail where that is missing. Without live
 * pods the template decides.
 * @param own what is wrong with the owner itself, whatever its pods are like
 */
export function judgeWorkload(
  workload: Workload,
  examine: (spec: PodSpec) => Examined,
  own: readonly Issue[] = [],
): JudgedWorkload {
  const template = workload.template && examine(workload.template.spec);
  const live =
    workload.pods.length === 0
      ? []
      : [...liveSpecs(workload)].map(([spec, pod]) => ({ pod, result: examine(spec) }));
  // Most workloads keep most rules: nothing is made for them.
  if (isClean(template) && own.length === 0 && live.every(({ result }) => isClean(result))) return clean;
  const templateIssues = template === undefined || isExemption(template) ? [] : template;
  const results =
    live.length > 0 ? live.map(({ result }) => result) : template === undefined ? [] : [template];
  const judged = { byMutation: false, findings: [], notes: [] };

  const exemptions = results.filter(isExemption);
  const [exemption] = exemptions;
  if (exemption !== undefined && exemptions.length === results.length) {
    return { ...judged, status: 'Exempt', exemption };
  }
  const ofPods: readonly Found[] =
    live.length > 0
      ? distinct(
          live.flatMap(({ pod, result }) =>
            isExemption(result) ? [] : result.map((issue) => ({ issue, pod })),
          ),
        )
      : templateIssues.map((issue) => ({ issue }));
  const found =
    own.length === 0 ? ofPods : [...ofPods, ...own.map((issue) => ({ issue, own: true as const }))];
  const findingsOf = (some: readonly Found[]) => some.map((one) => toFinding(workload, one, templateIssues));

  const failing: Found[] = [];
  const warning: Found[] = [];
  const notes: Issue[] = [];
  for (const one of found) {
    const { weight } = one.issue;
    if (weight === undefined) failing.push(one);
    else if (weight === 'warn') warning.push(one);
    else notes.push(one.issue);
  }
  if (failing.length > 0) return { ...judged, status: 'Fail', findings: findingsOf(failing) };
  const mutated = live.length > 0 ? templateIssues.filter(({ weight }) => weight === undefined) : [];
  if (mutated.length + warning.length === 0) return { ...judged, status: 'Pass', notes };
  const reason = mutated.length > 0 ? 'CompliantByMutation' : warning[0]?.issue.reason;
  return {
    ...judged,
    status: 'Warn',
    byMutation: mutated.length > 0,
    findings: findingsOf([...mutated.map((issue) => ({ issue })), ...warning]),
    notes,
    ...(reason === undefined ? {} : { reason }),
  };
}

const clean: JudgedWorkload = Object.freeze({ status: 'Pass', byMutation: false, findings: [], notes: [] });

const isClean = (result: Examined | undefined): boolean =>
  result === undefined || (!isExemption(result) && result.length === 0);

/** An issue by what it says and not by its place in a list, which differs between a template and an injected pod. */
function identity(issue: Issue): string {
  const known = identities.get(issue);
  if (known !== undefined) return known;
  const { container = '', path, observed = '', message } = issue;
  const text = JSON.stringify([container, path.replaceAll(/\[\d+\]/g, '[]'), observed, message]);
  identities.set(issue, text);
  return text;
}

/** Issues are shared by all workloads that they are found in. */
const identities = new WeakMap<Issue, string>();

/** Two specifications of one workload, such as during a rollout, may show the same: it is told once. */
function distinct(found: readonly Found[]): readonly Found[] {
  const first = new Map<string, Found>();
  for (const one of found) {
    const key = identity(one.issue);
    if (!first.has(key)) first.set(key, one);
  }
  return [...first.values()];
}

function toFinding(
  workload: Workload,
  { issue, pod, own }: Found,
  templateIssues: readonly Issue[],
): Finding {
  const { kind, name } = workload;
  const { container, observed, message, severity } = issue;
  // The place to mend it, where the template shows it too; else the place in the pod that shows it.
  const written =
    pod === undefined ? issue : templateIssues.find((other) => identity(other) === identity(issue));
  const scope = pod?.mirror === true ? ' (static pod, from a manifest on its node)' : '';
  return {
    subject: { kind, name, ...(container === undefined ? {} : { container }) },
    // A pod's name is news at every rollout. Where the template shows the same, it says nothing.
    ...(pod === undefined || kind === 'Pod' || written !== undefined ? {} : { example: pod.name }),
    path: written === undefined || own === true ? issue.path : templatePrefix(kind) + written.path,
    ...(observed === undefined ? {} : { observed }),
    message: message + scope,
    ...(severity === undefined ? {} : { severity }),
  };
}

/** Where a pod's fields stand in the object that holds its template. */
export function templatePrefix(kind: string): string {
  if (kind === 'Pod') return '';
  return kind === 'CronJob' ? 'spec.jobTemplate.spec.template.' : 'spec.template.';
}
