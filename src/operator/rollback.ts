import type { Logger } from '../telemetry/log.ts';
import type { NamesWatched } from './base-class.ts';
import type { Parts } from './parts.ts';
import { resources } from './resources.ts';
import { isServersOwn } from './server-storage.ts';
import type { Term } from './term.ts';
import type { Witness } from './watched.ts';

type Keeper = 'state' | 'scans' | 'admission' | 'mesh' | 'exploited' | 'proprietary' | 'signs';

/** Who holds what the API server had, or believes what was written to it. */
export interface Believers extends Readonly<Record<Keeper, { distrust(known?: Witness): void }>> {
  readonly sboms: Pick<Parts['sboms'], 'distrust'>;
  readonly runtimeWriter: Pick<Parts['runtimeWriter'], 'distrust'>;
  readonly term: Pick<Term, 'distrust'> | undefined;
  /** Beside those that the keepers have, definitions among them. */
  readonly named: readonly NamesWatched[];
}

/**
 * One sees that the server was restored from a backup, all believe it; but an aggregated API that goes back says nothing of
 * what others keep.
 * @param witness whose watch has seen it; undefined when a write did
 */
export function believeRollback(believers: Believers, logger: Logger, witness?: Witness): void {
  const resource = witness?.name;
  if (witness !== undefined && !isServersOwn(witness.options.resource, definitionsAmong(believers.named))) {
    logger.warn('an aggregated API went back to an older state; its objects alone are read again', {
      resource,
    });
    return;
  }
  logger.warn('the API server was restored from a backup; everything is read again', { resource });
  distrustEverything(believers, witness);
}

/** By their names; undefined while they are not known. */
function definitionsAmong(named: readonly NamesWatched[]): Parameters<typeof isServersOwn>[1] {
  const found = named.find(({ options }) => options.resource.plural === resources.definitions.plural);
  if (found?.watcher.hasSynced !== true) return undefined;
  return { has: (name) => found.store.get('', name) !== undefined };
}

/**
 * The API server was restored from a backup: what one has seen, all believe, and read everything again.
 * @param known whose watch has seen it, and reads again by itself; undefined when a write did
 */
export function distrustEverything(believers: Believers, known?: Witness): void {
  const { state, scans, admission, mesh, exploited, proprietary, signs } = believers;
  for (const keeper of [state, scans, admission, mesh, exploited, proprietary, signs]) keeper.distrust(known);
  for (const { watcher } of believers.named) if (watcher !== known?.watcher) watcher.distrust();
  for (const writer of [believers.sboms, believers.term, believers.runtimeWriter]) writer?.distrust();
}
