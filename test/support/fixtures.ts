import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Context } from 'mocha';

/**
 * Real data of other projects, which stands beside this one and is never copied into it. `PLUMBLINE_FIXTURES` names
 * another folder that holds it.
 */
const root =
  process.env['PLUMBLINE_FIXTURES'] ?? fileURLToPath(new URL('../../../shared/fixtures', import.meta.url));

const reference =
  process.env['PLUMBLINE_REFERENCE'] ?? fileURLToPath(new URL('../../../shared/reference', import.meta.url));

/** The folder of one set, such as `pod-security-admission`; undefined when it is not there. */
export function fixtures(name: string): string | undefined {
  const folder = join(root, name);
  return existsSync(folder) ? folder : undefined;
}

/**
 * The folder of one set. Where it is absent the test (or, from a `before`, its suite) is skipped and says so; under
 * `PLUMBLINE_REQUIRE_FIXTURES=1` it fails, so that a run that must hold this evidence cannot pass without it.
 */
export function requireFixtures(context: Context, name: string): string {
  const reason = `no fixtures at ${join(root, name)} (PLUMBLINE_FIXTURES names another folder)`;
  return fixtures(name) ?? skip(context, name, reason);
}

/** A page of the reference that this project is held to; where it is absent, the same. */
export function requireReference(context: Context, name: string): string {
  const file = join(reference, name);
  const reason = `no reference at ${file} (PLUMBLINE_REFERENCE names another folder)`;
  return existsSync(file) ? file : skip(context, name, reason);
}

function skip(context: Context, name: string, reason: string): never {
  if (process.env['PLUMBLINE_REQUIRE_FIXTURES'] === '1') throw new Error(reason);
  process.stderr.write(`skipped: ${context.test?.parent?.fullTitle() ?? name}: ${reason}\n`);
  return context.skip();
}
