import { expect } from 'chai';
import { builtInProfile } from '../../../src/evaluate/profile.ts';
import { catalogue } from '../../../src/controls/catalogue.generated.ts';
import { read } from '../../../src/domain/snapshot.ts';
import type { Parameters } from '../../../src/domain/parameters.ts';
import { projectConfigMap } from '../../../src/evidence/secrets/project-config-map.ts';
import { assembleWorkloads } from '../../../src/evidence/workloads/assemble.ts';
import { projectPod } from '../../../src/evidence/workloads/project-pod.ts';
import { projectWorkload } from '../../../src/evidence/workloads/project-workload.ts';
import { evaluateNamespace } from '../../../src/evaluate/evaluate-namespace.ts';
import { now, snapshot } from '../../support/builders.ts';
import { canaries, plantedConfigMap, plantedDeployment, plantedPod } from '../../support/canaries.ts';
import { documents, run, useFolder } from '../../support/cli.ts';

/** Pieces of eight characters tell also what was cut. */
function expectNone(text: string): void {
  for (const canary of canaries)
    for (let at = 0; at + 8 <= canary.length; at += 4)
      expect(text.includes(canary.slice(at, at + 8)), `${canary} shows`).to.equal(false);
}

const projected = {
  pod: projectPod(plantedPod),
  deployment: projectWorkload(plantedDeployment, 'Deployment'),
  configMap: projectConfigMap(plantedConfigMap),
};

describe('a secret that is planted everywhere', () => {
  for (const [kind, object] of Object.entries(projected)) {
    it(`stands in no field of what is kept of a ${kind}`, () => {
      const text = JSON.stringify(object);
      // Something was kept, or there would be nothing to prove.
      expect(text).to.contain('DB_PASSWORD');
      expectNone(text);
    });
  }

  const profiles: Record<string, Partial<Parameters>> = {
    'as shipped': {},
    'that reports whatever it can': {
      'secrets.failScore': 1,
      'secrets.warnScore': 1,
      'secrets.namePattern': 'db|a|config',
    },
  };
  for (const [sentence, parameters] of Object.entries(profiles)) {
    it(`stands in no report under a profile ${sentence}`, () => {
      const builtIn = builtInProfile(catalogue);
      const { status } = evaluateNamespace({
        snapshot: snapshot({
          workloads: read(assembleWorkloads({ pods: [projected.pod], owners: [projected.deployment] })),
          configMaps: read([projected.configMap]),
        }),
        profile: { ...builtIn, parameters: { ...builtIn.parameters, ...parameters } },
        now,
        onError: (control, error) => {
          throw new Error(control, { cause: error });
        },
      });
      const failing = status.controls.filter(({ status: verdict }) => verdict === 'Fail').map(({ id }) => id);
      expect(failing).to.include.members(['RD-5.H.7.1', 'RD-5.H.7.2', 'RD-5.H.7.3']);
      expectNone(JSON.stringify(status));
    });
  }

  const folder = useFolder();
  for (const format of ['json', 'table', 'yaml']) {
    it(`stands nowhere in what a scan prints as ${format}`, async () => {
      const file = folder.write('all.yaml', documents(plantedPod, plantedDeployment, plantedConfigMap));
      const { out, err } = await run('scan', file, '--format', format);
      expect(out).to.contain('RD-5.H.7.1');
      expectNone(out + err);
    });
  }

  it('stands nowhere in the errors about manifests that cannot be read', async () => {
    const [canary = ''] = canaries;
    const broken = [
      { ...plantedConfigMap, data: { password: [canary] } },
      { ...plantedConfigMap, metadata: { name: 'a', annotations: { [`a`]: { b: canary } } } },
      {
        ...plantedPod,
        spec: { containers: [{ name: 'app', env: [{ name: 'A', value: [canary] }], args: canary }] },
      },
    ];
    const { code, err, out } = await run('scan', folder.write('broken.yaml', documents(...broken)));
    expect(code).to.equal(2);
    expectNone(out + err);
  });
});
