import { isTurnSpent, nextTurn } from '../base/clock.ts';
import type { ApiClient, Query } from './client.ts';
import { BadResponseError, isObject } from './errors.ts';
import type { RawObject } from './frame.ts';

export interface PagesOptions {
  readonly client: Pick<ApiClient, 'request'>;
  readonly path: string;
  readonly query: Query;
  readonly accept: string;
  readonly signal: AbortSignal;
  /** Objects asked for at once. */
  readonly pageSize: number;
  /** Pages are kept near this size by asking for fewer objects: parsing one blocks the event loop. */
  readonly pageBytes: number;
  /** Called for each object of a page, then the page is let go. */
  readonly onObject: (object: RawObject) => void;
}

/** Few objects, since nobody knows yet how large they are. */
const firstPage = 20;

/**
 * Lists page by page, all pages from one moment. With no resourceVersion, so the answer is the present state.
 * @returns the resourceVersion to watch from
 * @throws ApiError (410 when the continue token is too old: begin again), ConnectionError, BadResponseError
 */
export async function listPages(options: PagesOptions): Promise<string> {
  let limit = Math.min(firstPage, options.pageSize);
  let next: string | undefined;
  for (;;) {
    const page = await requestPage(options, limit, next);
    if (page === 'too-large') {
      limit = Math.max(1, Math.floor(limit / 4));
      continue;
    }
    for (const item of page.items) {
      options.onObject(withKind(item, page));
      if (isTurnSpent()) await nextTurn();
    }
    if (page.next === '') return page.resourceVersion;
    next = page.next;
    const fitting = Math.floor((limit * options.pageBytes) / Math.max(1, page.bytes));
    limit = Math.max(1, Math.min(options.pageSize, fitting));
  }
}

interface Page {
  readonly items: readonly RawObject[];
  readonly itemKind: { readonly kind: string; readonly apiVersion: string } | undefined;
  readonly resourceVersion: string;
  readonly next: string;
  readonly bytes: number;
}

async function requestPage(
  options: PagesOptions,
  limit: number,
  next: string | undefined,
): Promise<Page | 'too-large'> {
  const { client, path, accept, signal } = options;
  const query = { ...options.query, limit, continue: next };
  try {
    const { json, bytes } = await client.request({
      method: 'GET',
      path,
      query,
      accept,
      signal,
      timeoutMs: 60_000,
    });
    return readPage(json, bytes);
  } catch (error) {
    if (error instanceof BadResponseError && error.code === 'TooLarge' && limit > 1) return 'too-large';
    throw error;
  }
}

function readPage(json: unknown, bytes: number): Page {
  const list = isObject(json) ? json : {};
  const metadata = isObject(list['metadata']) ? list['metadata'] : {};
  const { resourceVersion, continue: next = '' } = metadata;
  // Go writes a list without entries as null.
  const items: unknown = list['items'] ?? [];
  if (!Array.isArray(items) || typeof resourceVersion !== 'string' || typeof next !== 'string') {
    throw new BadResponseError(
      'NotAList',
      'the answer to a list has no items or no metadata.resourceVersion',
    );
  }
  const { kind, apiVersion } = list;
  const itemKind =
    typeof kind === 'string' && kind.endsWith('List') && typeof apiVersion === 'string'
      ? { kind: kind.slice(0, -4), apiVersion }
      : undefined;
  return { items: items as RawObject[], itemKind, resourceVersion, next, bytes };
}

/** Built-in kinds leave kind and apiVersion out of a list's items; a projection gets the same object either way. */
function withKind(item: RawObject, page: Page): RawObject {
  return page.itemKind === undefined || !isObject(item) || 'kind' in item
    ? item
    : { ...page.itemKind, ...item };
}
