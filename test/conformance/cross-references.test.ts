import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { mappingsOf } from '../../src/cli/mappings.ts';
import { catalogue } from '../../src/controls/catalogue.generated.ts';
import { canonicalCheckId } from '../../src/domain/trivy-check.ts';
import { requireFixtures } from '../support/fixtures.ts';

/** The fields of the matrix, and what we call the framework. */
const fields: Readonly<Record<string, string>> = {
  nist: 'NIST SP 800-53 r5',
  sp190: 'NIST SP 800-190',
  cis: 'CIS Kubernetes Benchmark',
  stig: 'DISA Kubernetes STIG',
  srg: 'DISA Container Platform SRG',
  ksv: 'Trivy',
  ks: 'Kubescape',
};

/** The frameworks that are cited by a heading or a profile: a citation must be there, in whatever words. */
const inWords: Readonly<Record<string, string>> = {
  nsa: 'NSA/CISA Kubernetes Hardening Guide',
  pss: 'Pod Security Standards',
  other: 'Other',
};

/** What stands for an id in the cells of the matrix. */
const patterns: Readonly<Record<string, RegExp>> = {
  nist: /[A-Z]{2}-\d+(?:\(\d+\))?/g,
  sp190: /\d\.\d\.\d/g,
  cis: /\d\.\d+\.\d+/g,
  stig: /V-\d{6}/g,
  srg: /SRG-APP-\d{6}/g,
  ksv: /KSV-\d+|k8s-[a-z-]+-0\.1/g,
  ks: /C-\d{4}/g,
};

/** Cells that are written short: what they stand for. */
const written: Readonly<Record<string, string>> = {
  'RD-2.1.2 stig': 'V-242437, V-254800',
  'RD-2.3.2 srg': 'SRG-APP-000038, SRG-APP-000039',
  'RD-2.6.1 ksv': 'KSV-0125, KSV-0032, KSV-0033, KSV-0034, KSV-0035',
  'RD-3.10.2 cis': '5.1.1, 5.1.2, 5.1.3, 5.1.4, 5.1.8, 5.1.9, 5.1.10, 5.1.11, 5.1.12, 5.1.13',
  'RD-3.10.2 ksv':
    'KSV-0041, KSV-0044, KSV-0045, KSV-0046, KSV-0047, KSV-0048, KSV-0049, KSV-0050, KSV-0051, KSV-0052, KSV-0053, ' +
    'KSV-0054, KSV-0055, KSV-0056, KSV-0111, KSV-0112, KSV-0113, KSV-0114, KSV-0122, KSV-0123',
  'RD-3.10.2 ks':
    'C-0035, C-0015, C-0186, C-0187, C-0188, C-0191, C-0267, C-0272, C-0278, C-0279, C-0280, C-0281, C-0282',
  'RD-5.H.10.1 srg': 'SRG-APP-000456, SRG-APP-000456',
};

/** Cells of the column `other` that cite nobody, and what they are. */
const uncited: Readonly<Record<string, string>> = {
  'RD-2.1.3': 'where the facts were found',
  'RD-3.4.2': 'a dashboard',
  'RD-5.H.7.6': 'requirements of another platform',
};

interface Given {
  readonly id: string;
  readonly xref: Readonly<Record<string, string>>;
}

const idsIn = (field: string, text: string): string[] => {
  const ids = text.match(patterns[field] ?? /$^/) ?? [];
  return [...new Set(field === 'ksv' ? ids.map(canonicalCheckId) : ids)].sort();
};

describe('the cross-references', () => {
  let given: ReadonlyMap<string, Given> = new Map();
  before(function () {
    const text = readFileSync(requireFixtures(this, 'catalogue.json'), 'utf8');
    given = new Map((JSON.parse(text) as Given[]).map((each) => [each.id, each]));
  });

  const rows = catalogue.map(({ id, references }) => ({ id, mappings: mappingsOf(references) }));
  const xrefOf = (id: string) => given.get(id)?.xref ?? {};

  for (const [field, framework] of Object.entries(fields)) {
    it(`to ${framework} are those of the matrix, no more and no fewer`, () => {
      const wrong: object[] = [];
      let compared = 0;
      for (const { id, mappings } of rows) {
        const expected = idsIn(field, written[`${id} ${field}`] ?? xrefOf(id)[field] ?? '');
        const own = mappings.filter((each) => each.framework === framework).map((each) => each.id);
        const found = idsIn(field, own.join(' '));
        compared += expected.length;
        if (JSON.stringify(found) !== JSON.stringify(expected)) wrong.push({ id, found, expected });
      }
      expect(wrong).to.deep.equal([]);
      expect(compared).to.be.above(20);
    });
  }

  for (const [field, framework] of Object.entries(inWords)) {
    it(`to ${framework} are there where the matrix has one`, () => {
      const wrong = rows.filter(({ id, mappings }) => {
        const expected = /\w/.test(xrefOf(id)[field] ?? '') && !(field === 'other' && id in uncited);
        // A reference of ours that the matrix has not is a gap of it that was found: it is told with the exceptions.
        return expected && !mappings.some((each) => each.framework === framework);
      });
      expect(wrong.map(({ id }) => id)).to.deep.equal([]);
    });
  }

  it('name the version of the CIS benchmark where the number depends on it', () => {
    for (const { id, mappings } of rows) {
      const cell = xrefOf(id)['cis'] ?? '';
      for (const [, version = '', number = ''] of cell.matchAll(/v(1\.\d+)(?: also)? (5\.\d+\.\d+)/g)) {
        const own = mappings.find((each) => each.framework === fields['cis'] && each.id === number);
        expect(own?.benchmarks, `${id} ${number}`).to.deep.equal([version]);
      }
    }
  });

  it('are our judgement but where the matrix says whose they are', () => {
    const foreign = rows.flatMap(({ id, mappings }) =>
      mappings.filter(({ basis }) => basis !== 'judgement').map((each) => `${id} ${each.id} ${each.basis}`),
    );
    expect(foreign).to.deep.equal(['RD-5.H.7.5 IA-5(1) stig']);
    const said = [...given.values()].filter(({ xref }) => /STIG mapping/.test(xref['nist'] ?? ''));
    expect(said.map(({ id }) => id)).to.deep.equal(['RD-5.H.7.5']);
  });

  it('say of a document that was not at hand that it was not', () => {
    const wrong = rows.filter(({ id, mappings }) => {
      const other = xrefOf(id)['other'] ?? '';
      const expected = /\(secondary|secondary source|secondary\)/.test(other) && !(id in uncited);
      return expected !== mappings.some((each) => each.secondary === true);
    });
    expect(wrong.map(({ id }) => id)).to.deep.equal([
      // The catalogue says so in its text and not in its matrix.
      'RD-3.10.1',
    ]);
  });
});
