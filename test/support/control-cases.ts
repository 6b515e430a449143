import { expect } from 'chai';
import type { BaseControl, EvaluationInput, RollUpControl } from '../../src/domain/control.ts';
import { isRollUp } from '../../src/domain/control.ts';
import type { Parameters } from '../../src/domain/parameters.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import type { Finding, Status, Verdict } from '../../src/domain/verdict.ts';
import { projectPodSpec } from '../../src/evidence/workloads/project-pod-spec.ts';
import type { SnapshotOverrides } from './builders.ts';
import { input, pod, template, workload } from './builders.ts';
import { itShowsEveryVerdict } from './covered-controls.ts';

export interface ControlCase {
  readonly given: EvaluationInput;
  /** For a roll-up: the verdicts of its parts. */
  readonly parts?: ReadonlyMap<string, Verdict>;
  readonly status: Status;
  /** Absent means that the verdict has none. */
  readonly reason?: string;
  readonly message?: string | RegExp;
  /** In full. Left out: some for Fail and Warn, none otherwise. */
  readonly findings?: readonly Finding[];
}

/** One test for each case, and one that the cases show every status that the control may give, and no other. */
export function describeControl(
  control: BaseControl | RollUpControl,
  cases: Readonly<Record<string, ControlCase>>,
): void {
  describe(`${control.id}: ${control.title}`, () => {
    for (const [name, one] of Object.entries(cases)) {
      it(name, () => expectVerdict(evaluate(control, one), one));
    }
    itShowsEveryVerdict(control, () => Object.values(cases).map(({ status }) => status));
  });
}

const evaluate = (
  control: BaseControl | RollUpControl,
  { given, parts = new Map() }: ControlCase,
): Verdict => (isRollUp(control) ? control.rollUp(given, parts) : control.evaluate(given));

function expectVerdict(verdict: Verdict, { status, reason, message, findings }: ControlCase): void {
  expect({ status: verdict.status, reason: verdict.reason }, verdict.message).to.deep.equal({
    status,
    reason,
  });
  if (typeof message === 'string') expect(verdict.message).to.equal(message);
  if (message instanceof RegExp) expect(verdict.message).to.match(message);
  expect(verdict.message).to.match(/^[A-Z0-9].*\.$/s);
  if (findings !== undefined) expect(verdict.findings).to.deep.equal(findings);
  else if (status === 'Fail' || status === 'Warn') expect(verdict.findings).to.not.deep.equal([]);
  else expect(verdict.findings).to.deep.equal([]);
}

/** A pod specification as a manifest has it. */
export interface Manifest {
  readonly spec: object;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface Surroundings {
  readonly minor?: number;
  readonly parameters?: Partial<Parameters>;
}

const project = ({ spec, annotations }: Manifest) => projectPodSpec(spec, annotations);
const given = (overrides: SnapshotOverrides, { minor, parameters }: Surroundings) =>
  input({ ...overrides, ...(minor === undefined ? {} : { cluster: { minor } }) }, parameters);

/** A Deployment `app` of which only the template is there. */
export const templateOf = (manifest: Manifest, around: Surroundings = {}): EvaluationInput =>
  given({ workloads: read([workload({ template: template({ spec: project(manifest) }) })]) }, around);

/** A pod `app-0` that nobody owns. */
export const podOf = (manifest: Manifest, around: Surroundings = {}): EvaluationInput =>
  given(
    { workloads: read([workload({ kind: 'Pod', name: 'app-0', pods: [pod({ spec: project(manifest) })] })]) },
    around,
  );

/** A Deployment `app` with one live pod, `app-0`. */
export const deploymentOf = (
  live: Manifest,
  written: Manifest,
  around: Surroundings = {},
): EvaluationInput => {
  const owner = workload({
    template: template({ spec: project(written) }),
    pods: [pod({ spec: project(live) })],
  });
  return given({ workloads: read([owner]) }, around);
};

/** The cases that every control about pod specifications shares. */
export function commonCases(keeps: Manifest, breaks: Manifest): Readonly<Record<string, ControlCase>> {
  return {
    'passes when live pods and template keep the rule': {
      given: deploymentOf(keeps, keeps),
      status: 'Pass',
      message: /\(1 workload\)/,
    },
    'fails when the live pods break it, whatever their template says': {
      given: deploymentOf(breaks, keeps),
      status: 'Fail',
      message: /^1 of 1 workload /,
    },
    'fails a template without live pods': { given: templateOf(breaks), status: 'Fail' },
    'warns when only the live pods keep it': {
      given: deploymentOf(keeps, breaks),
      status: 'Warn',
      reason: 'CompliantByMutation',
      message: /^1 of 1 workload complies only in its live pods: its template /,
    },
    'does not apply to a namespace without workloads': {
      given: input(),
      status: 'NotApplicable',
      reason: 'NoWorkloads',
      message: 'Namespace shop runs no workloads.',
    },
    'does not judge a pod that has finished': {
      given: input({ workloads: read([workload({ kind: 'Pod', completed: true })]) }),
      status: 'NotApplicable',
      reason: 'NoWorkloads',
    },
    'does not pass a specification without containers': {
      given: templateOf({ spec: {} }),
      status: 'NotApplicable',
      reason: 'NoContainers',
    },
    'is Unknown while the workloads cannot be read': {
      given: input({ workloads: unread('Forbidden', 'Pods may not be listed.') }),
      status: 'Unknown',
      reason: 'Forbidden',
      message: 'Pods may not be listed.',
    },
  };
}

/** A pod with one container, `app`, that has the security context; `rest` adds to the pod's specification. */
export const podWith = (securityContext: object, rest: object = {}): Manifest => ({
  spec: { containers: [{ name: 'app', securityContext }], ...rest },
});
