import { AdminClient } from '../client/admin-client.ts';
import { textOf } from '../client/decimal-text.ts';
import { RestClient } from '../client/rest-client.ts';
import { generateKeyPair, type KeyPair } from '../client/signing.ts';
import { type Reply, WsClient } from '../client/ws-client.ts';
import { Random } from '../random.ts';
import { DEMO_MARKETS, type DemoMarket } from './demo-markets.ts';
import { listMarkets, openAccount } from './demo-setup.ts';
import { lastPriceTicks, openQuotes } from './market-past.ts';
import { type Quote, Quoter } from './quoter.ts';

export interface DemoSettings {
  readonly url: string;
  readonly adminUrl: string;
  readonly adminToken: string;
  /** Symbols of the markets to quote; all must be demo markets. */
  readonly markets: readonly string[];
}

/** One market is looked after per beat, in turn: three markets make some ten commands a second. */
const BEAT_MS = 400;
const TAKER_CHANCE = 0.6;
const RECONNECT_FIRST_MS = 500;
const RECONNECT_MAX_MS = 10_000;
const STOP_TIMEOUT_MS = 2_000;

interface Desk {
  readonly market: DemoMarket;
  readonly quoter: Quoter;
}

/**
 * The simulated traders of a demo venue: a maker that quotes both sides of every market and a taker
 * that crosses now and then, both through the public websocket. They come back when they lose the venue,
 * and to a venue that was there before them they come back as the traders they were: the same accounts,
 * new keys, the quotes that still stand, prices from the last trade on.
 */
export class DemoTraders {
  readonly #settings: DemoSettings;
  readonly #desks: readonly Desk[];
  readonly #makerKey: KeyPair = generateKeyPair();
  readonly #takerKey: KeyPair = generateKeyPair();
  readonly #random = new Random(4);
  readonly #onQuoting: () => void;
  #maker: WsClient | undefined;
  #taker: WsClient | undefined;
  #stopping = false;
  #wake: (() => void) | undefined;
  #lastClientId = 0;

  /** `onQuoting` is called once, when every market has its first quotes. */
  constructor(settings: DemoSettings, onQuoting: () => void) {
    this.#settings = settings;
    this.#onQuoting = onQuoting;
    this.#desks = settings.markets.map((symbol) => {
      const market = DEMO_MARKETS.find((one) => one.listing.symbol === symbol);
      if (market === undefined) throw new RangeError(`${symbol} is not a demo market`);
      return { market, quoter: new Quoter(market, () => this.#takeClientId()) };
    });
  }

  /** Trades until `stop`. */
  async run(): Promise<void> {
    let delayMs = RECONNECT_FIRST_MS;
    let isFirst = true;
    while (!this.#stopping) {
      try {
        await this.#open(isFirst);
        delayMs = RECONNECT_FIRST_MS;
        await this.#trade(isFirst);
        isFirst = false;
      } catch {
        // The venue is away or not ready: the next try tells.
      }
      await this.#close();
      if (!this.#stopping) await this.#pause(delayMs);
      delayMs = Math.min(delayMs * 2, RECONNECT_MAX_MS);
    }
  }

  /** Ends `run`; the traders' orders are cancelled on the way out. */
  stop(): void {
    this.#stopping = true;
    this.#wake?.();
  }

  async #open(isFirst: boolean): Promise<void> {
    const { url, adminUrl, adminToken } = this.#settings;
    const admin = new AdminClient(adminUrl, adminToken);
    const markets = this.#desks.map(({ market }) => market);
    await listMarkets(admin, markets);
    await openAccount(admin, url, 'demo-maker', this.#makerKey, markets);
    await openAccount(admin, url, 'demo-taker', this.#takerKey, markets);
    this.#maker = await WsClient.connect(url, 'json');
    this.#taker = await WsClient.connect(url, 'json');
    this.#maker.onClose = this.#taker.onClose = () => this.#wake?.();
    await this.#maker.login(this.#makerKey);
    await this.#taker.login(this.#takerKey);
    const onUpdate = (data: Record<string, unknown>): void => this.#onOrderUpdate(data);
    await this.#maker.subscribe(['account.orderUpdate'], onUpdate, this.#makerKey);
    // Heard from here on, so that no quote ends unnoticed that is found open now.
    const rest = new RestClient(url, this.#makerKey);
    for (const desk of this.#desks) await this.#takeUp(desk, rest, isFirst);
  }

  /** Goes on with what an earlier connection, or an earlier demo, left in the market. */
  async #takeUp({ market, quoter }: Desk, rest: RestClient, isFirst: boolean): Promise<void> {
    const quotes = await openQuotes(rest, market);
    quoter.adopt(quotes);
    for (const { clientId } of quotes) {
      this.#lastClientId = Math.max(this.#lastClientId, clientId);
    }
    const priceTicks = isFirst ? await lastPriceTicks(rest, market) : null;
    if (priceTicks !== null) quoter.moveTo(priceTicks);
  }

  async #trade(isFirst: boolean): Promise<void> {
    for (const desk of this.#desks) this.#quote(desk);
    if (isFirst) this.#onQuoting();
    for (let beat = 0; !this.#stopping && this.#isConnected(); beat++) {
      await this.#pause(BEAT_MS);
      if (this.#stopping || !this.#isConnected()) break;
      const desk = this.#desks[beat % this.#desks.length]!;
      this.#quote(desk);
      if (this.#random.chance(TAKER_CHANCE)) this.#take(desk);
    }
  }

  #isConnected(): boolean {
    return this.#maker?.isOpen === true && this.#taker?.isOpen === true;
  }

  #quote({ market, quoter }: Desk): void {
    const { symbol } = market.listing;
    const { cancel, place } = quoter.step();
    for (const { clientId } of cancel) {
      this.#maker!.send('order.cancel', { symbol, clientId }, () => undefined);
    }
    for (const quote of place) {
      this.#maker!.send('order.place', placeParams(market, quote), (reply: Reply) => {
        if (reply.status !== 200) quoter.remove(quote.clientId);
      });
    }
  }

  #take({ market, quoter }: Desk): void {
    const { isBid, priceTicks, quantityLots } = quoter.takerOrder();
    const order = {
      symbol: market.listing.symbol,
      side: isBid ? 'Bid' : 'Ask',
      quantity: quantityText(market, quantityLots),
    };
    const params =
      priceTicks === undefined
        ? { ...order, orderType: 'Market' }
        : {
            ...order,
            orderType: 'Limit',
            timeInForce: 'IOC',
            price: priceText(market, priceTicks),
          };
    this.#taker!.send('order.place', params, () => undefined);
  }

  #onOrderUpdate(data: Record<string, unknown>): void {
    const { X: status, c: clientId, s: symbol } = data;
    if (status === 'New' || status === 'PartiallyFilled' || typeof clientId !== 'number') return;
    this.#desks.find(({ market }) => market.listing.symbol === symbol)?.quoter.remove(clientId);
  }

  #takeClientId(): number {
    this.#lastClientId = (this.#lastClientId % 0xffff_ffff) + 1;
    return this.#lastClientId;
  }

  /** Sleeps, unless something happens before that `wake`s it. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #close(): Promise<void> {
    const sockets = [this.#maker, this.#taker].filter((socket) => socket?.isOpen === true);
    this.#maker = this.#taker = undefined;
    const done = Promise.all(
      sockets.map(async (socket) => {
        await socket!.request('order.cancelAll', {});
        await socket!.close();
      }),
    );
    await Promise.race([done, this.#pause(STOP_TIMEOUT_MS)]);
    this.#wake?.();
  }
}

function placeParams(market: DemoMarket, quote: Quote): Record<string, string | number | boolean> {
  return {
    symbol: market.listing.symbol,
    side: quote.isBid ? 'Bid' : 'Ask',
    orderType: 'Limit',
    postOnly: true,
    price: priceText(market, quote.priceTicks),
    quantity: quantityText(market, quote.quantityLots),
    clientId: quote.clientId,
  };
}

/** The demo's ticks and lots are powers of ten, so a tick count is the price without its point. */
function priceText({ priceDecimals }: DemoMarket, ticks: number): string {
  return textOf(ticks, priceDecimals);
}

function quantityText({ quantityDecimals }: DemoMarket, lots: number): string {
  return textOf(lots, quantityDecimals);
}
