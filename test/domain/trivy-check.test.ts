import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { catalogue } from '../../src/controls/catalogue.generated.ts';
import { canonicalCheckId } from '../../src/domain/trivy-check.ts';
import { requireFixtures } from '../support/fixtures.ts';

const spellings: Readonly<Record<string, string>> = {
  KSV001: 'KSV-0001',
  KSV0001: 'KSV-0001',
  'KSV-0001': 'KSV-0001',
  'AVD-KSV-0001': 'KSV-0001',
  'avd-ksv-0001': 'KSV-0001',
  'ksv-0001': 'KSV-0001',
  ' KSV001 ': 'KSV-0001',
  KCV0001: 'KCV-0001',
  'AVD-KCV-0091': 'KCV-0091',
  // Five digits, and not 1010.
  'AVD-KSV-01010': 'KSV-01010',
  KSV01011: 'KSV-01011',
  KCV0135: 'KCV-0035',
  configMap_with_secrets: 'KSV-0109',
  configMap_with_sensitive: 'KSV-01010',
  no_svc_with_extip: 'KSV-0108',
};

const strangers = ['', 'CVE-2024-1', 'AVD-DS-0001', 'KSV', 'KSV-1', 'KSV-123456', 'XKSV-0001', 'toString'];

interface Check {
  readonly id: string;
  readonly aliases: readonly string[];
}

describe('ids of checks of Trivy', () => {
  for (const [text, id] of Object.entries(spellings)) {
    it(`reads "${text}" as ${id}`, () => expect(canonicalCheckId(text)).to.equal(id));
  }
  for (const text of strangers) {
    it(`leaves "${text}" as it is`, () => expect(canonicalCheckId(text)).to.equal(text));
  }

  it('have one spelling, which is its own', () => {
    const spelling = fc.constantFrom(...Object.keys(spellings), ...strangers);
    fc.assert(
      fc.property(fc.oneof(spelling, fc.string()), (text) => {
        const id = canonicalCheckId(text);
        expect(canonicalCheckId(id)).to.equal(id);
      }),
    );
  });

  describe('that Trivy has', () => {
    let checks: readonly Check[];
    let samples: string;

    before(function () {
      samples = requireFixtures(this, 'trivy-operator-samples');
      const index = readFileSync(join(samples, 'trivy-checks-index.json'), 'utf8');
      ({ checks } = JSON.parse(index) as { checks: readonly Check[] });
    });

    it('are canonical, and so are their numbered aliases, but for one that is a slip', () => {
      const numbered = /^(?:AVD-)?K[SC]V-?\d+$/i;
      const wrong: string[] = [];
      let seen = 0;
      for (const { id, aliases } of checks) {
        for (const text of [id, ...aliases.filter((alias) => numbered.test(alias))]) {
          seen++;
          for (const each of [text, text.toLowerCase()])
            if (canonicalCheckId(each) !== id) wrong.push(`${id}: ${each}`);
        }
      }
      expect(checks).to.have.length(169);
      expect(seen).to.equal(503);
      // KSV0012 is the old name of a check on root, and stands by mistake beside one of the control plane too.
      expect(wrong).to.deep.equal(['KCV-0012: KSV0012', 'KCV-0012: ksv0012']);
    });

    it('are those that the specifications and reports name, but for one that is no more', () => {
      const known = new Set(checks.map(({ id }) => id));
      const unknown = new Set<string>();
      let seen = 0;
      for (const folder of ['docs', 'compliance-specs']) {
        for (const file of readdirSync(join(samples, folder))) {
          const text = readFileSync(join(samples, folder, file), 'utf8');
          for (const [, id = ''] of text.matchAll(/(?:checkID|\bid): "?((?:AVD-)?K[SC]V-?\d+)/gi)) {
            seen++;
            if (!known.has(canonicalCheckId(id))) unknown.add(canonicalCheckId(id));
          }
        }
      }
      expect(seen).to.be.above(300);
      expect([...unknown]).to.deep.equal(['KSV-0029']);
    });

    it('are what controls refer to, in the one spelling', () => {
      const known = new Set(checks.map(({ id }) => id));
      const named = catalogue.flatMap(({ id, references }) =>
        // One refers to a whole specification.
        (references.trivy ?? [])
          .map((text) => ({ control: id, check: text.split(' ')[0] ?? '' }))
          .filter(({ check }) => check !== 'k8s-pss-restricted-0.1'),
      );
      expect(named).to.have.length.above(30);
      for (const { control, check } of named) {
        expect(check, control).to.equal(canonicalCheckId(check));
        expect(known.has(check), `${control}: ${check}`).to.equal(true);
      }
    });
  });
});
