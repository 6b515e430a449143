import type { Power, Right } from '../../src/domain/rights.ts';

/** What a RoleBinding `binding` of namespace shop gives to ServiceAccount `web` of it: nothing, unless told otherwise. */
export const right = (all: readonly Power[] = [], more: Partial<Right> = {}): Right => ({
  kind: 'RoleBinding',
  name: 'binding',
  namespace: 'shop',
  role: 'Role web',
  accounts: ['web'],
  everyone: false,
  powers: { all, named: [] },
  ...more,
});

/** The same of a ClusterRoleBinding. */
export function clusterRight(all: readonly Power[] = [], more: Partial<Right> = {}): Right {
  const { namespace: _none, ...rest } = right(all, {
    kind: 'ClusterRoleBinding',
    role: 'ClusterRole web',
    ...more,
  });
  return rest;
}

/** The powers over named objects alone. */
export const named = (...some: readonly Power[]): Pick<Right, 'powers'> => ({
  powers: { all: [], named: some },
});
