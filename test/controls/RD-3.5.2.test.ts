import { expect } from 'chai';
import control from '../../src/controls/RD-3.5.2.ts';
import type { ClusterInput } from '../../src/domain/control.ts';
import type { FalcoRules } from '../../src/domain/falco-rules.ts';
import { stableRules } from '../../src/domain/falco-rules.ts';
import type { Parameters } from '../../src/domain/parameters.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import type { Verdict } from '../../src/domain/verdict.ts';
import { clusterInput, falcoRules, sensorPod } from '../support/builders.ts';
import { itShowsEveryVerdict } from '../support/covered-controls.ts';

const given = (maps: readonly FalcoRules[], parameters: Partial<Parameters> = {}): ClusterInput =>
  clusterInput({ sensors: read([sensorPod()]), falcoRules: read(maps) }, parameters);
const off = (...switches: FalcoRules['switches']) => falcoRules({ switches });
const fileOf = (defines: readonly string[], file = 'falco_rules.yaml') =>
  falcoRules({ refs: [], files: [{ file, defines, switches: [] }] });
const shell = 'Terminal shell in container';

interface Expected extends Pick<Verdict, 'status' | 'reason'> {
  readonly message?: string | RegExp;
  /** Names of what is found. */
  readonly names?: readonly string[];
}

const cases: Record<string, [ClusterInput, Expected]> = {
  'passes with the official rules, all of them on': [
    given([falcoRules()]),
    { status: 'Pass', message: 'Falco evaluates its 25 stable rules.' },
  ],
  'knows them by their full name too': [
    given([falcoRules({ refs: ['ghcr.io/falcosecurity/rules/falco-rules:5'] })]),
    { status: 'Pass' },
  ],
  'finds them in a ConfigMap': [given([fileOf(stableRules)]), { status: 'Pass' }],
  'warns of one that is switched off': [
    given([off({ on: false, rule: shell })]),
    {
      status: 'Warn',
      message:
        '1 stable rule or tag of Falco is switched off, and nobody has accepted it (runtime.acceptedDisabledRules).',
      names: [shell],
    },
  ],
  'warns of several that one pattern switches off': [
    given([off({ on: false, rule: 'PTRACE *' })]),
    { status: 'Warn', names: ['PTRACE attached to process', 'PTRACE anti-debug attempt'] },
  ],
  'takes no sign of a pattern for one of regular expressions': [
    given([off({ on: false, rule: 'PTRACE.*' })]),
    { status: 'Pass' },
  ],
  'follows the order': [
    given([off({ on: false, rule: '*' }, { on: true, tag: 'maturity_stable' })]),
    { status: 'Pass' },
  ],
  'warns of all that a tag switches off': [
    given([off({ on: false, tag: 'maturity_stable' })]),
    { status: 'Warn', names: stableRules },
  ],
  'warns of a tag that nobody can take apart, unless it is switched on again': [
    given([off({ on: false, tag: 'network' }, { on: false, tag: 'host' }, { on: true, tag: 'host' })]),
    { status: 'Warn', names: ['network'] },
  ],
  'minds no rules that are not stable': [
    given([off({ on: false, tag: 'maturity_sandbox' }, { on: false, rule: 'Own rule' })]),
    { status: 'Pass' },
  ],
  'passes what was accepted, and says how many': [
    given([off({ on: false, rule: shell })], { 'runtime.acceptedDisabledRules': [shell] }),
    { status: 'Pass', message: 'Falco evaluates its 25 stable rules, but for 1 that may be off.' },
  ],
  'reads what files of rules switch': [
    given([
      falcoRules(),
      falcoRules({
        ...{ name: 'falco-rules', refs: [] },
        files: [{ file: 'local.yaml', defines: [], switches: [{ on: false, rule: shell }] }],
      }),
    ]),
    { status: 'Warn', names: [shell] },
  ],
  'warns of one that is missing from the file': [
    given([fileOf(stableRules.filter((rule) => rule !== shell))]),
    { status: 'Warn', names: [shell] },
  ],
  'fails where the default rules are not loaded': [
    given([falcoRules({ loads: ['/etc/falco/rules.d', '/etc/falco/not_falco_rules.yaml'] })]),
    { status: 'Fail', names: ['falco/falco'] },
  ],
  'asks people where the rules come with the image': [
    given([falcoRules({ refs: [] })]),
    { status: 'Manual', reason: 'NotAttested' },
  ],
  'asks them of an artifact that is not the official one': [
    given([falcoRules({ refs: ['registry.example/own-falco-rules:1', 'falco-rules-extra'] })]),
    { status: 'Manual', reason: 'NotAttested' },
  ],
  'does not look for it in other namespaces': [
    given([falcoRules({ namespace: 'elsewhere' })]),
    { status: 'Unknown', reason: 'NoEvidence' },
  ],
  'does not apply without Falco': [
    clusterInput({ falcoRules: read([falcoRules()]) }),
    { status: 'NotApplicable', reason: 'NoFalco' },
  ],
  'knows nothing where ConfigMaps cannot be read': [
    clusterInput({ sensors: read([sensorPod()]), falcoRules: unread('Forbidden', 'No.') }),
    { status: 'Unknown', reason: 'Forbidden', message: 'No.' },
  ],
  'knows nothing where pods cannot be read': [
    clusterInput({ sensors: unread('Forbidden', 'No.') }),
    { status: 'Unknown', reason: 'Forbidden' },
  ],
};

describe('RD-3.5.2', () => {
  for (const [sentence, [input, { message, names = [], ...expected }]] of Object.entries(cases)) {
    it(sentence, () => {
      const verdict = control.evaluateCluster(input);
      expect({ reason: undefined, ...expected }).to.deep.equal({
        status: verdict.status,
        reason: verdict.reason,
      });
      if (typeof message === 'string') expect(verdict.message).to.equal(message);
      expect(verdict.findings.map(({ subject }) => subject.name)).to.have.members(names);
    });
  }

  it('knows twenty-five stable rules, each once', () => {
    expect(new Set(stableRules).size).to.equal(25);
  });

  itShowsEveryVerdict(control, () => Object.values(cases).map(([, { status }]) => status));
});
