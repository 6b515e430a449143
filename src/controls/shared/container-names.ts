import type { Container } from '../../domain/pod-spec.ts';
import { isParseFailure, parseImageReference } from '../../domain/image-reference.ts';

/** Whether an entry is the container's name, or the last part of its image's repository. */
export function isOneOf({ name, image }: Container, entries: readonly string[]): boolean {
  if (entries.includes(name)) return true;
  const reference = parseImageReference(image);
  if (isParseFailure(reference)) return false;
  const { repository } = reference;
  // No text is made for an entry: each container is held against each of dozens, by several controls.
  return entries.some((entry) => {
    const before = repository.length - entry.length - 1;
    return repository.endsWith(entry) && (before < 0 || repository[before] === '/');
  });
}
