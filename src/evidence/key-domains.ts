import { Interner } from '../domain/interner.ts';
import type { KeyDomains } from '../domain/workload.ts';
import { isObject } from './fields.ts';

/** Most objects are labelled in one of a few ways. */
const sets = new Interner<KeyDomains>(30);

/** They stand on nearly every object, and say nothing of a vendor. */
const ownDomain = /(?:^|\.)(?:kubernetes|k8s)\.io$/;

/** The domains of the labels and annotations of these `metadata`; foreign text is looked at, so nothing here throws. */
export function keyDomainsOf(...all: readonly unknown[]): KeyDomains | undefined {
  const found = new Set<string>();
  for (const metadata of all) {
    if (!isObject(metadata)) continue;
    for (const map of [metadata['labels'], metadata['annotations']]) {
      if (!isObject(map)) continue;
      for (const key of Object.keys(map)) {
        const slash = key.indexOf('/');
        if (slash <= 0) continue;
        const domain = key.slice(0, slash);
        if (!ownDomain.test(domain)) found.add(domain);
      }
    }
  }
  return found.size === 0 ? undefined : sets.intern([...found].sort());
}
