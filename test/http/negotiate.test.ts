import { expect } from 'chai';
import { chooseFormat, takesGzip } from '../../src/http/negotiate.ts';

const open = 'application/openmetrics-text';

describe('chooseFormat', () => {
  const cases: Record<string, [accept: string | undefined, expected: string]> = {
    'gives text to who does not say': [undefined, 'text'],
    'gives text to who takes anything, as a browser or curl': ['*/*', 'text'],
    'gives OpenMetrics to who asks for it': [open, 'openmetrics'],
    'gives Prometheus 2 what it likes best': [
      `${open};version=1.0.0,${open};version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1`,
      'openmetrics',
    ],
    'gives Prometheus 3 what it likes best': [
      `${open};version=1.0.0;escaping=allow-utf-8;q=0.6,${open};version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2`,
      'openmetrics',
    ],
    'gives text where Prometheus is set to prefer it': [
      `text/plain;version=0.0.4;q=0.6,${open};version=1.0.0;q=0.5,*/*;q=0.2`,
      'text',
    ],
    'passes over the binary format, which it does not have': [
      `application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,${open};version=1.0.0;q=0.5,text/plain;q=0.4`,
      'openmetrics',
    ],
    'does not give a version that it does not have': [`${open};version=2.0.0,text/plain;q=0.1`, 'text'],
    'reads a version in quotes': [`${open}; version="1.0.0"`, 'openmetrics'],
    'does not give what is refused': [`${open};q=0,*/*;q=0.1`, 'text'],
    'does not give what alone is named, and refused': [`${open};q=0`, 'text'],
    'does not give text where that is refused': ['text/plain;q=0,*/*', 'openmetrics'],
    'lets the narrower range decide': ['*/*;q=0.9,text/plain;q=0.1', 'openmetrics'],
    'of equals gives what is named': [`*/*,${open}`, 'openmetrics'],
    'knows a group of types': ['application/*', 'openmetrics'],
    'gives text where it has nothing that is asked for': ['image/png', 'text'],
    'is not led astray by case and spaces': [
      ' Application/OpenMetrics-Text ; Q=0.5 , text/plain;q=0.4',
      'openmetrics',
    ],
    'takes what is no quality for none': [`${open};q=often,text/plain;q=0.1`, 'text'],
    'survives nonsense': [';;,=;q=', 'text'],
  };
  for (const [sentence, [accept, expected]] of Object.entries(cases)) {
    it(sentence, () => {
      expect(chooseFormat(accept)).to.equal(expected);
    });
  }
});

describe('takesGzip', () => {
  const cases: Record<string, [header: string | undefined, expected: boolean]> = {
    'not unasked': [undefined, false],
    'as Prometheus asks': ['gzip', true],
    'among others': ['zstd, br;q=0.9, gzip;q=0.8', true],
    'not where it is refused': ['gzip;q=0, *', false],
    'where anything goes': ['*', true],
    'not where only another is named': ['br', false],
  };
  for (const [sentence, [header, expected]] of Object.entries(cases)) {
    it(sentence, () => {
      expect(takesGzip(header)).to.equal(expected);
    });
  }
});
