import { readFileSync } from 'node:fs';

/** One row of the settings table; the documentation is generated from it. */
export interface SettingDescription {
  readonly variable: string;
  readonly default: string;
  readonly description: string;
}

export const settingTable = {
  logLevel: {
    variable: 'PLUMBLINE_LOG_LEVEL',
    default: 'info',
    description: 'How much is logged: error, warn, info or debug.',
  },
  kubeconfig: {
    variable: 'KUBECONFIG',
    default: '',
    description: 'The kubeconfig to use. Empty: the service account of the pod, else ~/.kube/config.',
  },
  metricsAddress: {
    variable: 'PLUMBLINE_METRICS_ADDRESS',
    default: '127.0.0.1:8080',
    description: 'Where /metrics, /healthz and /readyz are served, as host:port. Port 0 takes a free one.',
  },
  intakeAddress: {
    variable: 'PLUMBLINE_INTAKE_ADDRESS',
    default: '127.0.0.1:2802',
    description: 'Where Falco events are taken, as host:port. Empty: nowhere.',
  },
  intakeTokenFile: {
    variable: 'PLUMBLINE_INTAKE_TOKEN_FILE',
    default: '',
    description: 'A file with the bearer token that senders of Falco events must show.',
  },
  intakePathFile: {
    variable: 'PLUMBLINE_INTAKE_PATH_FILE',
    default: '',
    description:
      'A file with a secret path segment: events are then taken at /<secret> only (Falco can send no header).',
  },
  intakeInsecure: {
    variable: 'PLUMBLINE_INTAKE_INSECURE',
    default: 'false',
    description:
      'true: take events without authentication beyond loopback too. Anyone who reaches the port can then raise alerts.',
  },
} as const satisfies Readonly<Record<string, SettingDescription>>;

type SettingName = keyof typeof settingTable;

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface Settings {
  readonly logLevel: 'error' | 'warn' | 'info' | 'debug';
  readonly kubeconfig?: string;
  readonly metricsAddress: Address;
  readonly intake?: {
    readonly address: Address;
    readonly token?: string;
    readonly secretPath?: string;
    readonly insecure: boolean;
  };
}

/** All that is wrong with the settings, at once. */
export class SettingsError extends Error {
  readonly code = 'Settings';
  override readonly name = 'SettingsError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws SettingsError naming every variable that cannot be used */
export function readSettings(environment: Environment = process.env): Settings {
  const problems: string[] = [];
  const text = (name: SettingName) => environment[settingTable[name].variable] ?? settingTable[name].default;
  const wrong = (name: SettingName, expected: string) => {
    problems.push(`${settingTable[name].variable}=${JSON.stringify(text(name))}: expected ${expected}`);
    return undefined;
  };
  const oneOf = <T extends string>(name: SettingName, allowed: readonly T[]): T | undefined =>
    allowed.find((value) => value === text(name)) ?? wrong(name, allowed.join(', '));
  const address = (name: SettingName) =>
    parseAddress(text(name)) ?? wrong(name, 'host:port, such as 127.0.0.1:8080');
  const secret = (name: SettingName) => {
    if (text(name) === '') return undefined;
    const content = readSecret(text(name));
    return content ?? wrong(name, 'the name of a readable file that is not empty');
  };

  const logLevel = oneOf('logLevel', ['error', 'warn', 'info', 'debug'] as const);
  const metricsAddress = address('metricsAddress');
  const insecure = oneOf('intakeInsecure', ['true', 'false'] as const);
  const intakeAddress = text('intakeAddress') === '' ? undefined : address('intakeAddress');
  const token = secret('intakeTokenFile');
  const secretPath = secret('intakePathFile');
  if (problems.length > 0 || logLevel === undefined || metricsAddress === undefined)
    throw new SettingsError(problems);
  return Object.freeze({
    logLevel,
    metricsAddress,
    ...(text('kubeconfig') === '' ? {} : { kubeconfig: text('kubeconfig') }),
    ...(intakeAddress === undefined
      ? {}
      : {
          intake: Object.freeze({
            address: intakeAddress,
            insecure: insecure === 'true',
            ...(token === undefined ? {} : { token }),
            ...(secretPath === undefined ? {} : { secretPath }),
          }),
        }),
  });
}

/** `host:port`, `[::1]:port` or `:port` (every address). */
function parseAddress(text: string): Address | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:\s]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) return undefined;
  return Object.freeze({ host: match[1] ?? (match[2] || '0.0.0.0'), port });
}

function readSecret(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}
