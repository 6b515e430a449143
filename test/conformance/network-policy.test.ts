import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import ingress from '../../src/controls/RD-2.3.1.ts';
import egress from '../../src/controls/RD-2.3.2.ts';
import openness from '../../src/controls/RD-2.3.4.ts';
import type { EvaluationInput } from '../../src/domain/control.ts';
import type { Direction } from '../../src/domain/network-policy.ts';
import { defaultParameters } from '../../src/domain/parameters.ts';
import { read } from '../../src/domain/snapshot.ts';
import { collectManifests } from '../support/collected.ts';
import { readDocuments } from '../../src/evidence/manifests/documents.ts';
import { readFiles } from '../../src/evidence/manifests/read-files.ts';
import { snapshotsOf } from '../../src/evidence/manifests/snapshots.ts';
import { requireFixtures } from '../support/fixtures.ts';

/** Cases of which upstream recorded no output that tells anything of single workloads. */
const withoutOutput: readonly string[] = [
  'anp_banp_blog_demo_2',
  'anp_banp_explain_demo',
  'bad_netpols',
  'deny_all_to_from_a_deployment',
  'exposure_test_minimal_netpol_analysis',
  'netpol-demo',
  'np_bad_path_test_1',
  'services',
  'test_with_named_ports_changed_netpol_3',
];

const pieces =
  'upstream cuts the addresses of the internet at the blocks of other policies, and never writes them whole';
const ownerless =
  'an owner reference without a kind, which the API refuses: upstream makes its pods one, and they are two here';

/** Cases whose lines about all addresses of the internet cannot be compared, and why. */
const excludedAddresses: Readonly<Record<string, string>> = {
  ipblockstest: pieces,
  ipblockstest_3: pieces,
  example_pods_w_same_owner_and_labels_gap_no_policy: ownerless,
  example_pods_w_same_owner_and_labels_gap_with_good_match_expression: ownerless,
  example_pods_w_same_owner_and_labels_gap_with_policy_selector_not_in_gap: ownerless,
};

/** Differences at the whole cluster, and why: what is denied on some ports, or for some peers, isolates nobody here. */
const port80 = 'every namespace is denied on TCP 80 alone';
const port9090 = 'every namespace is denied on TCP 9090 alone';
const partlyDenied: Readonly<Record<string, string>> = {
  'exposure_test_with_anp_12: hello-world/workload-a[Deployment] Ingress: true here, false upstream':
    port9090,
  'exposure_test_with_anp_12: hello-world/workload-a[Deployment] Egress: true here, false upstream': port9090,
  'exposure_test_with_anp_3_w_banp: hello-world/workload-a[Deployment] Ingress: true here, false upstream':
    port80,
  'exposure_test_with_anp_3_w_banp: hello-world/workload-b[Deployment] Ingress: true here, false upstream':
    port80,
  'exposure_test_with_anp_5_entire_cluster_example: hello-world/workload-a[Deployment] Ingress: true here, false upstream':
    port80,
  'exposure_test_with_anp_5_entire_cluster_example: hello-world/workload-a[Deployment] Egress: true here, false upstream':
    port80,
  'exposure_test_with_anp_5_entire_cluster_example: hello-world/workload-b[Deployment] Ingress: true here, false upstream':
    port80,
  'exposure_test_with_anp_5_entire_cluster_example: hello-world/workload-b[Deployment] Egress: true here, false upstream':
    port80,
};

/** Cases of a policy for administrators that upstream refuses, of which it therefore recorded nothing. */
const refusedUpstream: readonly string[] = [
  'anp_bad_path_test_10',
  'anp_bad_path_test_14',
  'anp_bad_path_test_16',
  'anp_bad_path_test_18',
  'anp_bad_path_test_2',
  'anp_bad_path_test_3',
  'anp_bad_path_test_5',
  'anp_bad_path_test_7',
  'anp_bad_path_test_9',
  'banp_bad_path_test_10',
  'banp_bad_path_test_12',
  'banp_bad_path_test_14',
  'banp_bad_path_test_2',
  'banp_bad_path_test_4',
  'banp_bad_path_test_6',
  'banp_bad_path_test_8',
];

interface Subject {
  readonly name: string;
  /** `namespace/name[Kind]`, as upstream writes it. */
  readonly id: string;
  readonly direction: Direction;
  readonly input: EvaluationInput;
  /** What upstream wrote about it and others. */
  readonly lines: ReadonlySet<string>;
  /** Whether that tells of isolation and of the cluster, or only of connections. */
  readonly exposure: boolean;
}

interface Case {
  readonly name: string;
  /** Whether policies for administrators are among them. */
  readonly administered: boolean;
  readonly errors: readonly string[];
  readonly hasOutput: boolean;
  readonly subjects: readonly Subject[];
}

function readCase(folder: string, name: string): Case {
  const files = [...readFiles([join(folder, 'tests', name)], [])];
  const collected = collectManifests(files.flatMap(({ file, text }) => readDocuments(file, text).manifests));
  const outputs = ['exposure', 'connlist'].map((kind) =>
    join(folder, 'expected', `${name}_${kind}_output.txt`),
  );
  const output = outputs.find(existsSync);
  const lines = new Set(output === undefined ? [] : readFileSync(output, 'utf8').split('\n').map(plain));
  const subjects = snapshotsOf(collected, { minor: 37 }).flatMap((snapshot) =>
    (snapshot.workloads.available ? snapshot.workloads.items : []).flatMap((workload) =>
      (['Ingress', 'Egress'] as const).map((direction) => ({
        name,
        id: `${snapshot.namespace.name}/${workload.name}[${workload.kind}]`,
        direction,
        input: {
          snapshot: { ...snapshot, workloads: read([workload]) },
          parameters: defaultParameters,
          now: 0,
        },
        lines,
        exposure: output === outputs[0],
      })),
    ),
  );
  expect(collected.unreadPolicyApis).to.deep.equal([]);
  return {
    name,
    administered: collected.policies.length > 0 || /(^|_)b?anp(_|$)/.test(name),
    errors: collected.errors.map(({ message }) => message),
    hasOutput: output !== undefined,
    subjects,
  };
}

const plain = (line: string) => line.replaceAll(/\s+/g, ' ').trim();

const internet = '0.0.0.0-255.255.255.255[External]';

const controlOf = ({ direction }: Subject) => (direction === 'Ingress' ? ingress : egress);

const isIsolated = (subject: Subject) => controlOf(subject).evaluate(subject.input).status === 'Pass';

/** Whether other pods are denied, whatever becomes of addresses outside of the cluster. */
const isClosedToPods = (subject: Subject) =>
  isIsolated(subject) || controlOf(subject).evaluate(subject.input).reason === 'ClusterOnly';

/** Whether the direction is open as far as that: not isolated, or isolated and then opened by a rule. */
function isOpen(subject: Subject, reach: RegExp, isClosed = isIsolated(subject)): boolean {
  if (!isClosed) return true;
  const { status, findings } = openness.evaluate(subject.input);
  const list = `spec.${subject.direction.toLowerCase()}`;
  return (
    status === 'Fail' &&
    findings.some(({ path = '', observed = '' }) => path.startsWith(list) && reach.test(observed))
  );
}

const difference = ({ name, id, direction }: Subject, ours: boolean, theirs: boolean) =>
  ours === theirs ? [] : [`${name}: ${id} ${direction}: ${ours} here, ${theirs} upstream`];

describe('netpol-analyzer conformance: isolation', function () {
  this.timeout(60_000);
  let cases: readonly Case[] = [];
  /** Of cases of NetworkPolicies alone, and of those with policies for administrators. */
  let subjects: readonly Subject[] = [];
  let administered: readonly Subject[] = [];
  before(function () {
    const folder = requireFixtures(this, 'netpol-analyzer');
    cases = readdirSync(join(folder, 'tests')).map((name) => readCase(folder, name));
    const told = cases.filter(({ hasOutput }) => hasOutput);
    subjects = told.flatMap((one) => (one.administered ? [] : one.subjects));
    administered = told.flatMap((one) => (one.administered ? one.subjects : []));
  });

  const namesOf = (some: readonly { readonly name: string }[]) => new Set(some.map(({ name }) => name)).size;

  it('holds all cases but those without output, by name', () => {
    const silent = cases.filter(({ name, hasOutput }) => !hasOutput && !refusedUpstream.includes(name));
    expect(silent.map(({ name }) => name)).to.deep.equal(withoutOutput);
    expect({
      all: cases.length,
      judged: namesOf(subjects),
      exposure: namesOf(subjects.filter((one) => one.exposure)),
      administered: namesOf(administered),
      administeredExposure: namesOf(administered.filter((one) => one.exposure)),
    }).to.deep.equal({ all: 96, judged: 36, exposure: 28, administered: 35, administeredExposure: 8 });
  });

  it('refuses every policy for administrators that upstream refuses, and no other', () => {
    const refused = cases.filter(({ administered: its, errors }) => its && errors.length > 0);
    const names = new Set(cases.map(({ name }) => name));
    expect(refusedUpstream.filter((name) => !names.has(name))).to.deep.equal([]);
    expect(refused.map(({ name }) => name)).to.deep.equal(refusedUpstream);
    // What cannot be read leaves every pod that nothing else isolates unknown.
    const judged = refused.flatMap((one) =>
      one.subjects.map((each) => controlOf(each).evaluate(each.input).status),
    );
    expect(judged).not.to.include('Fail');
    expect(judged).to.include('Unknown');
  });

  it('isolates by policies for administrators what upstream does not leave open', () => {
    const wrong = administered.flatMap((one) => {
      if (!isIsolated(one)) return [];
      const arrow = one.direction === 'Ingress' ? '<=' : '=>';
      const open = one.lines.has(`${one.id} ${arrow} entire-cluster : All Connections`);
      const unprotected = one.lines.has(`${one.id} is not protected on ${one.direction}`);
      const world = one.direction === 'Egress' && one.lines.has(`${one.id} => ${internet} : All Connections`);
      if (unprotected) return [`${one.name}: ${one.id} ${one.direction}: unprotected upstream`];
      return (open && !isOpen(one, /anybody|every namespace/)) ||
        (world && !isOpen(one, /anybody|every address/))
        ? [`${one.name}: ${one.id} ${one.direction}: open upstream`]
        : [];
    });
    expect(wrong).to.deep.equal([]);
    const isolated = administered.filter(isIsolated).length;
    expect({ compared: administered.length, isolated }).to.deep.equal({ compared: 222, isolated: 18 });
  });

  it('agrees where policies for administrators leave a workload open to the whole cluster', () => {
    const compared = administered.filter(({ exposure }) => exposure);
    const wrong = compared.flatMap((one) => {
      const arrow = one.direction === 'Ingress' ? '<=' : '=>';
      const theirs = one.lines.has(`${one.id} ${arrow} entire-cluster : All Connections`);
      return difference(one, !isClosedToPods(one) || isOpen(one, /anybody|every namespace/, true), theirs);
    });
    expect(wrong.filter((text) => !(text in partlyDenied))).to.deep.equal([]);
    expect(wrong.length).to.equal(Object.keys(partlyDenied).length);
  });

  it('gives every workload upstream’s isolation in each direction', () => {
    const compared = subjects.filter(({ exposure }) => exposure);
    const wrong = compared.flatMap((one) => {
      const theirs = !one.lines.has(`${one.id} is not protected on ${one.direction}`);
      return difference(one, isIsolated(one), theirs);
    });
    expect(wrong).to.deep.equal([]);
    const isolated = compared.filter(isIsolated).length;
    expect({ compared: compared.length, isolated }).to.deep.equal({ compared: 114, isolated: 66 });
  });

  it('knows every workload that upstream calls unprotected', () => {
    const known = new Set(subjects.map(({ id, name }) => `${name} ${id}`));
    const named = subjects.flatMap(({ name, lines }) =>
      [...lines].flatMap((line) => {
        const id = / is not protected on /.test(line) ? line.split(' ')[0] : undefined;
        return id === undefined ? [] : [`${name} ${id}`];
      }),
    );
    expect(named).not.to.deep.equal([]);
    expect(named.filter((one) => !known.has(one))).to.deep.equal([]);
  });

  it('agrees where a workload is open to the whole cluster', () => {
    const compared = subjects.filter(({ exposure }) => exposure);
    const wrong = compared.flatMap((one) => {
      const arrow = one.direction === 'Ingress' ? '<=' : '=>';
      const theirs = one.lines.has(`${one.id} ${arrow} entire-cluster : All Connections`);
      return difference(one, isOpen(one, /anybody|every namespace/), theirs);
    });
    expect(wrong).to.deep.equal([]);
    const opened = compared.filter((one) => isIsolated(one) && isOpen(one, /anybody|every namespace/));
    expect({ compared: compared.length, opened: opened.length }).to.deep.equal({ compared: 114, opened: 5 });
  });

  it('agrees where a workload is open to all addresses', () => {
    const compared = subjects.filter(({ name }) => !(name in excludedAddresses));
    const wrong = compared.flatMap((one) => {
      const ends = [one.id, internet];
      const [from, to] = one.direction === 'Ingress' ? ends.toReversed() : ends;
      return difference(
        one,
        isOpen(one, /anybody|every address/),
        one.lines.has(`${from} => ${to} : All Connections`),
      );
    });
    expect(wrong).to.deep.equal([]);
    const names = new Set(cases.map(({ name }) => name));
    expect(Object.keys(excludedAddresses).filter((name) => !names.has(name))).to.deep.equal([]);
    const opened = compared.filter((one) => isIsolated(one) && isOpen(one, /anybody|every address/));
    expect({ compared: compared.length, opened: opened.length }).to.deep.equal({ compared: 186, opened: 7 });
  });
});
