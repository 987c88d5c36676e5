const SLOTS_MAX = 2 ** 22;

/**
 * The requests under way, in arrays made before the clock starts: request `n` has slot `n` modulo the number of
 * slots, which is a power of two. Its id on the wire is `n`.
 */
export class RequestSlots {
  readonly intendedMs: Float64Array;
  readonly sentMs: Float64Array;
  /** A `RequestKind`. */
  readonly kind: Uint8Array;
  readonly connection: Uint16Array;
  readonly market: Uint16Array;
  /** Of the order. */
  readonly clientId: Uint32Array;
  readonly #isOpen: Uint8Array;
  readonly #mask: number;
  #next = 1;
  #outstanding = 0;

  /** @param requests all that will be sent; no more than 2^22 may be under way however many that are */
  constructor(requests: number) {
    const slots = 2 ** Math.ceil(Math.log2(Math.min(Math.max(requests, 2), SLOTS_MAX)));
    this.#mask = slots - 1;
    this.intendedMs = new Float64Array(slots);
    this.sentMs = new Float64Array(slots);
    this.kind = new Uint8Array(slots);
    this.connection = new Uint16Array(slots);
    this.market = new Uint16Array(slots);
    this.clientId = new Uint32Array(slots);
    this.#isOpen = new Uint8Array(slots);
  }

  get outstanding(): number {
    return this.#outstanding;
  }

  /** The id that the next request gets. */
  get nextId(): number {
    return this.#next;
  }

  /** False when the request that had the next slot before is still under way: nothing can be sent. */
  get hasRoom(): boolean {
    return this.#isOpen[this.#next & this.#mask] === 0;
  }

  slotOf(id: number): number {
    return id & this.#mask;
  }

  /** Opens the slot of the next request and answers its id. */
  open(): number {
    const id = this.#next++;
    this.#isOpen[id & this.#mask] = 1;
    this.#outstanding++;
    return id;
  }

  /** Ends a request; false when none with this id is under way on this connection. */
  close(id: number, connection: number): boolean {
    const slot = id & this.#mask;
    const isCurrent = id >= 1 && id < this.#next && this.#next - id <= this.#mask + 1;
    if (!isCurrent || this.#isOpen[slot] === 0) return false;
    if (this.connection[slot] !== connection) return false;
    this.#isOpen[slot] = 0;
    this.#outstanding--;
    return true;
  }

  /** Ends all that are under way, or those of one connection, and calls `use` with the slot of each. */
  closeAll(connection: number | undefined, use: (slot: number) => void): void {
    for (let slot = 0; slot <= this.#mask; slot++) {
      if (this.#isOpen[slot] === 0) continue;
      if (connection !== undefined && this.connection[slot] !== connection) continue;
      this.#isOpen[slot] = 0;
      this.#outstanding--;
      use(slot);
    }
  }
}
