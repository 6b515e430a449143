import type { PolicyPort } from '../../domain/network-policy.ts';

/** Whether every port of TCP and of UDP is open; SCTP alone, which few clusters carry, limits nothing. */
export const allPorts = (ports: readonly PolicyPort[]): boolean =>
  ['TCP', 'UDP'].every((protocol) => coversPorts(ports, protocol));

/** Whether the ports, of which none means all, hold each one of a protocol. */
export function coversPorts(ports: readonly PolicyPort[], protocol: string): boolean {
  if (ports.length === 0) return true;
  const own = ports.filter((port) => port.protocol === protocol);
  if (own.some(({ port }) => port === undefined)) return true;
  const ranges = own.flatMap(({ port, endPort }) =>
    typeof port === 'number' ? [{ first: port, last: endPort ?? port }] : [],
  );
  let next = 1;
  for (const { first, last } of ranges.sort((a, b) => a.first - b.first)) {
    if (first <= next) next = Math.max(next, last + 1);
  }
  return next > 65535;
}

export function describePorts(ports: readonly PolicyPort[]): string {
  if (allPorts(ports)) return 'every port';
  const texts = ports.map(({ protocol, port, endPort }) => {
    if (protocol === 'ICMP') return 'ICMP';
    if (port === undefined) return `every ${protocol} port`;
    return `${protocol} ${port}${endPort === undefined ? '' : `-${endPort}`}`;
  });
  return texts.join(', ');
}
