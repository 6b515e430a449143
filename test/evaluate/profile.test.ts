import { expect } from 'chai';
import { catalogue } from '../../src/controls/catalogue.generated.ts';
import { defaultParameters } from '../../src/domain/parameters.ts';
import type { FieldError } from '../../src/domain/field-error.ts';
import type { ProfileSpec } from '../../src/evaluate/profile.ts';
import { builtInProfile, resolveProfile } from '../../src/evaluate/profile.ts';
import { controlThat, evaluateBy, profileOf, rollUpOf, verdict } from '../support/judging.ts';

const controls = [
  controlThat('RD-2.2.7', verdict('Pass')),
  controlThat('RD-2.6.1', verdict('Pass')),
  rollUpOf('RD-2.2.18', ['RD-2.2.7']),
];

const errorsOf = (spec: ProfileSpec): readonly FieldError[] => {
  const result = resolveProfile('p', spec, controls);
  return result.ok ? [] : result.errors;
};

describe('the namespaces that a profile selects', () => {
  const cases: Record<string, [spec: ProfileSpec, selected: string[], left: string[]]> = {
    'all but the system namespaces, if nothing is said': [
      {},
      ['shop', 'default', 'kube-system-2'],
      ['kube-system', 'kube-public', 'kube-node-lease'],
    ],
    'those that are included, and no others': [{ namespaces: { include: ['shop'] } }, ['shop'], ['default']],
    'a system namespace that is included': [
      { namespaces: { include: ['kube-system'] } },
      ['kube-system'],
      ['shop'],
    ],
    'none, if the list of those included is empty': [
      { namespaces: { include: [] } },
      [],
      ['shop', 'kube-system'],
    ],
    'all but those excluded and the system namespaces': [
      { namespaces: { exclude: ['shop'] } },
      ['default'],
      ['shop', 'kube-system'],
    ],
    'none that is both included and excluded': [
      { namespaces: { include: ['shop', 'default'], exclude: ['shop'] } },
      ['default'],
      ['shop'],
    ],
    'those whose labels the selector matches': [
      { namespaceSelector: { matchLabels: { team: 'blue' } } },
      ['blue'],
      ['shop', 'kube-system'],
    ],
    'every namespace for the empty selector, the system namespaces too': [
      { namespaceSelector: {} },
      ['shop', 'kube-system'],
      [],
    ],
    'none that the selector matches and a name excludes': [
      { namespaceSelector: {}, namespaces: { exclude: ['shop'] } },
      ['default', 'kube-system'],
      ['shop'],
    ],
  };
  const labels = (name: string) => (name === 'blue' ? { team: 'blue' } : {});
  for (const [sentence, [spec, selected, left]] of Object.entries(cases)) {
    it(sentence, () => {
      const profile = profileOf(controls, spec);
      expect([...selected, ...left].filter((name) => profile.selects(name, labels(name)))).to.deep.equal(
        selected,
      );
    });
  }
});

describe('the controls of a profile', () => {
  it('are all of the catalogue, if nothing is said', () => {
    expect(profileOf(controls).controls).to.deep.equal(controls);
  });

  it('are all but those that are disabled for a reason', () => {
    const profile = profileOf(controls, {
      controls: [
        { id: 'RD-2.6.1', disabled: true, rationale: 'The proxy decides.' },
        { id: 'RD-2.2.7', disabled: false },
        { id: 'RD-2.2.18' },
      ],
    });
    expect(profile.controls.map(({ id }) => id)).to.deep.equal(['RD-2.2.7', 'RD-2.2.18']);
    expect([...profile.disabled]).to.deep.equal([['RD-2.6.1', 'The proxy decides.']]);
  });

  it('have the severity that it gives them for a reason, roll-ups too', () => {
    const profile = profileOf(controls, {
      controls: [
        { id: 'RD-2.2.7', severity: 'low', rationale: 'The nodes are single-tenant.' },
        { id: 'RD-2.2.18', severity: 'critical', rationale: 'The auditor asks for it.' },
      ],
    });
    const given = profile.controls.map(({ id, severity }) => [id, severity]);
    expect(Object.fromEntries(given)).to.deep.equal({
      'RD-2.2.7': 'low',
      'RD-2.6.1': 'high',
      'RD-2.2.18': 'critical',
    });
    expect(
      evaluateBy(profile).status.controls.map(({ id, severity }) => [id, severity]),
    ).to.have.deep.members(given);
    expect(controls.map(({ severity }) => severity)).to.deep.equal(['high', 'high', 'high']);
  });

  it('may be some that are not built yet, of which it tells', () => {
    const unbuilt = [
      { id: 'RD-3.9.3' },
      { id: 'RD-2.0.1', disabled: true, rationale: 'Bought as a service.' },
    ];
    const profile = profileOf(controls, { controls: unbuilt });
    expect(profile.controls).to.deep.equal(controls);
    expect(profile.disabled.get('RD-2.0.1')).to.equal('Bought as a service.');
    expect(profile.unused).to.deep.equal({ parameters: [], controls: ['RD-3.9.3', 'RD-2.0.1'] });
  });

  it('are the extended ones too only where it switches them on', () => {
    const extended = controlThat('RD-2.7.1', verdict('Pass'), { extended: true });
    const idsOf = (spec: ProfileSpec) =>
      profileOf([...controls, extended], spec).controls.map(({ id }) => id);
    expect(idsOf({})).to.not.include('RD-2.7.1');
    expect(idsOf({ controls: [{ id: 'RD-2.7.1' }] })).to.not.include('RD-2.7.1');
    expect(idsOf({ controls: [{ id: 'RD-2.7.1', disabled: false }] })).to.include('RD-2.7.1');
  });

  const refused: Record<string, [spec: ProfileSpec, expected: FieldError[]]> = {
    'none may be disabled without a rationale': [
      { controls: [{ id: 'RD-2.6.1', disabled: true }] },
      [{ field: 'spec.controls[0].rationale', message: 'say why RD-2.6.1 is disabled' }],
    ],
    'blanks are no rationale': [
      { controls: [{ id: 'RD-2.6.1', disabled: true, rationale: ' \n\t' }] },
      [{ field: 'spec.controls[0].rationale', message: 'say why RD-2.6.1 is disabled' }],
    ],
    'a control has one entry': [
      { controls: [{ id: 'RD-2.6.1' }, { id: 'RD-2.6.1', disabled: false }] },
      [{ field: 'spec.controls[1].id', message: 'RD-2.6.1 stands there twice' }],
    ],
    'another severity needs a rationale': [
      { controls: [{ id: 'RD-2.6.1', severity: 'low', rationale: ' ' }] },
      [{ field: 'spec.controls[0].rationale', message: 'say why RD-2.6.1 is given another severity' }],
    ],
    'what is disabled has no severity': [
      { controls: [{ id: 'RD-2.6.1', severity: 'low', disabled: true, rationale: 'Why not.' }] },
      [{ field: 'spec.controls[0].severity', message: 'RD-2.6.1 is disabled, so it has no severity' }],
    ],
    'an unknown id is named, with the one that was probably meant': [
      { controls: [{ id: 'RD-2.6.l' }] },
      [{ field: 'spec.controls[0].id', message: 'no control "RD-2.6.l"; did you mean RD-2.6.1?' }],
    ],
    'nothing is guessed for an id like no other': [
      { controls: [{ id: 'CIS-5.2.1', disabled: true, rationale: 'Why not.' }] },
      [{ field: 'spec.controls[0].id', message: 'no control "CIS-5.2.1"' }],
    ],
    'namespaces are selected by labels or by names': [
      { namespaceSelector: {}, namespaces: { include: ['shop'] } },
      [
        {
          field: 'spec.namespaceSelector',
          message: 'namespaceSelector and namespaces.include exclude each other',
        },
      ],
    ],
    'all errors are told at once, in the order of the spec': [
      {
        controls: [{ id: 'RD-9' }, { id: 'RD-2.2.7', disabled: true }],
        parameters: { runtime: { noticeThreshold: 0, alertWindw: '1h' }, images: 3 },
      },
      [
        { field: 'spec.controls[0].id', message: 'no control "RD-9"' },
        { field: 'spec.controls[1].rationale', message: 'say why RD-2.2.7 is disabled' },
        { field: 'spec.parameters.runtime.noticeThreshold', message: 'must be at least 1' },
        {
          field: 'spec.parameters.runtime.alertWindw',
          message: 'no such parameter; did you mean runtime.alertWindow?',
        },
        { field: 'spec.parameters.images', message: 'expected an object' },
      ],
    ],
  };
  for (const [sentence, [spec, expected]] of Object.entries(refused)) {
    it(sentence, () => expect(errorsOf(spec)).to.deep.equal(expected));
  }
});

describe('the built-in profile', () => {
  it('has every control but the extended ones, every default, and leaves the system namespaces out', () => {
    const profile = builtInProfile(catalogue);
    expect(profile.name).to.equal('reference-design');
    expect(profile.controls).to.deep.equal(catalogue.filter(({ extended }) => extended !== true));
    expect(profile.parameters).to.deep.equal(defaultParameters);
    expect(
      ['shop', 'kube-system', 'kube-public', 'kube-node-lease'].filter((name) => profile.selects(name, {})),
    ).to.deep.equal(['shop']);
  });
});
