import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { isLoopback } from './base/loopback.ts';

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
  metricsSecure: {
    variable: 'PLUMBLINE_METRICS_SECURE',
    default: '',
    description:
      'true: these are served over TLS, and /metrics only to who shows a token of the cluster whose bearer may get /metrics. false: plain HTTP, to everyone. Empty: true as soon as the address is not one of loopback.',
  },
  metricsCertificateFile: {
    variable: 'PLUMBLINE_METRICS_TLS_CERT_FILE',
    default: '',
    description:
      'A file with the certificate (PEM, with its chain) that is shown then. Empty: one that is made at the start, which readers cannot check. This file and that of the key are read again when they change.',
  },
  metricsKeyFile: {
    variable: 'PLUMBLINE_METRICS_TLS_KEY_FILE',
    default: '',
    description: 'A file with its key (PEM).',
  },
  intakeAddress: {
    variable: 'PLUMBLINE_INTAKE_ADDRESS',
    default: '127.0.0.1:2802',
    description: 'Where Falco events are taken, as host:port. Empty: nowhere.',
  },
  intakeTokenFile: {
    variable: 'PLUMBLINE_INTAKE_TOKEN_FILE',
    default: '',
    description: 'A file with the bearer tokens that senders of Falco events may show, one a line.',
  },
  intakePathFile: {
    variable: 'PLUMBLINE_INTAKE_PATH_FILE',
    default: '',
    description:
      'A file with secret path segments, one a line: events are then taken at /<secret> only (Falco can send no header).',
  },
  intakeCertificateFile: {
    variable: 'PLUMBLINE_INTAKE_TLS_CERT_FILE',
    default: '',
    description:
      'A file with the certificate (PEM, with its chain) that the Falco intake shows. Empty: plain HTTP. This file and those of tokens, paths and CA are read again when they change.',
  },
  intakeKeyFile: {
    variable: 'PLUMBLINE_INTAKE_TLS_KEY_FILE',
    default: '',
    description: 'A file with its key (PEM).',
  },
  intakeClientCaFile: {
    variable: 'PLUMBLINE_INTAKE_CLIENT_CA_FILE',
    default: '',
    description:
      'A file with the CA (PEM) that has signed the certificates of senders: without one nobody can connect then.',
  },
  intakeInsecure: {
    variable: 'PLUMBLINE_INTAKE_INSECURE',
    default: 'false',
    description:
      'true: take events without authentication beyond loopback too. Anyone who reaches the port can then raise alerts.',
  },
  storeFolder: {
    variable: 'PLUMBLINE_STORE_FOLDER',
    default: '',
    description:
      'A folder of this replica alone, on a volume, where Falco events are kept until they are in a RuntimeReport; they are answered when they are on the disk. Empty: they are held in memory, and lost with the process.',
  },
  storeMaxBytes: {
    variable: 'PLUMBLINE_STORE_MAX_BYTES',
    default: '268435456',
    description: 'How large the file in it may grow.',
  },
  leaderElection: {
    variable: 'PLUMBLINE_LEADER_ELECTION',
    default: 'true',
    description:
      'true: of all replicas on the cluster only the one that holds the Lease writes reports. false: this one writes them, and must be the only one.',
  },
  leaseNamespace: {
    variable: 'PLUMBLINE_LEASE_NAMESPACE',
    default: '',
    description:
      'The namespace of that Lease, which must be there. Empty: the namespace of the pod, else plumbline-system.',
  },
  leaseName: {
    variable: 'PLUMBLINE_LEASE_NAME',
    default: 'plumbline',
    description: 'Its name.',
  },
  podName: {
    variable: 'POD_NAME',
    default: '',
    description: 'What this replica is called in the Lease and in RuntimeReports. Empty: the host name.',
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
  /** TLS and authentication for metrics; absent: neither. `files` is absent where the certificate is to be made. */
  readonly metricsSecure?: { readonly files?: { readonly certificate: string; readonly key: string } };
  readonly intake?: {
    readonly address: Address;
    /** Credentials: each is there, and was readable at the start. */
    readonly files: {
      readonly token?: string;
      readonly secretPath?: string;
      readonly certificate?: string;
      readonly key?: string;
      readonly clientCa?: string;
    };
    readonly insecure: boolean;
    /** Where events are kept; absent: in memory. */
    readonly store?: { readonly folder: string; readonly maxBytes: number };
  };
  /** What this replica is called. */
  readonly podName: string;
  /** The Lease by which one of several replicas is elected; absent when this is the only one. */
  readonly lease?: { readonly namespace: string; readonly name: string };
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
  const fileName = (name: SettingName) => {
    if (text(name) === '') return undefined;
    if (readSecret(text(name)) !== undefined) return text(name);
    return wrong(name, 'the name of a readable file that is not empty');
  };

  const logLevel = oneOf('logLevel', ['error', 'warn', 'info', 'debug'] as const);
  const metricsAddress = address('metricsAddress');
  const wish = text('metricsSecure') === '' ? undefined : oneOf('metricsSecure', ['true', 'false'] as const);
  const isSecure =
    wish === 'true' ||
    (text('metricsSecure') === '' && metricsAddress !== undefined && !isLoopback(metricsAddress.host));
  const certificate = fileName('metricsCertificateFile');
  const key = fileName('metricsKeyFile');
  const insecure = oneOf('intakeInsecure', ['true', 'false'] as const);
  const intakeAddress = text('intakeAddress') === '' ? undefined : address('intakeAddress');
  const files = present({
    token: fileName('intakeTokenFile'),
    secretPath: fileName('intakePathFile'),
    certificate: fileName('intakeCertificateFile'),
    key: fileName('intakeKeyFile'),
    clientCa: fileName('intakeClientCaFile'),
  });
  const given = (name: SettingName) => text(name) !== '';
  if (given('intakeCertificateFile') !== given('intakeKeyFile'))
    wrong('intakeKeyFile', `a file if ${settingTable.intakeCertificateFile.variable} is set, and only then`);
  if (given('metricsCertificateFile') !== given('metricsKeyFile'))
    wrong(
      'metricsKeyFile',
      `a file if ${settingTable.metricsCertificateFile.variable} is set, and only then`,
    );
  if (given('metricsCertificateFile') && !isSecure)
    wrong('metricsCertificateFile', `nothing unless ${settingTable.metricsSecure.variable}=true`);
  if (given('intakeClientCaFile') && !given('intakeCertificateFile'))
    wrong('intakeClientCaFile', `nothing without ${settingTable.intakeCertificateFile.variable}`);
  const maxBytes = /^\d{1,15}$/.test(text('storeMaxBytes')) ? Number(text('storeMaxBytes')) : 0;
  if (maxBytes < leastStoreBytes) wrong('storeMaxBytes', `a number of bytes, at least ${leastStoreBytes}`);
  const elects = oneOf('leaderElection', ['true', 'false'] as const);
  const objectName = (name: SettingName, value: string) =>
    isObjectName(value) ? value : wrong(name, 'the name of a Kubernetes object');
  const namespace = objectName('leaseNamespace', text('leaseNamespace') || ownNamespace());
  const leaseName = objectName('leaseName', text('leaseName'));
  if (problems.length > 0 || logLevel === undefined || metricsAddress === undefined)
    throw new SettingsError(problems);
  const lease =
    elects === 'true' && namespace !== undefined && leaseName !== undefined
      ? { lease: Object.freeze({ namespace, name: leaseName }) }
      : {};
  return Object.freeze({
    logLevel,
    metricsAddress,
    ...(isSecure
      ? {
          metricsSecure: Object.freeze(
            certificate === undefined || key === undefined
              ? {}
              : { files: Object.freeze({ certificate, key }) },
          ),
        }
      : {}),
    podName: text('podName') || hostname(),
    ...lease,
    ...(text('kubeconfig') === '' ? {} : { kubeconfig: text('kubeconfig') }),
    ...(intakeAddress === undefined
      ? {}
      : {
          intake: Object.freeze({
            address: intakeAddress,
            insecure: insecure === 'true',
            files: Object.freeze(files),
            ...(given('storeFolder')
              ? { store: Object.freeze({ folder: text('storeFolder'), maxBytes }) }
              : {}),
          }),
        }),
  });
}

/** Room for what memory holds of a cluster in trouble. */
const leastStoreBytes = 16 * 1_048_576;

/** Without what is undefined. */
const present = (fields: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );

/** `host:port`, `[::1]:port` or `:port` (every address). */
function parseAddress(text: string): Address | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:\s]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) return undefined;
  return Object.freeze({ host: match[1] ?? (match[2] || '0.0.0.0'), port });
}

const isObjectName = (text: string): boolean => /^(?=.{1,253}$)[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?$/.test(text);

/** Of the pod, as its service account's volume says. */
const ownNamespace = (): string =>
  readSecret('/var/run/secrets/kubernetes.io/serviceaccount/namespace') ?? 'plumbline-system';

function readSecret(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}
