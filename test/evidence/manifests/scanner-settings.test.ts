import { expect } from 'chai';
import { catalogue } from '../../../src/controls/catalogue.generated.ts';
import { evaluateNamespace } from '../../../src/evaluate/evaluate-namespace.ts';
import type { Json } from '../../../src/evidence/fields.ts';
import { collectManifests } from '../../support/collected.ts';
import { snapshotsOf } from '../../../src/evidence/manifests/snapshots.ts';
import { readTrivyFile } from '../../../src/evidence/trivy/read-file.ts';
import { now } from '../../support/builders.ts';
import { profileOf } from '../../support/judging.ts';

/** What a scan makes of the scanner's own settings, from documents to verdicts. */

const image = { registry: 'registry.example', repository: 'app', tag: '1.0.0' };
const time = new Date(now - 3_600_000).toISOString();
const deployment: Json = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop' },
  spec: {
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'app', image: 'registry.example/app:1.0.0' }] },
    },
  },
};
const report = (kind: string): Json => ({
  apiVersion: 'aquasecurity.github.io/v1alpha1',
  kind,
  metadata: {
    name: 'deployment-web-app',
    namespace: 'shop',
    labels: {
      'trivy-operator.resource.kind': 'Deployment',
      'trivy-operator.resource.name': 'web',
      'trivy-operator.container.name': 'app',
    },
  },
  report: {
    updateTimestamp: time,
    scanner: { name: 'Trivy' },
    registry: { server: image.registry },
    artifact: { repository: image.repository, tag: image.tag },
    summary: { criticalCount: 0, highCount: 0, mediumCount: 0, lowCount: 0, unknownCount: 0 },
    ...(kind === 'VulnerabilityReport' ? { vulnerabilities: [], os: {} } : { secrets: [] }),
  },
});
const reports = [report('VulnerabilityReport'), report('ExposedSecretReport')];

const map = (name: string, data: Record<string, string> = {}, namespace = 'trivy-system'): Json => ({
  ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data },
});
const names = ['trivy-operator', 'trivy-operator-trivy-config', 'trivy-operator-config'] as const;
const maps = (
  data: Partial<Record<(typeof names)[number], Record<string, string>>> = {},
  namespace?: string,
) => names.map((name) => map(name, data[name], namespace));
const hiding = (data: Record<string, string>) => maps({ 'trivy-operator-trivy-config': data });

const profile = (parameters: object = {}) => {
  const made = profileOf(catalogue);
  return { ...made, parameters: { ...made.parameters, ...parameters } };
};

function judge(objects: readonly Json[], files: readonly Json[] = [], parameters: object = {}) {
  const trivy = files.map((file) => {
    const read = readTrivyFile('scan.json', JSON.stringify(file));
    expect(read.errors).to.deep.equal([]);
    return read.reports;
  });
  const collected = collectManifests(objects.map((object) => ({ file: 'f.yaml', line: 1, object })));
  const judging = profile(parameters);
  const found = snapshotsOf(collected, {
    minor: 37,
    scannerNamespaces: [judging.parameters['vulnerabilities.scannerNamespace']],
    ...(files.length === 0 ? {} : { trivy }),
  });
  const snapshot = found.find(({ namespace }) => namespace.name === 'shop');
  if (snapshot === undefined) throw new Error('no report of shop');
  const { status } = evaluateNamespace({
    ...{ snapshot, profile: judging, now },
    onError: (control, error) => {
      throw new Error(`${control} threw`, { cause: error });
    },
  });
  return new Map((status.controls ?? []).map((row) => [row.id, row]));
}

const clean = ['RD-2.4.1', 'RD-5.H.10.1', 'RD-5.H.10.2', 'RD-5.H.2.2', 'RD-5.H.7.4'];
const say = (rows: ReturnType<typeof judge>, ids: readonly string[] = clean) =>
  Object.fromEntries(ids.map((id) => [id, `${rows.get(id)?.status} ${rows.get(id)?.reason ?? ''}`.trim()]));
const all = (verdict: string, ids: readonly string[] = clean) =>
  Object.fromEntries(ids.map((id) => [id, verdict]));

describe('the settings of the scanner in a scan', () => {
  it('hide nothing as shipped: what was looked for and not found passes', () => {
    expect(say(judge([deployment, ...reports, ...maps()]))).to.deep.equal(all('Pass'));
  });

  it('are known wherever they were given: beside the reports too', () => {
    expect(say(judge([deployment], [...reports, ...maps()]))).to.deep.equal(all('Pass'));
  });

  it('are not known where no ConfigMap was given, and the message tells how to get them', () => {
    const rows = judge([deployment, ...reports]);
    expect(say(rows)).to.deep.equal(all('Unknown NoEvidence'));
    expect(rows.get('RD-2.4.1')?.message).to.equal(
      'What the scanner hides is not known: the ConfigMaps of Trivy Operator were not given. Give them too, among the manifests or with --trivy-reports: ' +
        'kubectl -n trivy-system get configmap trivy-operator trivy-operator-trivy-config trivy-operator-config -o yaml',
    );
  });

  for (const missing of names) {
    it(`are not known where ${missing} is missing`, () => {
      const given = maps().filter(({ metadata }) => (metadata as { name: string }).name !== missing);
      const rows = judge([deployment, ...reports, ...given]);
      expect(say(rows)).to.deep.equal(all('Unknown PartialEvidence'));
      expect(rows.get('RD-2.4.1')?.message).to.include(`ConfigMap trivy-system/${missing} was not given.`);
    });
  }

  it('are not known where a ConfigMap was given twice and says different things', () => {
    const twice = [...maps(), map('trivy-operator-trivy-config', { 'trivy.severity': 'LOW' })];
    for (const given of [twice, twice.toReversed()])
      expect(say(judge([deployment, ...reports, ...given]))).to.not.include({ 'RD-2.4.1': 'Pass' });
    const same = [...maps(), ...maps()];
    expect(say(judge([deployment, ...reports, ...same]))).to.deep.equal(all('Pass'));
  });

  const hidden: Record<string, [data: Record<string, string>, passes: string[]]> = {
    'severities that are left out': [{ 'trivy.severity': 'LOW' }, []],
    'an ignore file': [{ 'trivy.ignoreFile': 'CVE-2020-1' }, []],
    'what has no fix': [{ 'trivy.ignoreUnfixed': 'true' }, ['RD-5.H.10.1', 'RD-5.H.2.2', 'RD-5.H.7.4']],
  };
  for (const [what, [data, passes]] of Object.entries(hidden)) {
    it(`hide findings: ${what}`, () => {
      const others = clean.filter((id) => !passes.includes(id));
      expect(say(judge([deployment, ...reports, ...hiding(data)]))).to.deep.equal({
        ...all('Unknown HiddenFindings', others),
        ...all('Pass', passes),
      });
    });
  }

  it('hide findings in the namespace that a policy names', () => {
    const policy = (namespace: string) => hiding({ [`trivy.ignorePolicy.${namespace}`]: 'package trivy' });
    expect(say(judge([deployment, ...reports, ...policy('shop')]))['RD-2.4.1']).to.include('HiddenFindings');
    expect(say(judge([deployment, ...reports, ...policy('blog')]))['RD-2.4.1']).to.equal('Pass');
  });

  it('are sought where the profile says that the scanner runs', () => {
    const elsewhere = [deployment, ...reports, ...maps({}, 'security')];
    expect(say(judge(elsewhere))).to.deep.equal(all('Unknown NoEvidence'));
    const there = { 'vulnerabilities.scannerNamespace': 'security' };
    expect(say(judge(elsewhere, [], there))).to.deep.equal(all('Pass'));
  });

  it('tell the risks that are accepted, and that there are none', () => {
    const ignored = (file: string) =>
      say(judge([deployment, ...reports, ...hiding({ 'trivy.ignoreFile': file })]), ['RD-5.H.10.4']);
    expect(ignored('CVE-2025-1')).to.deep.equal(all('Fail', ['RD-5.H.10.4']));
    const none = say(judge([deployment, ...reports, ...maps()]), ['RD-5.H.10.4']);
    expect(none).to.deep.equal(all('NotApplicable NoAcceptances', ['RD-5.H.10.4']));
    // It does not take a report to see that.
    expect(say(judge([deployment, ...maps()]), ['RD-5.H.10.4'])).to.deep.equal(none);
  });

  describe('for a file of the command line', () => {
    const found = (Severity: string, more: object = {}) => ({
      ...{ VulnerabilityID: `CVE-2025-${Severity}`, PkgName: 'openssl', InstalledVersion: '1', Severity },
      ...{ PublishedDate: time, ...more },
    });
    const file = (...Vulnerabilities: object[]): Json => ({
      SchemaVersion: 2,
      ArtifactName: 'registry.example/app:1.0.0',
      ArtifactType: 'container_image',
      CreatedAt: time,
      Results: [{ Target: 'app', Class: 'os-pkgs', Type: 'debian', Vulnerabilities }],
    });
    const ids = ['RD-2.4.1', 'RD-5.H.10.1', 'RD-5.H.10.2', 'RD-5.H.2.2'];
    const verdicts = (...given: Json[]) => say(judge([deployment], given), ids);

    it('matter nothing', () => {
      const both = file(
        found('HIGH'),
        found('MEDIUM', { FixedVersion: '2' }),
        found('CRITICAL', { FixedVersion: '2' }),
      );
      expect(verdicts(both)).to.deep.equal({
        'RD-2.4.1': 'Pass',
        'RD-5.H.10.1': 'Warn FixAvailable',
        'RD-5.H.10.2': 'Pass',
        'RD-5.H.2.2': 'Warn FixAvailable',
      });
    });

    const unseen: Record<string, object[]> = {
      'lists nothing': [],
      'lists low findings alone': [found('LOW'), found('MEDIUM', { FixedVersion: '2' })],
      'lists high findings and no critical one': [found('HIGH')],
    };
    for (const [what, list] of Object.entries(unseen)) {
      it(`may have left out what it lists none of, where it ${what}`, () => {
        expect(verdicts(file(...list))).to.deep.equal(all('Unknown HiddenFindings', ids));
      });
    }

    it('are shown by findings of another kind', () => {
      const { Results, ...rest } = file(found('HIGH'));
      const secret = { Target: '/a', Class: 'secret', Secrets: [{ RuleID: 'x', Severity: 'CRITICAL' }] };
      const both = { ...rest, Results: [...(Results as object[]), secret] };
      expect(verdicts(both)).to.include({ 'RD-2.4.1': 'Pass', 'RD-5.H.10.1': 'Pass' });
    });

    it('are shown to hide, where the file lists what it left out', () => {
      const { Results, ...rest } = file(found('HIGH'), found('CRITICAL'));
      const [first] = Results as object[];
      const suppressed = { Type: 'vulnerability', Status: 'ignored', Finding: found('CRITICAL') };
      const told = { ...rest, Results: [{ ...first, ExperimentalModifiedFindings: [suppressed] }] };
      expect(verdicts(told)).to.include({
        'RD-2.4.1': 'Unknown HiddenFindings',
        'RD-5.H.10.1': 'Unknown HiddenFindings',
      });
    });

    it('may be those of the cluster for a report beside it: one of them that tells all is enough', () => {
      const given = (settings: Json[]) =>
        say(judge([deployment, ...settings], [file(), report('VulnerabilityReport')]), ids);
      expect(given(maps())).to.deep.equal(all('Pass', ids));
      expect(given([])).to.deep.equal(all('Unknown NoEvidence', ids));
    });

    it('say nothing of worse secrets than it lists', () => {
      const { Results, ...rest } = file(found('LOW'));
      const secret = { Target: '/a', Class: 'secret', Secrets: [{ RuleID: 'x', Severity: 'LOW' }] };
      const rows = judge([deployment], [{ ...rest, Results: [...(Results as object[]), secret] }]);
      expect(say(rows, ['RD-5.H.7.4'])).to.deep.equal({ 'RD-5.H.7.4': 'Unknown HiddenFindings' });
    });
  });
});
