import type { AddressBlock, PeerReach, PolicyPeers } from '../../domain/network-policy.ts';
import type { PodTest } from '../../domain/pod-test.ts';
import type { Json } from '../fields.ts';
import { objectField, objectsField, ShapeError, stringsField } from '../fields.ts';
import { present } from '../present.ts';
import { labelSelectorField, namespaceKey, podKey, selectsEverything } from './label-tests.ts';
import { refuseOthers, widest } from './policy-fields.ts';

const peerFields = ['namespaces', 'pods', 'nodes', 'networks', 'domainNames'];

/** The peers of a rule for administrators: of every namespace unless selected. An empty list is refused by the API. */
export function projectAdminPeers(rule: Json, list: string, path: string): PolicyPeers {
  const peers = objectsField(rule, list, path).map((peer, index) =>
    projectPeer(peer, `${path}.${list}[${index}]`),
  );
  if (peers.length === 0) throw new ShapeError(`${path}.${list}`, 'at least one peer', undefined);
  return present({
    reach: widest(peers.map(({ reach }) => reach)),
    blocks: peers.flatMap(({ blocks = [] }) => blocks),
  });
}

function projectPeer(peer: Json, path: string): { reach?: PeerReach; blocks?: readonly AddressBlock[] } {
  refuseOthers(peer, peerFields, path);
  const set = peerFields.filter((field) => (peer[field] ?? null) !== null);
  if (set.length !== 1) throw new ShapeError(path, `one of ${peerFields.join(', ')}`, peer);
  const namespaces = labelSelectorField(peer, 'namespaces', path, namespaceKey);
  if (namespaces !== undefined) return selectsEverything(namespaces) ? { reach: 'cluster' } : {};
  const pods = objectField(peer, 'pods', path);
  if (pods !== undefined)
    return selectsEverything(podsTest(pods, `${path}.pods`)) ? { reach: 'cluster' } : {};
  return { blocks: stringsField(peer, 'networks', path).map((cidr) => ({ cidr, except: [] })) };
}

/** Both selectors of a `pods` field; one that is absent asks for nothing. */
export function podsTest(pods: Json, path: string): PodTest {
  refuseOthers(pods, ['namespaceSelector', 'podSelector'], path);
  const tests = [
    labelSelectorField(pods, 'namespaceSelector', path, namespaceKey),
    labelSelectorField(pods, 'podSelector', path, podKey),
  ];
  return { all: tests.flatMap((test) => test ?? []) };
}
