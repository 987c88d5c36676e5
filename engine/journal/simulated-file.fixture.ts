import type { Random } from '../collections/random.ts';

/** States of a page that may reach the disk by themselves, kept since the last sync. */
const PAGE_STATES_MAX = 3;

/** Bytes that grow, zeros where nothing was written. */
class Content {
  size = 0;
  #bytes = new Uint8Array(1024);

  /** The bytes from `start` to `end`, at most to the size: not a copy. */
  part(start: number, end: number): Uint8Array {
    return this.#bytes.subarray(start, Math.min(end, this.size));
  }

  /** Does not change the size. */
  put(source: Uint8Array, position: number): void {
    const end = position + source.length;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(2 * end);
      grown.set(this.#bytes.subarray(0, this.size));
      this.#bytes = grown;
    }
    this.#bytes.set(source, position);
  }

  resize(size: number): void {
    if (size > this.#bytes.length) this.put(new Uint8Array(size - this.size), this.size);
    else this.#bytes.fill(0, size, Math.max(size, this.size));
    this.size = size;
  }

  flipBit(bit: number): void {
    this.#bytes[bit >> 3]! ^= 1 << (bit & 7);
  }
}

/** One file of a `SimulatedDisk`: what processes see, and what a power cut leaves of it. */
export class SimulatedFile {
  readonly #seen = new Content();
  readonly #durable = new Content();
  /** Since the last sync: the states each page has been in, and the sizes. */
  readonly #pages = new Map<number, Uint8Array[]>();
  #sizes: number[] = [];
  readonly #pageBytes: number;

  constructor(pageBytes: number) {
    this.#pageBytes = pageBytes;
  }

  get size(): number {
    return this.#seen.size;
  }

  /** As a process sees it; not a copy. */
  part(start: number, end: number): Uint8Array {
    return this.#seen.part(start, end);
  }

  write(source: Uint8Array, position: number): void {
    const end = position + source.length;
    if (end > this.size) this.#resize(end);
    this.#seen.put(source, position);
    this.#touch(position, end);
  }

  truncate(size: number): void {
    const from = Math.min(size, this.size);
    const to = Math.max(size, this.size);
    if (size !== this.size) this.#resize(size);
    this.#touch(from, to);
  }

  sync(): void {
    const size = this.size;
    this.#durable.resize(size);
    for (const page of this.#pages.keys()) {
      const start = page * this.#pageBytes;
      if (start < size) this.#durable.put(this.part(start, start + this.#pageBytes), start);
    }
    this.#forgetChanges();
  }

  /** What has not reached the disk by now never will, though it still is in memory ("fsyncgate"). */
  failSync(random: Random): void {
    this.#reachDisk(random);
    this.#forgetChanges();
  }

  losePower(random: Random): void {
    this.failSync(random);
    this.#seen.resize(0);
    this.#seen.resize(this.#durable.size);
    this.#seen.put(this.#durable.part(0, this.#durable.size), 0);
  }

  flipBit(bit: number): void {
    this.#seen.flipBit(bit);
    this.#durable.flipBit(bit);
  }

  /** Any size since the last sync, and for each page any state since then, some of them torn. */
  #reachDisk(random: Random): void {
    const sizes = [this.#durable.size, ...this.#sizes];
    const size = sizes[random.below(sizes.length)]!;
    this.#durable.resize(size);
    for (const [page, states] of this.#pages) {
      const start = page * this.#pageBytes;
      const state = states[random.below(states.length + 1)];
      if (state === undefined || start >= size) continue;
      const cut = random.below(8) === 0 ? random.below(state.length) : 0;
      const isFront = random.below(2) === 0;
      const from = isFront ? 0 : cut;
      const to = Math.min(isFront ? state.length - cut : state.length, size - start);
      if (from < to) this.#durable.put(state.subarray(from, to), start + from);
    }
  }

  #forgetChanges(): void {
    this.#pages.clear();
    this.#sizes = [];
  }

  #resize(size: number): void {
    this.#seen.resize(size);
    this.#sizes.push(size);
  }

  #touch(start: number, end: number): void {
    for (let page = Math.floor(start / this.#pageBytes); page * this.#pageBytes < end; page++) {
      const states = this.#pages.get(page) ?? [];
      if (states.length === PAGE_STATES_MAX) states.shift();
      const at = page * this.#pageBytes;
      const state = new Uint8Array(this.#pageBytes);
      state.set(this.part(Math.min(at, this.size), at + this.#pageBytes));
      states.push(state);
      this.#pages.set(page, states);
    }
  }
}
