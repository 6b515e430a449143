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
import { collectManifests } from '../../src/evidence/manifests/collect.ts';
import { readDocuments } from '../../src/evidence/manifests/documents.ts';
import { readFiles } from '../../src/evidence/manifests/read-files.ts';
import { snapshotsOf } from '../../src/evidence/manifests/snapshots.ts';
import { requireFixtures } from '../support/fixtures.ts';

/** Cases of which upstream recorded no output that tells anything of single workloads. */
const withoutOutput: readonly string[] = [
  'bad_netpols',
  'deny_all_to_from_a_deployment',
  'exposure_test_minimal_netpol_analysis',
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
  readonly otherApis: readonly string[];
  readonly hasOutput: boolean;
  readonly subjects: readonly Subject[];
}

function readCase(folder: string, name: string): Case {
  const { files } = readFiles([join(folder, 'tests', name)]);
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
  return { name, otherApis: collected.unreadPolicyApis, hasOutput: output !== undefined, subjects };
}

const plain = (line: string) => line.replaceAll(/\s+/g, ' ').trim();

const isIsolated = ({ direction, input }: Subject) =>
  (direction === 'Ingress' ? ingress : egress).evaluate(input).status === 'Pass';

/** Whether the direction is open as far as that: not isolated, or isolated and then opened by a rule. */
function isOpen(subject: Subject, reach: RegExp): boolean {
  if (!isIsolated(subject)) return true;
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
  let cases: readonly Case[] = [];
  let subjects: readonly Subject[] = [];
  before(function () {
    const folder = requireFixtures(this, 'netpol-analyzer');
    cases = readdirSync(join(folder, 'tests')).map((name) => readCase(folder, name));
    subjects = cases
      .filter(({ otherApis, hasOutput }) => otherApis.length === 0 && hasOutput)
      .flatMap((one) => one.subjects);
  });

  it('leaves out the cases with policies that are not read, and those without output, by name', () => {
    const others = cases.filter(({ otherApis }) => otherApis.length > 0);
    const unlikely = others.filter(({ name }) => !/(^|_)b?anp(_|$)/.test(name)).map(({ name }) => name);
    expect(unlikely).to.deep.equal(['netpol-demo']);
    const silent = cases.filter(({ otherApis, hasOutput }) => otherApis.length === 0 && !hasOutput);
    expect(silent.map(({ name }) => name)).to.deep.equal(withoutOutput);
    const judged = new Set(subjects.map(({ name }) => name));
    const exposure = new Set(subjects.filter((one) => one.exposure).map(({ name }) => name));
    expect({
      all: cases.length,
      others: others.length,
      judged: judged.size,
      exposure: exposure.size,
    }).to.deep.equal({
      all: 96,
      others: 54,
      judged: 36,
      exposure: 28,
    });
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
      const ends = [one.id, '0.0.0.0-255.255.255.255[External]'];
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
