import control from '../../src/controls/RD-5.H.1.1.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import type { Workload } from '../../src/domain/workload.ts';
import type { Composition } from '../../src/domain/sbom.ts';
import {
  composition,
  input,
  now,
  pod,
  podSpec,
  sbom,
  scan,
  template,
  workload,
} from '../support/builders.ts';
import type { OperatingSystem } from '../../src/domain/vulnerability.ts';
import type { Source } from '../../src/domain/snapshot.ts';
import type { VulnerabilityScan } from '../../src/domain/scan-report.ts';
import { describeControl } from '../support/control-cases.ts';
import { at, sbomOf, sidecarSbom } from '../support/sbom-cases.ts';
import { withSidecar } from '../support/scan-cases.ts';

const approved = {
  'images.allowedBases': ['harbor.example/base'],
  'images.thirdPartyBases': ['quay.io/ubi'],
};
const on = (baseImage: string | undefined): Workload =>
  workload({ template: template(), settings: baseImage === undefined ? {} : { baseImage } });
const given = (one: Workload, parameters: object = approved) => input({ workloads: read([one]) }, parameters);
const live = (baseImage: string, other: string) =>
  workload({
    pods: [pod({ spec: podSpec({ settings: { references: [], tracing: [], baseImage } }) })],
    settings: { baseImage: other },
  });

const families = { ...approved, 'images.allowedOsFamilies': ['Debian', 'alpine'] };
const other = on('evil.io/base:1');
const scanned = (scans: Source<VulnerabilityScan>, one: Workload = other) =>
  input({ workloads: read([one]), vulnerabilityScans: scans }, families);
const found = (os: Partial<OperatingSystem> | undefined, more: Partial<VulnerabilityScan> = {}) => {
  const { os: _debian, ...rest } = scan(more);
  return { ...rest, ...(os === undefined ? {} : { os: { endOfLife: false, ...os } }) };
};
const notKnown =
  'The base of Deployment app is not approved, and whether images.allowedOsFamilies softens that is not known: no current report names the operating system of all its images.';

/** The images of `app` and `sidecar` by what their labels say. */
type Label = Composition['base'];
const labelled = (app: Label, sidecar: Label, parameters: object = approved) => {
  const of = (base: Label) => (base === undefined ? {} : { base });
  const { snapshot } = at([sbomOf(of(app)), sidecarSbom(of(sidecar))], { workloads: read([withSidecar]) });
  return { ...input({}, parameters), snapshot };
};
const ubi = { name: 'quay.io/ubi:9' };
const hex = 'a'.repeat(64);

describeControl(control, {
  'passes where the labels of all images name approved bases': {
    given: labelled({ name: 'harbor.example/base/java:21' }, ubi),
    status: 'Pass',
    message: 'Every image is known to be built on an approved base (1 workload).',
  },
  'fails a base that is not approved by the label of one image': {
    given: labelled(ubi, { name: 'docker.io/library/alpine:3', digest: `sha256:${hex}` }),
    status: 'Fail',
    message: '1 of 1 workload states a base image that is not approved.',
    findings: [
      {
        subject: { kind: 'Deployment', name: 'app', container: 'sidecar' },
        path: 'labels[org.opencontainers.image.base.name]',
        observed: 'docker.io/library/alpine:3',
        message: `The base docker.io/library/alpine:3@sha256:${hex} is not approved.`,
        ref: 'sidecar-sbom',
      },
    ],
  },
  'fails by the label of one image although another bears none': {
    given: labelled(undefined, { name: 'evil.io/base:1' }),
    status: 'Fail',
  },
  'asks a person where an image bears no label': {
    given: labelled(ubi, undefined),
    status: 'Manual',
    reason: 'NotStated',
  },
  'warns of scratch by the label': { given: labelled(ubi, { name: 'scratch' }), status: 'Warn' },
  'fails a label that cannot be read': { given: labelled(ubi, { name: 'not A base' }), status: 'Fail' },
  'lets the digest of the label count': {
    given: labelled(
      ubi,
      { name: 'evil.io/base:1', digest: `sha256:${hex}` },
      {
        ...approved,
        'images.allowedBases': [`evil.io/base@sha256:${hex}`],
      },
    ),
    status: 'Pass',
  },
  'does not know what a labelled base is worth while nothing is approved': {
    given: labelled(ubi, ubi, {}),
    status: 'Unknown',
    reason: 'NoEvidence',
  },
  'lets the annotation count before the label': {
    given: input(
      {
        workloads: read([on('harbor.example/base:1')]),
        sboms: read([sbom({ composition: composition({ base: { name: 'evil.io/base' } }) })]),
      },
      approved,
    ),
    status: 'Pass',
  },
  'asks a person while the SBOMs cannot be read': {
    given: input({ workloads: read([withSidecar]), sboms: unread('Forbidden', 'Not allowed.') }, approved),
    status: 'Manual',
    reason: 'NotStated',
  },
  'warns where the operating system is of a family that is allowed': {
    given: scanned(read([found({ family: 'debian', release: '12' })])),
    status: 'Warn',
    message:
      '1 of 1 workload is built on scratch or on a base that is not approved, of an allowed family of operating systems.',
    findings: [
      {
        subject: { kind: 'Deployment', name: 'app' },
        path: 'metadata.annotations[plumbline.dev/base-image]',
        observed: 'evil.io/base:1',
        message: 'The base evil.io/base:1 is not approved. Its operating system is of an allowed family.',
      },
    ],
  },
  'fails where it is of another family': {
    given: scanned(read([found({ family: 'fedora', release: '41' })])),
    status: 'Fail',
  },
  'fails where the image has no operating system': { given: scanned(read([found({})])), status: 'Fail' },
  'fails a base that cannot be read, of whatever family': {
    given: scanned(read([found({ family: 'debian' })]), on('not A base')),
    status: 'Fail',
  },
  'fails where one of two images is of another family': {
    given: scanned(
      read([
        found({ family: 'debian' }, { container: 'app', owner: { kind: 'Deployment', name: 'app' } }),
        found(
          { family: 'ubuntu' },
          { container: 'app', owner: { kind: 'Deployment', name: 'app' }, name: 'b' },
        ),
      ]),
    ),
    status: 'Fail',
  },
  'does not know without a report': {
    given: scanned(read([])),
    status: 'Unknown',
    reason: 'NoEvidence',
    message: notKnown,
  },
  'does not know by a report that is stale, or that speaks of no operating system': {
    given: scanned(
      read([found(undefined), found({ family: 'debian' }, { updatedAt: now - 8 * 86_400_000 })]),
    ),
    status: 'Unknown',
    reason: 'NoEvidence',
    message: notKnown,
  },
  'does not know of what runs nowhere': {
    given: scanned(
      read([found({ family: 'debian' })]),
      workload({ replicas: 0, template: template(), settings: { baseImage: 'evil.io/base:1' } }),
    ),
    status: 'Unknown',
    reason: 'NoEvidence',
    message: notKnown,
  },
  'does not know while the reports cannot be read': {
    given: scanned(unread('Forbidden', 'They may not be listed.')),
    status: 'Unknown',
    reason: 'Forbidden',
    message: /: They may not be listed\.$/,
  },
  'does not need reports for what is approved': {
    given: scanned(unread('Forbidden', 'They may not be listed.'), on('harbor.example/base/java:21')),
    status: 'Pass',
  },
  'passes an approved base': { given: given(on('harbor.example/base/java:21')), status: 'Pass' },
  'passes an approved base of a third party': { given: given(on('quay.io/ubi:9')), status: 'Pass' },
  'lets what the pods say count first': {
    given: given(live('harbor.example/base:1', 'evil.io/base')),
    status: 'Pass',
  },
  'fails a base that is not approved': {
    given: given(on('evil.io/base:1')),
    status: 'Fail',
    message: '1 of 1 workload states a base image that is not approved.',
    findings: [
      {
        subject: { kind: 'Deployment', name: 'app' },
        path: 'metadata.annotations[plumbline.dev/base-image]',
        observed: 'evil.io/base:1',
        message: 'The base evil.io/base:1 is not approved.',
      },
    ],
  },
  'fails a base that cannot be read': { given: given(on('not A base')), status: 'Fail' },
  'warns of scratch': { given: given(on('scratch')), status: 'Warn' },
  'asks a person where nothing is stated': {
    given: given(on(undefined)),
    status: 'Manual',
    reason: 'NotStated',
    message: /\? 1 of 1 workload does not say what its images are built on\.$/,
  },
  'asks a person also while nothing is approved': {
    given: given(on(undefined), {}),
    status: 'Manual',
    reason: 'NotStated',
  },
  'does not know what a base is worth while nothing is approved': {
    given: given(on('harbor.example/base:1'), {}),
    status: 'Unknown',
    reason: 'NoEvidence',
  },
  'does not apply to a namespace without workloads': {
    given: input(),
    status: 'NotApplicable',
    reason: 'NoWorkloads',
  },
  'is Unknown while the workloads cannot be read': {
    given: input({ workloads: unread('Forbidden', 'Pods may not be listed.') }),
    status: 'Unknown',
    reason: 'Forbidden',
  },
});
