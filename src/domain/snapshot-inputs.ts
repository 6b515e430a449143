import type { Snapshot, SourceName } from './snapshot.ts';
import { sourcesOf } from './snapshot.ts';

type Field = keyof Snapshot;

/** Facts that belong to sources: only who reads one of these may read them. All other facts are everybody's. */
const belongings: Readonly<Partial<Record<Field, readonly SourceName[]>>> = {
  serviceAccountLabels: ['networkpolicies'],
  logNamespaces: ['logcollectors'],
  sensorsPresent: ['sensors'],
};

/** By source the field that it stands in: `sourcesOf` is asked for it, so that a new source need be named only there. */
const fields = sourcesOf(new Proxy({}, { get: (_, field) => field }) as Snapshot) as unknown as Readonly<
  Partial<Record<SourceName, Field>>
>;
const sourceFields: ReadonlySet<string> = new Set(Object.values(fields));

/** The fields of a snapshot that a control that reads these sources may read. */
export function readableFields(snapshot: Snapshot, sources: readonly SourceName[]): readonly Field[] {
  // One that is absent is read too: that it is absent.
  const present = new Set([...Object.keys(snapshot), ...Object.keys(belongings)] as Field[]);
  const facts = [...present].filter(
    (field) =>
      !sourceFields.has(field) && (belongings[field]?.some((name) => sources.includes(name)) ?? true),
  );
  return [...facts, ...sources.flatMap((name) => fields[name] ?? [])];
}

/** All that a control that reads these sources may read of a snapshot, each behind its name. */
export const inputsOf = (snapshot: Snapshot, sources: readonly SourceName[]): readonly unknown[] =>
  readableFields(snapshot, sources).flatMap((field) => [field, snapshot[field]]);
