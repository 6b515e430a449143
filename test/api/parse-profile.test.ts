import { expect } from 'chai';
import { parseProfileSpec } from '../../src/api/parse-profile.ts';
import { profileSpec } from '../support/api-samples.ts';

describe('parseProfileSpec', () => {
  it('takes a spec with everything in it as it is', () => {
    expect(parseProfileSpec(profileSpec)).to.deep.equal({ ok: true, value: profileSpec });
  });

  for (const [what, spec] of Object.entries({ 'an absent spec': undefined, 'an empty spec': {} })) {
    it(`takes ${what}`, () => {
      expect(parseProfileSpec(spec)).to.deep.equal({ ok: true, value: {} });
    });
  }

  const wrong: Record<string, { spec: unknown; field: string; message: RegExp }> = {
    'a spec that is no object': { spec: 'x', field: 'spec', message: /^must be an object, not text$/ },
    'a misspelt field at the top': {
      spec: { paramaters: {} },
      field: 'spec.paramaters',
      message: /unknown field; (?:did you mean \w+\? K|k)nown are .*parameters/,
    },
    'a misspelt field of a selector': {
      spec: { namespaceSelector: { matchLabel: { a: 'b' } } },
      field: 'spec.namespaceSelector.matchLabel',
      message: /unknown field; (?:did you mean \w+\? K|k)nown are matchExpressions, matchLabels/,
    },
    'a misspelt field in a list': {
      spec: { controls: [{ id: 'RD-2.1.1' }, { id: 'RD-2.1.2', disable: true }] },
      field: 'spec.controls[1].disable',
      message: /unknown field; (?:did you mean \w+\? K|k)nown are disabled, id, rationale, severity/,
    },
    'an unknown group of parameters': {
      spec: { parameters: { image: {} } },
      field: 'spec.parameters.image',
      message: /unknown field; (?:did you mean \w+\? K|k)nown are .*images/,
    },
    'an unknown parameter': {
      spec: { parameters: { images: { allowedRegistry: 'x' } } },
      field: 'spec.parameters.images.allowedRegistry',
      message: /unknown field; (?:did you mean \w+\? K|k)nown are .*allowedRegistries/,
    },
    'a name that every object has': {
      spec: { parameters: { images: { constructor: 'x' } } },
      field: 'spec.parameters.images.constructor',
      message: /unknown field/,
    },
    'a string for a list': {
      spec: { parameters: { images: { allowedRegistries: 'docker.io' } } },
      field: 'spec.parameters.images.allowedRegistries',
      message: /^must be a list, not text$/,
    },
    'the entry of a list that is no text': {
      spec: { parameters: { images: { allowedRegistries: ['a.example', 'b.example', 7] } } },
      field: 'spec.parameters.images.allowedRegistries[2]',
      message: /^must be text, not a number$/,
    },
    'a control that is empty': {
      spec: { controls: [null] },
      field: 'spec.controls[0]',
      message: /^must be an object, not empty$/,
    },
    'text for what is true or false': {
      spec: { controls: [{ id: 'RD-2.1.1', disabled: 'yes' }] },
      field: 'spec.controls[0].disabled',
      message: /^must be true or false, not text$/,
    },
    'true for text': {
      spec: { extends: true },
      field: 'spec.extends',
      message: /^must be text, not true$/,
    },
    'a fraction': {
      spec: { parameters: { runtime: { noticeThreshold: 2.5 } } },
      field: 'spec.parameters.runtime.noticeThreshold',
      message: /^must be a whole number, not a fraction$/,
    },
    'a number that is too large': {
      spec: { parameters: { vulnerabilities: { minScanners: 11 } } },
      field: 'spec.parameters.vulnerabilities.minScanners',
      message: /^must be at most 10, not 11$/,
    },
    'an empty name': {
      spec: { namespaces: { exclude: [''] } },
      field: 'spec.namespaces.exclude[0]',
      message: /^must not be empty$/,
    },
    'a name that is too long': {
      spec: { namespaces: { exclude: ['x'.repeat(64)] } },
      field: 'spec.namespaces.exclude[0]',
      message: /^must not be longer than 63 characters$/,
    },
    'a list that is too long': {
      spec: { namespaces: { exclude: Array.from({ length: 1_025 }, (_, index) => `n${index}`) } },
      field: 'spec.namespaces.exclude',
      message: /^must not have more than 1024 entries$/,
    },
    'a severity that there is not': {
      spec: { controls: [{ id: 'RD-2.1.1', severity: 'trivial', rationale: 'why' }] },
      field: 'spec.controls[0].severity',
      message: /^must be one of critical, high, medium, low, not "trivial"$/,
    },
    'an object for text': {
      spec: { controls: [{ id: 'RD-2.1.1', rationale: { why: 'so' } }] },
      field: 'spec.controls[0].rationale',
      message: /^must be text, not an object$/,
    },
    'a parameter that no control reads, of the wrong type': {
      spec: { parameters: { images: { harbor: 'https://harbor.example' } } },
      field: 'spec.parameters.images.harbor',
      message: /^must be an object, not text$/,
    },
    'a number for a string in a list': {
      spec: { namespaces: { include: ['a', 7] } },
      field: 'spec.namespaces.include[1]',
      message: /^must be text, not a number$/,
    },
    'a duration in words': {
      spec: { parameters: { runtime: { alertWindow: '1 day' } } },
      field: 'spec.parameters.runtime.alertWindow',
      message: /^a duration is written as 15m, 1h30m or 7d$/,
    },
    'a number out of bounds': {
      spec: { parameters: { vulnerabilities: { minScanners: 0 } } },
      field: 'spec.parameters.vulnerabilities.minScanners',
      message: /^must be at least 1, not 0$/,
    },
    'a word that is none of the choices': {
      spec: { parameters: { runtime: { alertPriority: 'High' } } },
      field: 'spec.parameters.runtime.alertPriority',
      message: /^must be one of Emergency, .*Debug, not "High"$/,
    },
    'a control without an id': {
      spec: { controls: [{ disabled: true }] },
      field: 'spec.controls[0].id',
      message: /^is missing: it must be text$/,
    },
  };
  for (const [what, { spec, field, message }] of Object.entries(wrong)) {
    it(`names ${what}`, () => {
      const result = parseProfileSpec(spec);
      if (result.ok) throw new Error('it was accepted');
      expect(result.errors).to.have.length(1);
      expect(result.errors[0]).to.have.property('field', field);
      expect(result.errors[0]?.message).to.match(message);
    });
  }

  it('says which field was probably meant, by whoever can guess', () => {
    const guess = parseProfileSpec({ parameter: {} }, (word, known) =>
      known.find((each) => each.startsWith(word)),
    );
    expect(guess.ok ? [] : guess.errors).to.deep.equal([
      {
        field: 'spec.parameter',
        message:
          'unknown field; did you mean parameters? Known are controls, extends, namespaceSelector, namespaces, parameters',
      },
    ]);
  });

  it('tells every error at once', () => {
    const result = parseProfileSpec({
      parameters: { images: { a: 1 }, runtime: { noticeThreshold: 'x' } },
      b: 1,
    });
    expect(result).to.have.property('ok', false);
    expect(result).to.have.property('errors').with.length(3);
  });
});
