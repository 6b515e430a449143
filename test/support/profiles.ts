import { complianceProfiles } from '../../src/api/resources.ts';
import type { ControlPlane } from '../../tools/control-plane/control-plane.ts';
import { pathOf } from './kept.ts';

/** Takes away every ComplianceProfile, so that a test that fails leaves none to the next. */
export async function removeProfiles(cluster: ControlPlane): Promise<void> {
  await cluster.request('DELETE', pathOf(complianceProfiles, ''));
}
