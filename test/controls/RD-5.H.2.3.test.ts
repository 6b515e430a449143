import { expect } from 'chai';
import control from '../../src/controls/RD-5.H.2.3.ts';
import type { Composition } from '../../src/domain/sbom.ts';
import type { VulnerabilityScan } from '../../src/domain/scan-report.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import type { Workload } from '../../src/domain/workload.ts';
import {
  container,
  now,
  pod,
  podSpec,
  scannerSettings,
  vulnerability,
  workload,
} from '../support/builders.ts';
import type { SnapshotOverrides } from '../support/builders.ts';
import { day, report, withSidecar } from '../support/scan-cases.ts';
import { at, commonSbomCases, describeSbomControl, sbomOf, sidecarSbom } from '../support/sbom-cases.ts';

type Markers = Composition['markers'];
const libc = (version: string): Markers => [{ name: 'libc6', version }];

const old: Partial<Composition> = { os: { family: 'debian', release: '12.9' }, markers: libc('2.36-9') };
const renewed: Partial<Composition> = {
  os: { family: 'debian', release: '12.11' },
  markers: libc('2.36-10'),
};

const inLibc = (publishedAt: number, overrides = {}) =>
  vulnerability({
    package: 'libc6',
    installedVersion: '2.36-9',
    fixedVersion: '2.36-10',
    publishedAt,
    ...overrides,
  });

const sidecarReport = (overrides: Partial<VulnerabilityScan> = {}) =>
  report({
    name: 'sidecar-report',
    container: 'sidecar',
    image: { registry: 'registry.example', repository: 'proxy', tag: '2' },
    ...overrides,
  });

/** `app` of one composition and `sidecar` of another. */
const two = (
  app: Partial<Composition>,
  sidecar: Partial<Composition>,
  scans: readonly VulnerabilityScan[] = [],
  rest: SnapshotOverrides = {},
) =>
  at([sbomOf(app), sidecarSbom(sidecar)], {
    workloads: read([withSidecar]),
    vulnerabilityScans: read(scans),
    ...rest,
  });

const lagging = [report({ vulnerabilities: [inLibc(now - 31 * day)] }), sidecarReport()];

const based = (name: string, baseImage: string): Workload =>
  workload({
    name,
    pods: [
      pod({
        name: `${name}-0`,
        spec: podSpec({
          containers: [container({ image: `registry.example/${name}:1` })],
          settings: { references: [], tracing: [], baseImage },
        }),
      }),
    ],
  });

const sbomOfImage = (name: string, composition: Partial<Composition> = {}) =>
  sbomOf(composition, {
    name: `sbom-${name}`,
    owner: { kind: 'Deployment', name },
    image: { registry: 'registry.example', repository: name, tag: '1' },
  });

const withBases = (first: string, second: string) =>
  at([sbomOfImage('a', renewed), sbomOfImage('b', old)], {
    workloads: read([based('a', first), based('b', second)]),
    vulnerabilityScans: read([]),
  });

// One image has nothing beside it; the cases of a single container that every control shares do not speak of it.
const shared = Object.fromEntries(
  Object.entries(commonSbomCases).filter(([, { given }]) => {
    const { workloads } = given.snapshot;
    return !workloads.available || workloads.items.length === 0 || workloads.items.includes(withSidecar);
  }),
);

describeSbomControl(control, {
  ...shared,
  'does not apply to a single image': {
    given: at([sbomOf()]),
    status: 'NotApplicable',
    reason: 'OneImage',
    message: 'The namespace runs fewer than two images.',
  },
  'passes one generation': {
    given: two(old, old),
    status: 'Pass',
    message: 'Each base runs in one generation (1 base).',
  },
  'does not compare lines that are renewed apart': {
    given: two(old, { os: { family: 'debian', release: '13.1' }, markers: libc('2.41-1') }),
    status: 'Pass',
    message: 'Each base runs in one generation (2 bases).',
  },
  'leaves out an image without an operating system': {
    given: two(old, { os: undefined as never, osPackages: 0, markers: [] }),
    status: 'Pass',
    message: 'Each base runs in one generation (1 base).',
  },
  'does not know an image of which neither is known': {
    given: two(old, { os: undefined as never, osPackages: 12, markers: [] }),
    status: 'Unknown',
    reason: 'NoEvidence',
    message: '1 of 2 containers runs an image of which neither base nor operating system is known.',
    findings: [
      {
        subject: { kind: 'Deployment', name: 'app', container: 'sidecar' },
        example: 'app-0',
        observed: 'registry.example/proxy:2',
        message: 'Neither its base nor its operating system is known.',
      },
    ],
  },
  'warns of a generation that lacks a fix which another has, for longer than the lag': {
    given: two(old, renewed, lagging),
    status: 'Warn',
    reason: 'BaseLags',
    message:
      '1 base runs in several generations. 1 generation is behind another by more than images.baseLag.',
    findings: [
      {
        subject: { kind: 'Deployment', name: 'app', container: 'app' },
        example: 'app-0',
        observed: 'registry.example/app:1.0.0',
        message:
          'Its debian 12 has libc6 2.36-9 and lacks the fix of CVE-2025-1000 in 2.36-10, public since 2025-12-01T00:00:00Z, which another image has.',
        ref: 'sbom',
      },
    ],
  },
  'passes it for so long': {
    given: two(old, renewed, [report({ vulnerabilities: [inLibc(now - 29 * day)] }), sidecarReport()]),
    status: 'Pass',
    message: '1 of 1 base runs in several generations, none behind another by more than images.baseLag.',
  },
  'takes the lag of the profile': {
    given: {
      ...two(old, renewed, lagging),
      parameters: { ...two(old, renewed).parameters, 'images.baseLag': 60 * day },
    },
    status: 'Pass',
  },
  'does not count what both lack': {
    given: two(old, renewed, [
      report({ vulnerabilities: [inLibc(now - 90 * day)] }),
      sidecarReport({ vulnerabilities: [inLibc(now - 90 * day, { installedVersion: '2.36-10' })] }),
    ]),
    status: 'Pass',
  },
  'does not count a package that is not of the base': {
    given: two(old, renewed, [
      report({ vulnerabilities: [inLibc(now - 90 * day, { package: 'curl' })] }),
      sidecarReport(),
    ]),
    status: 'Pass',
  },
  'does not count what has no fix': {
    given: two(old, renewed, [
      report({
        vulnerabilities: [vulnerability({ ...inLibc(now - 90 * day), fixedVersion: undefined as never })],
      }),
      sidecarReport(),
    ]),
    status: 'Pass',
  },
  'does not know how far apart they are without current vulnerability reports': {
    given: two(old, renewed, [report()]),
    status: 'Unknown',
    reason: 'NoEvidence',
    message: '1 of 2 containers has no current vulnerability report.',
    findings: [
      {
        subject: { kind: 'Deployment', name: 'app', container: 'sidecar' },
        example: 'app-0',
        observed: 'registry.example/proxy:2',
        message: 'There is no report of it.',
      },
    ],
  },
  'does not ask for them where there is one generation': {
    given: two(old, old, [], { vulnerabilityScans: unread('NoEvidence', 'It is not installed.') }),
    status: 'Pass',
  },
  'is Unknown without any, where it asks for them': {
    given: two(old, renewed, [], { vulnerabilityScans: unread('Forbidden', 'Not allowed.') }),
    status: 'Unknown',
    reason: 'Forbidden',
    message: 'Not allowed.',
  },
  'does not know it where the scanner hides what has a fix': {
    given: two(old, renewed, lagging, {
      scannerSettings: read([scannerSettings({ hidesFixable: ['trivy.severity leaves out HIGH.'] })]),
    }),
    status: 'Unknown',
    reason: 'HiddenFindings',
    message:
      "1 base runs in several generations. How far apart is not known, since the scanner's settings hide findings: trivy.severity leaves out HIGH.",
  },
  'groups by the base that workloads state': {
    given: withBases('registry.example/base:1', 'registry.example/base:1'),
    status: 'Pass',
    message: 'Each base runs in one generation (1 base).',
  },
  'tells their generations by the tag': {
    given: withBases('registry.example/base:1', 'registry.example/base:2'),
    status: 'Unknown',
    reason: 'NoEvidence',
    message: '2 of 2 containers have no current vulnerability report.',
    findings: ['a', 'b'].map((name) => ({
      subject: { kind: 'Deployment', name, container: 'app' },
      example: `${name}-0`,
      observed: `registry.example/${name}:1`,
      message: 'There is no report of it.',
    })),
  },
  'takes the base that the labels of the image name': {
    given: two(
      { ...old, base: { name: 'registry.example/base:1' } },
      { ...renewed, base: { name: 'registry.example/base:1' } },
    ),
    status: 'Pass',
    message: 'Each base runs in one generation (1 base).',
  },
  'is Unknown where the SBOMs cannot be read': {
    given: two(old, renewed, [], { sboms: unread('Forbidden', 'Not allowed.') }),
    status: 'Unknown',
    reason: 'Forbidden',
    message: 'Not allowed.',
  },
});

describe('RD-5.H.2.3 where the scanner hides what has a fix', () => {
  it('is judged anew when a report that it rests on grows stale', () => {
    const hiding = scannerSettings({ hidesFixable: ['trivy.severity leaves out HIGH.'] });
    const given = two(old, renewed, lagging, { scannerSettings: read([hiding]) });
    const { validUntil = Number.NaN } = control.evaluate(given);
    expect(control.evaluate({ ...given, now: validUntil - 1 }).reason).to.equal('HiddenFindings');
    expect(control.evaluate({ ...given, now: validUntil }).reason).to.equal('StaleEvidence');
  });
});
