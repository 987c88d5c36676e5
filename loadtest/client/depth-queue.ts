import type { BookSide } from './book-side.ts';

const INITIAL_EVENTS = 1024;
const INITIAL_LEVELS = 4096;

/**
 * Depth events that have come and must wait until the reply tells which command they belong to. Flat
 * arrays, emptied from the front; nothing is allocated per event.
 */
export class DepthQueue {
  #firstId = new Float64Array(INITIAL_EVENTS);
  #lastId = new Float64Array(INITIAL_EVENTS);
  #levelsEnd = new Int32Array(INITIAL_EVENTS);
  #isBid = new Uint8Array(INITIAL_LEVELS);
  #price = new Float64Array(INITIAL_LEVELS);
  #quantity = new Float64Array(INITIAL_LEVELS);
  #head = 0;
  #tail = 0;
  #levelsHead = 0;
  #levelsTail = 0;

  get isEmpty(): boolean {
    return this.#head === this.#tail;
  }

  get length(): number {
    return this.#tail - this.#head;
  }

  /** Update ids of the oldest event. */
  get firstId(): number {
    return this.#firstId[this.#head]!;
  }

  get lastId(): number {
    return this.#lastId[this.#head]!;
  }

  /** Adds a level to the event that `commit` will close. */
  addLevel(isBid: boolean, price: number, quantity: number): void {
    if (this.#levelsTail === this.#price.length) this.#makeRoomForLevels();
    const at = this.#levelsTail++;
    this.#isBid[at] = isBid ? 1 : 0;
    this.#price[at] = price;
    this.#quantity[at] = quantity;
  }

  /** Closes the event made of the levels added since the last one. */
  commit(firstId: number, lastId: number): void {
    if (this.#tail === this.#lastId.length) this.#makeRoomForEvents();
    this.#firstId[this.#tail] = firstId;
    this.#lastId[this.#tail] = lastId;
    this.#levelsEnd[this.#tail++] = this.#levelsTail;
  }

  /** Forgets the levels added since the last `commit`. */
  rollback(): void {
    this.#levelsTail =
      this.#tail === this.#head ? this.#levelsHead : this.#levelsEnd[this.#tail - 1]!;
  }

  /** Takes the oldest event and applies its levels. */
  applyHead(bids: BookSide, asks: BookSide): void {
    const end = this.#levelsEnd[this.#head]!;
    for (let at = this.#levelsHead; at < end; at++) {
      (this.#isBid[at] === 1 ? bids : asks).set(this.#price[at]!, this.#quantity[at]!);
    }
    this.dropHead();
  }

  /** Forgets the oldest event. */
  dropHead(): void {
    const end = this.#levelsEnd[this.#head++]!;
    this.#levelsHead = end;
    if (this.#head === this.#tail && this.#levelsTail === end) {
      this.#head = this.#tail = this.#levelsHead = this.#levelsTail = 0;
    }
  }

  #makeRoomForEvents(): void {
    const count = this.#tail - this.#head;
    const size = count > this.#lastId.length / 2 ? this.#lastId.length * 2 : this.#lastId.length;
    this.#firstId = moved(this.#firstId, new Float64Array(size), this.#head, this.#tail);
    this.#lastId = moved(this.#lastId, new Float64Array(size), this.#head, this.#tail);
    this.#levelsEnd = moved(this.#levelsEnd, new Int32Array(size), this.#head, this.#tail);
    this.#head = 0;
    this.#tail = count;
  }

  #makeRoomForLevels(): void {
    const from = this.#levelsHead;
    const count = this.#levelsTail - from;
    const size = count > this.#price.length / 2 ? this.#price.length * 2 : this.#price.length;
    this.#isBid = moved(this.#isBid, new Uint8Array(size), from, this.#levelsTail);
    this.#price = moved(this.#price, new Float64Array(size), from, this.#levelsTail);
    this.#quantity = moved(this.#quantity, new Float64Array(size), from, this.#levelsTail);
    for (let event = this.#head; event < this.#tail; event++) this.#levelsEnd[event]! -= from;
    this.#levelsHead = 0;
    this.#levelsTail = count;
  }
}

function moved<Column extends Float64Array | Int32Array | Uint8Array>(
  source: Column,
  target: Column,
  start: number,
  end: number,
): Column {
  target.set(source.subarray(start, end));
  return target;
}
