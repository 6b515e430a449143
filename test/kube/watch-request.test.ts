import { expect } from 'chai';
import { isOlder } from '../../src/kube/frame.ts';
import { pageRequest, streamRequest } from '../../src/kube/watch-request.ts';

const pods = { resource: { group: '', version: 'v1', plural: 'pods', namespaced: true } };
const reports = {
  resource: {
    group: 'aquasecurity.github.io',
    version: 'v1alpha1',
    plural: 'vulnerabilityreports',
    namespaced: true,
  },
};
const list = { do: 'list', distrust: false } as const;

describe('what a watcher asks for', () => {
  it('is the present state and then what happens, with bookmarks', () => {
    expect(streamRequest(pods, list, 0)).to.deep.equal({
      path: '/api/v1/pods',
      accept: 'application/json',
      query: {
        watch: true,
        allowWatchBookmarks: true,
        timeoutSeconds: 1800,
        sendInitialEvents: true,
        resourceVersionMatch: 'NotOlderThan',
        labelSelector: undefined,
        fieldSelector: undefined,
      },
    });
  });

  it('is protobuf, or JSON where there is none, for who reads it', () => {
    expect(streamRequest(pods, list, 0, true).accept).to.equal(
      'application/vnd.kubernetes.protobuf,application/json',
    );
    expect(pageRequest(pods).accept).to.equal('application/json');
  });

  it('is what happens after a version', () => {
    const { query } = streamRequest(pods, { do: 'watch', resourceVersion: '42' }, 0.999);
    expect(query).to.deep.include({ resourceVersion: '42', timeoutSeconds: 290, allowWatchBookmarks: true });
    expect(query).not.to.have.property('sendInitialEvents');
  });

  it('leaves a list more time than a watch, since one that the server ends has to begin anew', () => {
    for (const random of [0, 0.999]) {
      const [listing, watching] = [list, { do: 'watch', resourceVersion: '42' } as const].map((task) =>
        Number(streamRequest(pods, task, random).query['timeoutSeconds']),
      );
      expect(listing).to.be.above(5 * (watching ?? Number.NaN));
    }
  });

  it('is bounded by namespace and selectors', () => {
    const scope = { ...reports, namespace: 'a', labelSelector: 'x=y', fieldSelector: 'metadata.name=z' };
    const path = '/apis/aquasecurity.github.io/v1alpha1/namespaces/a/vulnerabilityreports';
    for (const request of [streamRequest(scope, list, 0), pageRequest(scope)]) {
      expect(request.path).to.equal(path);
      expect(request.query).to.deep.include({ labelSelector: 'x=y', fieldSelector: 'metadata.name=z' });
    }
  });

  it('is metadata alone where that is enough', () => {
    const scope = { ...reports, metadataOnly: true };
    expect(streamRequest(scope, list, 0).accept).to.equal(
      'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json',
    );
    expect(pageRequest(scope).accept).to.equal(
      'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json',
    );
  });
});

describe('comparing versions', () => {
  const pairs: Record<string, { next: string; last: string; older: boolean }> = {
    'a smaller number is older': { next: '9', last: '10', older: true },
    'a larger number is not': { next: '10', last: '9', older: false },
    'the same is not': { next: '10', last: '10', older: false },
    'numbers beyond 2^53 are compared': { next: '9007199254740993', last: '9007199254740994', older: true },
    'what is no number is not compared': { next: 'abc', last: 'abd', older: false },
    'a number is not compared with another thing': { next: '1', last: 'b2', older: false },
  };
  for (const [title, { next, last, older }] of Object.entries(pairs)) {
    it(title, () => expect(isOlder(next, last)).to.equal(older));
  }
});
