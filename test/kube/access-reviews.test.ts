import { expect } from 'chai';
import { AccessReviewError, AccessReviews } from '../../src/kube/access-reviews.ts';
import type { ApiRequest, ApiResponse } from '../../src/kube/client.ts';
import { ApiError, ConnectionError } from '../../src/kube/errors.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** Tokens that an API server would know, and what their bearers may do. */
const users: Readonly<Record<string, boolean>> = { reader: true, stranger: false };

/** Answers as the API server does; test/cluster asks a real one. */
class Server {
  readonly asked: ApiRequest[] = [];
  failure: Error | undefined;
  status: object | undefined;
  hold: Promise<void> = Promise.resolve();

  async request(request: ApiRequest): Promise<ApiResponse> {
    this.asked.push(request);
    await this.hold;
    if (this.failure !== undefined) throw this.failure;
    return { status: 201, headers: {}, json: { status: this.status ?? this.#answer(request) }, bytes: 0 };
  }

  #answer({ path, body }: ApiRequest): object {
    const { spec } = body as { spec: { token?: string; user?: string } };
    if (path.endsWith('/subjectaccessreviews')) return { allowed: users[spec.user ?? ''] };
    if (!Object.hasOwn(users, spec.token ?? '')) return { authenticated: false, error: 'unknown' };
    return {
      authenticated: true,
      user: { username: spec.token, uid: 'u', groups: ['g'], extra: { a: ['b'] } },
    };
  }
}

describe('AccessReviews', () => {
  let server = new Server();
  let clock = new FakeClock();
  let reviews = new AccessReviews(server, clock, { path: '/metrics', verb: 'get' });
  beforeEach(() => {
    [server, clock] = [new Server(), new FakeClock()];
    reviews = new AccessReviews(server, clock, { path: '/metrics', verb: 'get' });
  });
  const failureOf = (token: string) =>
    reviews.check(token).then(
      () => undefined,
      (error: unknown) => error as Error,
    );

  for (const [token, expected] of [
    ['reader', 'allowed'],
    ['stranger', 'forbidden'],
    ['nonsense', 'unauthenticated'],
  ] as const) {
    it(`says of ${token}: ${expected}`, async () => {
      expect(await reviews.check(token)).to.equal(expected);
    });
  }

  it('asks who it is, and then whether he, with all that is known of him, may do it', async () => {
    await reviews.check('reader');
    expect(server.asked.map(({ method, path, body }) => [method, path, body])).to.deep.equal([
      [
        'POST',
        '/apis/authentication.k8s.io/v1/tokenreviews',
        { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token: 'reader' } },
      ],
      [
        'POST',
        '/apis/authorization.k8s.io/v1/subjectaccessreviews',
        {
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SubjectAccessReview',
          spec: {
            user: 'reader',
            uid: 'u',
            groups: ['g'],
            extra: { a: ['b'] },
            nonResourceAttributes: { path: '/metrics', verb: 'get' },
          },
        },
      ],
    ]);
  });

  it('asks once for many who come together, and not again for a minute', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => reviews.check('reader')));
    expect(new Set(all)).to.deep.equal(new Set(['allowed']));
    await clock.advance(59_000);
    await reviews.check('reader');
    expect(server.asked).to.have.length(2);
    await clock.advance(2_000);
    await reviews.check('reader');
    expect(server.asked).to.have.length(4);
  });

  it('believes a refusal for ten seconds: a right that was just given is soon worth something', async () => {
    await reviews.check('nonsense');
    await clock.advance(9_000);
    await reviews.check('nonsense');
    expect(server.asked).to.have.length(1);
    await clock.advance(2_000);
    await reviews.check('nonsense');
    expect(server.asked).to.have.length(2);
  });

  it('forgets that somebody was allowed when he no longer is', async () => {
    await reviews.check('reader');
    await clock.advance(61_000);
    server.status = { authenticated: false };
    expect(await reviews.check('reader')).to.equal('unauthenticated');
    const { length } = server.asked;
    expect(await reviews.check('reader')).to.equal('unauthenticated');
    expect(server.asked, 'the refusal is what is known now').to.have.length(length);
  });

  it('keeps few answers, and those of strangers never drive out those of readers', async () => {
    await reviews.check('reader');
    for (let index = 0; index < 1_000; index++) await reviews.check(`nonsense-${index}`);
    server.asked.length = 0;
    await reviews.check('reader');
    await reviews.check('nonsense-999');
    expect(server.asked, 'what is kept').to.have.length(0);
    await reviews.check('nonsense-1');
    expect(server.asked, 'what is not').to.have.length(1);
  });

  it('asks about few tokens at once', async () => {
    let release = () => {};
    server.hold = new Promise((resolve) => (release = resolve));
    const first = Array.from({ length: 8 }, (_, index) => reviews.check(`nonsense-${index}`));
    expect(await failureOf('reader')).to.be.instanceOf(AccessReviewError);
    release();
    await Promise.all(first);
    expect(await reviews.check('reader')).to.equal('allowed');
  });

  it('asks again about a reader however many strangers are being asked about', async () => {
    expect(await reviews.check('reader')).to.equal('allowed');
    await clock.advance(61_000);
    let release = () => {};
    server.hold = new Promise((resolve) => (release = resolve));
    const strangers = Array.from({ length: 8 }, (_, index) => reviews.check(`nonsense-${index}`));
    const reader = reviews.check('reader');
    release();
    expect(await reader).to.equal('allowed');
    await Promise.all(strangers);
  });

  const secret = 'a-token-that-nobody-may-see';
  const failures: Record<string, [Error, RegExp]> = {
    'its own right is missing': [
      new ApiError(403, { message: `forbidden ${secret}`, reason: 'Forbidden' }),
      /^the right to create tokenreviews.authentication.k8s.io is missing$/,
    ],
    'the server refuses': [
      new ApiError(500, { message: `no ${secret}`, reason: 'InternalError' }),
      /^the API server refused tokenreviews.authentication.k8s.io: 500 InternalError$/,
    ],
    'the server is not there': [
      new ConnectionError('ConnectionFailed', 'refused'),
      /^no answer to tokenreviews.authentication.k8s.io$/,
    ],
  };
  for (const [sentence, [failure, message]] of Object.entries(failures)) {
    it(`says neither yes nor no when ${sentence}, keeps nothing of it, and does not tell the token`, async () => {
      server.failure = failure;
      const error = await failureOf(secret);
      expect(error).to.be.instanceOf(AccessReviewError);
      expect(error?.message).to.match(message);
      expect(JSON.stringify([error, error?.stack, error?.cause])).to.not.contain(secret);
      server.failure = undefined;
      expect(await reviews.check(secret)).to.equal('unauthenticated');
    });
  }

  it('says neither when the answer is none', async () => {
    server.request = () => Promise.resolve({ status: 201, headers: {}, json: {}, bytes: 0 });
    expect(await failureOf('reader')).to.be.instanceOf(AccessReviewError);
  });

  const unclear: Record<string, object> = {
    'authenticated that is no truth value': { authenticated: 'true', user: { username: 'reader' } },
    'no user': { authenticated: true },
    nothing: {},
  };
  for (const [sentence, status] of Object.entries(unclear)) {
    it(`takes ${sentence} for nobody`, async () => {
      server.status = status;
      expect(await reviews.check('reader')).to.equal('unauthenticated');
    });
  }
});
