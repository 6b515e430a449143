import { expect } from 'chai';
import type { ApiRequest } from '../../src/kube/client.ts';
import { BadResponseError } from '../../src/kube/errors.ts';
import { listPages, type PagesOptions } from '../../src/kube/pages.ts';

type Page = { json: unknown; bytes?: number } | Error;

async function list(pages: Page[], limits: Partial<PagesOptions> = {}) {
  const limitsAsked: unknown[] = [];
  const objects: unknown[] = [];
  const client = {
    request: ({ query }: ApiRequest) => {
      limitsAsked.push(query?.['limit']);
      const page = pages.shift() ?? new Error('asked too often');
      if (page instanceof Error) return Promise.reject(page);
      return Promise.resolve({ status: 200, headers: {}, json: page.json, bytes: page.bytes ?? 100 });
    },
  };
  const resourceVersion = await listPages({
    client,
    path: '/api/v1/things',
    query: {},
    accept: 'application/json',
    signal: new AbortController().signal,
    pageSize: 500,
    pageBytes: 4_000_000,
    onObject: (object) => objects.push(object),
    ...limits,
  });
  return { resourceVersion, limitsAsked, objects };
}

const page = (items: unknown, next = '', more: object = {}) => ({
  ...more,
  metadata: { resourceVersion: '7', continue: next },
  items,
});

describe('listing by pages', () => {
  it('gives items the kind that built-in lists leave out', async () => {
    const named = { kind: 'ThingList', apiVersion: 'v1' };
    const own = { kind: 'Other', apiVersion: 'v2' };
    const { objects } = await list([{ json: page([{ a: 1 }, own], '', named) }]);
    expect(objects).to.deep.equal([{ kind: 'Thing', apiVersion: 'v1', a: 1 }, own]);
  });

  it('takes a list without items, which Go writes as null', async () => {
    expect(await list([{ json: page(null) }])).to.deep.include({ resourceVersion: '7', objects: [] });
  });

  it('asks for few objects at first, for fewer when they are heavy, and for more when they are not', async () => {
    const { limitsAsked } = await list([
      { json: page([], 'x'), bytes: 8_000_000 },
      { json: page([], 'x'), bytes: 8_000_000 },
      { json: page([], 'x'), bytes: 40_000 },
      { json: page([]) },
    ]);
    expect(limitsAsked).to.deep.equal([20, 10, 5, 500]);
  });

  it('asks for fewer objects when a page is too large to be read', async () => {
    const tooLarge = () => new BadResponseError('TooLarge', 'too large');
    const { limitsAsked } = await list([tooLarge(), tooLarge(), { json: page([]) }]);
    expect(limitsAsked).to.deep.equal([20, 5, 1]);
  });

  it('gives up when one object is too large to be read', async () => {
    const pages = Array.from({ length: 9 }, () => new BadResponseError('TooLarge', 'too large'));
    const error: unknown = await list(pages, { pageSize: 2 }).catch((thrown: unknown) => thrown);
    expect(error).to.deep.include({ code: 'TooLarge' });
    expect(pages).to.have.length(7);
  });

  const oddities: Record<string, unknown> = {
    nothing: undefined,
    'a list without a version': { items: [] },
    'a list whose items are no list': page({}),
    'a list whose token is no text': { items: [], metadata: { resourceVersion: '1', continue: 5 } },
  };
  for (const [title, json] of Object.entries(oddities)) {
    it(`does not take ${title} for a list`, async () => {
      const error: unknown = await list([{ json }]).catch((thrown: unknown) => thrown);
      expect(error).to.deep.include({ code: 'NotAList' });
    });
  }
});
