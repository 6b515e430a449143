import { expect } from 'chai';
import type { Control } from '../../src/domain/control.ts';
import { catalogue } from '../../src/controls/catalogue.generated.ts';
import type { ProfileObject } from '../../src/operator/profile-book.ts';
import { ProfileBook } from '../../src/operator/profile-book.ts';

const controls: readonly Control[] = catalogue.filter(({ id }) => ['RD-2.2.1', 'RD-2.2.2'].includes(id));
const now = Date.parse('2026-01-01T00:00:00Z');
const later = now + 60_000;

const object = (generation: number, spec: unknown): ProfileObject => ({
  generation,
  spec,
  status: undefined,
});
const without = (id: string) => ({ controls: [{ id, disabled: true, rationale: 'a reason' }] });
const book = () => new ProfileBook(controls);
const names = (of: ProfileBook) => of.active().map(({ name }) => name);
const idsOf = (of: ProfileBook, name: string) => of.get(name)?.controls.map(({ id }) => id);

describe('the book of profiles', () => {
  it('has the built-in profile, and only that, where there is no ComplianceProfile', () => {
    expect(names(book())).to.deep.equal(['reference-design']);
    expect(book().isKnown('reference-design')).to.equal(true);
    expect(book().isKnown('strict')).to.equal(false);
    expect(book().statusOf('reference-design', 3, undefined, now)).to.equal(undefined);
  });

  it('has others beside it', () => {
    const profiles = book();
    profiles.set('strict', object(1, without('RD-2.2.1')));
    expect(names(profiles)).to.deep.equal(['reference-design', 'strict']);
    expect(idsOf(profiles, 'strict')).to.deep.equal(['RD-2.2.2']);
    profiles.delete('strict');
    expect(names(profiles)).to.deep.equal(['reference-design']);
  });

  it('replaces the built-in one by one of its name, until that is gone', () => {
    const profiles = book();
    profiles.set('reference-design', object(1, without('RD-2.2.1')));
    expect(names(profiles)).to.deep.equal(['reference-design']);
    expect(idsOf(profiles, 'reference-design')).to.deep.equal(['RD-2.2.2']);
    profiles.delete('reference-design');
    expect(idsOf(profiles, 'reference-design')).to.deep.equal(['RD-2.2.1', 'RD-2.2.2']);
  });

  it('evaluates nothing by one of that name that was never valid, not even the built-in', () => {
    const profiles = book();
    profiles.set('reference-design', object(1, without('RD-9')));
    expect(names(profiles)).to.deep.equal([]);
    expect(profiles.isKnown('reference-design')).to.equal(true);
  });

  it('selects by name and label', () => {
    const profiles = book();
    profiles.set('named', object(1, { namespaces: { include: ['shop', 'kube-system'] } }));
    profiles.set('labelled', object(1, { namespaceSelector: { matchLabels: { team: 'blue' } } }));
    profiles.set('rest', object(1, { namespaces: { exclude: ['shop'] } }));
    const selecting = (namespace: string, labels = {}) =>
      profiles.selecting(namespace, labels).map(({ name }) => name);
    expect(selecting('shop')).to.deep.equal(['reference-design', 'named']);
    expect(selecting('office', { team: 'blue' })).to.deep.equal(['reference-design', 'labelled', 'rest']);
    expect(selecting('kube-system')).to.deep.equal(['named']);
  });

  it('keeps the last valid version when an edit is not', () => {
    const profiles = book();
    profiles.set('strict', object(1, without('RD-2.2.1')));
    profiles.set('strict', object(2, without('RD-9')));
    expect(idsOf(profiles, 'strict')).to.deep.equal(['RD-2.2.2']);
    profiles.set('strict', object(3, without('RD-2.2.2')));
    expect(idsOf(profiles, 'strict')).to.deep.equal(['RD-2.2.1']);
  });

  it('reads a generation once: a change of the status alone is no change of the profile', () => {
    const profiles = book();
    profiles.set('strict', object(1, {}));
    const before = profiles.get('strict');
    profiles.set('strict', object(1, {}));
    expect(profiles.get('strict')).to.equal(before);
  });

  it('reads anew one that was deleted and made again: its generation begins anew', () => {
    const profiles = book();
    profiles.set('strict', object(1, without('RD-2.2.1')));
    profiles.delete('strict');
    profiles.set('strict', object(1, without('RD-2.2.2')));
    expect(idsOf(profiles, 'strict')).to.deep.equal(['RD-2.2.1']);
  });

  describe('with profiles that extend others', () => {
    const extending = (more: object = {}) => ({ extends: 'base', ...more });

    it('changes a child with its parent', () => {
      const profiles = book();
      profiles.set('base', object(1, {}));
      profiles.set('team', object(1, extending()));
      profiles.set('base', object(2, without('RD-2.2.1')));
      expect(idsOf(profiles, 'team')).to.deep.equal(['RD-2.2.2']);
      profiles.delete('base');
      expect(idsOf(profiles, 'team'), 'its last good version').to.deep.equal(['RD-2.2.2']);
    });

    it('waits for a parent that comes later', () => {
      const profiles = book();
      profiles.set('team', object(1, extending()));
      expect(names(profiles)).to.deep.equal(['reference-design']);
      profiles.set('base', object(1, without('RD-2.2.1')));
      expect(idsOf(profiles, 'team')).to.deep.equal(['RD-2.2.2']);
    });

    it('keeps the child of a parent that is not ready as it was, though the child is edited', () => {
      const profiles = book();
      profiles.set('base', object(1, without('RD-2.2.1')));
      profiles.set('team', object(1, extending()));
      profiles.set('base', object(2, without('RD-9')));
      profiles.set('team', object(2, extending(without('RD-2.2.2'))));
      expect(idsOf(profiles, 'team')).to.deep.equal(['RD-2.2.2']);
      const [ready] = profiles.statusOf('team', 3, undefined, now)?.conditions ?? [];
      expect(ready).to.include({
        status: 'False',
        reason: 'ParentNotReady',
        message:
          'spec.extends: team -> base: base is not ready (spec.controls[0].id: no control "RD-9"). Its last valid version stays in use.',
      });
      profiles.set('base', object(3, {}));
      expect(idsOf(profiles, 'team')).to.deep.equal(['RD-2.2.1']);
    });

    it('knows no last good version from half of the first list', () => {
      const profiles = book();
      profiles.set('team', object(1, { extends: 'reference-design' }), true);
      profiles.set('reference-design', object(1, without('RD-9')), true);
      expect(names(profiles), 'not by the built-in one, which is replaced').to.deep.equal([]);
      const [ready] = profiles.statusOf('team', 0, undefined, now)?.conditions ?? [];
      expect(ready?.message).to.include('It changes no verdict.');
    });
  });

  describe('says in the status', () => {
    const cases: Record<
      string,
      { specs: unknown[]; status: 'True' | 'False'; reason: string; says: string }
    > = {
      'that it is in use': { specs: [{}], status: 'True', reason: 'InUse', says: 'The profile is in use.' },
      'what this version does not use': {
        specs: [{ parameters: { images: { harbor: { url: 'x' } } }, controls: [{ id: 'RD-3.9.3' }] }],
        status: 'True',
        reason: 'PartlyInUse',
        says: 'The profile is in use. This version does not use images.harbor and does not evaluate RD-3.9.3.',
      },
      'which field is wrong, and that nothing changes by it': {
        specs: [{ parameters: { images: { colour: 'red' } } }],
        status: 'False',
        reason: 'InvalidSpec',
        says: 'spec.parameters.images.colour: unknown field',
      },
      'all that is wrong at once': {
        specs: [{ shade: 'red', namespaces: { include: ['a'], glob: 'b' } }],
        status: 'False',
        reason: 'InvalidSpec',
        says: 'spec.namespaces.glob: unknown field',
      },
      'which control does not exist, with the one that was meant': {
        specs: [without('RD-2.2.l')],
        status: 'False',
        reason: 'InvalidSpec',
        says: 'spec.controls[0].id: no control "RD-2.2.l"; did you mean RD-2.2.1? It changes no verdict.',
      },
      'that the last valid version stays': {
        specs: [{}, without('RD-9')],
        status: 'False',
        reason: 'InvalidSpec',
        says: 'Its last valid version stays in use.',
      },
    };
    for (const [title, { specs, status, reason, says }] of Object.entries(cases)) {
      it(title, () => {
        const profiles = book();
        specs.forEach((spec, index) => profiles.set('strict', object(index + 1, spec)));
        const said = profiles.statusOf('strict', 3, undefined, now);
        expect(said).to.include({ observedGeneration: specs.length, selectedNamespaces: 3 });
        const [ready] = said?.conditions ?? [];
        expect(ready).to.include({
          type: 'Ready',
          status,
          reason,
          lastTransitionTime: '2026-01-01T00:00:00Z',
        });
        expect(ready?.message).to.include(says);
      });
    }

    it('since when it is so', () => {
      const profiles = book();
      profiles.set('strict', object(1, {}));
      const first = profiles.statusOf('strict', 3, undefined, now);
      expect(profiles.statusOf('strict', 3, first, later)).to.deep.equal(first);
      profiles.set('strict', object(2, without('RD-9')));
      const second = profiles.statusOf('strict', 3, first, later);
      expect(second?.conditions?.[0]?.lastTransitionTime).to.equal('2026-01-01T00:01:00Z');
    });

    it('no more than the schema takes, however much is wrong', () => {
      const profiles = book();
      const wrong = Array.from({ length: 200 }, (_, index) => ({ id: `RD-9.${index}` }));
      profiles.set('strict', object(1, { controls: wrong }));
      const message = profiles.statusOf('strict', 0, undefined, now)?.conditions?.[0]?.message ?? '';
      expect(message.length).to.be.within(500, 512);
      expect(message).to.match(/ It changes no verdict\.$/);
    });
  });
});
