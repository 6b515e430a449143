import type {
  BaseControl,
  ClusterControl,
  ClusterInput,
  Control,
  EvaluationInput,
  RollUpControl,
} from '../../src/domain/control.ts';
import { rollUp } from '../../src/domain/roll-up.ts';
import type { Finding, Status, Verdict } from '../../src/domain/verdict.ts';
import { statuses } from '../../src/domain/verdict.ts';
import type { Evaluation, EvaluateOptions } from '../../src/evaluate/evaluate-namespace.ts';
import { evaluateNamespace } from '../../src/evaluate/evaluate-namespace.ts';
import type { Profile, ProfileSpec } from '../../src/evaluate/profile.ts';
import { resolveProfile } from '../../src/evaluate/profile.ts';
import { now, snapshot } from './builders.ts';

/** Controls, profiles and verdicts for tests of what becomes of them: they say what they are told to say. */

const description = (id: string) => ({
  id,
  title: `Title of ${id}`,
  requirement: '§1: a demand',
  severity: 'high' as const,
  scope: 'workload' as const,
  rationale: 'It matters.',
  rule: 'It is decided.',
  notes: [],
  remediation: 'Mend it.',
  evidence: ['workloads' as const],
  parameters: [],
  verdicts: statuses,
  references: {},
});

export function verdict(status: Status, overrides: Partial<Verdict> = {}): Verdict {
  return {
    status,
    ...(status === 'Unknown' ? { reason: 'NoEvidence' } : {}),
    message: `It is ${status}.`,
    findings: [],
    ...overrides,
  };
}

export function finding(overrides: Partial<Finding> = {}): Finding {
  return { subject: { kind: 'Deployment', name: 'app' }, message: 'It is broken.', ...overrides };
}

/** A control that always gives the verdict, or what the function gives. */
export function controlThat(
  id: string,
  says: Verdict | ((input: EvaluationInput) => Verdict),
  overrides: Partial<BaseControl> = {},
): BaseControl {
  const evaluate = typeof says === 'function' ? says : () => says;
  return { ...description(id), evaluate, ...overrides };
}

/** The same of the cluster. */
export function clusterControlThat(
  id: string,
  says: Verdict | ((input: ClusterInput) => Verdict),
  overrides: Partial<ClusterControl> = {},
): ClusterControl {
  const evaluateCluster = typeof says === 'function' ? says : () => says;
  return { ...description(id), evidence: [], scope: 'cluster', evaluateCluster, ...overrides };
}

/** The worst of its parts. */
export function rollUpOf(
  id: string,
  derivedFrom: readonly string[],
  overrides: Partial<RollUpControl> = {},
): RollUpControl {
  return {
    ...description(id),
    derivedFrom,
    rollUp: (_input, parts) => rollUp(derivedFrom, parts),
    ...overrides,
  };
}

/** A profile that holds these controls; throws where the spec is wrong. */
export function profileOf(controls: readonly Control[], spec: ProfileSpec = {}): Profile {
  const result = resolveProfile('reference-design', spec, controls);
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return result.profile;
}

/** Evaluates an empty namespace `shop` unless told otherwise; a control that throws fails the test. */
export function evaluateBy(
  profile: Profile | readonly Control[],
  options: Partial<Omit<EvaluateOptions, 'profile'>> = {},
): Evaluation {
  return evaluateNamespace({
    snapshot: snapshot(),
    profile: 'selects' in profile ? profile : profileOf(profile),
    now,
    onError: (_control, error) => {
      throw error;
    },
    ...options,
  });
}
