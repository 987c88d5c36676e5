import { assert } from '../../engine/assert.ts';

/** What waits, of one client or of a group of them. */
interface Lane<T> {
  /** Of all that waits in it. */
  readonly weight: number;
  add(path: readonly string[], item: T, weight: number): void;
  /** The next one, which leaves; there must be one. */
  take(): Waiting<T>;
  /** What came last in its longest line leaves; there must be one. */
  dropLast(): Waiting<T>;
  /** What has to leave for one more, see `FairQueue.dropFor`. */
  dropFor(path: readonly string[], weight: number): Waiting<T> | null;
}

interface Waiting<T> {
  readonly item: T;
  readonly weight: number;
}

/**
 * A queue with lines for clients, who are told apart by a path of names, such as address and key. Each line is first
 * come, first served; the lines take turns: first those of the first names, within each of these those of the second.
 * So who sends much waits behind himself alone. (Fair queueing as J. Nagle has it in RFC 970, one item a turn.)
 *
 * When there is no more room, what came last in the longest line makes place for somebody with a shorter one (the
 * "longest queue drop" of B. Suter et al., "Design considerations for supporting TCP with per-flow queueing", 1998):
 * nobody has a share of the room that others cannot use while he does not.
 */
export class FairQueue<T> {
  readonly #lines: Turns<T>;

  /** @param depth names in a path, at least 1 */
  constructor(depth: number) {
    this.#lines = new Turns(depth);
  }

  /** Of all that waits. */
  get weight(): number {
    return this.#lines.weight;
  }

  /** @param weight above 0: what it takes of the room */
  add(path: readonly string[], item: T, weight: number): void {
    assert(weight > 0, 'what waits weighs something');
    this.#lines.add(path, item, weight);
  }

  /** Takes the next one; undefined when nothing waits. */
  take(): T | undefined {
    return this.weight === 0 ? undefined : this.#lines.take().item;
  }

  /**
   * Takes out the one that has to leave so that somebody else can come, if anybody's line is longer than his would be;
   * it may weigh less than what is to come. Looks at every line, so it is for a queue that is full.
   */
  dropFor(path: readonly string[], weight: number): T | null {
    return this.#lines.dropFor(path, weight)?.item ?? null;
  }
}

/** Lanes that take turns. */
class Turns<T> implements Lane<T> {
  readonly #depth: number;
  /** Those that wait for their turn; one that ran empty is forgotten when its turn has come. */
  readonly #lanes = new Map<string, Lane<T>>();
  readonly #order = new Line<string>();
  weight = 0;

  constructor(depth: number) {
    this.#depth = depth;
  }

  add([name, ...rest]: readonly string[], item: T, weight: number): void {
    let lane = this.#lanes.get(name!);
    if (lane === undefined) {
      lane = this.#depth > 1 ? new Turns(this.#depth - 1) : new Line();
      this.#lanes.set(name!, lane);
      this.#order.add([], name!, 1);
    }
    lane.add(rest, item, weight);
    this.weight += weight;
  }

  take(): Waiting<T> {
    for (;;) {
      const name = this.#order.take().item;
      const lane = this.#lanes.get(name)!;
      if (lane.weight === 0) {
        this.#lanes.delete(name);
        continue;
      }
      const taken = lane.take();
      if (lane.weight === 0) this.#lanes.delete(name);
      else this.#order.add([], name, 1);
      this.weight -= taken.weight;
      return taken;
    }
  }

  dropLast(): Waiting<T> {
    const dropped = this.#longest!.dropLast();
    this.weight -= dropped.weight;
    return dropped;
  }

  dropFor([name, ...rest]: readonly string[], weight: number): Waiting<T> | null {
    const longest = this.#longest;
    const own = this.#lanes.get(name!);
    const isLonger = longest !== null && longest.weight > (own?.weight ?? 0) + weight;
    const dropped = isLonger ? longest.dropLast() : own?.dropFor(rest, weight);
    if (dropped === undefined || dropped === null) return null;
    this.weight -= dropped.weight;
    return dropped;
  }

  get #longest(): Lane<T> | null {
    let longest: Lane<T> | null = null;
    for (const lane of this.#lanes.values()) {
      if (lane.weight > (longest?.weight ?? 0)) longest = lane;
    }
    return longest;
  }
}

/** First come, first served. */
class Line<T> implements Lane<T> {
  #items: (Waiting<T> | undefined)[] = [];
  /** Where those that have not left begin. */
  #first = 0;
  weight = 0;

  add(_path: readonly string[], item: T, weight: number): void {
    this.#items.push({ item, weight });
    this.weight += weight;
  }

  take(): Waiting<T> {
    const taken = this.#items[this.#first]!;
    this.#items[this.#first++] = undefined;
    if (this.#first * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#first);
      this.#first = 0;
    }
    this.weight -= taken.weight;
    return taken;
  }

  dropLast(): Waiting<T> {
    const dropped = this.#items.pop()!;
    this.weight -= dropped.weight;
    return dropped;
  }

  dropFor(): null {
    return null;
  }
}
