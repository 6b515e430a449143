import { expect } from 'chai';
import { matchesGlob } from '../../../src/domain/glob.ts';
import { missingSettings, readScannerSettings } from '../../../src/evidence/trivy/settings.ts';

const map = (name: string, data: Record<string, string>) => ({ metadata: { name }, data });
const trivy = (data: Record<string, string>) => [map('trivy-operator-trivy-config', data)];
const operator = (data: Record<string, string>) => [map('trivy-operator-config', data)];

const settingsFor = (maps: Parameters<typeof readScannerSettings>[0], namespace: string) =>
  readScannerSettings(maps, 'trivy-system', namespace);

describe('readScannerSettings', () => {
  it('knows nothing without the ConfigMaps', () => {
    expect(settingsFor([], 'shop')).to.equal(undefined);
    expect(settingsFor([map('another', { 'trivy.severity': 'LOW' })], 'shop')).to.equal(undefined);
  });

  it('hides nothing as shipped', () => {
    const settings = settingsFor(
      [
        map('trivy-operator', { 'scanJob.compressLogs': 'true' }),
        ...trivy({ 'trivy.severity': 'UNKNOWN,LOW,MEDIUM,HIGH,CRITICAL' }),
        ...operator({
          OPERATOR_VULNERABILITY_SCANNER_ENABLED: 'true',
          OPERATOR_EXPOSED_SECRET_SCANNER_ENABLED: 'true',
          OPERATOR_SBOM_GENERATION_ENABLED: 'true',
          OPERATOR_EXCLUDE_NAMESPACES: '',
          OPERATOR_TARGET_NAMESPACES: '',
        }),
      ],
      'shop',
    );
    expect(settings).to.deep.equal({
      scannerNamespace: 'trivy-system',
      hidesVulnerabilities: [],
      hidesFixable: [],
      hidesSecrets: [],
      narrows: [],
      skips: [],
      vulnerabilityScannerEnabled: true,
      secretScannerEnabled: true,
      sbomGenerationEnabled: true,
    });
  });

  const lesser: Record<string, [Record<string, string>, 'hidesFixable' | 'narrows' | 'skips', string[]]> = {
    'an ignore file hides what has a fix': [
      { 'trivy.ignoreFile': 'CVE-2020-1' },
      'hidesFixable',
      ['trivy.ignoreFile names findings to leave out.'],
    ],
    'ignoring what has no fix does not': [{ 'trivy.ignoreUnfixed': 'true' }, 'hidesFixable', []],
    'looking into one type of packages does': [
      { 'trivy.pkgTypes': 'os' },
      'hidesFixable',
      ['trivy.pkgTypes looks for packages of type os alone.'],
    ],
    'looking into both types does not': [{ 'trivy.vulnType': 'os,library' }, 'hidesFixable', []],
    'lesser severities that are left out are told': [
      { 'trivy.severity': 'HIGH,CRITICAL' },
      'narrows',
      ['trivy.severity leaves out MEDIUM and LOW and UNKNOWN.'],
    ],
    'so are files and folders': [
      { 'trivy.skipDirs': '/proc', 'trivy.skipFiles': '' },
      'narrows',
      ['trivy.skipDirs leaves out a part of each image.'],
    ],
    'reports that are kept in files are missing elsewhere': [
      { OPERATOR_ALTERNATE_REPORT_STORAGE_ENABLED: 'true' },
      'skips',
      ['OPERATOR_ALTERNATE_REPORT_STORAGE_ENABLED keeps reports in files, where nobody else sees them.'],
    ],
    'images, init containers and workloads may be passed over': [
      {
        'scanJob.excludeImages': 'docker.io/*',
        'scanJob.skipInitContainers': 'true',
        skipResourceByLabels: 'skip',
        OPERATOR_TARGET_WORKLOADS: 'pod',
      },
      'skips',
      [
        'scanJob.skipInitContainers skips those.',
        'scanJob.excludeImages skips images.',
        'skipResourceByLabels skips workloads.',
        'OPERATOR_TARGET_WORKLOADS names the kinds that are scanned.',
      ],
    ],
    'switched off they skip nothing': [
      { 'scanJob.skipInitContainers': 'false', OPERATOR_ALTERNATE_REPORT_STORAGE_ENABLED: 'false' },
      'skips',
      [],
    ],
  };
  for (const [sentence, [data, field, expected]] of Object.entries(lesser)) {
    it(sentence, () => {
      expect(settingsFor(operator(data), 'shop')?.[field]).to.deep.equal(expected);
    });
  }

  const hides: Record<string, [Record<string, string>, string[], string[]]> = {
    'a severity list without CRITICAL': [
      { 'trivy.severity': 'HIGH, medium' },
      ['trivy.severity leaves out CRITICAL.'],
      ['trivy.severity leaves out CRITICAL.'],
    ],
    'a severity list without either': [
      { 'trivy.severity': 'LOW' },
      ['trivy.severity leaves out CRITICAL and HIGH.'],
      ['trivy.severity leaves out CRITICAL and HIGH.'],
    ],
    'no severity list hides nothing': [{ 'trivy.severity': '' }, [], []],
    'high and critical alone hide nothing that decides': [{ 'trivy.severity': 'HIGH,CRITICAL' }, [], []],
    'an ignore file': [
      { 'trivy.ignoreFile': 'CVE-2020-1' },
      ['trivy.ignoreFile names findings to leave out.'],
      ['trivy.ignoreFile names findings to leave out.'],
    ],
    'an empty ignore file hides nothing': [{ 'trivy.ignoreFile': ' \n' }, [], []],
    'ignoring what has no fix hides vulnerabilities alone': [
      { 'trivy.ignoreUnfixed': 'true' },
      ['trivy.ignoreUnfixed leaves out what has no fix yet.'],
      [],
    ],
    'the key alone counts, whatever its text': [
      { 'trivy.ignoreUnfixed': 'false' },
      ['trivy.ignoreUnfixed leaves out what has no fix yet.'],
      [],
    ],
    'a policy for all': [
      { 'trivy.ignorePolicy': 'package trivy' },
      ['trivy.ignorePolicy leaves findings out by a policy.'],
      ['trivy.ignorePolicy leaves findings out by a policy.'],
    ],
    'a policy for this namespace': [
      { 'trivy.ignorePolicy.shop': 'package trivy' },
      ['trivy.ignorePolicy.shop leaves findings out by a policy.'],
      ['trivy.ignorePolicy.shop leaves findings out by a policy.'],
    ],
    'a policy for one workload of this namespace': [
      { 'trivy.ignorePolicy.shop.cart-': 'package trivy' },
      ['trivy.ignorePolicy.shop.cart- leaves findings out by a policy.'],
      ['trivy.ignorePolicy.shop.cart- leaves findings out by a policy.'],
    ],
    'a policy for a pattern': [
      { 'trivy.ignorePolicy.sh*': 'package trivy' },
      ['trivy.ignorePolicy.sh* leaves findings out by a policy.'],
      ['trivy.ignorePolicy.sh* leaves findings out by a policy.'],
    ],
    'the dot is a wildcard too: a policy for the ending of the name': [
      { 'trivy.ignorePolicy.op': 'package trivy' },
      ['trivy.ignorePolicy.op leaves findings out by a policy.'],
      ['trivy.ignorePolicy.op leaves findings out by a policy.'],
    ],
    'a policy for another namespace hides nothing here': [
      { 'trivy.ignorePolicy.bank': 'package trivy' },
      [],
      [],
    ],
    'an empty policy hides nothing': [{ 'trivy.ignorePolicy': '' }, [], []],
  };
  for (const [sentence, [data, vulnerabilities, secrets]] of Object.entries(hides)) {
    it(sentence, () => {
      const settings = settingsFor(trivy(data), 'shop');
      expect(settings?.hidesVulnerabilities).to.deep.equal(vulnerabilities);
      expect(settings?.hidesSecrets).to.deep.equal(secrets);
    });
  }

  it('sees a scanner that is switched off', () => {
    const settings = settingsFor(
      operator({
        OPERATOR_VULNERABILITY_SCANNER_ENABLED: 'False',
        OPERATOR_EXPOSED_SECRET_SCANNER_ENABLED: 'false',
      }),
      'shop',
    );
    expect(settings).to.include({ vulnerabilityScannerEnabled: false, secretScannerEnabled: false });
  });

  const scopes: Record<string, [Record<string, string>, string | undefined]> = {
    'an excluded namespace': [
      { OPERATOR_EXCLUDE_NAMESPACES: 'kube-system, shop' },
      'OPERATOR_EXCLUDE_NAMESPACES leaves this namespace out.',
    ],
    'an excluded pattern': [
      { OPERATOR_EXCLUDE_NAMESPACES: 's?o*' },
      'OPERATOR_EXCLUDE_NAMESPACES leaves this namespace out.',
    ],
    'a target list without it': [
      { OPERATOR_TARGET_NAMESPACES: 'bank' },
      'OPERATOR_TARGET_NAMESPACES does not name this namespace.',
    ],
    'a target list with it': [{ OPERATOR_TARGET_NAMESPACES: 'bank,shop' }, undefined],
  };
  for (const [sentence, [data, expected]] of Object.entries(scopes)) {
    it(sentence, () => expect(settingsFor(operator(data), 'shop')?.leavesOut).to.equal(expected));
  }
});

describe('matches', () => {
  const cases: Record<string, [string, string, boolean]> = {
    'plain text': ['shop', 'shop', true],
    'not a prefix': ['shop', 'shop-2', false],
    'a star may be empty': ['shop*', 'shop', true],
    'stars may repeat': ['**a**b', 'xaxb', true],
    'a star gives back': ['*ab', 'aab', true],
    'a question mark wants a sign': ['shop?', 'shop', false],
    'the empty pattern matches the empty text alone': ['', 'a', false],
  };
  for (const [sentence, [pattern, text, expected]] of Object.entries(cases)) {
    it(sentence, () => expect(matchesGlob(pattern, text)).to.equal(expected));
  }

  it('does not explode', () => {
    expect(matchesGlob('*a'.repeat(500), `${'a'.repeat(20_000)}b`)).to.equal(false);
  });

  it('tells which of the ConfigMaps are not there', () => {
    expect(missingSettings([])).to.have.length(3);
    expect(missingSettings([...operator({}), map('another', {})])).to.deep.equal([
      'trivy-operator',
      'trivy-operator-trivy-config',
    ]);
    expect(missingSettings([...operator({}), ...trivy({}), map('trivy-operator', {})])).to.deep.equal([]);
  });
});
