import type { BaseControl } from '../domain/control.ts';
import type { PodSpec, Volume } from '../domain/pod-spec.ts';
import { commonRule, judgeSpecs } from './shared/judge-specs.ts';
import { restrictedOnly } from './shared/pod-security.ts';
import type { Issue, SpecCheck } from './shared/spec-check.ts';

const allowed = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
]);

export const check: SpecCheck = restrictedOnly((spec) => [
  ...spec.volumes.flatMap(issuesOf),
  ...drivers(spec),
]);

/** A hostPath is RD-2.2.4's finding; a volume without a source is an emptyDir. */
const issuesOf = ({ name, index, sources }: Volume): readonly Issue[] =>
  sources
    .filter((source) => source !== 'hostPath' && !allowed.has(source))
    .map((source) => ({
      path: `spec.volumes[${index}].${source}`,
      observed: source,
      message: `Volume "${name}" is of a type that the standard does not allow in pods.`,
    }));

const drivers = ({ volumes }: PodSpec): readonly Issue[] =>
  volumes.flatMap(({ index, csiDriver }) => {
    if (csiDriver === undefined) return [];
    return { path: `spec.volumes[${index}].csi`, message: `inline CSI driver ${csiDriver}`, weight: 'note' };
  });

const control: BaseControl = {
  id: 'RD-2.2.14',
  title: 'Only Restricted volume types',
  requirement: '§2: mandating adherence to the Restricted Pod Security Standard',
  severity: 'medium',
  scope: 'pod',
  rationale:
    'Other volume types reach storage with credentials and addresses that stand in the pod, past the people who run the storage; some run code on the node.',
  rule: `Pass: the source of every volume is one of ${[...allowed].join(', ')}. Fail: another one. ${commonRule}`,
  notes: [
    'hostPath is not reported here but in RD-2.2.4.',
    'A volume without a source is an emptyDir.',
    'Inline CSI volumes are allowed; the message names their drivers.',
    'Image volumes are allowed; where their images come from is the matter of the controls on images.',
  ],
  remediation: 'Use a PersistentVolumeClaim or a CSI volume instead.',
  evidence: ['workloads'],
  parameters: [],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['CM-7', 'AC-6'],
    nist800190: ['4.5.5'],
    pss: ['Volume Types [restrictedVolumes]'],
    trivy: ['KSV-0028'],
    other: ['kyverno restrict-volume-types'],
  },
  evaluate: (input) =>
    judgeSpecs(input, check, {
      one: 'uses volumes of other types',
      many: 'use volumes of other types',
      pass: 'All volumes are of the allowed types',
    }),
};
export default control;
