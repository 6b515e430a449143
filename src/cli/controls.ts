import { parseArgs } from 'node:util';
import { catalogue } from '../controls/catalogue.generated.ts';
import { isRollUp } from '../domain/control.ts';
import type { Control } from '../domain/control.ts';
import { mappingsOf } from './mappings.ts';
import type { Output } from './text.ts';
import { formatTable } from './text.ts';
import { UsageError } from './usage.ts';

export const controlsUsage = `Usage: plumbline controls [--format table|json]

Lists the controls of this version.
`;

/** `plumbline controls` */
export function runControls(args: readonly string[], { out }: Output): number {
  const { values } = parseArgs({
    args: [...args],
    options: { format: { type: 'string', default: 'table' } },
  });
  switch (values.format) {
    case 'table':
      out(
        formatTable(
          ['ID', 'SEVERITY', 'SCOPE', 'TITLE'],
          catalogue.map(({ id, severity, scope, title }) => [id, severity, scope, title]),
        ),
      );
      return 0;
    case 'json':
      out(`${JSON.stringify(catalogue.map(describeControl), null, 2)}\n`);
      return 0;
    default:
      throw new UsageError(`--format ${values.format}: expected table or json`);
  }
}

/** A control as data: all but its functions. */
export function describeControl(control: Control): object {
  const data = Object.fromEntries(Object.entries(control).filter(([, value]) => typeof value !== 'function'));
  return { ...data, rollUp: isRollUp(control), mappings: mappingsOf(control.references) };
}
