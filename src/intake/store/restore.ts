import { NamespaceFindings } from '../../evidence/falco/namespace-findings.ts';
import type { RuntimeAggregate } from '../../evidence/falco/runtime-aggregate.ts';
import { maxFindingsPerNamespace } from '../../evidence/falco/runtime-aggregate.ts';
import { receivedAt } from '../../evidence/falco/sequence.ts';
import { readBody } from './frame-builder.ts';
import type { Content } from './messages.ts';

/** Events that are in no RuntimeReport as far as is known. */
export interface Unpublished {
  /** They may have been sent, and may still arrive: they are sent again whole, up to this cursor, or not at all. */
  readonly sent?: { readonly findings: NamespaceFindings; readonly upTo: number };
  readonly waiting?: NamespaceFindings;
}

/** Where the cursor of the store stands in the RuntimeReport of a namespace; 0 where it has none. */
export type CursorOf = (name: string, namespace: string) => number;

interface Part {
  /** Events up to this one are published. */
  readonly cursor: number;
  /** Those up to this one may have been sent. */
  sentUpTo: number;
  /** Those up to this one are in segments. */
  folded: number;
  sent: NamespaceFindings | undefined;
  waiting: NamespaceFindings | undefined;
}

/**
 * What an earlier process took and did not write, by what the RuntimeReports say that it has written: the sequence number
 * in the cursor decides on each event.
 * @returns by namespace; and how many events could not be read
 */
export function restore(
  content: Content,
  cursorOf: CursorOf,
  aggregate: Pick<RuntimeAggregate, 'countInto'>,
): { readonly unpublished: ReadonlyMap<string, Unpublished>; readonly broken: number } {
  const parts = new Map<string, Part>();
  const marks = new Map(content.marks.map((mark) => [mark.namespace, mark]));
  const partOf = (namespace: string): Part => {
    const known = parts.get(namespace);
    if (known !== undefined) return known;
    const { sent = 0, published = 0 } = marks.get(namespace) ?? {};
    const cursor = Math.max(published, cursorOf(content.name, namespace));
    const part = { cursor, sentUpTo: sent, folded: 0, sent: undefined, waiting: undefined };
    parts.set(namespace, part);
    return part;
  };
  /** The findings that an event of this number belongs to. */
  const placeFor = (part: Part, sequence: number): NamespaceFindings =>
    sequence <= part.sentUpTo
      ? (part.sent ??= new NamespaceFindings())
      : (part.waiting ??= new NamespaceFindings());
  let broken = 0;
  for (const { namespace, part: name, upTo, findings } of content.segments) {
    const part = partOf(namespace);
    part.folded = Math.max(part.folded, upTo);
    if (name === 'sent') part.sentUpTo = Math.max(part.sentUpTo, upTo);
    if (upTo > part.cursor) placeFor(part, upTo).addAll(NamespaceFindings.load(findings, upTo));
  }
  for (const body of content.bodies) {
    const { records, broken: lines } = readBody(body);
    broken += lines;
    for (const record of records) {
      const { namespace } = record.event;
      if (namespace === undefined) continue;
      const part = partOf(namespace);
      if (record.sequence <= Math.max(part.cursor, part.folded)) continue;
      const findings = placeFor(part, record.sequence);
      aggregate.countInto(findings, namespace, record, receivedAt(record.sequence));
      while (findings.size > maxFindingsPerNamespace) findings.dropLeast();
    }
  }
  return {
    unpublished: new Map([...parts].map(([namespace, part]) => [namespace, toUnpublished(part)])),
    broken,
  };
}

const toUnpublished = ({ sent, sentUpTo, waiting }: Part): Unpublished => ({
  ...(sent === undefined ? {} : { sent: { findings: sent, upTo: sentUpTo } }),
  ...(waiting === undefined ? {} : { waiting }),
});
