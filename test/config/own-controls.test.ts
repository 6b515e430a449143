import { expect } from 'chai';
import { catalogue } from '../../src/controls/catalogue.generated.ts';
import { defaultParameters } from '../../src/domain/parameters.ts';
import { read } from '../../src/domain/snapshot.ts';
import { projectNetworkPolicy } from '../../src/evidence/network/project-network-policy.ts';
import { assembleWorkloads } from '../../src/evidence/workloads/assemble.ts';
import { projectWorkload } from '../../src/evidence/workloads/project-workload.ts';
import { evaluateControls } from '../../src/evaluate/evaluate-controls.ts';
import { builtInProfile } from '../../src/evaluate/profile.ts';
import { now, snapshot } from '../support/builders.ts';
import { buildKustomization, findManifest } from '../support/kustomize.ts';

/** Pod security and isolation: what a manifest alone decides. */
const judged = /^RD-2\.[123]\./;

/** The API server's address is not known in a manifest, so egress names its ports alone: broad, and said so. */
const exceptions: Readonly<Record<string, string>> = { 'RD-2.3.4': 'Warn' };

describe("Plumbline's own namespace", function () {
  this.timeout(30 * 60_000); // kubectl may have to be built first.

  for (const folder of ['config/default', 'config/with-falco']) {
    it(`meets the controls of pod security and isolation: ${folder}`, async () => {
      const manifests = await buildKustomization(folder);
      const { labels = {} } = findManifest(manifests, 'Namespace', 'plumbline-system').metadata;
      const deployment = findManifest(manifests, 'Deployment', 'plumbline');
      const policies = manifests.filter(({ kind }) => kind === 'NetworkPolicy').map(projectNetworkPolicy);
      const seen = snapshot({
        namespace: { name: 'plumbline-system', labels },
        workloads: read(assembleWorkloads({ pods: [], owners: [projectWorkload(deployment)] })),
        networkPolicies: read(policies),
      });
      const results = evaluateControls(
        { snapshot: seen, parameters: defaultParameters, now },
        builtInProfile(catalogue),
        (control, error) => {
          throw new Error(control, { cause: error });
        },
      ).filter(({ control }) => judged.test(control.id));

      expect(results.map(({ control }) => control.id)).to.include.members(['RD-2.1.1', 'RD-2.2.1']);
      const poor = results.filter(
        ({ control, verdict }) => !['Pass', 'NotApplicable', exceptions[control.id]].includes(verdict.status),
      );
      expect(
        poor.map(({ control, verdict }) => `${control.id} ${verdict.status}: ${verdict.message}`),
      ).to.deep.equal([]);
    });
  }
});
