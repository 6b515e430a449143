import { expect } from 'chai';
import type { SourceName } from '../../src/domain/snapshot.ts';
import { sourceNames, sourcesOf } from '../../src/domain/snapshot.ts';
import { snapshot } from '../support/builders.ts';

describe('sourcesOf', () => {
  it('names every source of a snapshot by a name that reports know', () => {
    const named = sourcesOf(snapshot());
    expect(sourceNames).to.include.members(Object.keys(named) as SourceName[]);
    const sources = Object.values(snapshot()).filter(
      (field) => typeof field === 'object' && field !== null && 'available' in field,
    );
    expect(Object.keys(named)).to.have.length(sources.length);
  });
});
