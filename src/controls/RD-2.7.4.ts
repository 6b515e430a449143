import type { BaseControl } from '../domain/control.ts';
import type { Workload } from '../domain/workload.ts';
import type { WorkloadIssue } from './shared/judge-workloads.ts';
import { judgeWorkloads, workloadFinding } from './shared/judge-workloads.ts';

function judge(workload: Workload): WorkloadIssue | 'good' | 'out' {
  const { kind, pods, settings } = workload;
  const warn = (path: string, message: string): WorkloadIssue => ({
    status: 'Warn',
    findings: [workloadFinding(workload, { path, observed: 'unset', message })],
  });
  if (kind === 'Pod') {
    if (pods.every(({ mirror }) => mirror)) return 'out';
    return warn('metadata.ownerReferences', 'No controller would replace the pod.');
  }
  if (kind !== 'Job' || settings?.ttlSecondsAfterFinished !== undefined) return 'good';
  return warn('spec.ttlSecondsAfterFinished', 'The Job stays after it has finished.');
}

const control: BaseControl = {
  id: 'RD-2.7.4',
  title: 'No naked pods; finished Jobs are cleaned up',
  requirement: '§2: multiple important safeguards (beyond those that are named)',
  severity: 'low',
  scope: 'workload',
  rationale:
    'A pod without a controller is gone with its node, and nobody knows which version of it was meant to run. Finished Jobs pile up until the control plane is slow.',
  rule: 'Pass: every pod has a controller, and every Job that no CronJob made has ttlSecondsAfterFinished. Warn: one does not. It never fails. NotApplicable (NoWorkloads, StaticPods): the namespace runs none but static pods, which their nodes run. Unknown: the workloads could not be read.',
  notes: [
    'It goes beyond the reference design: a profile has to switch it on (disabled: false).',
    'A bare pod that Succeeded or Failed is not judged.',
    'A Job that another object owns is for that one to clean up.',
  ],
  remediation:
    'Let a Deployment, StatefulSet, DaemonSet or Job run the pod; set ttlSecondsAfterFinished in Jobs.',
  evidence: ['workloads'],
  parameters: [],
  verdicts: ['Pass', 'Warn', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['CM-2'],
    kubescape: ['C-0073'],
    other: ['polaris nakedPod', 'kyverno prevent-bare-pods'],
  },
  extended: true,
  evaluate: (input) =>
    judgeWorkloads(input, judge, {
      one: 'is a naked pod, or a Job that stays',
      many: 'are naked pods, or Jobs that stay',
      pass: 'Every pod has a controller, and every Job is cleaned up',
      warn: { one: 'is a naked pod, or a Job that stays', many: 'are naked pods, or Jobs that stay' },
      none: { reason: 'StaticPods', message: 'The namespace runs static pods alone, which their nodes run.' },
    }),
};
export default control;
