import { expect } from 'chai';
import { ShapeError } from '../../../src/evidence/fields.ts';
import { projectNetworkPolicy } from '../../../src/evidence/network/project-network-policy.ts';

const policy = (spec: unknown) => ({ metadata: { name: 'p', namespace: 'shop' }, spec });
const everyPod = { all: [] };
const anybody = { reach: 'anybody', blocks: [] };
const rule = (path: string, peers: object = anybody, ports: object[] = []) => ({
  ...{ action: 'Allow', path, peers, ports },
});
const denying = (...rules: object[]) => ({ otherwise: 'deny', rules });
/** What every one has. */
const head = {
  ...{
    kind: 'NetworkPolicy',
    name: 'p',
    namespace: 'shop',
    tier: 1_000_000,
    order: 1_000,
    selects: everyPod,
  },
};
const empty = { ...head, Ingress: denying() };
const from = (...peers: unknown[]) => policy({ ingress: [{ from: peers }] });
const reaching = (peers: object) => ({ ...head, Ingress: denying(rule('spec.ingress[0]', peers)) });

const cases: Record<string, [unknown, object]> = {
  'takes an absent selector for the empty one, and absent types for ingress': [policy({}), empty],
  'takes an absent spec for the empty one': [policy(undefined), empty],
  'takes an empty list of types for an absent one, as the API server does': [
    policy({ policyTypes: [] }),
    empty,
  ],
  'is for egress alone when the types say so, whatever rules it has': [
    policy({ policyTypes: ['Egress'], ingress: [{}] }),
    { ...head, Egress: denying() },
  ],
  'is for egress without types only when it has rules for it': [
    policy({ egress: [{}] }),
    { ...empty, Egress: denying(rule('spec.egress[0]')) },
  ],
  'is not for egress for an empty list of rules': [policy({ egress: [] }), empty],
  'takes null for absent': [policy({ podSelector: null, ingress: null, policyTypes: null }), empty],
  'takes a rule without peers and ports for anybody': [
    policy({ ingress: [{}], egress: [{ to: [], ports: null }] }),
    {
      ...head,
      Ingress: denying(rule('spec.ingress[0]')),
      Egress: denying(rule('spec.egress[0]')),
    },
  ],
  'takes every namespace for the cluster, whatever narrow peers stand beside it': [
    from({ namespaceSelector: {} }, { podSelector: { matchLabels: { app: 'a' } } }),
    reaching({ reach: 'cluster', blocks: [] }),
  ],
  'takes every pod for those of the namespace': [
    from({ podSelector: {} }),
    reaching({ reach: 'namespace', blocks: [] }),
  ],
  'takes a selector of pods in every namespace for nobody who is looked for': [
    from({ namespaceSelector: {}, podSelector: { matchLabels: { app: 'a' } } }),
    reaching({ blocks: [] }),
  ],
  'takes the label that every namespace has for every namespace': [
    from({
      namespaceSelector: { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'Exists' }] },
    }),
    reaching({ reach: 'cluster', blocks: [] }),
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
      selects: {
        all: [
          { of: 'pod', key: 'a', operator: 'In', values: ['x'] },
          { of: 'pod', key: 'b', operator: 'Exists' },
        ],
      },
    },
  ],
  'reads address blocks with their exceptions': [
    policy({ egress: [{ to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8'] } }] }] }),
    {
      ...empty,
      Egress: denying(rule('spec.egress[0]', { blocks: [{ cidr: '0.0.0.0/0', except: ['10.0.0.0/8'] }] })),
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
      ...head,
      Ingress: denying(
        rule('spec.ingress[0]', anybody, [
          { protocol: 'TCP', port: 80 },
          { protocol: 'TCP', port: 'http' },
          { protocol: 'UDP', port: 1, endPort: 9 },
          { protocol: 'SCTP' },
        ]),
      ),
    },
  ],
};

const malformed: Record<string, [unknown, string]> = {
  'a policy without a name': [{ metadata: {}, spec: {} }, 'metadata.name'],
  'text for types': [policy({ policyTypes: 'Ingress' }), 'spec.policyTypes'],
  'a type that is none, which would isolate in no direction': [
    policy({ policyTypes: ['Ingress', 'egress'] }),
    'spec.policyTypes[1]',
  ],
  'a peer that says nobody': [from({}), 'spec.ingress[0].from[0]'],
  'a peer that is a block and a selector': [
    from({ ipBlock: { cidr: '10.0.0.0/8' }, podSelector: {} }),
    'spec.ingress[0].from[0]',
  ],
  'a protocol that is none': [
    policy({ ingress: [{ ports: [{ protocol: 'tcp' }] }] }),
    'spec.ingress[0].ports[0].protocol',
  ],
  'an object for rules': [policy({ ingress: {} }), 'spec.ingress'],
  'an empty item for a rule, which the API would take for a rule that allows everything': [
    policy({ ingress: [null] }),
    'spec.ingress[0]',
  ],
  'a flag for a label': [
    policy({ podSelector: { matchLabels: { app: true } } }),
    'spec.podSelector.matchLabels[app]',
  ],
  'an operator that is none, which selects nobody knows whom': [
    policy({ podSelector: { matchExpressions: [{ key: 'a', operator: 'Like', values: ['x'] }] } }),
    'spec.podSelector.matchExpressions[0].operator',
  ],
  'In without values': [
    policy({ podSelector: { matchExpressions: [{ key: 'a', operator: 'In' }] } }),
    'spec.podSelector.matchExpressions[0].values',
  ],
  'Exists with values': [
    policy({ podSelector: { matchExpressions: [{ key: 'a', operator: 'Exists', values: ['x'] }] } }),
    'spec.podSelector.matchExpressions[0].values',
  ],
  'text for exceptions': [
    policy({ egress: [{ to: [{ ipBlock: { cidr: '0.0.0.0/0', except: '10.0.0.0/8' } }] }] }),
    'spec.egress[0].to[0].ipBlock.except',
  ],
  'a flag for a port': [policy({ egress: [{ ports: [{ port: true }] }] }), 'spec.egress[0].ports[0].port'],
};

/** What the API does not have: kubectl refuses it, and without it the policy would say something else. */
const unknown: Record<string, [unknown, string]> = {
  'a selector that is not spelled right': [policy({ podselector: {} }), 'spec.podselector'],
  'labels that are not spelled right, without which every pod is selected': [
    policy({ podSelector: { matchlabels: { app: 'a' } } }),
    'spec.podSelector.matchlabels',
  ],
  'the peers of the other direction': [
    policy({ ingress: [{ to: [{ podSelector: {} }] }] }),
    'spec.ingress[0].to',
  ],
  'a peer of another API': [from({ podSelector: {}, fqdn: 'a.example' }), 'spec.ingress[0].from[0].fqdn'],
};

describe('projectNetworkPolicy', () => {
  for (const [sentence, [object, path]] of Object.entries(unknown)) {
    it(`refuses ${sentence}, and names the field`, () => {
      expect(() => projectNetworkPolicy(object)).to.throw(`${path}: this field is not known here`);
    });
  }
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
