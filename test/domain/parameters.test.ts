import { expect } from 'chai';
import type { ParameterPath } from '../../src/domain/parameters.ts';
import { defaultParameters, parameterTable } from '../../src/domain/parameters.ts';

const hour = 3_600_000;
const day = 24 * hour;

/** What is promised to people: a default that changes here changes verdicts in every cluster. */
const promised: Record<ParameterPath, unknown> = {
  'platform.maxClockSkew': 300_000,
  'podSecurity.userNamespaces': 'relax',
  'podSecurity.clusterDefault': { enforce: 'privileged' },
  'podSecurity.admissionExemptions': undefined,
  'podSecurity.maxPinnedVersionLag': 3,
  'podSecurity.warnOnLocalhostSeccomp': false,
  'podSecurity.forbidAllSysctls': false,
  'images.allowedRegistries': [],
  'vulnerabilities.minScanners': 1,
  'vulnerabilities.reportMaxAge': 7 * day,
  'vulnerabilities.rescanGrace': hour,
  'vulnerabilities.scannerNamespace': 'trivy-system',
  'runtime.alertWindow': day,
  'runtime.alertPriority': 'Warning',
  'runtime.noticeThreshold': 20,
};

describe('the parameters', () => {
  for (const [path, value] of Object.entries(promised)) {
    it(`${path} is ${JSON.stringify(value)} unless a profile says otherwise`, () => {
      expect(defaultParameters[path as ParameterPath]).to.deep.equal(value);
    });
  }

  it('are these and no others', () => {
    expect(Object.keys(defaultParameters)).to.have.members(Object.keys(promised));
  });

  for (const [path, { description, ...bounds }] of Object.entries(parameterTable)) {
    it(`${path} says what it means in a sentence, and its default keeps its bounds`, () => {
      expect(description).to.match(/^[A-Z].*\.$/s);
      const {
        default: value,
        minimum = -Infinity,
        maximum = Infinity,
      } = bounds as {
        default: unknown;
        minimum?: number;
        maximum?: number;
      };
      if (typeof value === 'number') expect(value).to.be.within(minimum, maximum);
    });
  }
});
