import { setTimeout as delay } from 'node:timers/promises';
import { RestClient } from '../client/rest-client.ts';
import { WsClient } from '../client/ws-client.ts';
import type { Recorder } from './audit-input.ts';
import { HeardMarket } from './heard-market.ts';
import type { StreamFindings } from './stream-findings.ts';

const CATCH_UP_TIMEOUT_MS = 30_000;
const POLL_MS = 5;
/** Of a venue on which others trade, a snapshot may be older than the stream: then the next one is tried. */
const COMPARISONS_MAX = 5;

interface ListedMarket {
  readonly symbol: string;
  readonly filters: {
    readonly price: { readonly tickSize: string };
    readonly quantity: { readonly stepSize: string };
  };
}

/**
 * Listens to the depth and trade streams of markets on a socket of its own, from a moment on. Started before their
 * first order it knows their books whole; of a book that is deeper than a snapshot shows it knows that part.
 *
 * A busy venue keeps it busy, too: under load it belongs into a process of its own (`RecorderProcess`).
 */
export class StreamRecorder implements Recorder {
  readonly #client: WsClient;
  readonly #rest: RestClient;
  readonly #markets = new Map<string, HeardMarket>();
  #end: string | undefined;

  private constructor(url: string, client: WsClient) {
    this.#rest = new RestClient(url);
    this.#client = client;
    client.onClose = (code, reason) => {
      this.#end ??= `the venue closed its socket during the run: ${code} ${reason}`;
    };
  }

  /** Subscribes, and joins the streams to the books as they are. Throws what the venue refuses. */
  static async start(url: string, symbols: readonly string[]): Promise<StreamRecorder> {
    const recorder = new StreamRecorder(url, await WsClient.connect(url, 'json'));
    await recorder.#listen(symbols);
    return recorder;
  }

  /** As `Recorder` says; then it listens no more. */
  async finish(): Promise<StreamFindings> {
    const endMs = performance.now() + CATCH_UP_TIMEOUT_MS;
    try {
      for (const market of this.#markets.values()) await this.#compare(market, endMs);
    } catch (error) {
      this.#end ??= `it could not compare the books: ${(error as Error).message}`;
    }
    const incomplete = this.#end;
    this.#end ??= 'it has finished';
    await this.#client.close();
    const markets = [...this.#markets.values()].map(({ findings }) => findings);
    return { markets, ...(incomplete === undefined ? {} : { incomplete }) };
  }

  async #listen(symbols: readonly string[]): Promise<void> {
    const listed = await this.#rest.get<readonly ListedMarket[]>('/api/v1/markets');
    const bySymbol = new Map(listed.map((market) => [market.symbol, market.filters]));
    for (const symbol of symbols) {
      const filters = bySymbol.get(symbol);
      if (filters === undefined) throw new Error(`the venue lists no market ${symbol}`);
      const priceDecimals = decimalsOf(filters.price.tickSize);
      const quantityDecimals = decimalsOf(filters.quantity.stepSize);
      this.#markets.set(symbol, new HeardMarket(symbol, { priceDecimals, quantityDecimals }));
    }
    this.#client.setFrameHandler((frame) => this.#hear(frame));
    const streams = symbols.flatMap((symbol) => [`depth.${symbol}`, `trade.${symbol}`]);
    // The frame handler sees the streams' frames before this callback would.
    await this.#client.subscribe(streams, () => {});
    for (const market of this.#markets.values()) {
      market.begin(await this.#rest.depth(market.symbol));
    }
  }

  /** Takes a frame of a stream. Its name is the frame's last member: `…,"stream":"depth.SOL_USDC"}`. */
  #hear(frame: Buffer): boolean {
    const quote = frame.lastIndexOf(0x22, frame.length - 3);
    const name = frame.toString('latin1', quote + 1, frame.length - 2);
    const dot = name.indexOf('.');
    const market = this.#markets.get(name.slice(dot + 1));
    if (market === undefined) return false;
    if (name.startsWith('depth.')) market.depth(frame);
    else if (name.startsWith('trade.')) market.trade(frame);
    else return false;
    return true;
  }

  async #compare(market: HeardMarket, endMs: number): Promise<void> {
    for (let attempt = 1; attempt <= COMPARISONS_MAX; attempt++) {
      const snapshot = await this.#rest.depth(market.symbol);
      const wanted = Number(snapshot.lastUpdateId);
      while (market.updateId < wanted && this.#end === undefined) {
        if (performance.now() > endMs) {
          this.#end = `its streams were still behind after ${CATCH_UP_TIMEOUT_MS / 1000} s`;
        }
        await delay(POLL_MS);
      }
      market.compare(snapshot);
      if (market.differenceCount === 0) return;
    }
  }
}

/** Decimal places of a step such as `0.01`. */
function decimalsOf(step: string): number {
  return step.includes('.') ? step.length - step.indexOf('.') - 1 : 0;
}
