import { expect } from 'chai';
import { catalogue } from '../../src/controls/catalogue.generated.ts';
import { defaultParameters } from '../../src/domain/parameters.ts';
import { evaluateControls } from '../../src/evaluate/evaluate-controls.ts';
import { builtInProfile } from '../../src/evaluate/profile.ts';
import { collectManifests } from '../support/collected.ts';
import { snapshotsOf } from '../../src/evidence/manifests/snapshots.ts';
import { now } from '../support/builders.ts';
import { buildKustomization } from '../support/kustomize.ts';

/** What manifests alone decide: pod security, isolation, identities, and how the workload is written. */
const judged =
  /^RD-(?:2\.1\.[124]|2\.[23]\.\d+|2\.6\.4|3\.0\.1|3\.6\.2|5\.H\.(?:3\.2|4\.[12]|5\.1|7\.[12356]|8\.3|9\.1)|5\.G\.(?:2\.1|3\.[12]))$/;

const exceptions: Readonly<Record<string, string>> = {
  // The API server's address is not known in a manifest, so egress names its ports alone: broad, and said so.
  'RD-2.3.4': 'Warn',
  // What keeps policies from holding can be seen in a cluster alone.
  'RD-2.2.19': 'Unknown',
  // With the token of the intake in a Secret: that it is there shows only where the pod has started.
  'RD-5.H.4.2': 'Unknown',
};

/** What stands behind the claims of the StatefulSet is the cluster's to say: here no directory of a node. */
const volumes = [0, 1, 2].map((ordinal) => ({
  ...{ apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: `pv-${ordinal}` } },
  spec: {
    csi: { driver: 'csi.example.com', volumeHandle: `${ordinal}` },
    claimRef: { namespace: 'plumbline-system', name: `events-plumbline-${ordinal}` },
  },
}));

describe("Plumbline's own namespace", function () {
  this.timeout(30 * 60_000); // kubectl may have to be built first.

  for (const folder of ['config/default', 'config/with-falco', 'config/with-falco-mtls']) {
    it(`meets the controls that its manifests decide: ${folder}`, async () => {
      const objects = [...(await buildKustomization(folder)), ...volumes];
      const collected = collectManifests(objects.map((object) => ({ file: folder, line: 1, object })));
      expect(collected.errors).to.deep.equal([]);
      // As if a sensor had seen nothing: what the commands say is asked here.
      const snapshots = snapshotsOf(collected, { minor: 37, runtime: new Map() });
      const snapshot = snapshots.find(({ namespace }) => namespace.name === 'plumbline-system');
      if (snapshot === undefined) throw new Error('nothing is in plumbline-system');
      const results = evaluateControls(
        { snapshot, parameters: defaultParameters, now },
        builtInProfile(catalogue),
        (control, error) => {
          throw new Error(control, { cause: error });
        },
      ).filter(({ control }) => judged.test(control.id));

      expect(results.filter(({ verdict }) => verdict.status === 'Pass').map(({ control }) => control.id))
        .to.include.members(['RD-2.1.1', 'RD-2.2.1', 'RD-2.3.1', 'RD-3.6.2', 'RD-5.H.4.1', 'RD-5.G.3.2'])
        .and.not.include('RD-2.3.4');
      const poor = results.filter(
        ({ control, verdict }) => !['Pass', 'NotApplicable', exceptions[control.id]].includes(verdict.status),
      );
      expect(
        poor.map(({ control, verdict }) => `${control.id} ${verdict.status}: ${verdict.message}`),
      ).to.deep.equal([]);
    });
  }
});
