import { expect } from 'chai';
import control from '../../src/controls/RD-5.H.10.4.ts';
import { read, unread } from '../../src/domain/snapshot.ts';
import { readScannerSettings } from '../../src/evidence/trivy/settings.ts';
import { describeControl } from '../support/control-cases.ts';
import { input, now } from '../support/builders.ts';

const day = 86_400_000;
const inDays = (days: number) => new Date(now + days * day).toISOString().slice(0, 10);

const given = (data: Record<string, string>, parameters: Parameters<typeof input>[1] = {}) => {
  const maps = [{ metadata: { name: 'trivy-operator-trivy-config' }, data }];
  const settings = readScannerSettings(maps, 'trivy-system', 'shop');
  return input({ scannerSettings: read(settings === undefined ? [] : [settings]) }, parameters);
};
const ignoring = (...lines: string[]) => given({ 'trivy.ignoreFile': lines.join('\n') });
const entry = (message: string, ref = 'CVE-2025-1', observed?: string) => ({
  subject: { kind: 'ConfigMap', name: 'trivy-operator-trivy-config' },
  path: 'data[trivy.ignoreFile]',
  ...(observed === undefined ? {} : { observed }),
  message,
  ref,
});

describeControl(control, {
  'does not apply where nothing is accepted': {
    given: ignoring('# nothing yet', ''),
    status: 'NotApplicable',
    reason: 'NoAcceptances',
  },
  'does not count an entry that Trivy passes over': {
    given: ignoring('CVE-2025-1 exp:tomorrow', 'CVE-2025-2 exp:2026-02-31'),
    status: 'NotApplicable',
    reason: 'NoAcceptances',
  },
  'asks who owns an entry that ends in time': {
    given: ignoring(`CVE-2025-1 exp:${inDays(20)}`),
    status: 'Manual',
    reason: 'NotAttested',
    message:
      'To be answered by a person: who owns the 1 risk acceptance of the scanner, and why? Nobody has attested it.',
    findings: [entry('Who owns it, and why?', 'CVE-2025-1', inDays(20))],
  },
  'marks one that would be too long for something critical': {
    given: ignoring(`CVE-2025-1 exp:${inDays(100)}`),
    status: 'Manual',
    reason: 'NotAttested',
    findings: [
      entry(
        'Who owns it, and why? For a critical one it is too long (exceptions.maxLifetime.critical).',
        'CVE-2025-1',
        inDays(100),
      ),
    ],
  },
  'marks one that ends soon': {
    given: ignoring(`CVE-2025-1 exp:${inDays(14)}`),
    status: 'Manual',
    reason: 'NotAttested',
    findings: [entry('Its acceptance ends soon.', 'CVE-2025-1', inDays(14))],
  },
  'asks about a policy that leaves findings out': {
    given: given({ 'trivy.ignorePolicy.shop': 'package trivy', 'trivy.ignorePolicy.other': 'package trivy' }),
    status: 'Manual',
    reason: 'NotAttested',
    findings: [
      {
        subject: { kind: 'ConfigMap', name: 'trivy-operator-trivy-config' },
        path: 'data[trivy.ignorePolicy.shop]',
        message: 'A policy leaves findings out; which, and until when, only people can tell.',
      },
    ],
  },
  'fails an entry without an end': {
    given: ignoring('CVE-2025-1', `CVE-2025-2 exp:${inDays(20)}`),
    status: 'Fail',
    message: "1 of 2 acceptances in the scanner's ignore file has no end, a past one or one too far ahead.",
    findings: [entry('It is accepted without an end.')],
  },
  'fails one that has ended': {
    given: ignoring(`CVE-2025-1 exp:${inDays(0)}`),
    status: 'Fail',
    findings: [entry('Its acceptance has ended.', 'CVE-2025-1', inDays(0))],
  },
  'fails one that is too long for anything': {
    given: ignoring(`CVE-2025-1 exp:${inDays(366)}`),
    status: 'Fail',
    findings: [
      entry('It is accepted for longer than exceptions.maxLifetime.low.', 'CVE-2025-1', inDays(366)),
    ],
  },
  'fails what is longer than the profile allows': {
    given: given(
      { 'trivy.ignoreFile': `CVE-2025-1 exp:${inDays(20)}` },
      { 'exceptions.maxLifetime.low': 7 * day },
    ),
    status: 'Fail',
  },
  'counts the entries that are more than it lists': {
    given: ignoring(...Array.from({ length: 250 }, (_, index) => `CVE-2025-${index} exp:${inDays(-1)}`)),
    status: 'Fail',
    message: /^200 of 250 acceptances /,
  },
  'does not know without the settings of the scanner': {
    given: input({ scannerSettings: read([]) }),
    status: 'Unknown',
    reason: 'NoEvidence',
    message:
      'What the scanner hides is not known: there are no ConfigMaps of Trivy Operator of namespace trivy-system, which vulnerabilities.scannerNamespace names.',
  },
  'says why the settings cannot be read': {
    given: input({ scannerSettings: unread('Forbidden', 'They may not be read.') }),
    status: 'Unknown',
    reason: 'Forbidden',
    message: 'They may not be read.',
  },
  'does not mind whether a report was made': {
    given: input({ vulnerabilityScans: unread('NoEvidence', 'It is not installed.') }),
    status: 'NotApplicable',
    reason: 'NoAcceptances',
  },
  'does not know by the settings of another scanner': {
    given: given({}, { 'vulnerabilities.scannerNamespace': 'security' }),
    status: 'Unknown',
    reason: 'NoEvidence',
  },
});

describe('RD-5.H.10.4 in time', () => {
  const until = (days: number) => control.evaluate(ignoring(`CVE-2025-1 exp:${inDays(days)}`)).validUntil;

  it('is to be judged again when an end comes, comes near, or is no longer too far', () => {
    expect(until(10)).to.equal(now + 10 * day);
    expect(until(20)).to.equal(now + 6 * day);
    expect(until(40)).to.equal(now + 10 * day);
    expect(until(400)).to.equal(now + 35 * day);
    expect(until(-1)).to.equal(undefined);
  });
});
