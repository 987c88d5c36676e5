import type { Random } from '../../engine/collections/random.ts';

/** The same items in an order drawn at random, as R. A. Fisher and F. Yates do. */
export function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  const drawn = [...items];
  for (let left = drawn.length; left > 1; left--) {
    const at = random.below(left);
    [drawn[at], drawn[left - 1]] = [drawn[left - 1]!, drawn[at]!];
  }
  return drawn;
}
