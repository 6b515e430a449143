import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import { formatImageReference, isParseFailure, parseImageReference } from '../domain/image-reference.ts';
import { matches } from '../domain/registry-entry.ts';
import type { Verdict } from '../domain/verdict.ts';
import { unknown } from '../domain/verdict.ts';
import type { Workload } from '../domain/workload.ts';
import { allowlistOf } from './shared/allowlist.ts';
import { someOf, sortFindings } from './shared/findings.ts';
import { noWorkloads, specSubjects } from './shared/judge-specs.ts';
import { workloadFinding } from './shared/judge-workloads.ts';
import { statementOf } from './shared/stated.ts';

const annotation = 'plumbline.dev/base-image';

type Said = 'approved' | 'unstated' | { readonly refused: string; readonly observed: string };

function judge(workload: Workload, { parameters }: EvaluationInput): Said {
  const text = statementOf(workload, 'baseImage');
  if (text === undefined || text.trim() === '') return 'unstated';
  const observed = text.trim();
  if (observed === 'scratch') return { observed, refused: 'The base is scratch, which no list can hold.' };
  const base = parseImageReference(observed);
  if (isParseFailure(base)) return { observed, refused: `The base image ${base.problem}.` };
  const entries = [
    ...allowlistOf(parameters['images.allowedBases']).entries,
    ...allowlistOf(parameters['images.thirdPartyBases']).entries,
  ];
  if (entries.some((entry) => matches(entry, base))) return 'approved';
  return { observed, refused: `The base ${formatImageReference(base)} is not approved.` };
}

function evaluate(input: EvaluationInput): Verdict {
  const { workloads } = input.snapshot;
  if (!workloads.available) return unknown(workloads.reason, workloads.message);
  const subjects = specSubjects(workloads.items);
  if (subjects.length === 0) return noWorkloads(input.snapshot);
  const judged = subjects.map((workload) => ({ workload, said: judge(workload, input) }));
  const stated = judged.filter(({ said }) => said !== 'unstated');
  const { parameters } = input;
  if (
    stated.length > 0 &&
    parameters['images.allowedBases'].length + parameters['images.thirdPartyBases'].length === 0
  )
    return unknown('NoEvidence', 'No base image is approved: images.allowedBases is empty.');
  const refused = stated.filter(({ said }) => typeof said === 'object' && said.observed !== 'scratch');
  const findingsOf = (some: typeof judged) =>
    sortFindings(
      some.flatMap(({ workload, said }) =>
        typeof said === 'object'
          ? [
              workloadFinding(workload, {
                path: `metadata.annotations[${annotation}]`,
                observed: said.observed,
                message: said.refused,
              }),
            ]
          : [],
      ),
    );
  if (refused.length > 0) {
    const message = `${someOf(refused.length, subjects.length, 'states a base image that is not approved', 'state base images that are not approved')}.`;
    return { status: 'Fail', message, findings: findingsOf(refused) };
  }
  const unstated = subjects.length - stated.length;
  if (unstated > 0) {
    const some = someOf(
      unstated,
      subjects.length,
      'does not say what its images are built on',
      'do not say what their images are built on',
    );
    const message = `To be answered by a person: are the images of namespace ${input.snapshot.namespace.name} built on approved bases? ${some}.`;
    return { status: 'Manual', reason: 'NotStated', message, findings: [] };
  }
  const scratch = stated.filter(({ said }) => typeof said === 'object');
  if (scratch.length > 0) {
    const message = `${someOf(scratch.length, subjects.length, 'is built on scratch', 'are built on scratch')}.`;
    return { status: 'Warn', message, findings: findingsOf(scratch) };
  }
  return { status: 'Pass', message: 'Every workload states an approved base image.', findings: [] };
}

const control: BaseControl = {
  id: 'RD-5.H.1.1',
  title: 'Images are built on an organisation-approved base',
  requirement: '§5: define a base image that your organization issues and can properly secure',
  severity: 'medium',
  scope: 'container',
  rationale:
    'A base that you issue is mended once for all images. One that anybody picked is mended by nobody.',
  rule: `The base is what the annotation ${annotation} says, of the pods, their template or their controller, which the pipeline that builds the image sets; it is compared as in RD-2.6.1. Pass: every workload states a base that an entry of images.allowedBases or images.thirdPartyBases allows. Warn: a base is scratch. Fail: a base is not approved, or cannot be read. Manual (NotStated): a workload does not state its base, so a person must answer. Unknown (NoEvidence): a base is stated, and no base is approved (the default). NotApplicable (NoWorkloads): the namespace runs none. Unknown: the workloads could not be read.`,
  notes: [
    'The annotation speaks of all images of the workload; whoever sets it must be trusted, since nothing here checks it.',
    'Labels of images (org.opencontainers.image.base.name) are not read, since this version asks no registry; neither are build attestations, nor the SBOM.',
    'That an image has the same operating system as a base is no proof, so the family of the system softens nothing here.',
  ],
  remediation: 'Rebuild FROM an approved base, and let the pipeline set the annotation.',
  evidence: ['workloads'],
  parameters: ['images.allowedBases', 'images.thirdPartyBases'],
  verdicts: ['Pass', 'Warn', 'Fail', 'Manual', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['CM-2', 'CM-6', 'SR-3'],
    nist800190: ['4.1.2', '4.1.5'],
    nsaCisa: ['Building secure container images'],
    other: [
      'kyverno allowed-base-images',
      'kyverno require-base-image',
      'Reference Design v2.1, table 5 (secondary)',
      'DISA Container Hardening Process Guide §2.1 step 3 (secondary)',
    ],
  },
  evaluate,
};
export default control;
