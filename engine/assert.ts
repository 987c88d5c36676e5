/** A broken invariant: a bug of ours, never bad input. It stops the shard that meets it. */
export class AssertionFailure extends Error {
  override name = 'AssertionFailure';
}

/** Stops the caller when an invariant does not hold. Stays on in production. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionFailure(message);
}
