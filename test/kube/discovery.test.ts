import { expect } from 'chai';
import type { ApiRequest } from '../../src/kube/client.ts';
import { discover, readVersion } from '../../src/kube/discovery.ts';
import { toApiError } from '../../src/kube/errors.ts';

describe('the version of the server', () => {
  const versions: Record<string, { answer: unknown; major: number; minor: number }> = {
    plain: { answer: { major: '1', minor: '37', gitVersion: 'v1.37.2' }, major: 1, minor: 37 },
    'with a plus': {
      answer: { major: '1', minor: '31+', gitVersion: 'v1.31.4-eks-2d5f260' },
      major: 1,
      minor: 31,
    },
    'with a suffix': { answer: { major: '1', minor: '31-gke.100' }, major: 1, minor: 31 },
    'with a leading v': { answer: { major: '', minor: '', gitVersion: 'v1.30.0' }, major: 1, minor: 30 },
    'without a v': { answer: { gitVersion: '1.33.1+k3s1' }, major: 1, minor: 33 },
    'as numbers': { answer: { major: 1, minor: 34 }, major: 1, minor: 34 },
    unknown: { answer: {}, major: 0, minor: 0 },
    'no object': { answer: undefined, major: 0, minor: 0 },
  };
  for (const [title, { answer, major, minor }] of Object.entries(versions)) {
    it(`is read when it is ${title}`, () => {
      expect(readVersion(answer)).to.deep.include({ major, minor });
    });
  }
});

describe('discovery', () => {
  const serve = (answers: Record<string, unknown>) => ({
    request: ({ path }: ApiRequest) => {
      const json = answers[path];
      return json === undefined
        ? Promise.reject(toApiError(503, { message: 'the server is currently unable to handle the request' }))
        : Promise.resolve({ status: 200, headers: {}, json, bytes: 0 });
    },
  });

  it('names an aggregated API that is down, and reads the rest', async () => {
    const pods = { resource: 'pods', scope: 'Namespaced', verbs: ['list'], responseKind: { kind: 'Pod' } };
    const { resources, incomplete } = await discover(
      serve({
        '/version': {},
        '/api': {
          kind: 'APIGroupDiscoveryList',
          items: [{ metadata: {}, versions: [{ version: 'v1', resources: [pods] }] }],
        },
        '/apis': {
          kind: 'APIGroupDiscoveryList',
          items: [
            { metadata: { name: 'metrics.k8s.io' }, versions: [{ version: 'v1beta1', freshness: 'Stale' }] },
          ],
        },
      }),
    );
    expect(resources.map(({ plural, kind }) => [plural, kind])).to.deep.equal([['pods', 'Pod']]);
    expect(incomplete).to.deep.equal(['metrics.k8s.io/v1beta1']);
  });

  it('names one that is down on an older server too', async () => {
    const { resources, incomplete } = await discover(
      serve({
        '/version': {},
        '/api': { kind: 'APIVersions', versions: ['v1'] },
        '/apis': {
          kind: 'APIGroupList',
          groups: [{ name: 'metrics.k8s.io', versions: [{ version: 'v1beta1' }] }],
        },
        '/api/v1': {
          kind: 'APIResourceList',
          resources: [
            { name: 'pods', kind: 'Pod', namespaced: true, verbs: ['list', 'watch'] },
            { name: 'pods/log', kind: 'Pod', namespaced: true, verbs: ['get'] },
          ],
        },
      }),
    );
    expect(resources).to.deep.equal([
      { group: '', version: 'v1', plural: 'pods', kind: 'Pod', namespaced: true, verbs: ['list', 'watch'] },
    ]);
    expect(incomplete).to.deep.equal(['metrics.k8s.io/v1beta1']);
  });
});
