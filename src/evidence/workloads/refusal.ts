/**
 * How the API server words a pod that a policy refused. Quotas, LimitRanges and webhooks that do not answer stop pods
 * too, but they are no policy about what the pod may do, so their words are not here.
 */
const refusals: readonly RegExp[] = [
  /violates PodSecurity "/,
  /admission webhook "[^"]*" denied the request/,
  /ValidatingAdmissionPolicy '[^']*'(?: with binding '[^']*')? denied request/,
  /image policy webhook backend denied one or more images/,
  /unable to validate against any security context constraint/,
];

/**
 * The message of a condition ReplicaFailure (of a ReplicaSet, a ReplicationController, or a Deployment, which copies its
 * ReplicaSet's) when it means that admission refused the pods.
 */
export function refusalOf(condition: {
  readonly type: string;
  readonly message: string;
}): string | undefined {
  if (condition.type !== 'ReplicaFailure') return undefined;
  return refusals.some((refusal) => refusal.test(condition.message)) ? condition.message : undefined;
}
