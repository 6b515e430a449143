import { expect } from 'chai';
import { ShapeError } from '../../../src/evidence/fields.ts';
import { projectNetworkPolicy } from '../../../src/evidence/network/project-network-policy.ts';

const policy = (spec: unknown) => ({ metadata: { name: 'p', namespace: 'shop' }, spec });
const empty = { name: 'p', namespace: 'shop', podSelector: {}, ingress: [], egress: [] };

const cases: Record<string, [unknown, object]> = {
  'takes an absent selector for the empty one': [policy({}), empty],
  'takes an absent spec for the empty one': [policy(undefined), empty],
  'takes an empty list of types for an absent one, as the API server does': [
    policy({ policyTypes: [] }),
    empty,
  ],
  'keeps the types as written': [policy({ policyTypes: ['Egress'] }), { ...empty, policyTypes: ['Egress'] }],
  'takes null for absent': [policy({ podSelector: null, ingress: null, policyTypes: null }), empty],
  'keeps a rule without peers and ports': [
    policy({ ingress: [{}], egress: [{ to: [], ports: null }] }),
    { ...empty, ingress: [{ peers: [], ports: [] }], egress: [{ peers: [], ports: [] }] },
  ],
  'tells an empty selector of a peer from an absent one': [
    policy({
      ingress: [{ from: [{ namespaceSelector: {} }, { podSelector: { matchLabels: { app: 'a' } } }] }],
    }),
    {
      ...empty,
      ingress: [
        { peers: [{ namespaceSelector: {} }, { podSelector: { matchLabels: { app: 'a' } } }], ports: [] },
      ],
    },
  ],
  'reads expressions': [
    policy({
      podSelector: {
        matchExpressions: [
          { key: 'a', operator: 'In', values: ['x'] },
          { key: 'b', operator: 'Exists' },
        ],
      },
    }),
    {
      ...empty,
      podSelector: {
        matchExpressions: [
          { key: 'a', operator: 'In', values: ['x'] },
          { key: 'b', operator: 'Exists' },
        ],
      },
    },
  ],
  'reads address blocks with their exceptions': [
    policy({ egress: [{ to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8'] } }] }] }),
    {
      ...empty,
      egress: [{ peers: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8'] } }], ports: [] }],
    },
  ],
  'reads ports as numbers, names, ranges, and whole protocols': [
    policy({
      ingress: [
        {
          ports: [
            { port: 80 },
            { port: 'http' },
            { protocol: 'UDP', port: 1, endPort: 9 },
            { protocol: 'SCTP' },
          ],
        },
      ],
    }),
    {
      ...empty,
      ingress: [
        {
          peers: [],
          ports: [
            { protocol: 'TCP', port: 80 },
            { protocol: 'TCP', port: 'http' },
            { protocol: 'UDP', port: 1, endPort: 9 },
            { protocol: 'SCTP' },
          ],
        },
      ],
    },
  ],
};

const malformed: Record<string, [unknown, string]> = {
  'a policy without a name': [{ metadata: {}, spec: {} }, 'metadata.name'],
  'text for types': [policy({ policyTypes: 'Ingress' }), 'spec.policyTypes'],
  'an object for rules': [policy({ ingress: {} }), 'spec.ingress'],
  'an empty item for a rule, which the API would take for a rule that allows everything': [
    policy({ ingress: [null] }),
    'spec.ingress[0]',
  ],
  'a flag for a label': [
    policy({ podSelector: { matchLabels: { app: true } } }),
    'spec.podSelector.matchLabels[app]',
  ],
  'text for exceptions': [
    policy({ egress: [{ to: [{ ipBlock: { cidr: '0.0.0.0/0', except: '10.0.0.0/8' } }] }] }),
    'spec.egress[0].to[0].ipBlock.except',
  ],
  'a flag for a port': [policy({ egress: [{ ports: [{ port: true }] }] }), 'spec.egress[0].ports[0].port'],
};

describe('projectNetworkPolicy', () => {
  for (const [sentence, [object, expected]] of Object.entries(cases)) {
    it(sentence, () => {
      expect(projectNetworkPolicy(object)).to.deep.equal(expected);
    });
  }
  for (const [sentence, [object, path]] of Object.entries(malformed)) {
    it(`refuses ${sentence}, and names the place`, () => {
      expect(() => projectNetworkPolicy(object))
        .to.throw(ShapeError)
        .with.property('path', path);
    });
  }
});
