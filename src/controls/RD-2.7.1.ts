import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import type { StatedResources } from '../domain/container-process.ts';
import type { Container } from '../domain/pod-spec.ts';
import type { Verdict } from '../domain/verdict.ts';
import { unknown } from '../domain/verdict.ts';
import { podResources, podResourcesNote } from './shared/pod-resources.ts';
import { judgeSpecs } from './shared/judge-specs.ts';
import type { Issue, SpecCheck } from './shared/spec-check.ts';
import { containerIssue } from './shared/spec-check.ts';

const resources = ['cpu', 'memory'] as const;

const checks = new Map<string, SpecCheck>();

/** One check for each set of resources that a LimitRange of the namespace has a default for. */
function checkFor(defaults: readonly string[]): SpecCheck {
  const relevant = resources.filter((name) => defaults.includes(name));
  const key = relevant.join();
  const known = checks.get(key);
  if (known !== undefined) return known;
  const check: SpecCheck = (spec, { minor }) =>
    spec.containers.flatMap((container) =>
      container.kind === 'ephemeralContainer'
        ? []
        : resources.flatMap((name) => judge(podResources(spec, minor), container, name, relevant) ?? []),
    );
  checks.set(key, check);
  return check;
}

function judge(
  ofPod: StatedResources | undefined,
  container: Container,
  name: string,
  defaults: readonly string[],
): Issue | undefined {
  const { requests, defaulted = [], zero = [] } = container.resources;
  if (ofPod?.requests.includes(name) === true) return undefined;
  const given = requests.includes(name);
  if (given && !defaulted.includes(name)) return undefined;
  const field = `resources.requests.${name}`;
  if (given || defaults.includes(name)) {
    const message = `Only a LimitRange gives the container its request of ${name}.`;
    return containerIssue(container, field, {
      observed: 'unset',
      message,
      weight: 'warn',
      reason: 'LimitRange',
    });
  }
  return containerIssue(container, field, {
    observed: zero.includes(`requests.${name}`) ? '0' : 'unset',
    message: `The container requests no ${name}.`,
  });
}

function evaluate(input: EvaluationInput): Verdict {
  const { limitRanges } = input.snapshot;
  const judgeWith = (defaults: readonly string[]) =>
    judgeSpecs(input, checkFor(defaults), {
      one: 'states no requests of CPU or memory',
      many: 'state no requests of CPU or memory',
      pass: 'Every container states its requests',
      warn: { one: 'has requests by a LimitRange alone', many: 'have requests by a LimitRange alone' },
    });
  if (limitRanges.available && limitRanges.gap === undefined)
    return judgeWith(limitRanges.items.flatMap(({ requests }) => requests));
  // What was not read may hold a default for everything, or for nothing.
  const [without, mild] = [judgeWith([]), judgeWith(resources)];
  if (without.status === mild.status) return mild;
  const { reason, message } = limitRanges.available ? (limitRanges.gap ?? missing) : limitRanges;
  return unknown(reason, message);
}

const missing = { reason: 'PartialEvidence', message: 'Not every LimitRange was read.' } as const;

const control: BaseControl = {
  id: 'RD-2.7.1',
  title: 'CPU and memory requests are set',
  requirement: '§2: multiple important safeguards (beyond those that are named)',
  severity: 'low',
  scope: 'container',
  rationale:
    'The scheduler packs nodes by requests. A container without them is placed anywhere, starves its neighbours and is the first to be killed.',
  rule: 'Of every container and init container. Pass: CPU and memory requests are set, in the container or for the pod as a whole. Warn (LimitRange): one is set only by a LimitRange. Warn (CompliantByMutation): the live pods have them, their template does not. Fail: one is missing, in a live pod or in a template of which no LimitRange would fill it in. Live pods decide, on the specification that was admitted; without live pods the template does. NotApplicable (NoWorkloads): the namespace runs none. Unknown: the workloads could not be read, or the LimitRanges could not and would decide.',
  notes: [
    'It goes beyond the reference design: a profile has to switch it on (disabled: false).',
    podResourcesNote,
    'A request of 0 asks for nothing, and counts as none.',
    'A limit without a request counts as a request: the API server makes it one.',
    'Ephemeral containers cannot have requests.',
    'That a LimitRange filled in a live pod is told by the annotation that the API server leaves in it (kubernetes.io/limit-ranger).',
  ],
  remediation: 'Set resources.requests.cpu and resources.requests.memory in every container of the template.',
  evidence: ['workloads', 'limitranges'],
  parameters: [],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['SC-5'],
    nist800190: ['4.4.3'],
    nsaCisa: ['Resource policies'],
    srg: ['SRG-APP-000247-CTR-000330 (V-270875)', 'SRG-APP-000435-CTR-001070'],
    trivy: ['KSV-0015', 'KSV-0016'],
    kubescape: ['C-0268', 'C-0269'],
    other: ['kyverno require-pod-requests-limits'],
  },
  extended: true,
  evaluate,
};
export default control;
