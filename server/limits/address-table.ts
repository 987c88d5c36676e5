/** What is kept of one address. */
interface Kept {
  /** It has sockets: while it does it must not be forgotten. */
  readonly isHeld: boolean;
}

/**
 * What is known of addresses, in bounded memory and constant work: two generations. An entry that is asked for
 * moves to the young one; when a generation's time is over, or the young one is full, the old one is thrown away as
 * a whole. So what nobody asked for during a lifetime is forgotten, and with a lifetime in which every bucket fills
 * up there was nothing to remember. Under a flood from more addresses than there is room for, those that were not
 * seen for longest are forgiven.
 */
export class AddressTable<T extends Kept> {
  readonly #make: () => T;
  readonly #capacity: number;
  readonly #lifetimeMs: number;
  #young = new Map<string, T>();
  #old = new Map<string, T>();
  /** Entries with sockets; as many as there are sockets, at most. */
  readonly #held = new Map<string, T>();
  #generationEndsMs: number;

  /**
   * @param capacity of a generation
   * @param lifetimeMs of what nobody asks for, at least
   */
  constructor(make: () => T, capacity: number, lifetimeMs: number, nowMs = 0) {
    this.#make = make;
    this.#capacity = capacity;
    this.#lifetimeMs = lifetimeMs;
    this.#generationEndsMs = nowMs + lifetimeMs;
  }

  get size(): number {
    return this.#young.size + this.#old.size + this.#held.size;
  }

  /** The entry of an address, made when there is none. */
  of(address: string, nowMs: number): T {
    const held = this.#held.get(address);
    if (held !== undefined) return held;
    if (nowMs >= this.#generationEndsMs || this.#young.size >= this.#capacity) this.#age(nowMs);
    let entry = this.#young.get(address);
    if (entry !== undefined) return entry;
    entry = this.#old.get(address) ?? this.#make();
    this.#old.delete(address);
    this.#young.set(address, entry);
    return entry;
  }

  /** To be called when an entry begins or ceases to be held. */
  heldChanged(address: string, entry: T): void {
    if (!entry.isHeld) {
      this.#held.delete(address);
      this.#young.set(address, entry);
      return;
    }
    this.#young.delete(address);
    this.#old.delete(address);
    this.#held.set(address, entry);
  }

  #age(nowMs: number): void {
    this.#old = this.#young;
    this.#young = new Map();
    this.#generationEndsMs = nowMs + this.#lifetimeMs;
  }
}
