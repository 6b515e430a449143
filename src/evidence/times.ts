import type { Json } from './fields.ts';
import { objectsField, stringField } from './fields.ts';

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** A stamp that is no stamp counts as none: the report is then as good as undated. */
export function readTime(text: string | undefined): number | undefined {
  if (text === undefined || !rfc3339.test(text)) return undefined;
  const time = Date.parse(text);
  // Go writes year 1 for "never".
  return Number.isNaN(time) || time <= 0 ? undefined : time;
}

/** When an object was written last, in milliseconds since the epoch: its creation, or what the API server noted of a later write. */
export function lastWriteOf(metadata: Json): number | undefined {
  const path = 'metadata.managedFields';
  const texts = [
    stringField(metadata, 'creationTimestamp', 'metadata'),
    ...objectsField(metadata, 'managedFields', 'metadata').map((each) => stringField(each, 'time', path)),
  ];
  const times = texts.flatMap((text) => readTime(text) ?? []);
  return times.length === 0 ? undefined : Math.max(...times);
}
