import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import { formatImageReference, isParseFailure, parseImageReference } from '../domain/image-reference.ts';
import { matches } from '../domain/registry-entry.ts';
import type { Verdict } from '../domain/verdict.ts';
import { unknown } from '../domain/verdict.ts';
import type { Workload } from '../domain/workload.ts';
import { allowlistOf } from './shared/allowlist.ts';
import { count, someOf, sortFindings } from './shared/findings.ts';
import type { FamilyAnswer } from './shared/image-families.ts';
import { ImageFamilies } from './shared/image-families.ts';
import { noWorkloads, specSubjects } from './shared/judge-specs.ts';
import { untilFirstChange } from './shared/scan-verdict.ts';
import type { StatedBase } from './shared/stated-bases.ts';
import { statedBases } from './shared/stated-bases.ts';

interface Refused {
  readonly base: StatedBase;
  readonly why: string;
  /** Scratch is no base, and a base that cannot be read is not known. */
  readonly is: 'scratch' | 'unreadable' | 'known';
}

/** @returns undefined for a base that is approved */
function judge(base: StatedBase, { parameters }: EvaluationInput): Refused | undefined {
  if (base.name === 'scratch')
    return { is: 'scratch', base, why: 'The base is scratch, which no list can hold.' };
  const named = parseImageReference(base.name);
  if (isParseFailure(named)) return { is: 'unreadable', base, why: `The base image ${named.problem}.` };
  const reference = base.digest === undefined ? named : { digest: base.digest, ...named };
  const entries = [
    ...allowlistOf(parameters['images.allowedBases']).entries,
    ...allowlistOf(parameters['images.thirdPartyBases']).entries,
  ];
  if (entries.some((entry) => matches(entry, reference))) return undefined;
  return { is: 'known', base, why: `The base ${formatImageReference(reference)} is not approved.` };
}

function evaluate(input: EvaluationInput): Verdict {
  const { workloads } = input.snapshot;
  if (!workloads.available) return unknown(workloads.reason, workloads.message);
  const subjects = specSubjects(workloads.items);
  if (subjects.length === 0) return noWorkloads(input.snapshot);
  const stated = subjects.map((workload) => ({ workload, ...statedBases(workload, input) }));
  const { parameters } = input;
  if (
    stated.some(({ bases }) => bases.length > 0) &&
    parameters['images.allowedBases'].length + parameters['images.thirdPartyBases'].length === 0
  )
    return unknown('NoEvidence', 'No base image is approved: images.allowedBases is empty.');
  const families = new ImageFamilies(input);
  const graded = stated.flatMap(({ workload, bases }) =>
    bases.flatMap((base) => {
      const said = judge(base, input);
      if (said === undefined) return [];
      const answer = said.is === 'known' ? families.answer(workload) : 'other';
      return [{ workload, said, answer }];
    }),
  );
  const silent = stated.filter((each) => each.silent).length;
  return untilFirstChange(decide(input, subjects.length, silent, graded), families.asked);
}

type Graded = readonly {
  readonly workload: Workload;
  readonly said: Refused;
  readonly answer: FamilyAnswer;
}[];

const workloadsIn = (some: Graded): number => new Set(some.map(({ workload }) => workload)).size;

const findingsOf = (some: Graded) =>
  sortFindings(
    some.map(({ workload, said, answer }) => {
      const { name: observed, path, container, ref } = said.base;
      const softened = answer === 'allowed' ? ' Its operating system is of an allowed family.' : '';
      const { kind, name } = workload;
      return {
        subject: { kind, name, ...(container === undefined ? {} : { container }) },
        ...{ path, observed, message: `${said.why}${softened}` },
        ...(ref === undefined ? {} : { ref }),
      };
    }),
  );

function decide(input: EvaluationInput, total: number, silent: number, graded: Graded): Verdict {
  const refused = graded.filter(({ said, answer }) => said.is !== 'scratch' && answer === 'other');
  if (refused.length > 0) {
    const message = `${someOf(workloadsIn(refused), total, 'states a base image that is not approved', 'state base images that are not approved')}.`;
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
  if (silent > 0) {
    const some = someOf(
      silent,
      total,
      'does not say what its images are built on',
      'do not say what their images are built on',
    );
    const message = `To be answered by a person: are the images of namespace ${input.snapshot.namespace.name} built on approved bases? ${some}.`;
    return { status: 'Manual', reason: 'NotStated', message, findings: [] };
  }
  return graded.length > 0 ? warn(total, graded) : pass(total);
}

function warn(total: number, graded: Graded): Verdict {
  const softened = graded.some(({ said }) => said.is === 'known');
  const [one, many] = softened
    ? [
        'is built on scratch or on a base that is not approved',
        'are built on scratch or on bases that are not approved',
      ]
    : ['is built on scratch', 'are built on scratch'];
  const rest = softened ? ', of an allowed family of operating systems' : '';
  const message = `${someOf(workloadsIn(graded), total, one, many)}${rest}.`;
  return { status: 'Warn', message, findings: findingsOf(graded) };
}

const pass = (total: number): Verdict => ({
  status: 'Pass',
  message: `Every image is known to be built on an approved base (${count(total, 'workload')}).`,
  findings: [],
});

const control: BaseControl = {
  id: 'RD-5.H.1.1',
  title: 'Images are built on an organisation-approved base',
  requirement: '§5: define a base image that your organization issues and can properly secure',
  severity: 'medium',
  scope: 'container',
  rationale:
    'A base that you issue is mended once for all images. One that anybody picked is mended by nobody.',
  rule: 'The base is what the annotation plumbline.dev/base-image says, of the pods, their template or their controller, which the pipeline that builds the image sets; without it, what the label org.opencontainers.image.base.name of each image that runs says, by its SBOM. It is compared as in RD-2.6.1. Pass: every workload, or each of its images, states a base that an entry of images.allowedBases or images.thirdPartyBases allows. Warn: a base is scratch; or it is not approved, and the operating system of every image of the workload is of a family in images.allowedOsFamilies. Fail: a base is not approved, or cannot be read. Manual (NotStated): neither a workload nor each of its images states a base, so a person must answer. Unknown (NoEvidence): a base is stated, and no base is approved (the default); or a base is not approved, images.allowedOsFamilies is set, and no current report names the operating system. NotApplicable (NoWorkloads): the namespace runs none. Unknown: the workloads could not be read.',
  notes: [
    'The annotation speaks of all images of the workload, and counts before their labels: an image inherits the labels of its base, so that a build which sets none names the base of its base. Whoever sets either must be trusted, since nothing here checks it.',
    'The label is read from the SBOM, sought as RD-5.H.8.1 seeks it: without a generator of SBOMs, or while one is still being read, an image states nothing. With the label org.opencontainers.image.base.digest beside it, an entry with a digest may allow it. That a label is not approved fails, also where another image of the workload bears none.',
    'Images themselves are not read, since this version asks no registry (images.registryReader); neither are build attestations.',
    'That an image has the same operating system as a base is no proof of the base. So the family softens nothing unless a profile lists it in images.allowedOsFamilies, by the name that Trivy gives it; the vulnerability reports name the family, sought as RD-2.4.1 seeks them. An image without an operating system is of no family.',
  ],
  remediation: 'Rebuild FROM an approved base, and let the pipeline set the label or the annotation.',
  evidence: ['workloads'],
  alsoReads: ['vulnerabilityreports', 'sbomreports'],
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
