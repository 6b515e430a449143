import type { Power, Powers, Right } from '../../domain/rights.ts';
import { powers } from '../../domain/rights.ts';
import type { Gap } from '../../domain/snapshot.ts';
import type { Json } from '../fields.ts';
import { listField, objectField } from '../fields.ts';
import { builtInRoles } from '../surroundings/built-in-roles.ts';
import { projectRole } from '../surroundings/project-role.ts';
import type { BindingObject } from '../surroundings/project-role-binding.ts';
import { noPowers, rightsOf } from '../surroundings/rights-of.ts';
import { nameOf } from '../volumes/name-of.ts';

/** The roles among manifests. */
export class RoleManifests {
  /** Set when one of them could not be read: it may be any that is bound. */
  gap: Gap | undefined;
  readonly #known = new Map<string, Powers>();

  /** @throws ShapeError when a field has another type than the API gives it */
  add(object: Json, kind: 'Role' | 'ClusterRole', namespace: string): void {
    const role = `${kind} ${nameOf(objectField(object, 'metadata', '') ?? {})}`;
    const found = projectRole(object) ?? noPowers;
    // What it is aggregated from, a controller in the cluster puts in.
    if (object['aggregationRule'] !== undefined && listField(object, 'rules', '').length === 0) return;
    const key = keyOf(role, namespace);
    const known = this.#known.get(key);
    this.#known.set(key, known === undefined ? found : union(known, found));
  }

  /** What the bindings give to the service accounts of a namespace; a role that is not known leaves a gap. */
  rights(bindings: readonly BindingObject[], namespace: string): { rights: Right[]; gap?: Gap } {
    const unknown = new Set<string>();
    const rights = rightsOf(bindings, namespace, ({ role, namespace: own = '' }) => {
      const found = this.#known.get(keyOf(role, own)) ?? builtInRoles.get(role);
      if (found === undefined) unknown.add(role);
      return found ?? noPowers;
    });
    const [first] = [...unknown].sort();
    const missing =
      first === undefined
        ? undefined
        : ({
            reason: 'PartialEvidence',
            message: `${first}, which is bound, is not among the manifests.`,
          } as const);
    const gap = this.gap ?? missing;
    return { rights, ...(gap === undefined ? {} : { gap }) };
  }
}

const keyOf = (role: string, namespace: string) => (role.startsWith('Role ') ? `${role} ${namespace}` : role);

/** Of two manifests of one role nobody knows which is applied last. */
function union(a: Powers, b: Powers): Powers {
  const either = (x: readonly Power[], y: readonly Power[]) =>
    powers.filter((power) => x.includes(power) || y.includes(power));
  return { all: either(a.all, b.all), named: either(a.named, b.named) };
}
