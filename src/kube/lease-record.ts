import { BadResponseError, isFilled, isObject } from './errors.ts';

/** What we read and write of a Lease's spec (coordination.k8s.io/v1). What others have put there is kept as it is. */
export interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  /** MicroTime: RFC 3339 with six digits of a second. */
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
  readonly [other: string]: unknown;
}

/** The whole object as the server sent it: a PUT sends back labels, owners and all. */
export interface Lease {
  readonly metadata: { readonly uid: string; readonly resourceVersion: string };
  readonly spec: LeaseSpec;
}

/**
 * @throws BadResponseError when `json` is no Lease: a proxy's page must not be taken for one that nobody holds, and a PUT
 * without uid and version would replace whatever is there
 */
export function readLease(json: unknown): Lease {
  const metadata = isObject(json) ? json['metadata'] : undefined;
  const fenced = isObject(metadata) && isFilled(metadata['uid']) && isFilled(metadata['resourceVersion']);
  if (!isObject(json) || json['kind'] !== 'Lease' || !fenced) {
    throw new BadResponseError('NotALease', 'an answer is not a Lease');
  }
  return { ...json, spec: isObject(json['spec']) ? json['spec'] : {} } as unknown as Lease;
}

/** Undefined when nobody holds it: it was released, or never held. */
export function holderOf(spec: LeaseSpec | undefined): string | undefined {
  return spec?.holderIdentity === '' ? undefined : spec?.holderIdentity;
}

/** A record in which `identity` holds the Lease from now on, or still. */
export function claimed(
  before: LeaseSpec | undefined,
  claim: { identity: string; durationMs: number; now: string },
): LeaseSpec {
  const { identity, durationMs, now } = claim;
  const transitions = before?.leaseTransitions ?? 0;
  const held = before !== undefined && holderOf(before) === identity;
  return {
    ...before,
    holderIdentity: identity,
    // Whole seconds; rounded up, for a standby must never wait less than we count on.
    leaseDurationSeconds: Math.ceil(durationMs / 1_000),
    acquireTime: held ? (before.acquireTime ?? now) : now,
    renewTime: now,
    leaseTransitions: held || before === undefined ? transitions : transitions + 1,
  };
}

/** A record that anybody may take at once: no holder, and a second's duration for those who look at nothing else. */
export function released(before: LeaseSpec, now: string): LeaseSpec {
  return { ...before, holderIdentity: '', leaseDurationSeconds: 1, acquireTime: now, renewTime: now };
}

/**
 * MicroTime of a wall clock. The microseconds, which that has not, are a counter: a renewal that says what is there
 * already is not stored, and a standby would not see it, so none may ever equal the one before, though the clock stand
 * still or jump back.
 */
export function microTime(milliseconds: number, counter: number): string {
  const micros = String(counter % 1_000).padStart(3, '0');
  return `${new Date(milliseconds).toISOString().slice(0, -1)}${micros}Z`;
}
