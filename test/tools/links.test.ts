import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';

const pages = [...globSync('*.md'), ...globSync('{docs,config}/**/*.md')];

/** Addresses within this repository, without what stands behind `#`. */
const linksOf = (page: string): string[] =>
  [...readFileSync(page, 'utf8').matchAll(/\]\((?![a-z]+:|#)([^)#\s]+)/g)].map(([, link = '']) => link);

describe('the pages', () => {
  it('link to what is there', () => {
    const links = pages.flatMap((page) => linksOf(page).map((link) => ({ page, link })));
    expect(links.length).to.be.greaterThan(100);
    const broken = links.filter(({ page, link }) => !existsSync(join(dirname(page), link)));
    expect(broken).to.deep.equal([]);
  });
});
