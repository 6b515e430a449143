import control from '../../src/controls/RD-2.2.10.ts';
import { commonCases, describeControl, podOf, podWith, templateOf } from '../support/control-cases.ts';

const key = 'container.apparmor.security.beta.kubernetes.io';
const profile = (type: string) => ({ appArmorProfile: { type } });
const annotated = (container: string, value: string) => ({
  ...podWith({}),
  annotations: { [`${key}/${container}`]: value },
});
const subject = { kind: 'Deployment', name: 'app' };

describeControl(control, {
  ...commonCases(podWith(profile('RuntimeDefault')), podWith(profile('Unconfined'))),
  'passes where nothing is set': { given: templateOf(podWith({})), status: 'Pass' },
  'passes Localhost': { given: templateOf(podWith(profile('Localhost'))), status: 'Pass' },
  'passes the good annotations': {
    given: templateOf({
      ...podWith({}),
      annotations: { [`${key}/a`]: 'runtime/default', [`${key}/b`]: 'localhost/web', [`${key}/c`]: '' },
    }),
    status: 'Pass',
  },
  'fails Unconfined of the pod that every container overrides': {
    given: templateOf(podWith(profile('RuntimeDefault'), { securityContext: profile('Unconfined') })),
    status: 'Fail',
    findings: [
      {
        subject,
        path: 'spec.template.spec.securityContext.appArmorProfile.type',
        observed: 'Unconfined',
        message: 'The pod overrides AppArmor.',
      },
    ],
  },
  'fails a type that nobody knows': { given: templateOf(podWith(profile('Custom'))), status: 'Fail' },
  'fails a profile without a type': { given: templateOf(podWith({ appArmorProfile: {} })), status: 'Fail' },
  'fails an annotation': {
    given: templateOf(annotated('app', 'unconfined')),
    status: 'Fail',
    findings: [
      {
        subject: { ...subject, container: 'app' },
        path: `spec.template.metadata.annotations[${key}/app]`,
        observed: 'unconfined',
        message: 'An annotation overrides AppArmor for the container.',
      },
    ],
  },
  'fails an annotation of a container that does not exist': {
    given: podOf(annotated('ghost', 'unconfined')),
    status: 'Fail',
    findings: [
      {
        subject: { kind: 'Pod', name: 'app-0', container: 'ghost' },
        path: `metadata.annotations[${key}/ghost]`,
        observed: 'unconfined',
        message: 'An annotation overrides AppArmor for the container.',
      },
    ],
  },
  'tells once what stands in the field and in the annotation': {
    given: podOf({ ...podWith(profile('Unconfined')), annotations: { [`${key}/app`]: 'unconfined' } }),
    status: 'Fail',
    findings: [
      {
        subject: { kind: 'Pod', name: 'app-0', container: 'app' },
        path: 'spec.containers[0].securityContext.appArmorProfile.type',
        observed: 'Unconfined',
        message: 'The container overrides AppArmor.',
      },
    ],
  },
});
