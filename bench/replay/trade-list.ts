import type { Hash64 } from '../../engine/collections/hash64.ts';
import type { Reports } from './reports.ts';

/** Trades in the order they were told, as columns. Orders go by whichever id the teller uses. */
export class TradeList {
  readonly priceTicks: number[] = [];
  readonly lots: number[] = [];
  readonly makers: number[] = [];
  readonly takers: number[] = [];

  get count(): number {
    return this.lots.length;
  }

  add(priceTicks: number, lots: number, maker: number, taker: number): void {
    this.priceTicks.push(priceTicks);
    this.lots.push(lots);
    this.makers.push(maker);
    this.takers.push(taker);
  }

  /** The first trade in which this list differs from another, in words; empty when all are the same. */
  differenceFrom(other: TradeList): string {
    const count = Math.max(this.count, other.count);
    for (let at = 0; at < count; at++) {
      if (!this.#agrees(other, at)) return `trade ${at}: ${this.#text(at)}, not ${other.#text(at)}`;
    }
    return '';
  }

  addTo(hash: Hash64): void {
    for (const column of [this.priceTicks, this.lots, this.makers, this.takers]) {
      for (const value of column) hash.add(value);
    }
  }

  #agrees(other: TradeList, at: number): boolean {
    return (
      this.priceTicks[at] === other.priceTicks[at] &&
      this.lots[at] === other.lots[at] &&
      this.makers[at] === other.makers[at] &&
      this.takers[at] === other.takers[at]
    );
  }

  #text(at: number): string {
    if (at >= this.count) return 'none';
    return `${this.lots[at]} at ${this.priceTicks[at]}, ${this.takers[at]} takes ${this.makers[at]}`;
  }
}

/** Keeps the trades among a book's reports, and counts the rejects. */
export class TradeReports implements Reports {
  readonly trades = new TradeList();
  rejects = 0;

  trade(_seq: number, priceTicks: number, lots: number, makerId: number, takerId: number): void {
    this.trades.add(priceTicks, lots, makerId, takerId);
  }

  cancelReject(): void {
    this.rejects++;
  }

  modifyReject(): void {
    this.rejects++;
  }

  orderAck(): void {}

  cancelAck(): void {}

  modifyAck(): void {}
}
