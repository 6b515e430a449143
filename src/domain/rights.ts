/** What controls ask of roles: nothing else of their rules is kept, for a large cluster has thousands of them. */
export const powers = [
  /** Every verb on every resource of every API group. */
  'everything',
  /** The same of one group. */
  'wildcard',
  'readSecrets',
  'enterPods',
  'forwardPorts',
  'makePods',
  'makeTokens',
  'bindRoles',
  'changeRoles',
  'escalate',
  'impersonate',
  'proxyNodes',
  'changeWebhooks',
  'changePipeline',
  'changeLogs',
  'write',
] as const;
export type Power = (typeof powers)[number];

export interface Powers {
  /** Over every object of the kind. */
  readonly all: readonly Power[];
  /** Only over objects that `resourceNames` lists. */
  readonly named: readonly Power[];
}

/** What one binding gives to service accounts of a namespace. */
export interface Right {
  readonly kind: 'RoleBinding' | 'ClusterRoleBinding';
  readonly name: string;
  /** Where it holds; absent for the whole cluster. */
  readonly namespace?: string;
  /** Such as `ClusterRole edit`. */
  readonly role: string;
  /** Names of service accounts of the namespace; `*` stands for all of them. */
  readonly accounts: readonly string[];
  /** It binds the service accounts of every namespace. */
  readonly everyone: boolean;
  readonly powers: Powers;
}
