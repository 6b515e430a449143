import { isTurnSpent, nextTurn } from '../../base/clock.ts';
import type { NamespaceFindings } from '../../evidence/falco/namespace-findings.ts';
import type { Segment } from './messages.ts';

/** All that waits to be written to RuntimeReports, wherever it is held. */
export interface PendingEvents {
  namespaces(): readonly string[];
  pendingOf(namespace: string): {
    readonly sent?: { readonly findings: NamespaceFindings; readonly upTo: number } | undefined;
    readonly waiting?: NamespaceFindings | undefined;
  };
}

/**
 * What is not published, added up. Namespaces are read one after the other as they are by then; each says itself up to which
 * event it is.
 */
export async function addUp(pending: PendingEvents): Promise<readonly Segment[]> {
  const segments: Segment[] = [];
  for (const namespace of pending.namespaces()) {
    const { sent, waiting } = pending.pendingOf(namespace);
    if (sent !== undefined)
      segments.push({ namespace, part: 'sent', upTo: sent.upTo, findings: sent.findings.save() });
    if (waiting !== undefined)
      segments.push({ namespace, part: 'waiting', upTo: waiting.upTo, findings: waiting.save() });
    if (isTurnSpent()) await nextTurn();
  }
  return segments;
}

export const defaultFoldBytes = 8 * 1_048_576;
/** Commits are small rows of their own when few events come. */
const foldFrames = 20_000;

/** How much has been written since events were added up last, and whether it is time to do so again. */
export class Growth {
  readonly #least: number;
  #bytes = 0;
  #frames = 0;
  #limit: number;

  constructor(least = defaultFoldBytes) {
    this.#least = least;
    this.#limit = least;
  }

  get isDue(): boolean {
    return this.#bytes > this.#limit || this.#frames > foldFrames;
  }

  add(bytes: number): void {
    this.#bytes += bytes;
    this.#frames += 1;
  }

  /** It begins anew. Where the sums themselves are large, they are not written for every few events. */
  reset(segments: readonly Segment[]): void {
    const size = segments.reduce((sum, { findings }) => sum + findings.length, 0);
    this.#bytes = 0;
    this.#frames = 0;
    this.#limit = Math.max(this.#least, 2 * size);
  }
}
