import { expect } from 'chai';
import { catalogue } from '../../src/controls/catalogue.generated.ts';
import { mappingsOf } from '../../src/cli/mappings.ts';
import { run } from '../support/cli.ts';

describe('plumbline controls', () => {
  it('lists every control, one a line', async () => {
    const { code, out, err } = await run('controls');
    expect({ code, err }).to.deep.equal({ code: 0, err: '' });
    const [header, ...rows] = out.trimEnd().split('\n');
    expect(header).to.match(/^ID +SEVERITY +SCOPE +TITLE$/);
    expect(rows.map((row) => row.split(/ {3,}/))).to.deep.equal(
      catalogue.map(({ id, severity, scope, title }) => [id, severity, scope, title]),
    );
  });

  it('lists them as data, all but their functions', async () => {
    const { code, out } = await run('controls', '--format', 'json');
    const listed = JSON.parse(out) as Record<string, unknown>[];
    expect(code).to.equal(0);
    expect(listed.map(({ id }) => id)).to.deep.equal(catalogue.map(({ id }) => id));
    for (const [index, control] of catalogue.entries()) {
      const data = Object.entries(control).filter(([, value]) => typeof value !== 'function');
      expect(listed[index]).to.deep.equal({
        ...Object.fromEntries(data),
        rollUp: 'derivedFrom' in control,
        mappings: mappingsOf(control.references),
      });
    }
  });

  it('says of each mapping whose judgement it is, and of a CIS number in which benchmarks it holds', () => {
    const references = {
      nist80053: ['AC-6(10)', 'IA-5(1) (STIG mapping)'],
      stig: ['V-242443 (supporting)'],
      cis: ['5.2.7', '5.2.13 (v1.11)'],
      trivy: ['KSV-0006 (docker.sock)'],
      other: ['A guide (secondary)'],
    };
    expect(mappingsOf(references)).to.deep.equal([
      { framework: 'NIST SP 800-53 r5', id: 'AC-6(10)', basis: 'judgement' },
      { framework: 'NIST SP 800-53 r5', id: 'IA-5(1)', basis: 'stig' },
      {
        framework: 'CIS Kubernetes Benchmark',
        id: '5.2.7',
        benchmarks: ['1.11', '1.12'],
        basis: 'judgement',
      },
      { framework: 'CIS Kubernetes Benchmark', id: '5.2.13', benchmarks: ['1.11'], basis: 'judgement' },
      { framework: 'DISA Kubernetes STIG', id: 'V-242443', basis: 'judgement', note: 'supporting' },
      { framework: 'Trivy', id: 'KSV-0006', basis: 'judgement', note: 'docker.sock' },
      { framework: 'Other', id: 'A guide (secondary)', basis: 'judgement', secondary: true },
    ]);
  });
});
