/** What the queue works on. A key names what to bring up to date; it never says what happened. */
export const namespaceKey = (namespace: string): string => `namespace/${namespace}`;
/** Every namespace, after a change that may concern each of them. */
export const everyNamespaceKey = 'namespaces/all';
/** What every profile says of the cluster. */
export const clusterKey = 'cluster/all';
export const profileKey = (profile: string): string => `profile/${profile}`;
export const runtimeKey = (namespace: string): string => `runtime/${namespace}`;

export function parseKey(key: string): { readonly what: string; readonly name: string } {
  const slash = key.indexOf('/');
  return { what: key.slice(0, slash), name: key.slice(slash + 1) };
}
