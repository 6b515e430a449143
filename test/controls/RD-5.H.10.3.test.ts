import control from '../../src/controls/RD-5.H.10.3.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import type { AdmissionObject } from '../support/admission-objects.ts';
import { admission, itemsOf, kyvernoRule, ofPods, podRules } from '../support/admission-objects.ts';
import { describeControl } from '../support/control-cases.ts';
import { input, podSpec, template, workload } from '../support/builders.ts';

const { cel, clusterPolicy, kyvernoWebhook } = admission;
const workloads = read([workload({ template: template({ spec: podSpec() }) })]);
const given = (objects: readonly AdmissionObject[], ready: boolean = true) =>
  input({ workloads, admission: read(itemsOf(objects, ready)) });

const gate = (type: object, more: object = {}) =>
  clusterPolicy(
    {
      ...{ validationFailureAction: 'Enforce', rules: [verifying({ attestations: [type] })] },
      ...more,
    },
    'scanned',
  );
const verifying = (image: object) => ({
  ...{ name: 'scan', match: ofPods, verifyImages: [{ imageReferences: ['*'], ...image }] },
});
const vuln = { type: 'https://cosign.sigstore.dev/attestation/vuln/v1' };

describeControl(control, {
  'passes a policy that demands a signed scan': {
    given: given([kyvernoWebhook(), gate(vuln)]),
    status: 'Pass',
    message: 'ClusterPolicy scanned refuses images without a signed scan.',
  },
  'passes the old name of the type': {
    given: given([kyvernoWebhook(), gate({ predicateType: 'trivy.dev/scan/v2' })]),
    status: 'Pass',
  },
  'passes an ImageValidatingPolicy that does': {
    given: given([
      kyvernoWebhook({ name: 'ivpol.validate.kyverno.svc-fail' }),
      cel('ImageValidatingPolicy', {
        matchConstraints: { resourceRules: podRules },
        attestations: [{ name: 'scan', intoto: vuln }],
      }),
    ]),
    status: 'Pass',
  },
  'warns of one that only audits': {
    given: given([kyvernoWebhook(), gate(vuln, { validationFailureAction: 'Audit' })]),
    status: 'Warn',
    findings: [
      {
        subject: { kind: 'ClusterPolicy', name: 'scanned' },
        ref: 'scan',
        message: 'The gate does not hold for sure: it does not deny.',
      },
    ],
  },
  'warns of one that nobody asks': { given: given([kyvernoWebhook(), gate(vuln)], false), status: 'Warn' },
  'asks where only a signature is demanded': {
    given: given([
      kyvernoWebhook(),
      gate({ type: 'https://slsa.dev/provenance/v1' }),
      clusterPolicy({ rules: [verifying({ attestors: [] })] }),
    ]),
    status: 'Manual',
    reason: 'NotAttested',
  },
  'asks where policies demand something else': {
    given: given([
      kyvernoWebhook(),
      clusterPolicy({ validationFailureAction: 'Enforce', rules: [kyvernoRule()] }),
    ]),
    status: 'Manual',
    reason: 'NotAttested',
  },
  'asks where there is no engine': {
    given: given([]),
    status: 'Manual',
    reason: 'NotAttested',
    message:
      'To be answered by a person: what keeps images with unacceptable vulnerabilities out of namespace shop, the pipeline or the registry? Nobody has attested it.',
  },
  'asks nobody of a namespace that runs nothing': {
    given: input(),
    status: 'NotApplicable',
    reason: 'NoWorkloads',
  },
  'does not know whether Kyverno answers': {
    given: input({
      workloads,
      admission: read(
        itemsOf([kyvernoWebhook({ clientConfig: { url: 'https://kyverno.example/' } }), gate(vuln)]),
      ),
    }),
    status: 'Unknown',
    reason: 'NoEvidence',
  },
  'does not know while policies cannot be read': {
    given: input({ workloads, admission: unread('Forbidden', 'They may not be listed.') }),
    status: 'Unknown',
    reason: 'Forbidden',
  },
  'does not know without the labels of the namespace': {
    given: input({ workloads, namespace: { name: 'shop' } }),
    status: 'Unknown',
    reason: 'NoEvidence',
  },
  'does not know what runs': {
    given: input({ workloads: unread('Forbidden', 'Pods may not be listed.') }),
    status: 'Unknown',
    reason: 'Forbidden',
  },
});
