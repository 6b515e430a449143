import type { ImageReference, ParseFailure, Registry } from './image-reference.ts';
import {
  digestProblem,
  dockerHub,
  formatRegistry,
  isParseFailure,
  namesRegistry,
  parseRegistry,
  repositoryProblem,
  splitReference,
  tagProblem,
} from './image-reference.ts';

/** One entry of an allowlist: `host[:port][/path[:tag|@digest]]`, with `*.` before the host or `/*` after the path. */
export interface RegistryEntry extends Registry {
  /** True for `*.example.com`, which stands for exactly one label, as in the kubelet's `matchImages`. */
  readonly anyLabel: boolean;
  /** The path's segments; none means every repository of the registry. */
  readonly path: readonly string[];
  /** True for a trailing `/*`: what lies below the path, and not the path itself. */
  readonly below: boolean;
  /** With a tag or digest the path is one repository, not a prefix. */
  readonly tag?: string;
  readonly digest?: string;
}

/** Never throws. The failure's `problem` completes a sentence whose subject is the entry. */
export function parseRegistryEntry(text: string): RegistryEntry | ParseFailure {
  const problem = spellingProblem(text);
  if (problem !== undefined) return { problem };
  const slash = text.indexOf('/');
  const registry = parseHost(slash < 0 ? text : text.slice(0, slash));
  if (isParseFailure(registry)) return registry;
  // `host/` and `host/*` say the same as `host`.
  const rest = slash < 0 ? '' : text.slice(slash + 1);
  if (rest === '' || rest === '*') return { ...registry, path: [], below: false };
  return parsePath(registry, rest);
}

function spellingProblem(text: string): string | undefined {
  if (text === '') return 'is empty';
  if (text.length > 512) return 'is longer than 512 characters';
  if (/\s/.test(text)) return 'has white space in it';
  // oxlint-disable-next-line no-control-regex -- the range of ASCII
  if (/[^\u0000-\u007f]/.test(text)) return 'has letters outside ASCII: write the host in its xn-- form';
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return 'has a scheme: write the host alone';
  if (text === '*' || text.startsWith('*/')) return 'would allow every registry';
  if (/^[^/]*@/.test(text)) return 'has an "@" in its host: user information is never accepted';
  return undefined;
}

function parseHost(first: string): (Registry & { readonly anyLabel: boolean }) | ParseFailure {
  const anyLabel = first.startsWith('*.');
  const written = anyLabel ? first.slice(2) : first;
  if (written.includes('*'))
    return { problem: 'has a "*" that is neither the whole first label nor the whole last segment' };
  if (!anyLabel && !namesRegistry(written)) {
    const hub = `for Docker Hub write ${dockerHub}/${written}`;
    return { problem: `names "${written}", which is no registry host without a dot or a port (${hub})` };
  }
  const registry = parseRegistry(written);
  if (isParseFailure(registry)) return registry;
  const port = Number(registry.port ?? 443);
  if (port < 1 || port > 65535)
    return { problem: `has the port ${registry.port ?? ''}, which does not exist` };
  if (anyLabel && /^\[|^[\d.]+$/.test(registry.host)) return { problem: 'has a "*" before an address' };
  return { ...registry, anyLabel };
}

type Host = Registry & { readonly anyLabel: boolean };

function parsePath(registry: Host, rest: string): RegistryEntry | ParseFailure {
  const below = rest.endsWith('/*');
  const { name, tag, digest } = splitReference(below ? rest.slice(0, -2) : rest);
  const path = name.endsWith('/') && tag === undefined && digest === undefined ? name.slice(0, -1) : name;
  if (path.includes('*'))
    return { problem: 'has a "*" that is neither the whole first label nor the whole last segment' };
  const exact = tag !== undefined || digest !== undefined;
  if (below && exact) return { problem: 'has both a tag or digest and a trailing "/*"' };
  const problem =
    repositoryProblem(path) ?? (tag === undefined ? undefined : tagProblem(tag)) ?? digestProblem(digest);
  if (problem !== undefined) return { problem };
  // With a tag it is an image, and Docker Hub's images of one segment live in `library`; without, it is a namespace.
  const official = exact && registry.host === dockerHub && registry.port === undefined && !path.includes('/');
  return {
    ...registry,
    path: official ? ['library', path] : path.split('/'),
    below,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** Whether the entry allows the reference: the same registry, and its path a whole-segment prefix of the repository. */
export function matches(entry: RegistryEntry, reference: ImageReference): boolean {
  return (
    matchesRegistry(entry, reference) && matchesPath(entry, reference) && matchesVersion(entry, reference)
  );
}

function matchesRegistry(entry: RegistryEntry, reference: ImageReference): boolean {
  if (!entry.anyLabel) return formatRegistry(entry) === formatRegistry(reference);
  const dot = reference.host.indexOf('.');
  return dot > 0 && entry.host === reference.host.slice(dot + 1) && entry.port === reference.port;
}

function matchesPath(entry: RegistryEntry, reference: ImageReference): boolean {
  const segments = reference.repository.split('/');
  const exact = entry.tag !== undefined || entry.digest !== undefined;
  if (exact && segments.length !== entry.path.length) return false;
  if (entry.below && segments.length === entry.path.length) return false;
  return entry.path.every((segment, index) => segments[index] === segment);
}

function matchesVersion(entry: RegistryEntry, reference: ImageReference): boolean {
  if (entry.digest !== undefined && entry.digest !== reference.digest) return false;
  if (entry.tag === undefined) return true;
  return entry.tag === (reference.tag ?? (reference.digest === undefined ? 'latest' : undefined));
}
