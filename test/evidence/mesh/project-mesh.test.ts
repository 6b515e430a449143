import { expect } from 'chai';
import { ShapeError } from '../../../src/evidence/fields.ts';
import {
  isMeshAnnotation,
  projectMeshAnnotations,
  projectMeshSettings,
} from '../../../src/evidence/mesh/project-mesh-settings.ts';
import type { MeshObject } from '../../support/mesh-objects.ts';
import { meshes, policiesOf } from '../../support/mesh-objects.ts';

const { authorization, forApp, peer, server, serverAuthorization } = meshes;

describe('what a mesh is told', () => {
  const annotations: Record<string, [given: Record<string, string>, expected: object | undefined]> = {
    nothing: [{ 'sidecar.istio.io/status': '{}' }, undefined],
    'who is to be injected, and by which policy': [
      {
        'sidecar.istio.io/inject': 'true',
        'linkerd.io/inject': 'ingress',
        'config.linkerd.io/default-inbound-policy': 'deny',
      },
      { istioInject: 'true', linkerdInject: 'ingress', inboundPolicy: 'deny' },
    ],
    'what goes round the proxy': [
      {
        'traffic.sidecar.istio.io/includeInboundPorts': '',
        'traffic.sidecar.istio.io/excludeInboundPorts': '15020,80',
        'sidecar.istio.io/interceptionMode': 'NONE',
        'config.linkerd.io/skip-inbound-ports': '4190, 4567-4568',
        'ambient.istio.io/bypass-inbound-capture': 'true',
      },
      {
        bypasses: [
          'ambient.istio.io/bypass-inbound-capture: true',
          'config.linkerd.io/skip-inbound-ports: 4190, 4567-4568',
          'sidecar.istio.io/interceptionMode: NONE',
          'traffic.sidecar.istio.io/excludeInboundPorts: 15020,80',
          'traffic.sidecar.istio.io/includeInboundPorts: ',
        ],
      },
    ],
    'nothing by what is usual': [
      {
        'traffic.sidecar.istio.io/includeInboundPorts': '*',
        'traffic.sidecar.istio.io/excludeInboundPorts': '15020, 15021,15090,',
        'sidecar.istio.io/interceptionMode': 'REDIRECT',
        'config.linkerd.io/skip-inbound-ports': '4190,4191',
        'ambient.istio.io/bypass-inbound-capture': 'false',
      },
      undefined,
    ],
  };
  for (const [what, [given, expected]] of Object.entries(annotations)) {
    it(`is, by annotations, ${what}`, () => {
      expect(projectMeshAnnotations(given)).to.deep.equal(expected);
      // What is read must be part of what tells one specification from another.
      const read = Object.fromEntries(Object.entries(given).filter(([key]) => isMeshAnnotation(key)));
      expect(projectMeshAnnotations(read)).to.deep.equal(expected);
    });
  }

  const env = (name: string, value: string) => ({
    env: [
      { name: 'OTHER', value: 'x' },
      { name, value },
    ],
  });
  const specs: Record<string, [spec: object, expected: object | undefined]> = {
    'no mesh': [{ containers: [{ name: 'app', ...env('CA_ADDR', 'a.b.svc') }] }, undefined],
    'the namespace of an Istio': [
      {
        containers: [
          { name: 'app' },
          { name: 'istio-proxy', ...env('CA_ADDR', 'istiod.istio-system.svc:15012') },
        ],
      },
      { istioNamespace: 'istio-system' },
    ],
    'that of a revision, in a sidecar of Kubernetes': [
      {
        initContainers: [
          { name: 'istio-proxy', ...env('CA_ADDR', 'istiod-1-29.mesh.svc.cluster.local:15012') },
        ],
      },
      { istioNamespace: 'mesh' },
    ],
    'no namespace of one outside the cluster': [
      { containers: [{ name: 'istio-proxy', ...env('CA_ADDR', 'istiod.example.com:15012') }] },
      undefined,
    ],
    'the default policy of Linkerd': [
      { containers: [{ name: 'linkerd-proxy', ...env('LINKERD2_PROXY_INBOUND_DEFAULT_POLICY', 'deny') }] },
      { injectedPolicy: 'deny' },
    ],
  };
  for (const [what, [spec, expected]] of Object.entries(specs)) {
    it(`is, by injectors, ${what}`, () => {
      expect(projectMeshSettings(spec as Record<string, unknown>, {}, 'spec')).to.deep.equal(expected);
    });
  }
});

describe('policies of meshes', () => {
  const cases: Record<string, [given: MeshObject, expected: object | undefined]> = {
    'a PeerAuthentication with all that it may have': [
      peer('STRICT', {
        ...forApp(),
        portLevelMtls: { 80: { mode: 'DISABLE' }, 81: { mode: 'UNSET' } },
      }),
      {
        ...{ is: 'peer', namespace: 'shop', name: 'default', selector: { app: 'web' } },
        ...{ mode: 'STRICT', ports: { 80: 'DISABLE' } },
      },
    ],
    'an empty one, and an empty selector': [
      peer('UNSET', { selector: {} }),
      { is: 'peer', namespace: 'shop', name: 'default' },
    ],
    'a Server': [
      server(8080, { accessPolicy: 'deny' }, 'web', { labels: { tier: 'web' } }),
      {
        ...{ is: 'server', namespace: 'shop', name: 'web', labels: { tier: 'web' } },
        ...{ selector: { matchLabels: { app: 'web' } }, port: '8080' },
      },
    ],
    'a Server for machines elsewhere: none': [
      server(8080, { podSelector: null, externalWorkloadSelector: {} }),
      undefined,
    ],
    'an authorization with a proof: none': [
      authorization({ kind: 'Server', name: 'web' }, ['NetworkAuthentication', 'ServiceAccount']),
      undefined,
    ],
    'an authorization without one': [
      authorization({ kind: 'Server', name: 'web' }, []),
      {
        ...{ is: 'opening', kind: 'AuthorizationPolicy', namespace: 'shop', name: 'clients' },
        opens: { server: 'web' },
      },
    ],
    'one for all Servers': [
      serverAuthorization({}, { unauthenticated: true }),
      {
        ...{ is: 'opening', kind: 'ServerAuthorization', namespace: 'shop', name: 'legacy' },
        opens: { servers: {} },
      },
    ],
    'one that names no client: none': [serverAuthorization({ name: 'web' }, {}), undefined],
  };
  for (const [what, [given, expected]] of Object.entries(cases)) {
    it(`are ${what}`, () => {
      expect(policiesOf([given])).to.deep.equal(expected === undefined ? [] : [expected]);
    });
  }

  const broken: Record<string, [given: MeshObject, path: string]> = {
    'a mode that does not exist': [peer('strict'), 'spec.mtls.mode'],
    'the same of a port': [
      peer('STRICT', { portLevelMtls: { 80: { mode: 'OFF' } } }),
      'spec.portLevelMtls.80.mode',
    ],
    'a proof that is no object': [
      { ...authorization({}, []), spec: { requiredAuthenticationRefs: ['one'] } },
      'spec.requiredAuthenticationRefs[0]',
    ],
    'a client that is let in in words': [
      serverAuthorization({}, { unauthenticated: 'yes' }),
      'spec.client.unauthenticated',
    ],
  };
  for (const [what, [given, path]] of Object.entries(broken)) {
    it(`cannot be read with ${what}`, () => {
      expect(() => policiesOf([given]))
        .to.throw(ShapeError)
        .with.property('path', path);
    });
  }
});
