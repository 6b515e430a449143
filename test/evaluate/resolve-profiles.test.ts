import { expect } from 'chai';
import fc from 'fast-check';
import type { Profile, ProfileSpec } from '../../src/evaluate/profile.ts';
import type { ProfileMemory, ProfileSource, ResolvedProfile } from '../../src/evaluate/resolve-profiles.ts';
import { deepestChain, resolveProfiles } from '../../src/evaluate/resolve-profiles.ts';
import { controlThat, verdict } from '../support/judging.ts';

const controls = [
  controlThat('RD-2.2.7', verdict('Pass')),
  controlThat('RD-2.2.8', verdict('Pass')),
  controlThat('RD-2.6.1', verdict('Pass')),
  controlThat('RD-2.7.1', verdict('Pass'), { extended: true }),
];
const off = (id: string) => ({ id, disabled: true, rationale: `${id} is off` });
const low = (id: string) => ({ id, severity: 'low' as const, rationale: `${id} is low` });

const sourcesOf = (specs: Readonly<Record<string, ProfileSpec>>) =>
  new Map<string, ProfileSource>(Object.entries(specs).map(([name, value]) => [name, { ok: true, value }]));
const resolve = (specs: Readonly<Record<string, ProfileSpec>>) => resolveProfiles(sourcesOf(specs), controls);

function profileIn(results: ReadonlyMap<string, ResolvedProfile>, name: string): Profile {
  const result = results.get(name);
  if (result?.ok !== true) throw new Error(JSON.stringify(result));
  return result.profile;
}
const child = (parent: ProfileSpec, spec: ProfileSpec): Profile =>
  profileIn(resolve({ parent, child: { extends: 'parent', ...spec } }), 'child');

const severities = ({ controls: held }: Profile) => held.map(({ id, severity }) => `${id} ${severity}`);

describe('a profile that extends another', () => {
  const heldControls: Record<string, [parent: ProfileSpec, own: ProfileSpec, expected: string[]]> = {
    'inherits what is off, and other severities': [
      { controls: [off('RD-2.2.7'), low('RD-2.2.8')] },
      {},
      ['RD-2.2.8 low', 'RD-2.6.1 high'],
    ],
    'inherits an extended control that is on': [
      { controls: [{ id: 'RD-2.7.1', disabled: false }] },
      {},
      ['RD-2.2.7 high', 'RD-2.2.8 high', 'RD-2.6.1 high', 'RD-2.7.1 high'],
    ],
    'adds to it': [
      { controls: [off('RD-2.2.7')] },
      { controls: [off('RD-2.6.1'), low('RD-2.2.8')] },
      ['RD-2.2.8 low'],
    ],
    'says all of a control of which it says anything': [
      { controls: [off('RD-2.2.7'), low('RD-2.2.8'), { id: 'RD-2.7.1', disabled: false }] },
      { controls: [low('RD-2.2.7'), { id: 'RD-2.2.8' }, { id: 'RD-2.7.1' }] },
      ['RD-2.2.7 low', 'RD-2.2.8 high', 'RD-2.6.1 high'],
    ],
  };
  for (const [sentence, [parent, own, expected]] of Object.entries(heldControls)) {
    it(sentence, () => expect(severities(child(parent, own))).to.deep.equal(expected));
  }

  it('keeps the reasons of its parent, and its own', () => {
    const { disabled } = child({ controls: [off('RD-2.2.7')] }, { controls: [off('RD-2.6.1')] });
    expect(disabled.get('RD-2.2.7')).to.equal('RD-2.2.7 is off');
    expect(disabled.get('RD-2.6.1')).to.equal('RD-2.6.1 is off');
  });

  it('inherits parameters one by one; a list that it sets replaces the list', () => {
    const { parameters } = child(
      {
        parameters: {
          images: { allowedRegistries: ['a.example', 'b.example'], floatingTags: ['edge'] },
          runtime: { noticeThreshold: 5 },
        },
      },
      { parameters: { images: { allowedRegistries: ['c.example'] }, workloads: { minReplicas: 3 } } },
    );
    expect(parameters).to.include({ 'runtime.noticeThreshold': 5, 'workloads.minReplicas': 3 });
    expect(parameters['images.allowedRegistries']).to.deep.equal(['c.example']);
    expect(parameters['images.floatingTags']).to.deep.equal(['edge']);
  });

  const names = ['shop', 'blue', 'kube-system'];
  const labels = (name: string) => (name === 'blue' ? { team: 'blue' } : {});
  const selections: Record<string, [parent: ProfileSpec, own: ProfileSpec, selected: string[]]> = {
    'selects what its parent selects, if it says nothing': [
      { namespaces: { include: ['shop', 'kube-system'], exclude: ['shop'] } },
      {},
      ['kube-system'],
    ],
    'says nothing by an empty object': [{ namespaces: { include: ['blue'] } }, { namespaces: {} }, ['blue']],
    'selects by its own names alone, though its parent excludes them': [
      { namespaces: { exclude: ['shop'] } },
      { namespaces: { include: ['shop'] } },
      ['shop'],
    ],
    'selects by its own labels alone, though its parent has names': [
      { namespaces: { include: ['shop'] } },
      { namespaceSelector: { matchLabels: { team: 'blue' } } },
      ['blue'],
    ],
    'selects all but the system namespaces and those that it excludes, if it only excludes': [
      { namespaces: { include: ['kube-system'] } },
      { namespaces: { exclude: ['blue'] } },
      ['shop'],
    ],
  };
  for (const [sentence, [parent, own, selected]] of Object.entries(selections)) {
    it(sentence, () => {
      const { selects } = child(parent, own);
      expect(names.filter((name) => selects(name, labels(name)))).to.deep.equal(selected);
    });
  }

  it('inherits over several steps, the nearest first', () => {
    const results = resolve({
      c: { extends: 'b', parameters: { workloads: { minReplicas: 4 } } },
      b: { extends: 'a', controls: [low('RD-2.2.7')], parameters: { workloads: { minReplicas: 3 } } },
      a: { controls: [off('RD-2.2.7'), off('RD-2.6.1')], parameters: { runtime: { noticeThreshold: 5 } } },
    });
    const c = profileIn(results, 'c');
    expect(severities(c)).to.deep.equal(['RD-2.2.7 low', 'RD-2.2.8 high']);
    expect(c.parameters).to.include({ 'runtime.noticeThreshold': 5, 'workloads.minReplicas': 4 });
  });

  it('may extend the built-in profile, or the one that replaces it', () => {
    const own = { extends: 'reference-design' };
    expect(severities(profileIn(resolve({ own }), 'own'))).to.have.length(3);
    const replaced = resolve({ own, 'reference-design': { controls: [off('RD-2.2.7')] } });
    expect(severities(profileIn(replaced, 'own'))).to.deep.equal(['RD-2.2.8 high', 'RD-2.6.1 high']);
  });

  it('inherits what is set in vain', () => {
    const { unused } = child(
      { parameters: { images: { harbor: {} } }, controls: [{ id: 'RD-3.9.3' }] },
      { parameters: { logs: { openSearch: {} } }, controls: [off('RD-2.0.1')] },
    );
    expect(unused).to.deep.equal({
      parameters: ['images.harbor', 'logs.openSearch'],
      controls: ['RD-3.9.3', 'RD-2.0.1'],
    });
  });

  describe('is not ready', () => {
    const ladder = (length: number): Record<string, ProfileSpec> =>
      Object.fromEntries(
        Array.from({ length }, (_, index) => [`p${index}`, index === 0 ? {} : { extends: `p${index - 1}` }]),
      );
    const wrong: Record<
      string,
      [specs: Record<string, ProfileSpec>, of: string, reason: string, message: string]
    > = {
      'when there is no such profile': [
        { team: { extends: 'bse' }, base: {} },
        'team',
        'ParentNotFound',
        'team -> bse: there is no profile bse; did you mean base?',
      ],
      'when its parent has no parent': [
        { team: { extends: 'base' }, base: { extends: 'unheard-of' } },
        'team',
        'ParentNotReady',
        'team -> base -> unheard-of: there is no profile unheard-of',
      ],
      'when it extends itself': [
        { team: { extends: 'team' } },
        'team',
        'ExtendsCycle',
        'team -> team: a profile cannot extend itself',
      ],
      'when it extends itself over others': [
        { a: { extends: 'b' }, b: { extends: 'c' }, c: { extends: 'a' } },
        'b',
        'ExtendsCycle',
        'b -> c -> a -> b: a profile cannot extend itself',
      ],
      'when those above it go round': [
        { team: { extends: 'a' }, a: { extends: 'b' }, b: { extends: 'a' } },
        'team',
        'ParentNotReady',
        'team -> a -> b -> a: a profile cannot extend itself',
      ],
      'when too many stand above it': [
        ladder(deepestChain + 2),
        `p${deepestChain + 1}`,
        'ExtendsTooDeep',
        'p6 -> p5 -> p4 -> p3 -> p2 -> p1 -> p0: at most 5 profiles may stand above one',
      ],
      'when its parent is wrong': [
        { team: { extends: 'base' }, base: { controls: [{ id: 'RD-9' }] } },
        'team',
        'ParentNotReady',
        'team -> base: base is not ready (spec.controls[0].id: no control "RD-9")',
      ],
      'when one further up is wrong': [
        {
          team: { extends: 'base' },
          base: { extends: 'root' },
          root: { parameters: { runtime: { noticeThreshold: 0 } } },
        },
        'team',
        'ParentNotReady',
        'team -> base -> root: root is not ready (spec.parameters.runtime.noticeThreshold: must be at least 1)',
      ],
    };
    for (const [sentence, [specs, of, reason, message]] of Object.entries(wrong)) {
      it(sentence, () => {
        expect(resolve(specs).get(of)).to.deep.equal({
          ok: false,
          reason,
          errors: [{ field: 'spec.extends', message }],
        });
      });
    }

    it('but those that stand no deeper than they may are', () => {
      const results = resolve(ladder(deepestChain + 2));
      expect([...results].filter(([, { ok }]) => !ok).map(([name]) => name)).to.deep.equal(['p6']);
    });

    it('and tells of its own errors beside those above it', () => {
      const results = resolve({ team: { extends: 'gone', controls: [{ id: 'RD-9' }] } });
      expect(results.get('team')).to.deep.equal({
        ok: false,
        reason: 'InvalidSpec',
        errors: [
          { field: 'spec.controls[0].id', message: 'no control "RD-9"' },
          { field: 'spec.extends', message: 'team -> gone: there is no profile gone' },
        ],
      });
    });
  });
});

describe('resolving profiles', () => {
  const chainOf = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'gone', undefined), {
    minLength: 5,
    maxLength: 5,
  });
  const specsOf = (parents: readonly (string | undefined)[]) =>
    parents.map((parent, index): [string, ProfileSpec] => [
      'abcde'.charAt(index),
      parent === undefined ? {} : { extends: parent },
    ]);

  it('ends, and says the same in whichever order they come', () => {
    fc.assert(
      fc.property(chainOf, fc.integer({ min: 0, max: 4 }), (parents, turn) => {
        const specs = specsOf(parents);
        const turned = [...specs.slice(turn), ...specs.slice(0, turn)];
        const outcome = (list: readonly [string, ProfileSpec][]) => {
          const results = resolve(Object.fromEntries(list));
          return Object.fromEntries([...results].map(([name, result]) => [name, result.ok || result]));
        };
        expect(outcome(turned)).to.deep.equal(outcome(specs));
      }),
    );
  });

  it('makes ready exactly those of which all above are ready', () => {
    fc.assert(
      fc.property(chainOf, (parents) => {
        const results = resolve(Object.fromEntries(specsOf(parents)));
        const ends = (name: string | undefined, steps = 0): boolean => {
          if (name === undefined) return true;
          const index = 'abcde'.indexOf(name);
          return name.length === 1 && steps <= deepestChain && ends(parents[index], steps + 1);
        };
        for (const [name, { ok }] of results) expect(ok, name).to.equal(ends(name));
      }),
    );
  });

  it('gives the same object for what did not change, in itself or above it', () => {
    const memory: ProfileMemory = new WeakMap();
    const sources = sourcesOf({ base: {}, team: { extends: 'base' }, other: {} });
    const before = resolveProfiles(sources, controls, memory);
    sources.set('base', { ok: true, value: { controls: [off('RD-2.2.7')] } });
    const after = resolveProfiles(sources, controls, memory);
    expect(profileIn(after, 'other')).to.equal(profileIn(before, 'other'));
    expect(profileIn(after, 'team')).not.to.equal(profileIn(before, 'team'));
    expect(severities(profileIn(after, 'team'))).to.not.include('RD-2.2.7 high');
  });
});
