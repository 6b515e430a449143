import { join } from 'node:path';
import { expect } from 'chai';
import control from '../../src/controls/RD-2.6.1.ts';
import { read } from '../../src/domain/snapshot.ts';
import type { Finding } from '../../src/domain/verdict.ts';
import type { Json } from '../../src/evidence/fields.ts';
import { asObject, objectsField, stringField, stringsField } from '../../src/evidence/fields.ts';
import { projectPod } from '../../src/evidence/workloads/project-pod.ts';
import { input, workload } from '../support/builders.ts';
import { requireFixtures } from '../support/fixtures.ts';
import { readObject } from '../support/pods.ts';

/** The entry that means what an entry of the policy means. Ours always name the registry. */
const entries: Readonly<Record<string, string>> = {
  'openpolicyagent/': 'docker.io/openpolicyagent',
  'openpolicyagent/*': 'docker.io/openpolicyagent/*',
  'mydockerhub/*': 'docker.io/mydockerhub/*',
  'ubuntu:20.14': 'docker.io/library/ubuntu:20.14',
  'myregistry.azurecr.io/*': 'myregistry.azurecr.io/*',
  '123456789123.dkr.ecr.eu-west-1.amazonaws.com/postgres':
    '123456789123.dkr.ecr.eu-west-1.amazonaws.com/postgres',
};

/** Suites, each with where the constraint lists what it allows. */
const suites = { allowedrepos: 'repos', allowedreposv2: 'allowedImages' } as const;

/** What is left out, and why. */
const excluded: Readonly<Record<string, string>> = {
  disallowedrepos: 'the policy lists what is forbidden; an allowlist cannot say "everything else"',
};

interface Case {
  readonly name: string;
  readonly pod: Json;
  readonly allowed: readonly string[];
  readonly assertions: readonly Json[];
}

function readSuite(folder: string, suite: keyof typeof suites): Case[] {
  return objectsField(readObject(join(folder, suite, 'suite.yaml')), 'tests', '').flatMap((test) => {
    const constraint = readObject(join(folder, suite, stringField(test, 'constraint', '') ?? ''));
    const spec = asObject(constraint['spec'], 'spec');
    const written = stringsField(asObject(spec['parameters'], 'spec.parameters'), suites[suite], '');
    return objectsField(test, 'cases', '').map((one) => ({
      name: `${suite}/${stringField(one, 'name', '') ?? ''}`,
      pod: readObject(join(folder, suite, stringField(one, 'object', '') ?? '')),
      allowed: written.map((text) => entries[text] ?? `(no entry for ${text})`),
      assertions: objectsField(one, 'assertions', ''),
    }));
  });
}

function findingsOf({ pod, allowed }: Case): readonly Finding[] {
  const live = projectPod(pod);
  const workloads = read([workload({ kind: 'Pod', name: live.name, pods: [live] })]);
  const verdict = control.evaluate(input({ workloads }, { 'images.allowedRegistries': allowed }));
  expect(verdict.status).to.be.oneOf(['Pass', 'Fail']);
  return verdict.findings;
}

/** The policy says which list a container is in with the list's name, less its s. */
function unmet(assertion: Json, findings: readonly Finding[]): boolean {
  const kind = stringField(assertion, 'message', '');
  const found = findings.filter(({ path = '' }) => kind === undefined || path.startsWith(`spec.${kind}s[`));
  const { violations = true } = assertion;
  return typeof violations === 'number' ? found.length !== violations : found.length > 0 !== violations;
}

describe('Gatekeeper library conformance: allowed repositories', function () {
  let cases: readonly Case[] = [];
  before(function () {
    const folder = join(requireFixtures(this, 'gatekeeper-library'), 'library', 'general');
    cases = (Object.keys(suites) as (keyof typeof suites)[]).flatMap((suite) => readSuite(folder, suite));
    for (const suite of Object.keys(excluded)) readObject(join(folder, suite, 'suite.yaml'));
  });

  it('judges every case of both suites', () => {
    expect(cases.length).to.equal(13);
    expect(cases.flatMap(({ assertions }) => assertions).length).to.equal(27);
  });

  it('finds as many violations as the policies, container by container', () => {
    const wrong = cases.flatMap((one) => {
      const findings = findingsOf(one);
      const failed = one.assertions.filter((assertion) => unmet(assertion, findings));
      return failed.map((assertion) => `${one.name}: ${JSON.stringify(assertion)}, found ${findings.length}`);
    });
    expect(wrong).to.deep.equal([]);
  });
});
