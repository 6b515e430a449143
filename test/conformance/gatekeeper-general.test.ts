import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import automount from '../../src/controls/RD-3.6.2.ts';
import digests from '../../src/controls/RD-2.6.4.ts';
import limits from '../../src/controls/RD-2.7.2.ts';
import probes from '../../src/controls/RD-5.G.3.2.ts';
import requests from '../../src/controls/RD-2.7.1.ts';
import rootFileSystem from '../../src/controls/RD-2.7.5.ts';
import type { BaseControl, EvaluationInput } from '../../src/domain/control.ts';
import type { Finding } from '../../src/domain/verdict.ts';
import type { Json } from '../../src/evidence/fields.ts';
import { asObject, objectsField, stringField } from '../../src/evidence/fields.ts';
import { requireFixtures } from '../support/fixtures.ts';
import { findingsAt, inputOf } from '../support/judged-manifests.ts';
import { readObject } from '../support/pods.ts';

/** The violations that controls find in an input. */
type Judge = (input: EvaluationInput) => readonly Finding[];

const found =
  (control: BaseControl, about?: RegExp): Judge =>
  (input) =>
    findingsAt(control, input, about);

/** What fails, and not what the control only warns of. */
const failures =
  (control: BaseControl): Judge =>
  (input) => {
    const { status, findings } = control.evaluate(input);
    expect(status).to.be.oneOf(['Pass', 'Warn', 'Fail']);
    return status === 'Fail' ? findings : [];
  };

const resources: Judge = (input) => [...findingsAt(requests, input), ...findingsAt(limits, input)];

interface Mapping {
  readonly judge: Judge;
  /** Of the namespace. */
  readonly labels?: Readonly<Record<string, string>>;
  /** The control speaks of workloads that serve, and not of single pods. */
  readonly inDeployment?: true;
}

const production = { 'plumbline.dev/environment': 'production' };

/** The tests whose policy says what our controls say. */
const mapped: Readonly<Record<string, Mapping>> = {
  'general/automount-serviceaccount-token/automount-serviceaccount-token': { judge: failures(automount) },
  'general/containerlimits/container-limits': { judge: found(limits) },
  'general/containerlimits/container-limits-ignore-cpu': { judge: found(limits) },
  'general/containerrequests/container-requests': { judge: found(requests) },
  'general/containerresources/container-limits-and-requests': { judge: resources },
  'general/containerresources/container-cpu-requests-memory-limits-and-requests': { judge: resources },
  'general/disallowedtags/disallowed-tags': { judge: failures(digests) },
  // In production every image needs a digest, as the policy has it everywhere.
  'general/imagedigests/container-image-must-have-digest': { judge: found(digests), labels: production },
  'general/requiredprobes/required-probes': { judge: found(probes, /readinessProbe:/), inDeployment: true },
  'pod-security-policy/read-only-root-filesystem/require-read-only-root-filesystem': {
    judge: found(rootFileSystem),
  },
  'pod-security-policy/read-only-root-filesystem/wildcard-prefix': { judge: found(rootFileSystem) },
};

const amount = 'the policy has a greatest amount; the controls ask only whether one is set';
const image = 'the policy excuses an image; an exception to a control is not part of its rule';
const nothing = 'the policy demands nothing';
const denied = 'the policy lists what is forbidden; an allowlist cannot say "everything else"';
const services = 'no control forbids a kind of Service';
const ingress = 'no control judges an Ingress';

/** What is left out, case by case, and why. */
const excluded: Readonly<Record<string, string>> = {
  'general/block-loadbalancer-services/block-loadbalancer-services/example-allowed': services,
  'general/block-loadbalancer-services/block-loadbalancer-services/example-disallowed': services,
  'general/containerlimits/container-limits/example-disallowed': amount,
  'general/containerlimits/container-limits-ignore-cpu/example-disallowed': amount,
  'general/containerrequests/container-requests/example-disallowed': amount,
  'general/containerresources/container-limits-and-requests/only-cpu-requests-and-memory-limits-defined-disallowed':
    'limits of CPU are contested, and not asked for; a limit of memory is a request of it too',
  'general/containerresources/no-enforcements/limits-and-requests-defined-allowed': nothing,
  'general/containerresources/no-enforcements/only-requests-defined-allowed': nothing,
  'general/containerresources/no-enforcements/only-cpu-requests-and-memory-limits-defined-allowed': nothing,
  'general/containerresources/no-enforcements/empty-resources-allowed': nothing,
  'general/disallowedrepos/repo-must-not-be-k8s-gcr-io/example-allowed': denied,
  'general/disallowedrepos/repo-must-not-be-k8s-gcr-io/container-disallowed': denied,
  'general/disallowedrepos/repo-must-not-be-k8s-gcr-io/initcontainer-disallowed': denied,
  'general/disallowedrepos/repo-must-not-be-k8s-gcr-io/both-disallowed': denied,
  'general/disallowedrepos/repo-must-not-be-k8s-gcr-io/all-disallowed': denied,
  'general/disallowedtags/disallowed-tags/exempt-images-with-disallowed-tags': image,
  'general/httpsonly/tls-required/example-allowed': ingress,
  'general/httpsonly/tls-required/example-disallowed': ingress,
  'general/httpsonly/tls-optional/example-allowed-tls-optional': ingress,
  'general/httpsonly/tls-optional/example-disallowed-tls-optional': ingress,
  'pod-security-policy/read-only-root-filesystem/require-read-only-root-filesystem/exact-exemption': image,
  'pod-security-policy/read-only-root-filesystem/full-wildcard/allow-normally-disallowed': image,
  'pod-security-policy/read-only-root-filesystem/wildcard-prefix/image-with-exempt-prefix-readOnlyRootFilesystem-not-required':
    image,
};

/**
 * Admission lets an update of a pod pass that was there before the policy. We judge what runs, however it came there: the
 * object of each of these is a violation.
 */
const updates: readonly string[] = [
  'general/automount-serviceaccount-token/automount-serviceaccount-token/update',
  'general/requiredprobes/required-probes/update',
  'pod-security-policy/read-only-root-filesystem/require-read-only-root-filesystem/update',
];

/** Suites that other tests of this folder hold. */
const elsewhere: Readonly<Record<string, string>> = {
  allowedrepos: 'gatekeeper-allowed-repos.test.ts',
  allowedreposv2: 'gatekeeper-allowed-repos.test.ts',
};

interface Case {
  readonly name: string;
  readonly test: string;
  readonly object: Json;
  readonly assertions: readonly Json[];
}

function readSuite(library: string, suite: string): readonly Case[] {
  const file = join(library, suite, 'suite.yaml');
  return objectsField(readObject(file), 'tests', '').flatMap((test) => {
    const name = `${suite}/${stringField(test, 'name', '') ?? ''}`;
    return objectsField(test, 'cases', '').map((one) => ({
      name: `${name}/${stringField(one, 'name', '') ?? ''}`,
      test: name,
      object: readObject(join(dirname(file), stringField(one, 'object', '') ?? '')),
      assertions: objectsField(one, 'assertions', ''),
    }));
  });
}

/** An update comes in the review of it. */
function podOf(object: Json): Json {
  if (object['kind'] !== 'AdmissionReview') return object;
  return asObject(asObject(object['request'], 'request')['object'], 'request.object');
}

const asDeployment = ({ metadata, spec }: Json): Json => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata,
  spec: { template: { metadata: {}, spec } },
});

function violationsOf({ name, test, object }: Case): readonly Finding[] {
  const { judge, labels = {}, inDeployment = false } = mapped[test] ?? { judge: () => [] };
  const pod = podOf(object);
  const manifest = { file: name, line: 1, object: inDeployment ? asDeployment(pod) : pod };
  return judge(inputOf([manifest], {}, labels));
}

/** The policy says which list a container is in with the list's name, less its s. */
function unmet({ violations = true, message }: Json, findings: readonly Finding[]): boolean {
  const kind = typeof message === 'string' && /^\w+$/.test(message) ? message : undefined;
  const own = findings.filter(({ path = '' }) => kind === undefined || path.startsWith(`spec.${kind}s[`));
  return typeof violations === 'number' ? own.length !== violations : own.length > 0 !== violations;
}

describe('Gatekeeper library conformance: other policies', function () {
  let cases: readonly Case[] = [];
  before(function () {
    const library = join(requireFixtures(this, 'gatekeeper-library'), 'library');
    const general = readdirSync(join(library, 'general')).filter((suite) => !(suite in elsewhere));
    const suites = [
      ...general.map((suite) => `general/${suite}`),
      'pod-security-policy/read-only-root-filesystem',
    ];
    cases = suites.flatMap((suite) => readSuite(library, suite));
  });

  const isJudged = ({ name }: Case) => !(name in excluded) && !updates.includes(name);

  it('judges every case that is not left out by name', () => {
    const names = new Set(cases.map(({ name }) => name));
    expect([...Object.keys(excluded), ...updates].filter((name) => !names.has(name))).to.deep.equal([]);
    const judged = cases.filter(isJudged);
    expect(judged.filter(({ test }) => !(test in mapped)).map(({ name }) => name)).to.deep.equal([]);
    expect({ read: cases.length, judged: judged.length }).to.deep.equal({ read: 55, judged: 29 });
  });

  it('finds what the policies find', () => {
    const wrong = cases.filter(isJudged).flatMap((one) => {
      const findings = violationsOf(one);
      const failed = one.assertions.filter((assertion) => unmet(assertion, findings));
      return failed.map((assertion) => `${one.name}: ${JSON.stringify(assertion)}, found ${findings.length}`);
    });
    expect(wrong).to.deep.equal([]);
  });

  it('finds in every object that an update lets pass what its policy forbids', () => {
    const wrong = cases
      .filter(({ name }) => updates.includes(name))
      .filter((one) => violationsOf(one).length === 0);
    expect(wrong.map(({ name }) => name)).to.deep.equal([]);
  });

  it('leaves nothing out that would agree', () => {
    const agreeing = cases.filter(
      (one) =>
        one.name in excluded &&
        one.test in mapped &&
        !one.assertions.some((assertion) => unmet(assertion, violationsOf(one))),
    );
    expect(agreeing.map(({ name }) => name)).to.deep.equal([]);
  });
});
