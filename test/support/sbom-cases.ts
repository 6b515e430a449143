import { expect } from 'chai';
import type { BaseControl, EvaluationInput } from '../../src/domain/control.ts';
import type { Parameters } from '../../src/domain/parameters.ts';
import type { Composition, NamedPackage, Sbom } from '../../src/domain/sbom.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import type { ControlCase } from './control-cases.ts';
import { describeControl } from './control-cases.ts';
import type { SnapshotOverrides } from './builders.ts';
import { composition, input, pod, sbom, workload } from './builders.ts';
import { ofApp, withSidecar } from './scan-cases.ts';

/** What tests of controls that read SBOMs share: a Deployment `app` of one pod, and its SBOM. */

export const running = workload({ pods: [pod()] });

/** Of what the image of `app` is made. */
export const sbomOf = (overrides: Partial<Composition> = {}, rest: Partial<Sbom> = {}): Sbom =>
  sbom({ ...ofApp, composition: composition(overrides), ...rest });

export const sidecarSbom = (overrides: Partial<Composition> = {}): Sbom =>
  sbomOf(overrides, {
    name: 'sidecar-sbom',
    container: 'sidecar',
    image: { registry: 'registry.example', repository: 'proxy', tag: '2' },
  });

/** Packages that answer to entries, such as `netcat: netcat-openbsd`. */
export const named = (...packages: string[]): Pick<Composition, 'named'> => ({
  named: packages.map((text): NamedPackage => {
    const [entry = '', name = entry] = text.split(': ');
    return { entry, name };
  }),
});

export const at = (
  sboms: readonly Sbom[],
  rest: SnapshotOverrides = {},
  parameters: Partial<Parameters> = {},
): EvaluationInput => input({ workloads: read([running]), sboms: read(sboms), ...rest }, parameters);

const gap = (name: string, message: string) => ({
  subject: { kind: 'Deployment', name: 'app', container: name },
  example: 'app-0',
  observed: name === 'app' ? 'registry.example/app:1.0.0' : 'registry.example/proxy:2',
  message,
});
const unread1 = { image: { registry: '', repository: '' }, composition: undefined as never };
const noSbom = '1 of 1 container has no SBOM that tells all.';

export const commonSbomCases: Readonly<Record<string, ControlCase>> = {
  'is Unknown without an SBOM, and says which container': {
    given: at([]),
    status: 'Unknown',
    reason: 'NoEvidence',
    message: noSbom,
    findings: [gap('app', 'There is no SBOM of it.')],
  },
  'is Unknown while the SBOM is being read': {
    given: at([sbomOf({}, unread1)]),
    status: 'Unknown',
    reason: 'NoEvidence',
    findings: [{ ...gap('app', 'Its SBOM is still being read.'), ref: 'sbom' }],
  },
  'is Unknown for an SBOM that cannot be read': {
    given: at([sbomOf({}, { ...unread1, problem: 'SbomReport sbom cannot be read: no.' })]),
    status: 'Unknown',
    reason: 'EvaluationError',
    findings: [{ ...gap('app', 'SbomReport sbom cannot be read: no.'), ref: 'sbom' }],
  },
  'is Unknown for the SBOM of another image': {
    given: at([sbomOf({}, { image: { registry: 'registry.example', repository: 'app', tag: '0.9.0' } })]),
    status: 'Unknown',
    reason: 'StaleEvidence',
    findings: [{ ...gap('app', 'Its SBOM is of another image.'), ref: 'sbom' }],
  },
  'is Unknown for an SBOM that does not list all': {
    given: at([sbomOf({ unlisted: 7 })]),
    status: 'Unknown',
    reason: 'PartialEvidence',
    findings: [{ ...gap('app', 'Its SBOM counts 7 more than it lists.'), ref: 'sbom' }],
  },
  'is Unknown for one container of two, whatever the other is': {
    given: at([sbomOf()], { workloads: read([withSidecar]) }),
    status: 'Unknown',
    reason: 'NoEvidence',
    message: '1 of 2 containers has no SBOM that tells all.',
    findings: [gap('sidecar', 'There is no SBOM of it.')],
  },
  'is Unknown while the workloads cannot be read': {
    given: at([], { workloads: unread('Forbidden', 'Pods may not be listed.') }),
    status: 'Unknown',
    reason: 'Forbidden',
  },
  'does not apply where nothing runs': {
    given: at([], { workloads: read([]) }),
    status: 'NotApplicable',
    reason: 'NoWorkloads',
  },
};

/** A test for each case, and one that each holds until the moment that it names. */
export function describeSbomControl(
  control: BaseControl,
  cases: Readonly<Record<string, ControlCase>>,
): void {
  describeControl(control, cases);
  it(`${control.id} changes at the moment that it names, and not before`, () => {
    for (const [sentence, { given }] of Object.entries(cases)) {
      const verdict = control.evaluate(given);
      const { validUntil } = verdict;
      if (validUntil === undefined) continue;
      expect(control.evaluate({ ...given, now: validUntil - 1 }), sentence).to.deep.equal(verdict);
      expect(control.evaluate({ ...given, now: validUntil }), sentence).not.to.deep.equal(verdict);
    }
  });
}
