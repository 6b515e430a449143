import type { WatchedHooks } from '../../src/operator/watched.ts';

/** For what is watched where nobody is told of it. */
export const noHooks: WatchedHooks = {
  onAvailability: () => undefined,
  onEvent: () => undefined,
  onReadability: () => undefined,
};
