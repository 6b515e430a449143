import type { Json } from '../fields.ts';

/** What Falco writes where a field has no value; one event may use several of them. */
const absent = new Set(['', '<NA>', 'N/A']);

/** A field of `output_fields` as text. Numbers and booleans are written out; absent is undefined, however it is spelt. */
export function fieldText(fields: Json, name: string): string | undefined {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && !absent.has(value) ? value : undefined;
}

const label = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const subdomain = /^(?=.{1,253}$)[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?$/;

/** Undefined for what cannot be the name of a namespace or container: nothing foreign becomes a name here. */
export const labelName = (text: string | undefined): string | undefined =>
  text !== undefined && label.test(text) ? text : undefined;

/** The same for a pod. */
export const subdomainName = (text: string | undefined): string | undefined =>
  text !== undefined && text.length <= 253 && subdomain.test(text) ? text : undefined;
