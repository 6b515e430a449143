import { Memo } from './memo.ts';

/**
 * Image references by the grammar of github.com/distribution/reference, brought to one spelling: the registry is
 * written out, the host in lower case, without the default port. The repository keeps its case (it has none).
 */
export interface ImageReference {
  /** Name, IPv4 address or bracketed IPv6 address; `docker.io` where the text names none. */
  readonly host: string;
  /** Digits as written; absent for 443, the default. */
  readonly port?: string;
  /** Such as `library/busybox`. */
  readonly repository: string;
  /** As written. Without tag and digest, `latest` is meant: see `normalise`. */
  readonly tag?: string;
  /** `sha256:…`. A runtime that is given one ignores the tag. */
  readonly digest?: string;
}

/** `problem` completes a sentence whose subject is the text, such as "has no repository". */
export interface ParseFailure {
  readonly problem: string;
}

export const isParseFailure = (result: object): result is ParseFailure => 'problem' in result;

export interface Registry {
  readonly host: string;
  readonly port?: string;
}

export const dockerHub = 'docker.io';

const maxTextLength = 4096;
const maxRepositoryLength = 255;
const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const registryPattern = new RegExp(`^(${label}(?:\\.${label})*|\\[[a-fA-F0-9:]+\\])(?::([0-9]+))?$`);
const componentPattern = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const tagPattern = /^\w[\w.-]{0,127}$/;
const digestLengths: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };

/** A dozen controls ask for each image. */
const recent = new Memo<ImageReference | ParseFailure>(1_000);

/** Never throws. */
export const parseImageReference = (text: string): ImageReference | ParseFailure =>
  recent.get(text, () => parse(text));

function parse(text: string): ImageReference | ParseFailure {
  if (text === '') return { problem: 'is empty' };
  if (text.length > maxTextLength) return { problem: `is longer than ${maxTextLength} characters` };
  // A runtime looks such a text up among the node's images, whatever registry they came from.
  if (/^(?:sha256:)?[a-f0-9]{64}$/.test(text)) return { problem: 'is an image ID, which names no registry' };
  const { name, tag, digest } = splitReference(text);
  const problem = (tag === undefined ? undefined : tagProblem(tag)) ?? digestProblem(digest);
  if (problem !== undefined) return { problem };
  const parts = parseName(name);
  if (isParseFailure(parts)) return parts;
  return {
    ...parts,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** Writes out the tag that a runtime takes where the text has neither tag nor digest. */
export function normalise(reference: ImageReference): ImageReference {
  if (reference.tag !== undefined || reference.digest !== undefined) return reference;
  return { ...reference, tag: 'latest' };
}

/** The one spelling, such as `docker.io/library/busybox:latest`. */
export function formatImageReference(reference: ImageReference): string {
  const { repository, tag, digest } = normalise(reference);
  const suffix = (tag === undefined ? '' : `:${tag}`) + (digest === undefined ? '' : `@${digest}`);
  return `${formatRegistry(reference)}/${repository}${suffix}`;
}

/** The default port stands only where the host alone would read as a namespace of Docker Hub. */
export function formatRegistry({ host, port }: Registry): string {
  if (port !== undefined) return `${host}:${port}`;
  return namesRegistry(host) ? host : `${host}:443`;
}

interface Parts {
  readonly name: string;
  readonly tag?: string;
  readonly digest?: string;
}

export function splitReference(text: string): Parts {
  const at = text.indexOf('@');
  const named = at < 0 ? text : text.slice(0, at);
  // A colon before the last slash belongs to the registry's port.
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  return {
    name: colon < 0 ? named : named.slice(0, colon),
    ...(colon < 0 ? {} : { tag: named.slice(colon + 1) }),
    ...(at < 0 ? {} : { digest: text.slice(at + 1) }),
  };
}

function parseName(name: string): (Registry & { readonly repository: string }) | ParseFailure {
  const slash = name.indexOf('/');
  const first = name.slice(0, Math.max(slash, 0));
  const registry = namesRegistry(first) ? parseRegistry(first) : { host: dockerHub };
  if (isParseFailure(registry)) return registry;
  const path = namesRegistry(first) ? name.slice(slash + 1) : name;
  const problem = repositoryProblem(path);
  if (problem !== undefined) return { problem };
  const official = registry.host === dockerHub && registry.port === undefined && !path.includes('/');
  return { ...registry, repository: official ? `library/${path}` : path };
}

/** Whether the text before the first slash is a registry; if not, it is a namespace of Docker Hub. */
export const namesRegistry = (first: string) =>
  first === 'localhost' || /[.:]/.test(first) || first !== first.toLowerCase();

export function parseRegistry(text: string): Registry | ParseFailure {
  const match = registryPattern.exec(text);
  if (match === null) return { problem: `names "${text}", which is not a registry host` };
  const host = (match[1] ?? '').toLowerCase();
  const port = match[2];
  const canonical = host === 'index.docker.io' ? dockerHub : host;
  return port === undefined || port === '443' ? { host: canonical } : { host: canonical, port };
}

export function repositoryProblem(path: string): string | undefined {
  if (path === '') return 'has no repository';
  if (path.length > maxRepositoryLength)
    return `has a repository longer than ${maxRepositoryLength} characters`;
  const wrong = path.split('/').find((component) => !componentPattern.test(component));
  if (wrong === undefined) return undefined;
  if (wrong === '') return 'has an empty path component';
  return /[A-Z]/.test(wrong)
    ? `has upper case in "${wrong}"`
    : `has "${wrong}", which is not a path component`;
}

export const tagProblem = (tag: string) =>
  tagPattern.test(tag) ? undefined : `has "${tag}", which is not a tag`;

export function digestProblem(digest: string | undefined): string | undefined {
  if (digest === undefined) return undefined;
  const [algorithm = '', hex = ''] = digest.split(':', 2);
  const length = Object.hasOwn(digestLengths, algorithm) ? digestLengths[algorithm] : undefined;
  if (length === undefined || digest !== `${algorithm}:${hex}`) {
    return 'has an "@" that no digest follows (user information is never accepted)';
  }
  return hex.length === length && /^[a-f0-9]+$/.test(hex) ? undefined : `has a malformed ${algorithm} digest`;
}
