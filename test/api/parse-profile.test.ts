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
    'a spec that is no object': { spec: 'x', field: 'spec', message: /expected object/ },
    'a misspelt field at the top': {
      spec: { paramaters: {} },
      field: 'spec.paramaters',
      message: /unknown field; known are .*parameters/,
    },
    'a misspelt field of a selector': {
      spec: { namespaceSelector: { matchLabel: { a: 'b' } } },
      field: 'spec.namespaceSelector.matchLabel',
      message: /unknown field; known are matchLabels, matchExpressions/,
    },
    'a misspelt field in a list': {
      spec: { controls: [{ id: 'RD-2.1.1' }, { id: 'RD-2.1.2', disable: true }] },
      field: 'spec.controls[1].disable',
      message: /unknown field; known are id, disabled, rationale/,
    },
    'an unknown group of parameters': {
      spec: { parameters: { image: {} } },
      field: 'spec.parameters.image',
      message: /unknown field; known are .*images/,
    },
    'an unknown parameter': {
      spec: { parameters: { images: { allowedRegistry: 'x' } } },
      field: 'spec.parameters.images.allowedRegistry',
      message: /unknown field; known are allowedRegistries/,
    },
    'a name that every object has': {
      spec: { parameters: { images: { constructor: 'x' } } },
      field: 'spec.parameters.images.constructor',
      message: /unknown field/,
    },
    'a string for a list': {
      spec: { parameters: { images: { allowedRegistries: 'docker.io' } } },
      field: 'spec.parameters.images.allowedRegistries',
      message: /expected array, received string/,
    },
    'a number for a string in a list': {
      spec: { namespaces: { include: ['a', 7] } },
      field: 'spec.namespaces.include[1]',
      message: /expected string, received number/,
    },
    'a duration in words': {
      spec: { parameters: { runtime: { alertWindow: '1 day' } } },
      field: 'spec.parameters.runtime.alertWindow',
      message: /^a duration is written as 15m, 1h30m or 7d$/,
    },
    'a number out of bounds': {
      spec: { parameters: { vulnerabilities: { minScanners: 0 } } },
      field: 'spec.parameters.vulnerabilities.minScanners',
      message: />=\s?1/,
    },
    'a word that is none of the choices': {
      spec: { parameters: { runtime: { alertPriority: 'High' } } },
      field: 'spec.parameters.runtime.alertPriority',
      message: /expected one of .*Warning/,
    },
    'a control without an id': {
      spec: { controls: [{ disabled: true }] },
      field: 'spec.controls[0].id',
      message: /expected string/,
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

  it('tells every error at once', () => {
    const result = parseProfileSpec({
      parameters: { images: { a: 1 }, runtime: { noticeThreshold: 'x' } },
      b: 1,
    });
    expect(result).to.have.property('ok', false);
    expect(result).to.have.property('errors').with.length(3);
  });
});
