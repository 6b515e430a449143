import { expect } from 'chai';
import { countedResource, countedVerb } from '../../src/kube/request-label.ts';

describe('how a request is counted', () => {
  const paths: Record<string, { resource: string; verb: string }> = {
    '/api/v1/pods': { resource: 'pods', verb: 'list' },
    '/api/v1/namespaces/a/pods': { resource: 'pods', verb: 'list' },
    '/api/v1/namespaces/a/pods/b': { resource: 'pods', verb: 'get' },
    '/api/v1/namespaces/a/pods/b/log': { resource: 'pods/log', verb: 'get' },
    '/api/v1/namespaces': { resource: 'namespaces', verb: 'list' },
    '/api/v1/namespaces/a': { resource: 'namespaces', verb: 'get' },
    '/api/v1/namespaces/a/status': { resource: 'namespaces/status', verb: 'get' },
    '/api/v1/nodes/b': { resource: 'nodes', verb: 'get' },
    '/apis/apps/v1/deployments': { resource: 'deployments.apps', verb: 'list' },
    '/apis/plumbline.dev/v1alpha1/namespaces/a/compliancereports/b/status': {
      resource: 'compliancereports.plumbline.dev/status',
      verb: 'get',
    },
    '/apis': { resource: 'apis', verb: 'get' },
    '/apis/apps/v1': { resource: 'apis', verb: 'get' },
    '/api/v1': { resource: 'api', verb: 'get' },
    '/version': { resource: 'version', verb: 'get' },
    '/readyz': { resource: 'readyz', verb: 'get' },
    '/a-path-of-somebody-else/1': { resource: 'other', verb: 'get' },
  };
  for (const [path, { resource, verb }] of Object.entries(paths)) {
    it(`GET ${path} is ${verb} of ${resource}`, () => {
      expect([countedResource(path), countedVerb('GET', path, {})]).to.deep.equal([resource, verb]);
    });
  }

  const verbs: Record<
    string,
    { method: string; options: { watch?: boolean; apply?: boolean }; verb: string }
  > = {
    'a stream is a watch': { method: 'GET', options: { watch: true }, verb: 'watch' },
    'POST is create': { method: 'POST', options: {}, verb: 'create' },
    'PUT is update': { method: 'PUT', options: {}, verb: 'update' },
    'PATCH is patch': { method: 'PATCH', options: {}, verb: 'patch' },
    'a patch of the apply kind is apply': { method: 'PATCH', options: { apply: true }, verb: 'apply' },
    'DELETE is delete': { method: 'DELETE', options: {}, verb: 'delete' },
  };
  for (const [title, { method, options, verb }] of Object.entries(verbs)) {
    it(title, () => {
      expect(countedVerb(method, '/api/v1/pods', options)).to.equal(verb);
    });
  }
});
