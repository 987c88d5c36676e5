import { Worker } from 'node:worker_threads';
import { withDeadline } from './deadline.ts';
import { describeError, type Log } from './log.ts';
import type { MarketData } from './market-data/market-data.ts';
import type { Registry } from './registry/registry.ts';

const DEMO_MARKETS = ['SOL_USDC', 'BTC_USDC', 'ETH_USDC'];
const READY_POLL_MS = 20;

/** What the traders are told: nothing that a program outside the process could not be told as well. */
interface DemoSettings {
  readonly url: string;
  readonly adminUrl: string;
  readonly adminToken: string;
}

/** Simulated traders on a thread of their own. They know the venue by its URLs only. */
export class DemoTraders {
  readonly #worker: Worker;
  readonly #exited: Promise<void>;

  constructor(settings: DemoSettings, log: Log) {
    // By URL: the traders belong to the load tools, which the server does not import.
    const entry = new URL('../loadtest/demo/demo-traders-thread.js', import.meta.url);
    this.#worker = new Worker(entry, {
      name: 'demo traders',
      workerData: { ...settings, markets: DEMO_MARKETS },
    });
    this.#worker.on('error', (error) => log.error(`demo traders: ${describeError(error)}`));
    this.#exited = new Promise((resolve) => this.#worker.once('exit', () => resolve()));
  }

  /** They cancel their orders and leave; whoever takes too long is ended. */
  async stop(timeoutMs: number): Promise<void> {
    this.#worker.postMessage('stop');
    if (!(await withDeadline(this.#exited, timeoutMs))) await this.#worker.terminate();
  }
}

/**
 * Resolves when every demo market has two sides, or when the time is up: false. Rejects as soon as
 * `signal` is aborted.
 */
export async function demoMarketsQuoted(
  registry: Registry,
  marketData: MarketData,
  timeoutMs: number,
  signal?: Pick<AbortSignal, 'throwIfAborted'>,
): Promise<boolean> {
  const isQuoted = (symbol: string): boolean => {
    const market = registry.marketBySymbol(symbol);
    if (market === undefined) return false;
    const { bids, asks } = marketData.book(market.marketId);
    return bids.bestPriceTicks > 0 && asks.bestPriceTicks > 0;
  };
  const end = performance.now() + timeoutMs;
  while (!DEMO_MARKETS.every(isQuoted)) {
    if (performance.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
    signal?.throwIfAborted();
  }
  return true;
}
