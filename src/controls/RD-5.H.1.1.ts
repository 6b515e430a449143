import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import { formatImageReference, isParseFailure, parseImageReference } from '../domain/image-reference.ts';
import { matches } from '../domain/registry-entry.ts';
import type { Verdict } from '../domain/verdict.ts';
import { unknown } from '../domain/verdict.ts';
import type { Workload } from '../domain/workload.ts';
import { allowlistOf } from './shared/allowlist.ts';
import { someOf, sortFindings } from './shared/findings.ts';
import type { FamilyAnswer } from './shared/image-families.ts';
import { ImageFamilies } from './shared/image-families.ts';
import { noWorkloads, specSubjects } from './shared/judge-specs.ts';
import { workloadFinding } from './shared/judge-workloads.ts';
import { untilFirstChange } from './shared/scan-verdict.ts';
import { statementOf } from './shared/stated.ts';

const annotation = 'plumbline.dev/base-image';

type Said = 'approved' | 'unstated' | Refused;

interface Refused {
  readonly refused: string;
  readonly observed: string;
  /** Scratch is no base, and a base that cannot be read is not known. */
  readonly is: 'scratch' | 'unreadable' | 'known';
}

function judge(workload: Workload, { parameters }: EvaluationInput): Said {
  const text = statementOf(workload, 'baseImage');
  if (text === undefined || text.trim() === '') return 'unstated';
  const observed = text.trim();
  if (observed === 'scratch')
    return { is: 'scratch', observed, refused: 'The base is scratch, which no list can hold.' };
  const base = parseImageReference(observed);
  if (isParseFailure(base)) return { is: 'unreadable', observed, refused: `The base image ${base.problem}.` };
  const entries = [
    ...allowlistOf(parameters['images.allowedBases']).entries,
    ...allowlistOf(parameters['images.thirdPartyBases']).entries,
  ];
  if (entries.some((entry) => matches(entry, base))) return 'approved';
  return { is: 'known', observed, refused: `The base ${formatImageReference(base)} is not approved.` };
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
  const families = new ImageFamilies(input);
  const graded = stated.flatMap(({ workload, said }) => {
    if (typeof said === 'string') return [];
    const answer = said.is === 'known' ? families.answer(workload) : 'other';
    return [{ workload, said, answer }];
  });
  return untilFirstChange(decide(input, subjects.length, judged, graded), families.asked);
}

type Judged = readonly { readonly workload: Workload; readonly said: Said }[];
type Graded = readonly {
  readonly workload: Workload;
  readonly said: Refused;
  readonly answer: FamilyAnswer;
}[];

function decide(input: EvaluationInput, total: number, judged: Judged, graded: Graded): Verdict {
  const refused = graded.filter(({ said, answer }) => said.is !== 'scratch' && answer === 'other');
  const findingsOf = (some: Graded) =>
    sortFindings(
      some.map(({ workload, said, answer }) =>
        workloadFinding(workload, {
          path: `metadata.annotations[${annotation}]`,
          observed: said.observed,
          message:
            answer === 'allowed'
              ? `${said.refused} Its operating system is of an allowed family.`
              : said.refused,
        }),
      ),
    );
  if (refused.length > 0) {
    const message = `${someOf(refused.length, total, 'states a base image that is not approved', 'state base images that are not approved')}.`;
    return { status: 'Fail', message, findings: findingsOf(refused) };
  }
  const open = graded.find(({ answer }) => typeof answer === 'object');
  if (open !== undefined && typeof open.answer === 'object') {
    const { kind, name } = open.workload;
    const why = open.answer.message.replace(/\.$/, '');
    return unknown(
      open.answer.reason,
      `The base of ${kind} ${name} is not approved, and whether images.allowedOsFamilies softens that is not known: ${why}.`,
    );
  }
  const unstated = judged.filter(({ said }) => said === 'unstated').length;
  if (unstated > 0) {
    const some = someOf(
      unstated,
      total,
      'does not say what its images are built on',
      'do not say what their images are built on',
    );
    const message = `To be answered by a person: are the images of namespace ${input.snapshot.namespace.name} built on approved bases? ${some}.`;
    return { status: 'Manual', reason: 'NotStated', message, findings: [] };
  }
  if (graded.length > 0) {
    const softened = graded.some(({ said }) => said.is === 'known');
    const [one, many] = softened
      ? [
          'is built on scratch or on a base that is not approved',
          'are built on scratch or on bases that are not approved',
        ]
      : ['is built on scratch', 'are built on scratch'];
    const rest = softened ? ', of an allowed family of operating systems' : '';
    const message = `${someOf(graded.length, total, one, many)}${rest}.`;
    return { status: 'Warn', message, findings: findingsOf(graded) };
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
  rule: `The base is what the annotation ${annotation} says, of the pods, their template or their controller, which the pipeline that builds the image sets; it is compared as in RD-2.6.1. Pass: every workload states a base that an entry of images.allowedBases or images.thirdPartyBases allows. Warn: a base is scratch; or it is not approved, and the operating system of every image of the workload is of a family in images.allowedOsFamilies. Fail: a base is not approved, or cannot be read. Manual (NotStated): a workload does not state its base, so a person must answer. Unknown (NoEvidence): a base is stated, and no base is approved (the default); or a base is not approved, images.allowedOsFamilies is set, and no current report names the operating system. NotApplicable (NoWorkloads): the namespace runs none. Unknown: the workloads could not be read.`,
  notes: [
    'The annotation speaks of all images of the workload; whoever sets it must be trusted, since nothing here checks it.',
    'Labels of images (org.opencontainers.image.base.name) are not read, since this version asks no registry; neither are build attestations, nor the SBOM.',
    'That an image has the same operating system as a base is no proof of the base. So the family softens nothing unless a profile lists it in images.allowedOsFamilies, by the name that Trivy gives it; the vulnerability reports name the family, sought as RD-2.4.1 seeks them. An image without an operating system is of no family.',
  ],
  remediation: 'Rebuild FROM an approved base, and let the pipeline set the annotation.',
  evidence: ['workloads'],
  alsoReads: ['vulnerabilityreports'],
  parameters: [
    'images.allowedBases',
    'images.thirdPartyBases',
    'images.allowedOsFamilies',
    'vulnerabilities.reportMaxAge',
    'vulnerabilities.rescanGrace',
    'vulnerabilities.scannerNamespace',
    'platform.maxClockSkew',
  ],
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
