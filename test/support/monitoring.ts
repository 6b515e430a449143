import { execFile } from 'node:child_process';
import type { Context } from 'mocha';
import { resolveBinaries } from '../../tools/control-plane/binaries.ts';
import type { monitoringNames } from '../../tools/control-plane/components.ts';
import { ControlPlaneError } from '../../tools/control-plane/errors.ts';

export type MonitoringName = (typeof monitoringNames)[number];

const progress = (line: string) => void process.stderr.write(`${line}\n`);

/**
 * The paths of the executables, built first where that was not done. Where that cannot be, for want of Go, the test
 * (or, from a `before`, its suite) is skipped and says so; under `PLUMBLINE_REQUIRE_MONITORING=1` it fails, so that a
 * run that must hold this evidence cannot pass without it.
 */
export async function requireMonitoring<Name extends MonitoringName>(
  context: Context,
  names: readonly Name[],
): Promise<Record<Name, string>> {
  context.timeout(30 * 60_000);
  try {
    return await resolveBinaries(names, { progress });
  } catch (error) {
    if (!(error instanceof ControlPlaneError)) throw error;
    if (
      !['GoMissing', 'GoTooOld'].includes(error.code) ||
      process.env['PLUMBLINE_REQUIRE_MONITORING'] === '1'
    )
      throw error;
    progress(`skipped: ${context.test?.parent?.fullTitle() ?? names.join(', ')}: ${error.message}`);
    return context.skip();
  }
}

/** Runs one of them to its end. Any exit code resolves. */
export function runTool(
  command: string,
  args: readonly string[],
  input = '',
): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = execFile(command, [...args], (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr }),
    );
    child.stdin?.end(input);
  });
}
