import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Composition } from '../../../src/domain/sbom.ts';
import { ShapeError } from '../../../src/evidence/fields.ts';
import { projectSbomHead, projectSbomReport, readSbom } from '../../../src/evidence/trivy/project-sbom.ts';
import { requireFixtures } from '../../support/fixtures.ts';

const deb = (name: string, version = '1') => ({
  type: 'library',
  name,
  version,
  purl: `pkg:deb/debian/${name}@${version}`,
  properties: [{ name: 'aquasecurity:trivy:PkgType', value: 'debian' }],
});
const npm = (name: string, group?: string) => ({
  type: 'library',
  name,
  ...(group === undefined ? {} : { group }),
  purl: `pkg:npm/${name}@1`,
  properties: [{ name: 'aquasecurity:trivy:PkgType', value: 'node-pkg' }],
});
const debian = { type: 'operating-system', name: 'debian', version: '12.9' };

function report(
  components: readonly object[],
  rest: { report?: object; bom?: object; metadata?: object } = {},
) {
  return {
    apiVersion: 'aquasecurity.github.io/v1alpha1',
    kind: 'SbomReport',
    metadata: {
      name: 'replicaset-app-1-app',
      namespace: 'shop',
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: { 'trivy-operator.container.name': 'app' },
      ownerReferences: [{ kind: 'ReplicaSet', name: 'app-1', uid: 'rs-1', controller: true }],
      ...rest.metadata,
    },
    report: {
      artifact: { repository: 'library/app', tag: '1', digest: 'sha256:aa' },
      registry: { server: 'index.docker.io' },
      summary: { componentsCount: components.length + 1, dependenciesCount: 0 },
      components: { bomFormat: 'CycloneDX', components, ...rest.bom },
      ...rest.report,
    },
  };
}

const compose = (...components: object[]): Composition => readSbom(report(components)).composition;

describe('an SbomReport', () => {
  it('keeps of its metadata whose it is, and when it was last written', () => {
    const { report: _body, ...object } = report([]);
    expect(projectSbomHead(object)).to.deep.equal({
      name: 'replicaset-app-1-app',
      namespace: 'shop',
      owner: { kind: 'ReplicaSet', name: 'app-1', uid: 'rs-1' },
      container: 'app',
      updatedAt: Date.parse('2026-01-01T00:00:00Z'),
    });
  });

  it('says of what image it is', () => {
    expect(projectSbomReport(report([]))?.image).to.deep.equal({
      registry: 'index.docker.io',
      repository: 'library/app',
      tag: '1',
      digest: 'sha256:aa',
    });
  });

  it('counts packages by whose they are, and nothing else', () => {
    const jar = { type: 'application', name: 'app.jar' };
    const odd = { type: 'library', name: 'odd' };
    expect(compose(debian, deb('bash'), deb('libc6', '2.36'), npm('left-pad'), jar, odd)).to.deep.include({
      osPackages: 2,
      languagePackages: 1,
      otherPackages: 1,
      unlisted: 0,
      os: { family: 'debian', release: '12.9' },
      markers: [{ name: 'libc6', version: '2.36' }],
    });
  });

  it('keeps every package where nobody says what is sought', () => {
    const names = compose(deb('zlib1g'), npm('core', '@angular'), npm('make')).named;
    expect(names).to.deep.equal([
      { entry: '@angular/core', name: '@angular/core' },
      { entry: 'zlib1g', name: 'zlib1g' },
    ]);
  });

  it('keeps those that answer to what is sought, once, in one order', () => {
    const all = [deb('gcc-12'), deb('zlib1g'), deb('bash'), deb('bash'), npm('bash')];
    const sought = new Set(['bash', 'gcc']);
    const expected = [
      { entry: 'bash', name: 'bash' },
      { entry: 'gcc', name: 'gcc-12' },
    ];
    for (const components of [all, all.toReversed()]) {
      const { composition } = readSbom(report(components), sought);
      expect(composition.named).to.deep.equal(expected);
      expect(composition.sought).to.equal(sought);
    }
  });

  it('is as large for ten thousand packages as for ten that are sought', () => {
    const sought = new Set(['bash']);
    const size = (n: number) =>
      JSON.stringify(readSbom(report(Array.from({ length: n }, (_, i) => deb(`lib-${i}-x`))), sought)).length;
    expect(size(10_000) - size(10)).to.be.below(10);
  });

  const gaps: Readonly<Record<string, [object, number]>> = {
    'a list that is shorter than its count': [
      report([debian], { report: { summary: { componentsCount: 9 } } }),
      7,
    ],
    'no bill at all': [report([], { report: { components: undefined } }), 1],
    'no count': [report([debian], { report: { summary: undefined } }), 0],
    'an image of nothing': [report([], { bom: { components: undefined } }), 0],
  };
  for (const [sentence, [object, unlisted]] of Object.entries(gaps)) {
    it(`leaves ${unlisted} unlisted: ${sentence}`, () => {
      expect(readSbom(object as Record<string, unknown>).composition.unlisted).to.equal(unlisted);
    });
  }

  it('names the base that the labels of the image name', () => {
    const label = (name: string, value: string) => ({
      name: `aquasecurity:trivy:Labels:org.opencontainers.image.base.${name}`,
      value,
    });
    const properties = [label('name', 'registry.example/base:1'), label('digest', 'sha256:bb')];
    const bom = { metadata: { component: { type: 'container', properties } } };
    expect(readSbom(report([], { bom })).composition.base).to.deep.equal({
      name: 'registry.example/base:1',
      digest: 'sha256:bb',
    });
  });

  it('that is history is none', () => {
    const annotations = { 'trivy-operator.aquasecurity.github.io/report-ttl': '0s' };
    expect(projectSbomReport(report([], { metadata: { annotations } }))).to.equal(undefined);
  });

  it('names the path of what has another type', () => {
    const read = () => readSbom(report([{ type: 'library', name: 7 }]));
    expect(read).to.throw(ShapeError, 'report.components.components.name: expected a string, found number 7');
    expect(() => readSbom({ metadata: {} })).to.throw(ShapeError, 'report: expected an object');
  });

  it('of Alpine, as the scanner writes it, has its packages, its tools and its markers', function () {
    const file = join(requireFixtures(this, 'trivy-operator-samples'), 'trivy-cli-input', 'alpine_sbom.json');
    const bom = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    const object = report([], { report: { components: bom, summary: { componentsCount: 17 } } });
    const { composition } = readSbom(object, new Set(['busybox', 'apk-tools', 'bash']));
    expect(composition).to.deep.include({
      osPackages: 15,
      languagePackages: 0,
      otherPackages: 0,
      unlisted: 0,
    });
    expect(composition.os).to.deep.equal({ family: 'alpine', release: '3.18.4' });
    expect(composition.named.map(({ name }) => name)).to.deep.equal(['apk-tools', 'busybox']);
    expect(composition.markers.map(({ name }) => name)).to.deep.equal([
      'alpine-baselayout',
      'libcrypto3',
      'libssl3',
      'musl',
    ]);
  });
});
