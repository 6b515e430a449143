import type { User } from '@kubernetes/client-node';
import { isObject } from './errors.ts';

/** What the user of a kubeconfig gets credentials from, that it does not answer, and what to do about it. */
export function whatHangs(user: User | null, forMs: number): string {
  const silent = `has not answered for ${Math.round(forMs / 1_000)} s`;
  const command = commandOf(user);
  if (command !== undefined)
    return `the plugin "${command}" ${silent}; run it by hand to see what it waits for, and end the one that hangs`;
  const { name, config } = providerOf(user);
  const issuer = textIn(config, 'idp-issuer-url');
  if (issuer === undefined) return `its provider ("${name}") ${silent}`;
  return `the identity provider ${issuer} ${silent}; see whether it can be reached from here`;
}

function commandOf(user: User | null): string | undefined {
  const { config } = providerOf(user);
  const nested: unknown = isObject(config) ? config['exec'] : undefined;
  return textIn(user?.exec ?? nested, 'command') ?? textIn(config, 'cmd-path');
}

function providerOf(user: User | null): { readonly name: string; readonly config: unknown } {
  const provider: unknown = user?.authProvider;
  return {
    name: textIn(provider, 'name') ?? 'exec',
    config: isObject(provider) ? provider['config'] : undefined,
  };
}

function textIn(value: unknown, field: string): string | undefined {
  const text = isObject(value) ? value[field] : undefined;
  return typeof text === 'string' ? text : undefined;
}
