import type { PodSecurityLevels } from '../../domain/parameters.ts';
import type { Finding } from '../../domain/verdict.ts';
import type { Labels } from '../../domain/workload.ts';

const prefix = 'pod-security.kubernetes.io/';

type Level = 'privileged' | 'baseline' | 'restricted';

/** What Pod Security Admission makes of a namespace's labels. */
export interface Enforcement {
  readonly level: Level;
  /** Whether the namespace has a label of its own; without one the level is the cluster's default. */
  readonly stated: boolean;
  /** 1.`minor` of `enforce-version`; absent means the latest. */
  readonly minor?: number;
  /** Why a value that cannot be parsed stands for Restricted or the latest version. */
  readonly invalid?: string;
  /** Whether audit or warn is at Restricted. */
  readonly restrictedNoticed: boolean;
  /** Where the level comes from, for people. */
  readonly source: string;
  readonly place: Pick<Finding, 'path' | 'observed'>;
}

/** Reads the labels as the API server does: strict where they enforce, lenient where they only tell. */
export function enforcement(labels: Labels, defaults: PodSecurityLevels): Enforcement {
  const enforce = labels[`${prefix}enforce`];
  const level = parseLevel(enforce ?? defaults.enforce);
  const version = labels[`${prefix}enforce-version`];
  const minor = version === undefined ? undefined : parseVersion(version);
  const invalid =
    level === undefined
      ? `its enforce level "${enforce ?? defaults.enforce}" is unknown, which the API server takes for Restricted`
      : minor === 'invalid'
        ? `its enforce-version "${version}" is unknown, which the API server takes for the latest`
        : undefined;
  const noticed = (['audit', 'warn'] as const).some(
    (mode) => parseLevel(labels[`${prefix}${mode}`] ?? defaults[mode] ?? 'privileged') === 'restricted',
  );
  const telling = level === 'restricted' && minor !== undefined ? 'enforce-version' : 'enforce';
  return {
    level: level ?? 'restricted',
    stated: enforce !== undefined,
    ...(typeof minor === 'number' ? { minor } : {}),
    ...(invalid === undefined ? {} : { invalid }),
    restrictedNoticed: noticed,
    source:
      enforce === undefined
        ? `no enforce label, and the cluster's default is ${defaults.enforce}`
        : `enforce=${enforce}${version === undefined ? '' : `, enforce-version=${version}`}`,
    place: {
      path: `metadata.labels[${prefix}${telling}]`,
      observed: labels[`${prefix}${telling}`] ?? 'unset',
    },
  };
}

const parseLevel = (text: string): Level | undefined =>
  text === 'privileged' || text === 'baseline' || text === 'restricted' ? text : undefined;

/** `latest` has no number. */
function parseVersion(text: string): number | 'invalid' | undefined {
  if (text === 'latest') return undefined;
  const minor = /^v1\.(0|[1-9][0-9]*)$/.exec(text)?.[1];
  return minor === undefined ? 'invalid' : Number(minor);
}
