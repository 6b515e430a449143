import { expect } from 'chai';
import { catalogue } from '../../src/controls/catalogue.generated.ts';
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
      expect(listed[index]).to.deep.equal({ ...Object.fromEntries(data), rollUp: 'derivedFrom' in control });
    }
  });
});
