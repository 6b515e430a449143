import type { UpdateStrategy, WorkloadSettings } from '../../domain/workload.ts';
import type { Json } from '../fields.ts';
import { amountField, integerField, listField, objectField, stringField } from '../fields.ts';
import { present } from '../present.ts';
import { Interner } from '../../domain/interner.ts';
import { baseImageAnnotation, setuidFreeAnnotation } from './project-settings.ts';
import { projectWritten } from './project-written.ts';
import type { WorkloadKind } from './workload-kinds.ts';

const settings = new Interner<WorkloadSettings>(30);

/** What a controller says beside its template. */
export function projectWorkloadSettings(
  object: Json,
  kind: WorkloadKind,
  spec: Json,
  annotations: Readonly<Record<string, string>>,
): WorkloadSettings {
  return settings.intern(
    present({
      strategy: projectStrategy(kind, spec),
      ttlSecondsAfterFinished: projectTtl(kind, spec),
      baseImage: annotations[baseImageAnnotation],
      setuidFreeUntil: annotations[setuidFreeAnnotation],
      ignoreMinimumReplicas: 'elastisys.io/ignore-minimum-replicas' in annotations ? true : undefined,
      written: projectWritten(object, specPath(kind)),
    }),
  );
}

const specPath = (kind: WorkloadKind): readonly string[] =>
  kind === 'CronJob' ? ['spec', 'jobTemplate', 'spec', 'template', 'spec'] : ['spec', 'template', 'spec'];

function projectStrategy(kind: WorkloadKind, spec: Json): UpdateStrategy | undefined {
  if (kind === 'Rollout') return projectRolloutStrategy(spec);
  const key = kind === 'Deployment' ? 'strategy' : 'updateStrategy';
  if (kind !== 'Deployment' && kind !== 'StatefulSet' && kind !== 'DaemonSet') return undefined;
  const strategy = objectField(spec, key, 'spec') ?? {};
  const rolling = objectField(strategy, 'rollingUpdate', `spec.${key}`) ?? {};
  return present({
    type: stringField(strategy, 'type', `spec.${key}`) || 'RollingUpdate',
    maxUnavailable: amountField(rolling, 'maxUnavailable', `spec.${key}.rollingUpdate`),
  });
}

/** Argo's own: which of its two strategies, none of them by default. A canary without steps goes by `maxUnavailable`. */
function projectRolloutStrategy(spec: Json): UpdateStrategy {
  const strategy = objectField(spec, 'strategy', 'spec') ?? {};
  if (objectField(strategy, 'blueGreen', 'spec.strategy') !== undefined) return { type: 'blueGreen' };
  const canary = objectField(strategy, 'canary', 'spec.strategy');
  if (canary === undefined) return { type: '' };
  const path = 'spec.strategy.canary';
  const atOnce = listField(canary, 'steps', path).length === 0;
  return present({
    type: 'canary',
    maxUnavailable: atOnce ? amountField(canary, 'maxUnavailable', path) : undefined,
  });
}

function projectTtl(kind: WorkloadKind, spec: Json): number | undefined {
  if (kind === 'Job') return integerField(spec, 'ttlSecondsAfterFinished', 'spec');
  return undefined;
}
