import type { ToldTrades } from './audit-input.ts';
import { NAMED_MAX } from './check.ts';

/** Of how often a trade was told: to those who took in the low half, to those who made in the high one. */
const MAKER = 0x100;
const TAKER_MASK = 0xff;

/** How often each trade was told on the private streams of those who took and of those who made. */
export class FillEvents {
  readonly #markets = new Map<string, Map<number, number>>();

  add(symbol: string, tradeId: number, isMaker: boolean): void {
    let trades = this.#markets.get(symbol);
    if (trades === undefined) {
      trades = new Map();
      this.#markets.set(symbol, trades);
    }
    trades.set(tradeId, (trades.get(tradeId) ?? 0) + (isMaker ? MAKER : 1));
  }

  /**
   * What is wrong of the trades that replies told: each must have been told once to who took, and once to who made
   * unless that may be a stranger, and no trade may be in two replies. What was told to who took and is in no reply is
   * wrong where no reply may be lost.
   */
  compare(
    told: readonly ToldTrades[],
    { hasStrangers, isWhole }: { readonly hasStrangers: boolean; readonly isWhole: boolean },
  ): { readonly count: number; readonly words: readonly string[] } {
    let count = 0;
    const words: string[] = [];
    const isWrong = (symbol: string, tradeId: number, what: string): void => {
      count++;
      if (words.length < NAMED_MAX) words.push(`trade ${tradeId} of ${symbol} was told ${what}`);
    };
    for (const { symbol, tradeIds } of told) {
      const trades = this.#markets.get(symbol);
      const seen = new Set<number>();
      for (const tradeId of tradeIds) {
        if (seen.has(tradeId)) isWrong(symbol, tradeId, 'by two replies');
        seen.add(tradeId);
        const times = trades?.get(tradeId) ?? 0;
        const [takers, makers] = [times & TAKER_MASK, Math.floor(times / MAKER)];
        if (takers !== 1) isWrong(symbol, tradeId, `to who took ${takers} times`);
        if (makers > 1 || (makers === 0 && !hasStrangers)) {
          isWrong(symbol, tradeId, `to who made ${makers} times`);
        }
      }
    }
    // Of a trade that no reply told, too: nobody hears of a fill twice.
    for (const [symbol, trades] of this.#markets) {
      const known = new Set(told.find((each) => each.symbol === symbol)?.tradeIds ?? []);
      for (const [tradeId, times] of trades) {
        if (known.has(tradeId)) continue;
        if ((times & TAKER_MASK) > 1 || times >= 2 * MAKER) isWrong(symbol, tradeId, 'twice');
        else if (isWhole && (times & TAKER_MASK) > 0) {
          isWrong(symbol, tradeId, 'to who took, and by no reply');
        }
      }
    }
    return { count, words };
  }
}
