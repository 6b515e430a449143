import type { Power, Right } from '../../domain/rights.ts';
import type { Finding } from '../../domain/verdict.ts';

const words: Readonly<Record<Power, string>> = {
  everything: 'do everything',
  wildcard: 'do everything with an API group',
  readSecrets: 'read Secrets',
  enterPods: 'run commands in pods',
  forwardPorts: 'forward ports of pods',
  makePods: 'make pods',
  makeTokens: 'make tokens of ServiceAccounts',
  bindRoles: 'bind roles',
  changeRoles: 'change roles',
  escalate: 'escalate or bind roles beyond its own',
  impersonate: 'impersonate others',
  proxyNodes: 'reach kubelets through nodes/proxy',
  changeWebhooks: 'change admission webhooks',
  changePipeline: 'change pods, workloads or configuration',
  changeLogs: 'change logs of pods',
  write: 'change objects',
};

export const holds = ({ accounts, everyone }: Right, account: string): boolean =>
  everyone || accounts.includes(account) || accounts.includes('*');

/** Whether it holds in the whole cluster. What it allows there it allows in each namespace too. */
export const isClusterWide = ({ namespace }: Right): boolean => namespace === undefined;

/** What a right has of these powers; who may do everything has them all. */
export const powersIn = ({ powers: { all, named } }: Right, some: readonly Power[]) => ({
  all: some.filter((power) => all.includes(power)),
  named: some.filter((power) => named.includes(power)),
});

/** `may read Secrets and make pods in the whole cluster` */
export function describeRight(right: Right, found: readonly Power[], own: string): string {
  const some = found.includes('everything') ? [words.everything] : found.map((power) => words[power]);
  const last = some.at(-1) ?? '';
  const list = some.length > 1 ? `${some.slice(0, -1).join(', ')} and ${last}` : last;
  return `may ${list} ${placeOf(right, own)}`;
}

export function placeOf({ namespace }: Right, own: string): string {
  if (namespace === undefined) return 'in the whole cluster';
  return namespace === own ? 'in its namespace' : `in namespace ${namespace}`;
}

/** A finding about what a binding gives. */
export function rightFinding(
  right: Right,
  subject: Finding['subject'],
  rest: Pick<Finding, 'message' | 'also' | 'example'>,
): Finding {
  const { kind, name, namespace, role } = right;
  const ref = `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
  return { subject, observed: role, ref, ...rest };
}
