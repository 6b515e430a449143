import type { BaseControl, EvaluationInput } from '../domain/control.ts';
import type { Verdict } from '../domain/verdict.ts';
import type { Held, SbomCoverage } from './shared/cover-sboms.ts';
import {
  countSubjects,
  coverSboms,
  describeSbomGaps,
  judgeSbomGaps,
  listNames,
  packagesOf,
  sbomFinding,
  sbomNotes,
  sbomRule,
  someContainers,
  soughtFor,
} from './shared/cover-sboms.ts';
import { sortFindings } from './shared/findings.ts';
import { judgeByEnvironment, productionRule } from './shared/production.ts';
import { isVerdict } from './shared/scan-verdict.ts';

const evaluate = (input: EvaluationInput): Verdict =>
  judgeByEnvironment(input, (production) => judge(input, production));

function judge(input: EvaluationInput, production: boolean): Verdict {
  const denied = input.parameters['images.deniedPackages'];
  const discouraged = input.parameters['images.discouragedPackages'];
  const covered = coverSboms(input);
  if (isVerdict(covered)) return covered;
  const all = covered.map((each) => soughtFor(each, [...denied, ...discouraged]));
  // Whoever may call sudo in production has a way to root; elsewhere people work in containers.
  const failing = withPackages(all, production ? denied : denied.filter((entry) => entry !== 'sudo'));
  if (failing.length > 0) {
    const gaps = all.some(({ gap }) => gap !== undefined) ? ` ${describeSbomGaps(all)}` : '';
    const message = `${some(failing, all)} packages that no image may have.${gaps}`;
    return { status: 'Fail', message, findings: findingsOf(failing) };
  }
  const open = judgeSbomGaps(all, input);
  if (open !== undefined) return open;
  const warning = withPackages(all, [...denied, ...discouraged]);
  if (warning.length > 0) {
    const message = `${some(warning, all)} packages that an image is better without.`;
    return { status: 'Warn', reason: 'DiscouragedPackages', message, findings: findingsOf(warning) };
  }
  const message = 'No image has a package manager, shell, compiler or network tool that is looked for.';
  return { status: 'Pass', message, findings: [] };
}

interface Holder {
  readonly coverage: SbomCoverage;
  readonly held: readonly Held[];
}

const withPackages = (all: readonly SbomCoverage[], entries: readonly string[]): readonly Holder[] =>
  all
    .map((coverage) => ({ coverage, held: packagesOf(coverage, entries) }))
    .filter(({ held }) => held.length > 0);

const some = (holders: readonly Holder[], all: readonly SbomCoverage[]): string =>
  someContainers(countSubjects(holders.map(({ coverage }) => coverage)), all, 'has', 'have');

const findingsOf = (holders: readonly Holder[]) =>
  sortFindings(
    holders.map(({ coverage, held }) => sbomFinding(coverage, `It has ${listNames(held)}.`, held[0]?.report)),
  );

const control: BaseControl = {
  id: 'RD-5.H.8.1',
  title: 'No package manager, shell, compiler or network tools in the image',
  requirement: '§5: remove all packages that are not required, since they just add to the attack surface',
  severity: 'low',
  scope: 'container',
  rationale:
    'What an intruder finds in a container saves him from bringing it. With a shell, a compiler and a scanner at hand he need not get past the network policy first.',
  rule: `The SBOM of each image that runs is held against two lists of packages. Fail: it has one of images.deniedPackages; of these, sudo fails in production alone, and warns elsewhere. Warn (DiscouragedPackages): it has one of images.discouragedPackages. Pass: the SBOM of every image has none. ${sbomRule} ${productionRule}`,
  notes: [
    ...sbomNotes,
    'A package answers to an entry by its name, without a version in it (gcc-12 is gcc), and by what Debian, Alpine and Red Hat call common tools (netcat-openbsd is netcat, nmap-ncat is ncat, python3-pip is pip). A package of a programming language that bears the name of a tool of the system is another thing, and does not count.',
    'A vulnerability report lists vulnerable packages alone: that it does not name a shell proves nothing, and it is not read here.',
    'Falco events that a shell or package manager ran are counted by RD-2.5.2.',
  ],
  remediation: 'Build in several stages, and put the result on a distroless base.',
  evidence: ['workloads', 'sbomreports'],
  alsoReads: ['scannersettings'],
  parameters: [
    'images.deniedPackages',
    'images.discouragedPackages',
    'platform.productionNamespaces',
    'vulnerabilities.scannerNamespace',
  ],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'NotApplicable'],
  references: {
    nist80053: ['CM-7', 'CM-7(1)'],
    nist800190: ['4.1.2'],
    nsaCisa: ['Building secure container images'],
    kubescape: ['C-0062 (sudo in entrypoint)'],
    other: ['DISA Container Hardening Process Guide Table 2-3 1i (secondary)'],
  },
  evaluate,
};
export default control;
