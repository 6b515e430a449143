import type { Container } from '../../domain/pod-spec.ts';
import { isParseFailure, parseImageReference } from '../../domain/image-reference.ts';

/** Whether an entry is the container's name, or the last part of its image's repository. */
export function isOneOf({ name, image }: Container, entries: readonly string[]): boolean {
  if (entries.includes(name)) return true;
  const reference = parseImageReference(image);
  if (isParseFailure(reference)) return false;
  const path = `/${reference.repository}`;
  return entries.some((entry) => path.endsWith(`/${entry}`));
}
