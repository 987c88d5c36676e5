import { setTimeout as delay } from 'node:timers/promises';
import { decimalsOf, type ListedMarket } from '../client/listed-market.ts';
import { type DepthSnapshot, RestClient } from '../client/rest-client.ts';
import type { KeyPair } from '../client/signing.ts';
import { WsClient } from '../client/ws-client.ts';
import { AccountListener, type ListenerSetup } from './account-listener.ts';
import type { Recorder, ToldToAccounts } from './audit-input.ts';
import { HeardMarket } from './heard-market.ts';
import type { StreamFindings } from './stream-findings.ts';

const CATCH_UP_TIMEOUT_MS = 30_000;
const POLL_MS = 5;
/** So often one market's book is held against the engine's while it trades. */
const COMPARE_EVERY_MS = 1000;
/** While a market trades, its book is kept back for so long at most. */
const FREEZE_MAX_MS = 1000;
/** A snapshot may be older than the book when it was frozen: then the next one is tried. */
const COMPARISONS_MAX = 5;
/** A venue that does not acknowledge subscriptions has made one by then. */
const ACKNOWLEDGEMENT_MS = 2_000;

/** Where a venue is, and its websockets if not there: see `streamAddress`. */
export interface VenueAddresses {
  readonly url: string;
  readonly streamUrl?: string;
}

/** How the private streams are to be listened to. */
export type AccountsHeard = Pick<ListenerSetup, 'sharesClock' | 'hasOthersInMarkets'>;

/**
 * Listens to the depth, trade and best-level streams of markets on a socket of its own, from a moment on, and to the
 * private streams of accounts if asked to. Started before the markets' first order it knows their books whole; of a
 * book that is deeper than a snapshot shows it knows that part.
 *
 * A busy venue keeps it busy, too: under load it belongs into a process of its own (`RecorderProcess`).
 */
export class StreamRecorder implements Recorder {
  readonly #addresses: VenueAddresses;
  readonly #client: WsClient;
  readonly #rest: RestClient;
  readonly #markets = new Map<string, HeardMarket>();
  #listed: ReadonlyMap<string, ListedMarket> = new Map();
  #accounts: AccountListener | undefined;
  #end: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** A comparison that is under way. */
  #comparing: Promise<void> = Promise.resolve();

  private constructor(addresses: VenueAddresses, client: WsClient) {
    this.#addresses = addresses;
    this.#rest = new RestClient(addresses.url);
    this.#client = client;
    client.onClose = (code, reason) => {
      this.#end ??= `the venue closed its socket during the run: ${code} ${reason}`;
    };
  }

  /** Subscribes, and joins the streams to the books as they are. Throws what the venue refuses. */
  static async start(
    addresses: VenueAddresses,
    symbols: readonly string[],
  ): Promise<StreamRecorder> {
    const client = await WsClient.connect(addresses.streamUrl ?? addresses.url, 'json');
    const recorder = new StreamRecorder(addresses, client);
    await recorder.#listen(symbols);
    recorder.#compareInTurn();
    return recorder;
  }

  /** Listens to the accounts' private streams, too; to be called before their first order. Throws what is refused. */
  async listenTo(keys: readonly KeyPair[], how: AccountsHeard): Promise<void> {
    this.#accounts = new AccountListener({ ...this.#addresses, ...how, assets: this.#listed });
    await this.#accounts.listen(keys);
  }

  /** The measured part, in ms of the epoch. */
  measure(fromEpochMs: number, toEpochMs: number): void {
    this.#accounts?.measure(fromEpochMs, toEpochMs);
  }

  /** As `Recorder` says; then it listens no more. */
  async finish(
    told: ToldToAccounts = { trades: [], placed: [], isWhole: false },
  ): Promise<StreamFindings> {
    clearInterval(this.#timer);
    await this.#comparing;
    const endMs = performance.now() + CATCH_UP_TIMEOUT_MS;
    try {
      for (const market of this.#markets.values()) await this.#compare(market, endMs);
    } catch (error) {
      this.#end ??= `it could not compare the books: ${(error as Error).message}`;
    }
    const incomplete = this.#end;
    this.#end ??= 'it has finished';
    await this.#client.close();
    const accounts = await this.#accounts?.finish(told);
    const markets = [...this.#markets.values()].map(({ findings }) => findings);
    return {
      markets,
      ...(accounts === undefined ? {} : { accounts }),
      ...(incomplete === undefined ? {} : { incomplete }),
    };
  }

  async #listen(symbols: readonly string[]): Promise<void> {
    const listed = await this.#rest.get<readonly ListedMarket[]>('/api/v1/markets');
    const traded = listed.filter(({ symbol }) => symbols.includes(symbol));
    this.#listed = new Map(traded.map((market) => [market.symbol, market]));
    for (const symbol of symbols) {
      const market = this.#listed.get(symbol);
      if (market === undefined) throw new Error(`the venue lists no market ${symbol}`);
      const priceDecimals = decimalsOf(market.filters.price.tickSize);
      const quantityDecimals = decimalsOf(market.filters.quantity.stepSize);
      this.#markets.set(symbol, new HeardMarket(symbol, { priceDecimals, quantityDecimals }));
    }
    this.#client.setFrameHandler((frame) => this.#hear(frame));
    const streams = symbols.flatMap((symbol) => [
      `depth.${symbol}`,
      `trade.${symbol}`,
      `bookTicker.${symbol}`,
    ]);
    // The frame handler sees the streams' frames before this callback would.
    await this.#client.subscribe(streams, () => {}, undefined, ACKNOWLEDGEMENT_MS);
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
    else if (name.startsWith('bookTicker.')) market.bookTicker(frame);
    else return false;
    return true;
  }

  /** Holds one market after the other against the engine's book while they trade. */
  #compareInTurn(): void {
    const markets = [...this.#markets.values()];
    let turn = 0;
    let isUnderWay = false;
    this.#timer = setInterval(() => {
      if (isUnderWay || this.#end !== undefined || markets.length === 0) return;
      isUnderWay = true;
      this.#comparing = this.#compareDuringRun(markets[turn++ % markets.length]!).finally(() => {
        isUnderWay = false;
      });
    }, COMPARE_EVERY_MS);
  }

  async #compareDuringRun(market: HeardMarket): Promise<void> {
    try {
      const snapshot = await this.#frozenSnapshot(market, performance.now() + FREEZE_MAX_MS);
      if (market.updateId >= Number(snapshot.lastUpdateId)) market.compareDuringRun(snapshot);
    } catch {
      // A busy venue may refuse a snapshot; how many came is told.
    } finally {
      market.thaw();
    }
  }

  async #compare(market: HeardMarket, endMs: number): Promise<void> {
    for (let attempt = 1; attempt <= COMPARISONS_MAX; attempt++) {
      const snapshot = await this.#frozenSnapshot(market, endMs);
      if (market.updateId < Number(snapshot.lastUpdateId)) {
        this.#end ??= `its streams were still behind after ${CATCH_UP_TIMEOUT_MS / 1000} s`;
      }
      const isCompared = market.compare(snapshot);
      if (isCompared && market.differenceCount === 0) return;
    }
  }

  /**
   * Keeps the book as it is from now on, and waits until all that a later snapshot has in it was heard, or time is
   * up.
   */
  async #frozenSnapshot(market: HeardMarket, endMs: number): Promise<DepthSnapshot> {
    market.freeze();
    const snapshot = await this.#rest.depth(market.symbol);
    const wanted = Number(snapshot.lastUpdateId);
    while (market.updateId < wanted && this.#end === undefined && performance.now() < endMs) {
      await delay(POLL_MS);
    }
    return snapshot;
  }
}
