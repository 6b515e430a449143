import type { ApiRequest, ApiResponse } from '../../src/kube/client.ts';
import { toApiError } from '../../src/kube/errors.ts';
import type { Lease, LeaseSpec } from '../../src/kube/lease-record.ts';

interface StoredLease extends Lease {
  readonly metadata: { name: string; uid: string; resourceVersion: string; labels?: Record<string, string> };
}

/** What an API server promises of one Lease, at the moment a request reaches it. The real one is in test/cluster. */
export class LeaseServer {
  lease: StoredLease | undefined;
  #version = 100;

  get spec(): LeaseSpec | undefined {
    return this.lease?.spec;
  }

  /** What somebody else does to the Lease. */
  write(spec: LeaseSpec, labels?: Record<string, string>): void {
    const uid = this.lease?.metadata.uid ?? `uid-${++this.#version}`;
    const resourceVersion = String(++this.#version);
    const metadata = { name: 'plumbline', uid, resourceVersion, ...(labels === undefined ? {} : { labels }) };
    this.lease = { ...kind, metadata, spec };
  }

  remove(): void {
    this.lease = undefined;
  }

  handle({ method, body }: ApiRequest): ApiResponse {
    const { lease } = this;
    const sent = body as StoredLease | undefined;
    if (method === 'GET') return answer(200, lease ?? refuse(404, 'NotFound'));
    if (sent === undefined) return refuse(400, 'BadRequest');
    if (method === 'POST') {
      if (lease !== undefined) return refuse(409, 'AlreadyExists');
      this.write(sent.spec);
      return answer(201, this.lease);
    }
    const { uid, resourceVersion, labels } = sent.metadata;
    // With the uid of one that is gone, a conflict: the real server would make it anew without.
    if (uid !== lease?.metadata.uid) return refuse(409, 'Conflict');
    if (resourceVersion !== lease.metadata.resourceVersion) return refuse(409, 'Conflict');
    // What changes nothing is not stored.
    if (JSON.stringify(sent.spec) !== JSON.stringify(lease.spec)) this.write(sent.spec, labels);
    return answer(200, this.lease);
  }
}

const kind = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' };

function answer(status: number, json: unknown): ApiResponse {
  return { status, headers: {}, json: structuredClone(json), bytes: 0 };
}

function refuse(status: number, reason: string): never {
  throw toApiError(status, { reason, message: `${status} ${reason}` });
}
