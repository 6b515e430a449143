/** A state that the code rules out was reached: a defect of Plumbline, not of its input. */
export class InvariantError extends Error {
  readonly code = 'Invariant';
  override readonly name = 'InvariantError';
}

/** @throws InvariantError when `condition` does not hold */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}
