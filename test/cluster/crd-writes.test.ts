import { expect } from 'chai';
import { complianceReports } from '../../src/api/resources.ts';
import { controlResult, reportStatus, samples } from '../support/api-samples.ts';
import { applyManifests, freshNamespace, useCluster } from '../support/cluster.ts';
import { applyPatch, pathOf, strict, write } from '../support/kept.ts';

describe('a ComplianceReport takes its status by server-side apply', () => {
  const cluster = useCluster();
  before(async function () {
    this.timeout(60_000);
    await applyManifests(cluster(), ['crds']);
  });

  it('of 112 controls with findings, near 200 KiB', async () => {
    const fresh = await freshNamespace(cluster(), 'large');
    const status = largeStatus(200 * 1024);
    expect(Buffer.byteLength(JSON.stringify(status))).to.be.within(198 * 1024, 200 * 1024);
    const { object } = samples[0];
    const kept = await write(cluster(), complianceReports, fresh, object, status);
    expect(kept.status).to.deep.equal(status);
  });

  it('only on the version that it was decided on, forced or not', async () => {
    const fresh = await freshNamespace(cluster(), 'stale');
    const { object, status } = samples[0];
    const first = await write(cluster(), complianceReports, fresh, object, status);
    const path = pathOf(complianceReports, fresh, object.metadata.name);
    const apply = (resourceVersion: string, score: number) =>
      cluster().request(
        'PATCH',
        `${path}/status?fieldManager=plumbline&force=true&${strict}`,
        {
          ...object,
          spec: undefined,
          metadata: { ...object.metadata, resourceVersion },
          status: { ...status, score },
        },
        applyPatch,
      );
    const { resourceVersion } = first.metadata;
    expect(await apply(resourceVersion, 1)).to.have.property('status', 200);
    const { status: code, body } = await apply(resourceVersion, 2);
    expect(code).to.equal(409);
    expect(body).to.have.property('reason', 'Conflict');
  });
});

/** Every control of the catalogue failing, with as many findings as fit. */
function largeStatus(bytes: number) {
  const controls = Array.from({ length: 112 }, (_, index) => ({
    ...controlResult,
    id: `RD-9.${index}`,
    findings: [...controlResult.findings],
  }));
  const status = { ...reportStatus, controls };
  const finding = controlResult.findings[0];
  if (finding === undefined) throw new Error('the sample has a finding');
  let left = bytes - Buffer.byteLength(JSON.stringify(status));
  for (let index = 0; ; index++) {
    const another = { ...finding, subject: { ...finding.subject, name: `web-${index}` } };
    left -= Buffer.byteLength(JSON.stringify(another)) + 1;
    if (left < 0) return status;
    controls[index % controls.length]?.findings.push(another);
  }
}
