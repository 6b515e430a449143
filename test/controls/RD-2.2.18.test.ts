import control from '../../src/controls/RD-2.2.18.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import type { Finding, Verdict } from '../../src/domain/verdict.ts';
import { notApplicable, pass, unknown } from '../../src/domain/verdict.ts';
import type { Workload } from '../../src/domain/workload.ts';
import { input, pod, template, workload } from '../support/builders.ts';
import { describeControl } from '../support/control-cases.ts';

const ids = control.derivedFrom;

/** All parts, passing where nothing else is said. */
const parts = (others: Record<string, Verdict> = {}, rest: Verdict = pass('Good.')): Map<string, Verdict> =>
  new Map(ids.map((id) => [id, others[id] ?? rest]));

const finding = (name: string): Finding => ({
  subject: { kind: 'Deployment', name },
  path: 'spec',
  message: 'Bad.',
});
const judged = (status: 'Warn' | 'Fail', findings: readonly Finding[], reason?: string): Verdict => ({
  status,
  message: 'Bad.',
  findings,
  ...(reason === undefined ? {} : { reason }),
});

const good = input({ workloads: read([workload({ pods: [pod()] })]) });
const refusedBy = (message: string, others: readonly Workload[] = []) =>
  input({ workloads: read([workload({ name: 'web', template: template(), blocked: message }), ...others]) });

const podSecurity =
  'pods "web-5d5-x" is forbidden: violates PodSecurity "restricted:latest": privileged (container "app" must not set securityContext.privileged=true)';
const webhook =
  'admission webhook "validation.gatekeeper.sh" denied the request: [psp] Privileged container is not allowed: app';

describeControl(control, {
  'passes when all parts pass': {
    given: good,
    parts: parts(),
    status: 'Pass',
    message: 'All of its 16 parts that apply pass.',
  },
  'passes when those that apply pass': {
    given: good,
    parts: parts({ 'RD-2.2.7': notApplicable('Windows', 'Not judged.') }),
    status: 'Pass',
  },
  'fails when one part fails, and names it; what was found stands there': {
    given: good,
    parts: parts({
      'RD-2.2.2': judged('Fail', [finding('b')]),
      'RD-2.2.7': judged('Fail', [finding('a')]),
      'RD-2.2.9': unknown('Forbidden', 'Not read.'),
      'RD-2.2.4': judged('Warn', [finding('c')], 'NodeVolume'),
    }),
    status: 'Fail',
    message: 'Fail in 2 of its 16 parts: RD-2.2.2, RD-2.2.7.',
    findings: [],
  },
  'is Unknown when a part is, and none fails': {
    given: good,
    parts: parts({
      'RD-2.2.4': unknown('Forbidden', 'Not read.'),
      'RD-2.2.7': judged('Warn', [finding('a')], 'CompliantByMutation'),
    }),
    status: 'Unknown',
    reason: 'Forbidden',
  },
  'warns when a part relies on mutation, whatever else warns': {
    given: good,
    parts: parts({
      'RD-2.2.4': judged('Warn', [finding('b')], 'NodeVolume'),
      'RD-2.2.7': judged('Warn', [finding('a')], 'CompliantByMutation'),
    }),
    status: 'Warn',
    reason: 'CompliantByMutation',
    findings: [],
  },
  'warns for the reason of its part': {
    given: good,
    parts: parts({ 'RD-2.2.4': judged('Warn', [finding('b')], 'NodeVolume') }),
    status: 'Warn',
    reason: 'NodeVolume',
    findings: [],
  },
  'leaves out a part that the profile disables, and names it': {
    given: good,
    parts: new Map([...parts()].filter(([id]) => id !== 'RD-2.2.6')),
    status: 'Pass',
    message: 'All of its 15 parts that apply pass. The profile disables RD-2.2.6.',
  },
  'does not apply to a namespace without workloads': {
    given: input(),
    parts: parts({}, notApplicable('NoWorkloads', 'None.')),
    status: 'NotApplicable',
    reason: 'NoWorkloads',
  },
  'is Unknown while the workloads cannot be read': {
    given: input({ workloads: unread('Forbidden', 'Pods may not be listed.') }),
    parts: parts({}, unknown('Forbidden', 'Pods may not be listed.')),
    status: 'Unknown',
    reason: 'Forbidden',
  },
  'fails a workload whose pods Pod Security Admission refuses, in its words': {
    given: refusedBy(podSecurity),
    parts: parts(),
    status: 'Fail',
    message: '1 of 1 workload lacks pods because admission refuses them.',
    findings: [
      { subject: { kind: 'Deployment', name: 'web' }, path: 'status.conditions', message: podSecurity },
    ],
  },
  'fails a workload whose pods a webhook refuses': {
    given: refusedBy(webhook),
    parts: parts(),
    status: 'Fail',
  },
  'fails a refused workload of which no template is known': {
    given: input({ workloads: read([workload({ kind: 'Custom', name: 'web', blocked: webhook })]) }),
    parts: parts({}, notApplicable('NoWorkloads', 'None.')),
    status: 'Fail',
    message: '1 of 1 workload lacks pods because admission refuses them.',
  },
  'tells refusals first, then the parts that fail': {
    given: refusedBy(podSecurity, [workload({ name: 'api', pods: [pod()] })]),
    parts: parts({ 'RD-2.2.2': judged('Fail', [finding('api')]) }),
    status: 'Fail',
    message:
      '1 of 2 workloads lacks pods because admission refuses them. Fail in 1 of its 16 parts: RD-2.2.2.',
    findings: [
      { subject: { kind: 'Deployment', name: 'web' }, path: 'status.conditions', message: podSecurity },
    ],
  },
});
