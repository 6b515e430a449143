import type { ComplianceProfileStatus } from '../../src/api/compliance-profile.ts';
import type { ControlPlane } from '../../tools/control-plane/control-plane.ts';
import { eventually } from '../kube/support.ts';
import { expectOk, profilePath } from './live.ts';

async function readyOf(cluster: ControlPlane, name: string) {
  const found = expectOk(name, await cluster.request('GET', profilePath(name)));
  const { status } = found as { status?: ComplianceProfileStatus };
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return { ...ready, selected: status?.selectedNamespaces, generation: status?.observedGeneration };
}

/** Waits until the profile's status says this. @returns its Ready condition and what it selects */
export async function awaitReady(cluster: ControlPlane, name: string, expected: object) {
  const holds = () =>
    Object.entries(expected).every(([key, value]) => found[key as keyof typeof found] === value);
  let found = await readyOf(cluster, name);
  await eventually(
    async () => {
      found = await readyOf(cluster, name);
      return holds();
    },
    `${name}: ${JSON.stringify(expected)}`,
  ).catch((error: unknown) => {
    throw new Error(JSON.stringify(found), { cause: error });
  });
  return found;
}
