import type { BaseControl } from '../domain/control.ts';
import { commonRule, judgeSpecs } from './shared/judge-specs.ts';
import { settingsOf } from './shared/pod-security.ts';
import type { Issue, SpecCheck } from './shared/spec-check.ts';

const annotation = 'container.apparmor.security.beta.kubernetes.io';
const isConfinedType = (type: string) => type === 'RuntimeDefault' || type === 'Localhost';
const isConfinedAnnotation = (profile: string) =>
  profile === '' || profile === 'runtime/default' || profile.startsWith('localhost/');

export const check: SpecCheck = (spec) => {
  const byField: readonly Issue[] = settingsOf(spec, 'appArmor')
    .filter(({ value }) => !isConfinedType(value))
    .map(({ container, value, path }) => ({
      ...(container && { container: container.name }),
      path,
      observed: value,
      message: `The ${container ? 'container' : 'pod'} overrides AppArmor.`,
    }));
  // The API server copies the annotation into the field: the field's finding is enough.
  const told = new Set(byField.map(({ container }) => container));
  const byAnnotation = Object.entries(spec.appArmorAnnotations)
    .filter(([container, profile]) => !isConfinedAnnotation(profile) && !told.has(container))
    .map(([container, profile]) => ({
      container,
      path: `metadata.annotations[${annotation}/${container}]`,
      observed: profile,
      message: 'An annotation overrides AppArmor for the container.',
    }));
  return [...byField, ...byAnnotation];
};

const control: BaseControl = {
  id: 'RD-2.2.10',
  title: 'AppArmor is not disabled',
  requirement: '§2: mandating adherence to the Restricted Pod Security Standard',
  severity: 'medium',
  scope: 'container',
  rationale:
    'On nodes with AppArmor every container is confined by default. To turn that off is to take away the layer that holds when another fails.',
  rule: `Pass: appArmorProfile.type is unset, RuntimeDefault or Localhost at pod and container level, and the annotation is absent, empty, runtime/default or localhost/…. Fail: any other value. ${commonRule}`,
  notes: [
    'An annotation for a container that does not exist counts too.',
    'Unset passes: AppArmor nodes then apply the default of the runtime; on SELinux nodes the field means nothing.',
  ],
  remediation: 'Remove appArmorProfile and the container.apparmor.security.beta.kubernetes.io annotations.',
  evidence: ['workloads'],
  parameters: [],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['CM-7', 'SC-39'],
    nist800190: ['4.4.3'],
    nsaCisa: ['Kubernetes Pod security'],
    pss: ['AppArmor [appArmorProfile]'],
    trivy: ['KSV-0002'],
    kubescape: ['C-0055'],
    other: ['kyverno restrict-apparmor-profiles'],
  },
  evaluate: (input) =>
    judgeSpecs(input, check, {
      one: 'overrides AppArmor',
      many: 'override AppArmor',
      pass: 'No pod overrides AppArmor',
    }),
};
export default control;
