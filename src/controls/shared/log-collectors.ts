import type { LogReader } from '../../domain/log-readers.ts';
import { logAccess } from '../../domain/log-readers.ts';
import { isOneOf } from './container-names.ts';

const nameLabel = 'app.kubernetes.io/name';

/**
 * Whether a pod that mounts its node's logs collects them: `known` by name, image or label; `unknown` where it mounts
 * those of pods or containers, which hardly anybody else does.
 */
export function collectorKind(
  { spec, labels }: Pick<LogReader, 'spec' | 'labels'>,
  entries: readonly string[],
): 'known' | 'unknown' | undefined {
  const access = logAccess(spec);
  if (access === undefined) return undefined;
  if (entries.includes(labels[nameLabel] ?? '') || spec.containers.some((each) => isOneOf(each, entries)))
    return 'known';
  return access === 'pods' ? 'unknown' : undefined;
}
