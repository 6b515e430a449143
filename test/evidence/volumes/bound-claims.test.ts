import { expect } from 'chai';
import type { BoundClaim } from '../../../src/domain/snapshot.ts';
import { ShapeError } from '../../../src/evidence/fields.ts';
import { boundClaims } from '../../../src/evidence/volumes/bound-claims.ts';
import { projectClaim } from '../../../src/evidence/volumes/project-claim.ts';
import { projectVolume } from '../../../src/evidence/volumes/project-volume.ts';

const claim = (name: string, volumeName?: string) => ({
  metadata: { name, namespace: 'shop' },
  spec: { volumeName },
});
const volume = (name: string, spec: object) => ({ metadata: { name }, spec });
const keptFor = (name: string, namespace?: string) => ({ claimRef: { name, namespace } });

const cases: Record<string, [unknown[], unknown[], BoundClaim[]]> = {
  'finds the path on the node behind a claim': [
    [claim('data', 'pv-1')],
    [volume('pv-1', { hostPath: { path: '/srv' }, ...keptFor('data', 'shop') })],
    [{ claim: 'data', volume: 'pv-1', hostPath: '/srv' }],
  ],
  'finds the local disk behind a claim': [
    [claim('data', 'pv-1')],
    [volume('pv-1', { local: { path: '/mnt/disk' } })],
    [{ claim: 'data', volume: 'pv-1', local: '/mnt/disk' }],
  ],
  'knows other volumes by name alone': [
    [claim('data', 'pv-1')],
    [volume('pv-1', { csi: { driver: 'ebs.csi.aws.com' } })],
    [{ claim: 'data', volume: 'pv-1' }],
  ],
  'leaves out claims that are not bound yet': [[claim('data'), claim('log', '')], [volume('pv-1', {})], []],
  'leaves out claims whose volume is gone': [[claim('data', 'pv-2')], [volume('pv-1', {})], []],
  'leaves out a claim on a volume that is kept for another': [
    [claim('data', 'pv-1')],
    [volume('pv-1', { hostPath: { path: '/srv' }, ...keptFor('data', 'other') })],
    [],
  ],
  'finds the volume that names the claim, in manifests': [
    [claim('data')],
    [volume('pv-1', { hostPath: { path: '/srv' }, ...keptFor('data', 'shop') })],
    [{ claim: 'data', volume: 'pv-1', hostPath: '/srv' }],
  ],
};

describe('boundClaims', () => {
  for (const [sentence, [claims, volumes, expected]] of Object.entries(cases)) {
    it(sentence, () => {
      expect(boundClaims(claims.map(projectClaim), volumes.map(projectVolume))).to.deep.equal(expected);
    });
  }

  it('refuses malformed claims and volumes, and names the place', () => {
    expect(() => projectClaim({ metadata: {} }))
      .to.throw(ShapeError)
      .with.property('path', 'metadata.name');
    expect(() => projectClaim({ metadata: { name: 'a' }, spec: { volumeName: 1 } }))
      .to.throw(ShapeError)
      .with.property('path', 'spec.volumeName');
    expect(() => projectVolume(volume('a', { hostPath: '/srv' })))
      .to.throw(ShapeError)
      .with.property('path', 'spec.hostPath');
  });
});
