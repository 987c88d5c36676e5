import type { ByteRing } from '../../engine/ring/byte-ring.ts';
import type { Doorbell } from '../../engine/ring/doorbell.ts';
import { ReportKind, type Reports } from './reports.ts';

/*
 * A report as a record of 2 to 5 words of 8 bytes. The first word holds two 32-bit integers, the kind with
 * the side and the length, then the message's number; the other words are doubles: order id, price, lots, other id.
 */
const SIDE_SHIFT = 3;
const WORDS_SHIFT = 4;
const KIND_MASK = 7;
/** Ends a flow: the reader answers with what it has gathered. */
const END = 7;
const WORDS_MAX = 5;

/* A batch stays in the first-level cache between the book that fills it and the copy into the ring. */
const BATCH_WORDS = 1024;

/** Writes reports as records, in batches, into a ring that another thread drains; waits when it is full. */
export class ReportWriter implements Reports {
  readonly #ring: ByteRing;
  readonly #bell: Doorbell;
  readonly #doubles = new Float64Array(BATCH_WORDS + WORDS_MAX);
  readonly #ints = new Int32Array(this.#doubles.buffer);
  readonly #bytes = new Uint8Array(this.#doubles.buffer);
  #at = 0;

  /** @param bell of the reading thread */
  constructor(ring: ByteRing, bell: Doorbell) {
    this.#ring = ring;
    this.#bell = bell;
  }

  orderAck(seq: number, side: number, orderId: number, priceTicks: number, lots: number): void {
    const at = this.#begin(ReportKind.OrderAck | (side << SIDE_SHIFT), seq, orderId, 4);
    this.#doubles[at + 2] = priceTicks;
    this.#doubles[at + 3] = lots;
  }

  trade(seq: number, priceTicks: number, lots: number, makerId: number, takerId: number): void {
    const at = this.#begin(ReportKind.Trade, seq, makerId, 5);
    this.#doubles[at + 2] = priceTicks;
    this.#doubles[at + 3] = lots;
    this.#doubles[at + 4] = takerId;
  }

  cancelAck(seq: number, side: number, orderId: number, priceTicks: number): void {
    const at = this.#begin(ReportKind.CancelAck | (side << SIDE_SHIFT), seq, orderId, 3);
    this.#doubles[at + 2] = priceTicks;
  }

  modifyAck(seq: number, side: number, orderId: number, priceTicks: number, lots: number): void {
    const at = this.#begin(ReportKind.ModifyAck | (side << SIDE_SHIFT), seq, orderId, 4);
    this.#doubles[at + 2] = priceTicks;
    this.#doubles[at + 3] = lots;
  }

  cancelReject(seq: number, orderId: number): void {
    this.#begin(ReportKind.CancelReject, seq, orderId, 2);
  }

  modifyReject(seq: number, orderId: number): void {
    this.#begin(ReportKind.ModifyReject, seq, orderId, 2);
  }

  /** Tells the reader that the flow is over; everything is in the ring afterwards. */
  end(): void {
    this.#begin(END, 0, 0, 2);
    this.#flush();
  }

  /** Opens a record and writes its first two words; answers where it is. */
  #begin(kindAndSide: number, seq: number, orderId: number, words: number): number {
    if (this.#at >= BATCH_WORDS) this.#flush();
    const at = this.#at;
    this.#at = at + words;
    this.#ints[at * 2] = kindAndSide | (words << WORDS_SHIFT);
    this.#ints[at * 2 + 1] = seq;
    this.#doubles[at + 1] = orderId;
    return at;
  }

  #flush(): void {
    const end = this.#at * 8;
    let start = 0;
    while (start < end) start += this.#ring.write(this.#bytes, start, end);
    this.#bell.ring();
    this.#at = 0;
  }
}

const READ_WORDS = 8192;

/** Reads the records that a `ReportWriter` wrote and hands them on as reports. */
export class ReportReader {
  readonly #ring: ByteRing;
  readonly #doubles = new Float64Array(READ_WORDS);
  readonly #ints = new Int32Array(this.#doubles.buffer);
  readonly #bytes = new Uint8Array(this.#doubles.buffer);
  #end = 0;

  constructor(ring: ByteRing) {
    this.#ring = ring;
  }

  /**
   * Hands on what is there. Answers the records read: 0 when the ring was empty, −1 when the flow is over;
   * nothing comes behind its end until the writer has been answered.
   */
  poll(reports: Reports): number {
    this.#end += this.#ring.read(this.#bytes, this.#end * 8) / 8;
    const ints = this.#ints;
    let at = 0;
    let records = 0;
    while (at < this.#end) {
      const head = ints[at * 2]!;
      const next = at + (head >> WORDS_SHIFT);
      if (next > this.#end) break;
      if ((head & KIND_MASK) === END) {
        this.#end = 0;
        return -1;
      }
      this.#report(head, ints[at * 2 + 1]!, at, reports);
      records++;
      at = next;
    }
    this.#doubles.copyWithin(0, at, this.#end);
    this.#end -= at;
    return records;
  }

  #report(head: number, seq: number, at: number, reports: Reports): void {
    const doubles = this.#doubles;
    const side = (head >> SIDE_SHIFT) & 1;
    const id = doubles[at + 1]!;
    switch (head & KIND_MASK) {
      case ReportKind.OrderAck:
        reports.orderAck(seq, side, id, doubles[at + 2]!, doubles[at + 3]!);
        break;
      case ReportKind.Trade:
        reports.trade(seq, doubles[at + 2]!, doubles[at + 3]!, id, doubles[at + 4]!);
        break;
      case ReportKind.CancelAck:
        reports.cancelAck(seq, side, id, doubles[at + 2]!);
        break;
      case ReportKind.ModifyAck:
        reports.modifyAck(seq, side, id, doubles[at + 2]!, doubles[at + 3]!);
        break;
      case ReportKind.CancelReject:
        reports.cancelReject(seq, id);
        break;
      default:
        reports.modifyReject(seq, id);
    }
  }
}
