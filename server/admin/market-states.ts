import { SetMarketState } from '../../engine/protocol/commands.ts';
import type { OrderBookState } from '../../engine/protocol/enums.ts';
import { ApiError } from '../api-error.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import type { Market } from '../registry/registry.ts';
import { ALL_SHARDS, askShards } from './shard-request.ts';

const RETRY_MS = 100;

/** After these nobody knows, or nothing was done yet: it is asked for again. */
const PASSING: ReadonlySet<string> = new Set(['TIMEOUT', 'TRADING_PAUSED', 'BUSY']);

/**
 * Changes the states of markets, one at a time, so that what is shown last was also decided last. A change that a shard
 * was lost over may be known to some shards and not to others. It is asked for again until all of them know it, unless
 * a later one has come through: whoever asked had no answer, so that it is done is right.
 */
export class MarketStates {
  readonly #engine: EngineClient;
  readonly #unsettled = new Map<Market, OrderBookState>();
  #last: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(engine: EngineClient) {
    this.#engine = engine;
  }

  /** @throws ApiError TIMEOUT when it is not known which shards have changed it */
  change(market: Market, state: OrderBookState): Promise<void> {
    return this.#enqueue(async () => {
      try {
        await this.#ask(market, state);
      } catch (error) {
        if (codeOf(error) === 'TIMEOUT') this.#settleLater(market, state);
        throw error;
      }
    });
  }

  async #ask(market: Market, state: OrderBookState): Promise<void> {
    const command = { requestId: 0, marketId: market.marketId, state };
    await askShards(this.#engine, SetMarketState, command, ALL_SHARDS);
    market.state = state;
    this.#unsettled.delete(market);
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }

  #settleLater(market: Market, state: OrderBookState): void {
    this.#unsettled.set(market, state);
    clearTimeout(this.#timer);
    // Nobody waits for it, and a venue that stops need not: its next start does the same.
    this.#timer = setTimeout(() => void this.#enqueue(() => this.#settle()), RETRY_MS).unref();
  }

  async #settle(): Promise<void> {
    for (const [market, state] of this.#unsettled) {
      try {
        await this.#ask(market, state);
      } catch (error) {
        if (PASSING.has(codeOf(error))) this.#settleLater(market, state);
        else this.#unsettled.delete(market);
      }
    }
  }
}

function codeOf(error: unknown): string {
  return error instanceof ApiError ? error.code : '';
}
