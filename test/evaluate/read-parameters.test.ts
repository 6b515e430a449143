import { expect } from 'chai';
import type { FieldError } from '../../src/evaluate/field-error.ts';
import { readParameters } from '../../src/evaluate/read-parameters.ts';

const field = 'spec.parameters.images.allowedRegistries';
const cases: Record<string, [unknown, readonly string[], FieldError[]]> = {
  'takes entries of every form': [
    ['registry.example.com', '*.example.com:5000', 'h.example/team/*', 'docker.io/library/busybox:1.36'],
    ['registry.example.com', '*.example.com:5000', 'h.example/team/*', 'docker.io/library/busybox:1.36'],
    [],
  ],
  'names the entry that cannot be read, and says why': [
    ['docker.io', 'https://quay.io'],
    [],
    [{ field, message: 'the entry "https://quay.io" has a scheme: write the host alone' }],
  ],
  'refuses what is no list': [
    'docker.io',
    [],
    [{ field, message: 'expected a list of strings, found "docker.io"' }],
  ],
};

describe('readParameters: images.allowedRegistries', () => {
  for (const [sentence, [allowedRegistries, values, expected]] of Object.entries(cases)) {
    it(sentence, () => {
      const errors: FieldError[] = [];
      const parameters = readParameters({ images: { allowedRegistries } }, errors);
      expect(errors).to.deep.equal(expected);
      expect(parameters['images.allowedRegistries']).to.deep.equal(values);
    });
  }
});
