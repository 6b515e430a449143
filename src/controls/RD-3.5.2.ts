import type { ClusterControl, ClusterInput } from '../domain/control.ts';
import type { FalcoRules, RuleSwitch } from '../domain/falco-rules.ts';
import { stableRules } from '../domain/falco-rules.ts';
import type { Finding, Verdict } from '../domain/verdict.ts';
import { notApplicable, pass, unknown } from '../domain/verdict.ts';
import { count } from './shared/findings.ts';

const defaultFile = 'falco_rules.yaml';

/** As the index of falcosecurity has it, or in full. */
const officialRef = /^(?:ghcr\.io\/falcosecurity\/rules\/)?falco-rules(?:[:@]|$)/;

function evaluateCluster({ snapshot, parameters }: ClusterInput): Verdict {
  const { sensors, falcoRules } = snapshot;
  if (!sensors.available) return unknown(sensors.reason, sensors.message);
  const homes = new Set(
    sensors.items.flatMap(({ sensor, namespace }) => (sensor === 'falco' ? [namespace] : [])),
  );
  if (homes.size === 0) return notApplicable('NoFalco', 'No pod of Falco is there.');
  if (!falcoRules.available) return unknown(falcoRules.reason, falcoRules.message);
  const maps = falcoRules.items.filter(({ namespace }) => homes.has(namespace));
  const configs = maps.filter(({ loads }) => loads !== undefined);
  if (configs.length === 0)
    return unknown(
      'NoEvidence',
      'There is no ConfigMap with Falco’s falco.yaml in the namespace of its pods.',
    );
  const without = configs.filter(({ loads = [] }) => !loads.some(isDefaultFile));
  if (without.length > 0)
    return {
      status: 'Fail',
      message: `Falco is not told to load its default rules (${defaultFile}).`,
      findings: without.map((map) => finding(map, `Its falco.yaml does not load ${defaultFile}.`)),
    };
  return judgeRules(maps, parameters['runtime.acceptedDisabledRules']);
}

const isDefaultFile = (path: string): boolean => path === defaultFile || path.endsWith(`/${defaultFile}`);

function judgeRules(maps: readonly FalcoRules[], accepted: readonly string[]): Verdict {
  const files = maps.flatMap((map) => map.files);
  const written = files.filter(({ file }) => file === defaultFile);
  const isOfficial = maps.some(({ refs }) => refs.some((ref) => officialRef.test(ref)));
  if (written.length === 0 && !isOfficial)
    return {
      status: 'Manual',
      reason: 'NotAttested',
      message:
        'To be answered by a person: which rules does Falco load? They come with its image, or from an artifact that is not read. Nobody has attested it.',
      findings: [],
    };
  const defined = new Set(written.flatMap(({ defines }) => defines));
  const missing = written.length === 0 ? [] : stableRules.filter((rule) => !defined.has(rule));
  // Files first, and what is read last says it; then the configuration.
  const switches = [...files.flatMap((file) => file.switches), ...maps.flatMap((map) => map.switches)];
  const { rules, tags } = applied(switches);
  const off = new Set([...missing, ...rules]);
  const open = stableRules.filter((rule) => off.has(rule) && !accepted.includes(rule));
  const findings: Finding[] = [
    ...open.map((rule) => ruleFinding('Rule', rule, 'It is stable, and Falco does not evaluate it.')),
    ...tags.map((tag) =>
      ruleFinding('Tag', tag, 'Falco evaluates no rule that bears it; which these are is not known.'),
    ),
  ];
  if (findings.length > 0)
    return {
      status: 'Warn',
      message: `${tell(findings.length)} of Falco ${findings.length === 1 ? 'is' : 'are'} switched off, and nobody has accepted it (runtime.acceptedDisabledRules).`,
      findings,
    };
  const without = off.size === 0 ? '' : `, but for ${off.size} that may be off`;
  return pass(`Falco evaluates its ${count(stableRules.length, 'stable rule')}${without}.`);
}

const tell = (n: number): string => (n === 1 ? '1 stable rule or tag' : `${n} stable rules or tags`);

/** Which stable rules are off in the end, and which tags besides that nobody can take apart. */
function applied(switches: readonly RuleSwitch[]): {
  readonly rules: readonly string[];
  readonly tags: readonly string[];
} {
  const off = new Set<string>();
  const tags = new Set<string>();
  for (const { on, rule, tag } of switches) {
    const concerned =
      rule === undefined
        ? tag === 'maturity_stable'
          ? stableRules
          : []
        : stableRules.filter(matching(rule));
    for (const each of concerned) {
      if (on) off.delete(each);
      else off.add(each);
    }
    if (tag === undefined || tag === 'maturity_stable' || otherSets.includes(tag)) continue;
    if (on) tags.delete(tag);
    else tags.add(tag);
  }
  return { rules: [...off], tags: [...tags] };
}

/** No stable rule bears one of these. */
const otherSets = ['maturity_incubating', 'maturity_sandbox', 'maturity_deprecated'];

function matching(pattern: string): (rule: string) => boolean {
  if (!pattern.includes('*')) return (rule) => rule === pattern;
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  const whole = new RegExp(`^${parts.join('.*')}$`);
  return (rule) => whole.test(rule);
}

const finding = ({ namespace, name }: FalcoRules, message: string): Finding => ({
  subject: { kind: 'ConfigMap', name: `${namespace}/${name}` },
  message,
});

const ruleFinding = (kind: string, name: string, message: string): Finding => ({
  subject: { kind, name },
  message,
});

const control: ClusterControl = {
  id: 'RD-3.5.2',
  title: 'The rule set covers the required behaviours',
  requirement: '§3: Runtime Defense',
  severity: 'medium',
  scope: 'cluster',
  rationale:
    'A sensor sees what its rules describe. A rule that is switched off, because it was noisy once, is silent for the intruder too.',
  rule: 'Judged by the ConfigMaps of Falco (label app.kubernetes.io/name=falco) in the namespaces of its pods. Pass: falco.yaml loads falco_rules.yaml, whose rules stand in a ConfigMap or are installed by falcoctl (falco-rules), and each of the 25 stable rules is evaluated or in runtime.acceptedDisabledRules. Warn: a stable rule is switched off, or missing from the file, and not accepted; or rules are switched off by a tag that stable rules may bear. Fail: falco.yaml does not load falco_rules.yaml. Manual (NotAttested): the rules come with the image, or from an artifact of another name. Unknown (NoEvidence): there is no falco.yaml in a ConfigMap. Unknown: pods or ConfigMaps could not be read, a file in one is not YAML, or manifests are judged. NotApplicable (NoFalco): no pod of Falco is there.',
  notes: [
    'The stable rules are those that falcosecurity/rules calls maturity_stable.',
    'Rules are switched by falco.yaml (rules: enable and disable, by name, with *, or by tag) and by `enabled` in files of rules. Of several files nobody knows here in which order Falco reads them: they are taken in the order of their ConfigMaps and keys, and falco.yaml last.',
    'What falcoctl installs is believed to be what its name says. Rules whose condition was changed, by an override or an exception, are not looked into.',
    'That a rule is evaluated does not say that its events pass the minimum priority.',
  ],
  remediation:
    'Load falco_rules.yaml, by falcoctl’s artifact falco-rules or a ConfigMap. Rather than switch a stable rule off, tune it with an exception; where it has to be off, name it in runtime.acceptedDisabledRules.',
  evidence: ['sensors', 'falcorules'],
  parameters: ['runtime.acceptedDisabledRules'],
  verdicts: ['Pass', 'Warn', 'Fail', 'Unknown', 'Manual', 'NotApplicable'],
  references: {
    nist80053: ['SI-4', 'CM-6'],
    nist800190: ['4.4.4'],
  },
  evaluateCluster,
};
export default control;
