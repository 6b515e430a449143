/** Events as Falco and Falcosidekick put them on the wire. */

export interface WireEvent {
  readonly [key: string]: unknown;
  readonly output_fields: Readonly<Record<string, unknown>>;
}

/** One event of Falco's own `http_output`. */
export function falcoEvent(
  overrides: Record<string, unknown> = {},
  fields: Record<string, unknown> = {},
): WireEvent {
  return {
    hostname: 'node-1',
    output:
      '23:30:00.123456000: Warning A shell was spawned (user=root k8s.ns=shop k8s.pod=app-0 container=c0ffee)',
    priority: 'Warning',
    rule: 'Terminal shell in container',
    source: 'syscall',
    tags: ['shell', 'container'],
    time: '2025-12-31T23:30:00.123456000Z',
    ...overrides,
    output_fields: {
      'container.id': 'c0ffee000000',
      'container.name': 'app',
      'k8s.ns.name': 'shop',
      'k8s.pod.name': 'app-0',
      'proc.cmdline': 'sh',
      'user.name': 'root',
      ...fields,
    },
  };
}

/**
 * The same event as Falcosidekick sends it on: with a `uuid`, zeros trimmed off the time, tags sorted and added to,
 * fields added, and, where the whole is longer than 4096 bytes, each long string cut by bytes.
 */
export function throughFalcosidekick(event: WireEvent): WireEvent {
  const time = String(event['time']).replace(/\.(\d*?)0*Z$/, (_, kept: string) =>
    kept === '' ? 'Z' : `.${kept}Z`,
  );
  const sent = {
    uuid: crypto.randomUUID(),
    ...event,
    time,
    source: event['source'] ?? 'syscalls',
    tags: ['added', ...((event['tags'] as string[] | undefined) ?? [])].toSorted(),
    output_fields: { ...event.output_fields, cluster: 'prod' },
  };
  if (Buffer.byteLength(JSON.stringify(sent)) <= 4_096) return sent;
  const fields = Object.entries(sent.output_fields).map(([key, value]) => [key, cut(value)]);
  return {
    ...sent,
    output: cut(sent['output' as never]),
    output_fields: Object.fromEntries(fields) as object as never,
  };
}

function cut(value: unknown): unknown {
  if (typeof value !== 'string' || Buffer.byteLength(value) <= 512) return value;
  return `${Buffer.from(value).subarray(0, 507).toString()}[...]`;
}
