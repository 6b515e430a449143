import { expect } from 'chai';
import { group } from '../../src/api/resources.ts';
import { samples } from '../support/api-samples.ts';
import { applyManifests, freshNamespace, useCluster } from '../support/cluster.ts';
import { remove, write } from '../support/kept.ts';

describe('kubectl shows', () => {
  const cluster = useCluster();
  let namespace = '';
  before(async function () {
    this.timeout(60_000);
    await applyManifests(cluster(), ['crds']);
    namespace = await freshNamespace(cluster(), 'columns');
    for (const { names, object, status } of samples) await write(cluster(), names, namespace, object, status);
  });
  after(async () => {
    for (const { names, object } of samples) await remove(cluster(), names, namespace, object.metadata.name);
  });

  const tables: Record<string, { args: string[]; header: RegExp; row: RegExp }> = {
    'the state and what is wrong': {
      args: ['get', 'compliancereports'],
      header: /^NAME +STATE +SCORE +FAIL +UNKNOWN +MANUAL +EXCEPTED +AGE$/,
      row: /^reference-design +NonCompliant +42 +7 +5 +1 +4 +\S+$/,
    },
    'more of a report with -o wide': {
      args: ['get', 'crep', '-o', 'wide'],
      header: /^NAME +STATE +SCORE +FAIL +UNKNOWN +MANUAL +EXCEPTED +PASS +WARN +CRITICAL +HIGH +AGE$/,
      row: /^reference-design +NonCompliant +42 +7 +5 +1 +4 +20 +2 +1 +6 +\S+$/,
    },
    'the roll-up with the heartbeat': {
      args: ['get', 'csum', 'sampled'],
      header: /^NAME +STATE +SCORE +NAMESPACES +NONCOMPLIANT +UNKNOWN +HEARTBEAT +AGE$/,
      row: /^sampled +Unknown +77 +11 +3 +2 +\S+ +\S+$/,
    },
    'whether a profile is in use': {
      args: ['get', 'cprof', 'sampled'],
      header: /^NAME +READY +REASON +EXTENDS +NAMESPACES +AGE$/,
      row: /^sampled +True +Evaluated +base +12 +\S+$/,
    },
    'what is wrong with a profile, with -o wide': {
      args: ['get', 'cprof', 'sampled', '-o', 'wide'],
      header: /^NAME +READY +REASON +EXTENDS +NAMESPACES +MESSAGE +AGE$/,
      row: /^sampled +True +Evaluated +base +12 +\S.+ +\S+$/,
    },
    'what was seen at runtime': {
      args: ['get', 'rtrep'],
      header: /^NAME +WORST +EVENTS +FINDINGS +LAST-SEEN +AGE$/,
      row: /^runtime +Warning +300 +2 +\S+ +\S+$/,
    },
  };
  for (const [what, { args, header, row }] of Object.entries(tables)) {
    it(`${what}: kubectl ${args.join(' ')}`, async () => {
      const { stdout } = await cluster().kubectl([...args, '-n', namespace]);
      const [first, second] = stdout.split('\n').map((line) => line.trim());
      expect(first).to.match(header);
      expect(second).to.match(row);
    });
  }

  it('every kind under one word: kubectl get compliance -A', async () => {
    const { stdout, code } = await cluster().kubectl(['get', 'compliance', '-A', '-o', 'name']);
    expect(code).to.equal(0);
    for (const { names, object } of samples) {
      expect(stdout).to.include(`${names.singular}.${group}/${object.metadata.name}\n`);
    }
  });

  it('the reports of one state, by a field selector', async () => {
    const selected = (state: string) =>
      cluster().kubectl([
        'get',
        'crep',
        '-n',
        namespace,
        '-o',
        'name',
        '--field-selector',
        `status.state=${state}`,
      ]);
    expect((await selected('NonCompliant')).stdout).to.include('reference-design');
    expect((await selected('Compliant')).stdout).to.equal('');
  });

  const explained: Record<string, RegExp> = {
    compliancereports: /how one namespace stands against one profile/,
    'compliancereports.status.controls.status':
      /Pass: every subject in scope was evaluated on current\s+evidence/,
    'complianceprofiles.spec.parameters.vulnerabilities.reportMaxAge': /Default 7d; at least 1m\./,
    'complianceprofiles.spec.extends': /its controls, its parameters one by one/,
    'complianceprofiles.spec.parameters.nodes.rebootWarnAfter': /This version does not use it\. Default 7d\./,
    'compliancesummaries.status.lastHeartbeat': /once a minute/,
    'runtimereports.status.findings.hours': /oldest first/,
  };
  for (const [field, words] of Object.entries(explained)) {
    it(`what a field means: kubectl explain ${field}`, async () => {
      expect((await cluster().kubectl(['explain', field])).stdout.replace(/\s+/g, ' ')).to.match(words);
    });
  }
});
