import { catalogue } from '../../src/controls/catalogue.generated.ts';
import { writeFileAt } from './files.ts';
import type { Generator } from './generator.ts';

/** One demand of the mapping of the reference design, in our words, and the controls that answer it. */
export interface Requirement {
  readonly section: string;
  readonly demand: string;
  readonly controls: readonly string[];
}

const numbered = (prefix: string, last: number): string[] =>
  Array.from({ length: last }, (_, index) => `${prefix}.${index + 1}`);

const assumptions = '§2 Assumptions and principles';
const interconnects = '§3 Software factory interconnects';
const hardening = '§5 Container hardening';
const general = '§5 General tools and activities';

export const requirements: readonly Requirement[] = [
  {
    section: assumptions,
    demand: 'A certified, supported Kubernetes',
    controls: ['RD-2.0.1'],
  },
  { section: assumptions, demand: 'No tooling of one vendor', controls: ['RD-2.0.2'] },
  { section: assumptions, demand: 'Containers do not run as root', controls: numbered('RD-2.1', 4) },
  { section: assumptions, demand: 'The Restricted Pod Security Standard', controls: numbered('RD-2.2', 19) },
  {
    section: assumptions,
    demand: 'Microsegmentation by network policies',
    controls: numbered('RD-2.3', 5),
  },
  { section: assumptions, demand: 'Vulnerability scanning', controls: ['RD-2.4.1'] },
  { section: assumptions, demand: 'Intrusion detection', controls: numbered('RD-2.5', 2) },
  { section: assumptions, demand: 'Images from allowed registries alone', controls: numbered('RD-2.6', 5) },
  {
    section: assumptions,
    demand: 'Other safeguards (beyond the reference design, off by default)',
    controls: numbered('RD-2.7', 5),
  },
  { section: interconnects, demand: 'No sidecar with high privilege', controls: ['RD-3.0.1'] },
  { section: interconnects, demand: 'Logging agent, tamper-proof', controls: numbered('RD-3.1', 4) },
  { section: interconnects, demand: 'Storage and retrieval of logs', controls: numbered('RD-3.2', 2) },
  { section: interconnects, demand: 'Visualization and analysis of logs', controls: ['RD-3.3.1'] },
  { section: interconnects, demand: 'Container policy enforcement', controls: numbered('RD-3.4', 4) },
  { section: interconnects, demand: 'Runtime defense', controls: numbered('RD-3.5', 3) },
  {
    section: interconnects,
    demand: 'Service mesh, or workload identity and encryption that equal it',
    controls: numbered('RD-3.6', 3),
  },
  {
    section: interconnects,
    demand: 'Vulnerability management and CVE service',
    controls: numbered('RD-3.7', 3),
  },
  { section: interconnects, demand: 'Host-based security', controls: numbered('RD-3.8', 4) },
  { section: interconnects, demand: 'Artifact repository', controls: numbered('RD-3.9', 3) },
  {
    section: interconnects,
    demand: 'Zero trust down to the container',
    controls: numbered('RD-3.10', 2),
  },
  {
    section: '§4 Software factory reference design',
    demand: 'Deployment by a GitOps tool or as the last step of a pipeline',
    controls: numbered('RD-4.1', 3),
  },
  { section: hardening, demand: 'A base image of your own', controls: numbered('RD-5.H.1', 2) },
  {
    section: hardening,
    demand: 'Vulnerability management of the base image',
    controls: numbered('RD-5.H.2', 3),
  },
  { section: hardening, demand: 'No builds that need the Internet', controls: numbered('RD-5.H.3', 2) },
  { section: hardening, demand: 'Defaults known and set explicitly', controls: numbered('RD-5.H.4', 2) },
  { section: hardening, demand: 'Logs to stdout', controls: numbered('RD-5.H.5', 2) },
  { section: hardening, demand: 'Always a non-root user', controls: ['RD-5.H.6.1'] },
  {
    section: hardening,
    demand: 'No configuration or secrets in code and images',
    controls: numbered('RD-5.H.7', 6),
  },
  { section: hardening, demand: 'No packages that are not needed', controls: numbered('RD-5.H.8', 3) },
  { section: hardening, demand: 'No setuid, and no privilege escalation', controls: numbered('RD-5.H.9', 2) },
  {
    section: hardening,
    demand: 'Scans, and a process that keeps bad images from production',
    controls: numbered('RD-5.H.10', 4),
  },
  { section: general, demand: 'GitOps', controls: numbered('RD-5.G.1', 3) },
  { section: general, demand: 'Analysis of flows between components', controls: ['RD-5.G.2.1'] },
  { section: general, demand: 'Advanced deployment strategies', controls: numbered('RD-5.G.3', 2) },
  {
    section: general,
    demand: 'Monitoring, logging and alerting',
    controls: numbered('RD-5.G.4', 3),
  },
];

/** Which requirement is answered by which controls, those that are not built yet too. */
export const coverage: Generator = {
  name: 'coverage',
  run: (check) => writeFileAt('docs/coverage.md', renderCoverage(), check),
};

export function renderCoverage(): string {
  const titles = new Map(catalogue.map(({ id, title }) => [id, title]));
  const all = requirements.flatMap(({ controls }) => controls);
  const built = all.filter((id) => titles.has(id));
  const sections = [...Map.groupBy(requirements, ({ section }) => section)].map(([section, rows]) => {
    const lines = rows.map(({ demand, controls }) => {
      const there = controls.filter((id) => titles.has(id)).map((id) => `[${id}](controls/${id}.md)`);
      const missing = controls.filter((id) => !titles.has(id));
      return `| ${demand} | ${there.join(', ') || '—'} | ${missing.join(', ') || '—'} |`;
    });
    return `## ${section}\n\n| requirement | controls | not built yet |\n|---|---|---|\n${lines.join('\n')}`;
  });
  return `<!-- Generated by \`npm run generate\` from src/controls and tools/generate/coverage.ts. Do not edit. -->

# Coverage

What the mapping of the reference design demands, section by section, and the controls that answer it: ${built.length} of ${all.length} are built. A
roll-up with a part that is not built is \`Unknown\` (NoEvidence), unless another part fails. The introduction and the summary of the
reference design hold no requirement.

${sections.join('\n\n')}
`;
}
