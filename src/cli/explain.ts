import { parseArgs } from 'node:util';
import { didYouMean } from '../base/closest.ts';
import { catalogue } from '../controls/catalogue.generated.ts';
import type { Control, References } from '../domain/control.ts';
import { isOfCluster, isRollUp } from '../domain/control.ts';
import { parameterTable } from '../domain/parameters.ts';
import { frameworks } from './mappings.ts';
import type { Output } from './text.ts';
import { wrap } from './text.ts';
import { UsageError } from './usage.ts';

export const explainUsage = `Usage: plumbline explain ID

Tells what a control checks, why it matters, how to fix it and where it comes from.
`;

/** `plumbline explain ID` */
export function runExplain(args: readonly string[], { out }: Output): number {
  const { positionals } = parseArgs({ args: [...args], allowPositionals: true });
  const [id, ...rest] = positionals;
  if (id === undefined || rest.length > 0)
    throw new UsageError('explain takes one control id, such as RD-2.2.2');
  const control = catalogue.find((each) => each.id.toLowerCase() === id.toLowerCase());
  if (control === undefined) {
    const known = catalogue.map((each) => each.id);
    throw new UsageError(`no control ${id}${didYouMean(id, known)}; plumbline controls lists them all`);
  }
  out(explain(control));
  return 0;
}

/** One control as text for a terminal. */
export function explain(control: Control): string {
  const section = (title: string, body: string) => `${title}\n${body}\n`;
  const parts = [
    `${control.id}  ${control.title}`,
    `Severity ${control.severity}, judged per ${control.scope}. ${control.requirement}\n`,
    section('Why', wrap(control.rationale, 88, '  ')),
    section('What is checked', wrap(control.rule, 88, '  ')),
  ];
  if (isRollUp(control)) parts.push(section('Follows from', wrap(control.derivedFrom.join(', '), 88, '  ')));
  if (isOfCluster(control)) {
    const told = 'The ComplianceSummary of each profile; every report of a namespace inherits the verdict.';
    parts.push(section('Where its findings are', wrap(told, 88, '  ')));
  }
  if (control.notes.length > 0) {
    parts.push(section('Worth knowing', control.notes.map((note) => wrap(note, 88, '  ')).join('\n')));
  }
  parts.push(section('How to fix it', wrap(control.remediation, 88, '  ')));
  if (control.parameters.length > 0) {
    const lines = control.parameters.map((path) =>
      wrap(`spec.parameters.${path}: ${parameterTable[path].description}`, 88, '  '),
    );
    parts.push(section('Parameters of the profile', lines.join('\n')));
  }
  const references = listReferences(control.references).map(([name, ids]) =>
    wrap(`${name}: ${ids}`, 88, '  '),
  );
  if (references.length > 0)
    parts.push(section('See also (the mapping is our judgement)', references.join('\n')));
  return parts.join('\n');
}

/** The frameworks that a control refers to, by the names that people know. */
export function listReferences(references: References): [name: string, ids: string][] {
  return (Object.keys(frameworks) as (keyof References)[]).flatMap((key) => {
    const ids = references[key];
    return ids === undefined || ids.length === 0
      ? []
      : [[frameworks[key], ids.join('; ')] as [string, string]];
  });
}
