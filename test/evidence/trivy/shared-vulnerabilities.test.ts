import { expect } from 'chai';
import { SharedVulnerabilities } from '../../../src/evidence/trivy/shared-vulnerabilities.ts';
import { vulnerability } from '../../support/builders.ts';

describe('SharedVulnerabilities', () => {
  it('gives one object for equal ones, and another for each difference', () => {
    const shared = new SharedVulnerabilities();
    const first = shared.share(vulnerability());
    expect(shared.share(vulnerability())).to.equal(first);
    const others = [
      vulnerability({ id: 'CVE-2' }),
      vulnerability({ package: 'libssl3' }),
      vulnerability({ installedVersion: '3.0.0' }),
      vulnerability({ fixedVersion: '3.0.3' }),
      vulnerability({ fixedVersion: undefined as never }),
      vulnerability({ severity: 'high' }),
      vulnerability({ score: 9 }),
      vulnerability({ publishedAt: 1 }),
      vulnerability({ packageClass: 'language' }),
    ].map((each) => shared.share(each));
    expect(new Set([first, ...others]).size).to.equal(others.length + 1);
  });

  it('does not confuse texts that only look alike when they are joined', () => {
    const shared = new SharedVulnerabilities();
    const a = shared.share(vulnerability({ id: 'a', package: 'b c' }));
    const b = shared.share(vulnerability({ id: 'a b', package: 'c' }));
    expect(a).not.to.equal(b);
  });

  it('freezes what it shares', () => {
    const shared = new SharedVulnerabilities();
    const list = shared.shareList('image', [shared.share(vulnerability())]);
    expect(Object.isFrozen(list)).to.equal(true);
    expect(Object.isFrozen(list[0])).to.equal(true);
  });

  it('keeps no more than its limits, and is right beyond them', () => {
    const shared = new SharedVulnerabilities({ vulnerabilities: 2, images: 1 });
    const first = shared.share(vulnerability());
    for (const id of ['CVE-2', 'CVE-3', 'CVE-4']) expect(shared.share(vulnerability({ id })).id).to.equal(id);
    // It was forgotten: an equal copy takes its place.
    const copy = shared.share(vulnerability());
    expect(copy).to.deep.equal(first);
    expect(copy === first).to.equal(false);
    const list = shared.shareList('a', [first]);
    expect(shared.shareList('a', [first])).to.equal(list);
    shared.shareList('b', [first]);
    const other = shared.shareList('a', [first]);
    expect(other).to.deep.equal(list);
    expect(other === list).to.equal(false);
  });
});
