import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { main } from '../../src/cli/main.ts';

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a command in this process. */
export async function run(...args: string[]): Promise<Ran> {
  let out = '';
  let err = '';
  const code = await main(args, { out: (text) => (out += text), err: (text) => (err += text) });
  return { code, out, err };
}

const entry = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** Runs a command in a process of its own, with `input` on its standard input. */
export async function runProcess(
  args: readonly string[],
  input = '',
  env: NodeJS.ProcessEnv = {},
): Promise<Ran> {
  const child = spawn(process.execPath, [entry, ...args], { env: { ...process.env, ...env } });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  child.stdin.on('error', () => {}).end(input);
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, out, err };
}

/** A folder with files in it, for as long as the tests of the describe block run. */
export function useFolder(): { at: (name: string) => string; write: (name: string, text: string) => string } {
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-cli-'));
  after(() => rmSync(folder, { recursive: true }));
  const at = (name: string) => join(folder, name);
  return {
    at,
    write(name, text) {
      mkdirSync(dirname(at(name)), { recursive: true });
      writeFileSync(at(name), text);
      return at(name);
    },
  };
}

const hardened = {
  runAsNonRoot: true,
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  seccompProfile: { type: 'RuntimeDefault' },
  capabilities: { drop: ['ALL'] },
};

/** Objects as one YAML text: JSON is YAML. */
export const documents = (...objects: object[]): string =>
  objects.map((object) => JSON.stringify(object, null, 2)).join('\n---\n');

export interface DeploymentOptions {
  readonly name?: string;
  readonly namespace?: string;
  /** Added to what the Restricted standard wants. */
  readonly security?: object;
}

/** A Deployment that keeps the Restricted Pod Security Standard unless told otherwise. */
export const deployment = ({ name = 'web', namespace = 'shop', security = {} }: DeploymentOptions = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace },
  spec: {
    template: {
      metadata: { labels: { app: name } },
      spec: {
        serviceAccountName: name,
        automountServiceAccountToken: false,
        containers: [
          { name: 'app', image: 'registry.example/app:1.0.0', securityContext: { ...hardened, ...security } },
        ],
      },
    },
  },
});

export const restrictedNamespace = (name = 'shop') => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
});

export const defaultDeny = (namespace = 'shop') => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'default-deny', namespace },
  spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
});

/** A namespace in which nothing fails. */
export const sound = (): string => documents(restrictedNamespace(), defaultDeny(), deployment());
