import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Somebody the API server knows by a token. For a service account the name is `system:serviceaccount:NS:NAME`. */
export interface User {
  readonly name: string;
  /** Default: none, or for a service account the groups that the API server gives it. */
  readonly groups?: readonly string[];
  /** Default: a random one. */
  readonly token?: string;
}

export const admin = 'admin';

/** Writes the API server's token file and returns each user's token. */
export function writeTokens(folder: string, users: readonly User[]): Map<string, string> {
  const tokens = new Map<string, string>();
  const lines: string[] = [];
  for (const { name, groups = defaultGroups(name), token = randomBytes(24).toString('base64url') } of users) {
    if (/[",\n]/.test(name + groups.join('') + token))
      throw new Error(`a name, group or token of ${name} holds a quote, comma or line break`);
    tokens.set(name, token);
    lines.push(`${token},${name},${name},"${groups.join(',')}"\n`);
  }
  writeFileSync(join(folder, 'tokens.csv'), lines.join(''), { mode: 0o600 });
  return tokens;
}

function defaultGroups(name: string): string[] {
  const account = /^system:serviceaccount:([^:]+):[^:]+$/.exec(name);
  return account === null ? [] : ['system:serviceaccounts', `system:serviceaccounts:${account[1]}`];
}

/** Writes the key pair that service accounts' tokens are signed with: `sa.key` and `sa.pub`. */
export function writeServiceAccountKeys(folder: string): void {
  const { privateKey, publicKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'sec1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  writeFileSync(join(folder, 'sa.key'), privateKey, { mode: 0o600 });
  writeFileSync(join(folder, 'sa.pub'), publicKey, { mode: 0o600 });
}

/** JSON is YAML, so this is a kubeconfig. */
export function writeKubeconfig(path: string, url: string, ca: string, user: string, token: string): void {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'plumbline',
        cluster: { server: url, 'certificate-authority-data': Buffer.from(ca).toString('base64') },
      },
    ],
    users: [{ name: user, user: { token } }],
    contexts: [{ name: 'plumbline', context: { cluster: 'plumbline', user } }],
    'current-context': 'plumbline',
  };
  writeFileSync(path, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
}
