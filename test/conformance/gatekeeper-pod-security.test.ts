import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import type { SpecContext } from '../../src/controls/shared/spec-check.ts';
import { defaultParameters } from '../../src/domain/parameters.ts';
import { asObject, objectsField, stringField } from '../../src/evidence/fields.ts';
import type { Json } from '../../src/evidence/fields.ts';
import { requireFixtures } from '../support/fixtures.ts';
import { readObject, specOf } from '../support/pods.ts';
import { brokenBy } from '../support/spec-checks.ts';

interface Mapping {
  /** The controls that say together what the policy says. */
  readonly controls: readonly string[];
  readonly at?: Partial<SpecContext>;
}

const noSysctls = { ...defaultParameters, 'podSecurity.forbidAllSysctls': true };

/** `suite` or `suite/test`: the policies that say what our rules say, with the samples' parameters. */
const mapped: Readonly<Record<string, Mapping>> = {
  'allow-privilege-escalation': { controls: ['RD-2.2.8'] },
  apparmor: { controls: ['RD-2.2.10'] },
  'capabilities/capabilities-baseline': { controls: ['RD-2.2.7'], at: { level: 'baseline' } },
  'capabilities/capabilities-restricted': { controls: ['RD-2.2.7'] },
  'forbidden-sysctls/forbidden-sysctls': { controls: ['RD-2.2.13'] },
  'forbidden-sysctls/forbidden-sysctls-wildcard': { controls: ['RD-2.2.13'], at: { parameters: noSysctls } },
  'forbidden-sysctls/forbidden-sysctls4-empty-allowedSysctls': {
    controls: ['RD-2.2.13'],
    at: { parameters: noSysctls },
  },
  'host-filesystem': { controls: ['RD-2.2.4'] },
  'host-namespaces': { controls: ['RD-2.2.3'] },
  'host-network-ports/port-range-with-host-network-allowed': { controls: ['RD-2.2.5'] },
  'host-network-ports/host-network-forbidden': { controls: ['RD-2.2.3'] },
  'host-network-ports/port-range-with-host-network-forbidden': { controls: ['RD-2.2.3', 'RD-2.2.5'] },
  'host-probes-lifecycle': { controls: ['RD-2.2.6'] },
  'host-process': { controls: ['RD-2.2.15'] },
  'privileged-containers': { controls: ['RD-2.2.2'] },
  'proc-mount': { controls: ['RD-2.2.12'] },
  'seccompv2/seccomp-baseline': { controls: ['RD-2.2.9'], at: { level: 'baseline' } },
  'seccompv2/seccomp-restricted': { controls: ['RD-2.2.9'] },
  selinux: { controls: ['RD-2.2.11'] },
  users: { controls: ['RD-2.1.1'] },
  volumes: { controls: ['RD-2.2.4', 'RD-2.2.14'] },
};

const image = 'the policy excuses an image; an exception to a control is not part of its rule';
const ports = 'the policy allows a range of host ports; the standard allows none';
const patterns = 'the policy lists its own patterns of sysctls; the standard has one list';

const groups = 'the policy allows a range of groups; RD-2.1.4 warns of group 0 alone';
const elsewhere =
  'no matter of the Pod Security Standards; gatekeeper-general.test.ts holds RD-2.7.5 against it';
const annotations =
  'the policy reads annotations, which Kubernetes ignores since 1.27, and one Localhost profile by name';

/** What is left out, case by case, and why. */
const excluded: Readonly<Record<string, string>> = {
  'allow-privilege-escalation/allow-privilege-escalation/exempted-path': image,
  'apparmor/apparmor/example-allowed-override':
    'the policy judges what the containers get; the standard refuses Unconfined at pod level also when every container overrides it',
  'forbidden-sysctls/forbidden-sysctls3/example-disallowed': patterns,
  'forbidden-sysctls/forbidden-sysctls3/example-allowed': patterns,
  'forbidden-sysctls/forbidden-sysctls5-unspecified-allowedSysctls/example-disallowed': patterns,
  'forbidden-sysctls/forbidden-sysctls5-unspecified-allowedSysctls/example-allowed': patterns,
  'fsgroup/fsgroup/example-disallowed': groups,
  'fsgroup/fsgroup/example-allowed': groups,
  'fsgroup/fsgroup-no-rules/example-allowed': groups,
  'fsgroup/fsgroup-empty-ranges/example-disallowed-2000': groups,
  'fsgroup/fsgroup-empty-ranges/example-disallowed-500': groups,
  'host-filesystem/host-filesystem/example-allowed':
    'the policy allows one path; the standard allows no hostPath',
  'host-network-ports/port-range-with-host-network-allowed/example-allowed': ports,
  'host-network-ports/port-range-with-host-network-allowed/port-violation-exempted': image,
  'host-network-ports/port-range-with-host-network-forbidden/in-range-host-network-false': ports,
  'privileged-containers/privileged-containers-disallowed/exempted-image': image,
  'proc-mount/default-proc-mount-required/image-exempt-prefix-match': image,
  'read-only-root-filesystem/require-read-only-root-filesystem/example-disallowed': elsewhere,
  'read-only-root-filesystem/require-read-only-root-filesystem/example-allowed': elsewhere,
  'read-only-root-filesystem/require-read-only-root-filesystem/disallowed-ephemeral': elsewhere,
  'read-only-root-filesystem/require-read-only-root-filesystem/exact-exemption': elsewhere,
  'read-only-root-filesystem/full-wildcard/allow-normally-disallowed': elsewhere,
  'read-only-root-filesystem/wildcard-prefix/image-with-exempt-prefix-readOnlyRootFilesystem-not-required':
    elsewhere,
  'read-only-root-filesystem/wildcard-prefix/image-with-different-prefix-must-set-readOnlyRootFilesystem':
    elsewhere,
  'seccomp/default-seccomp-required/example-disallowed-global': annotations,
  'seccomp/default-seccomp-required/example-disallowed-container': annotations,
  'seccomp/default-seccomp-required/example-allowed-container': annotations,
  'seccomp/default-seccomp-required/example-allowed-global': annotations,
  'seccomp/default-seccomp-required/disallowed-ephemeral': annotations,
  'seccomp/default-seccomp-required/example-allowed-container-exempt-image': annotations,
  'seccomp/default-seccomp-required/example-allowed-container-localhost-profile': annotations,
  'seccomp/default-seccomp-required/example-disallowed-container-localhost-profile': annotations,
  'seccompv2/seccomp-baseline/example-allowed-exempt-image': image,
  'seccompv2/seccomp-restricted/example-allowed-exempt-image': image,
};

/**
 * Admission lets an update of a pod pass that was there before the policy. We judge what runs, however it came there: by the
 * rule of its test the object of each of these is a violation.
 */
const updates: readonly string[] = [
  'allow-privilege-escalation/allow-privilege-escalation/update',
  'capabilities/capabilities-baseline/update',
  'capabilities/capabilities-restricted/update',
  'forbidden-sysctls/forbidden-sysctls/update',
  'forbidden-sysctls/forbidden-sysctls-wildcard/update',
  'forbidden-sysctls/forbidden-sysctls3/update',
  'forbidden-sysctls/forbidden-sysctls4-empty-allowedSysctls/update',
  'forbidden-sysctls/forbidden-sysctls5-unspecified-allowedSysctls/update',
  'fsgroup/fsgroup/update',
  'fsgroup/fsgroup-no-rules/update',
  'fsgroup/fsgroup-empty-ranges/update',
  'host-filesystem/host-filesystem/update',
  'host-namespaces/host-namespace/update',
  'host-network-ports/port-range-with-host-network-allowed/update',
  'host-network-ports/port-range-with-host-network-forbidden/update',
  'host-probes-lifecycle/host-probes-lifecycle-disallowed/update',
  'host-process/host-process-disallowed/update',
  'privileged-containers/privileged-containers-disallowed/update',
  'proc-mount/default-proc-mount-required/update',
  'read-only-root-filesystem/require-read-only-root-filesystem/update',
  'selinux/require-matching-selinux-options/update',
  'users/users-and-groups-together/update',
  'volumes/host-path-disallowed/update',
];

/** Updates that are not held against a rule, and why. */
const unjudgedUpdates: Readonly<Record<string, string>> = {
  'forbidden-sysctls/forbidden-sysctls3/update': patterns,
  'forbidden-sysctls/forbidden-sysctls5-unspecified-allowedSysctls/update': patterns,
  'fsgroup/fsgroup/update': groups,
  'fsgroup/fsgroup-no-rules/update': groups,
  'fsgroup/fsgroup-empty-ranges/update': groups,
  'read-only-root-filesystem/require-read-only-root-filesystem/update': elsewhere,
};

interface Case {
  readonly suite: string;
  readonly test: string;
  readonly name: string;
  readonly file: string;
  readonly violates: boolean;
}

function readSuite(folder: string, suite: string): readonly Case[] {
  const file = join(folder, suite, 'suite.yaml');
  return objectsField(readObject(file), 'tests', '').flatMap((test) =>
    objectsField(test, 'cases', '').map((one) => ({
      suite,
      test: stringField(test, 'name', '') ?? '',
      name: stringField(one, 'name', '') ?? '',
      file: join(dirname(file), stringField(one, 'object', '') ?? ''),
      violates: isViolation(one),
    })),
  );
}

/** js-yaml and Gatekeeper agree that `no` is false and `yes` true; a number is a count of violations. */
function isViolation(one: Json): boolean {
  const [assertion] = objectsField(one, 'assertions', '');
  const violations = asObject(assertion, 'assertions[0]')['violations'];
  if (typeof violations === 'boolean') return violations;
  if (typeof violations === 'number') return violations > 0;
  throw new Error(`violations: ${String(violations)}`);
}

const suites = [
  ...new Set([...Object.keys(mapped), ...Object.keys(excluded)].map((key) => key.split('/')[0] ?? '')),
];
const keysOf = ({ suite, test, name }: Case) => [suite, `${suite}/${test}`, `${suite}/${test}/${name}`];
const nameOf = ({ suite, test, name }: Case) => `${suite}/${test}/${name}`;
const isExcluded = (one: Case) => nameOf(one) in excluded;
const isUpdate = (one: Case) => updates.includes(nameOf(one));
const mappingOf = (one: Case) => keysOf(one).flatMap((key) => mapped[key] ?? [])[0];

describe('Gatekeeper library conformance: pod security', function () {
  let cases: readonly Case[] = [];
  before(function () {
    const folder = join(requireFixtures(this, 'gatekeeper-library'), 'library', 'pod-security-policy');
    expect(readdirSync(folder)).to.have.members(suites);
    cases = suites.flatMap((suite) => readSuite(folder, suite));
  });

  it('judges every case that is not left out by name', () => {
    const judged = cases.filter((one) => !isUpdate(one) && !isExcluded(one));
    expect(judged.filter((one) => mappingOf(one) === undefined)).to.deep.equal([]);
    expect({
      read: cases.length,
      updates: cases.filter(isUpdate).length,
      judged: judged.length,
    }).to.deep.equal({ read: 137, updates: 23, judged: 79 });
  });

  it('leaves nothing out that does not exist', () => {
    const keys = new Set(cases.flatMap(keysOf));
    const named = [...Object.keys({ ...excluded, ...mapped, ...unjudgedUpdates }), ...updates];
    expect(named.filter((key) => !keys.has(key))).to.deep.equal([]);
  });

  it('finds in every object that an update lets pass what its policy forbids', () => {
    const updated = cases.filter((one) => isUpdate(one) && !(nameOf(one) in unjudgedUpdates));
    const wrong = updated.filter((one) => {
      const { controls, at = {} } = mappingOf(one) ?? { controls: [] };
      const { request } = readObject(one.file);
      const pod = asObject(asObject(request, 'request')['object'], 'request.object');
      return brokenBy(specOf(pod), controls, at).length === 0;
    });
    expect(wrong.map(nameOf)).to.deep.equal([]);
    expect(updated).to.have.length(17);
  });

  it('gives the policies’ verdict', () => {
    const wrong = cases
      .filter((one) => !isUpdate(one) && !isExcluded(one))
      .flatMap((one) => {
        const { controls, at = {} } = mappingOf(one) ?? { controls: [] };
        const broken = brokenBy(specOf(readObject(one.file)), controls, at);
        const name = `${one.suite}/${one.test}/${one.name}`;
        return broken.length > 0 === one.violates ? [] : [`${name}: ${broken.join() || 'none'} fails`];
      });
    expect(wrong).to.deep.equal([]);
  });
});
