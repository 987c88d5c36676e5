import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { Random } from '../engine/collections/random.ts';
import { KLINE_INTERVALS, type KlineInterval } from '../persistence/kline-intervals.ts';
import { type NaiveTrade, naiveKlines } from '../persistence/testing/naive-klines.ts';
import { useTestServer } from '../persistence/testing/test-server.ts';
import { until } from '../persistence/testing/until.ts';
import { type Json, VenueClient } from './venue-client.fixture.ts';
import { VenueUnderTest } from './venue-process.fixture.ts';

/*
 * What a venue says of a market's trades, against all the trades it has told of, over lives that end with SIGKILL.
 */

const server = useTestServer();
const SYMBOL = 'AAA_USD';
const LIVES = 3;

type WireKline = Record<
  'start' | 'open' | 'high' | 'low' | 'close' | 'volume' | 'quoteVolume' | 'trades',
  string
>;

interface WireTrade {
  readonly id: number;
  readonly price: string;
  readonly quantity: string;
  readonly quoteQuantity: string;
  readonly timestamp: number;
}

/** A socket that keeps the data of every frame, by stream. */
class Listener {
  readonly told = new Map<string, Json[]>();
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (message) => {
      const { stream, data } = JSON.parse(String(message));
      if (stream !== undefined) this.of(stream).push(data);
    });
    socket.on('error', () => {});
  }

  static async open(url: string, params: readonly string[]): Promise<Listener> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`);
    const listener = new Listener(socket);
    await once(socket, 'open');
    socket.send(JSON.stringify({ method: 'SUBSCRIBE', params, id: 1 }));
    await once(socket, 'message');
    return listener;
  }

  of(stream: string): Json[] {
    const told = this.told.get(stream) ?? [];
    this.told.set(stream, told);
    return told;
  }

  close(): void {
    this.#socket.terminate();
  }
}

const STREAMS = [
  ...['trade', 'depth', 'depth.200ms', 'depth.1000ms', 'ticker'],
  ...KLINE_INTERVALS.map((interval) => `kline.${interval}`),
].map((kind) => `${kind}.${SYMBOL}`);

/** One life of the venue, with two traders who meet each other. */
class Life {
  readonly url: string;
  readonly traders: readonly VenueClient[];
  readonly listener: Listener;

  constructor(url: string, traders: readonly VenueClient[], listener: Listener) {
    this.url = url;
    this.traders = traders;
    this.listener = listener;
  }

  async get<Body>(path: string): Promise<Body> {
    const reply = await fetch(`${this.url}/api/v1/${path}`);
    const body = await reply.json();
    assert.equal(reply.status, 200, `${path}: ${JSON.stringify(body)}`);
    return body as Body;
  }

  place(random: Random): Promise<unknown> {
    const side = random.below(2);
    return this.traders[side]!.place({
      symbol: SYMBOL,
      side: side === 0 ? 'Bid' : 'Ask',
      orderType: 'Limit',
      price: ((100 + random.below(8)) / 100).toFixed(2),
      quantity: String(1 + random.below(3)),
    });
  }

  /** All trades of the market, oldest first, and as the naive twin wants them. */
  async trades(): Promise<{ all: WireTrade[]; naive: NaiveTrade[] }> {
    const all: WireTrade[] = [];
    for (let page: WireTrade[] = [], offset = 0; offset === 0 || page.length > 0; ) {
      page = await this.get(`trades/history?symbol=${SYMBOL}&limit=500&offset=${offset}`);
      all.unshift(...page.toReversed());
      offset += 500;
    }
    const naive = all.map(({ price, quantity, quoteQuantity, timestamp }) => ({
      timeUs: timestamp * 1000,
      priceTicks: Math.round(Number(price) * 100),
      lots: Number(quantity),
      quoteUnits: Math.round(Number(quoteQuantity) * 100),
    }));
    return { all, naive };
  }

  klines(interval: KlineInterval, fromMs: number): Promise<WireKline[]> {
    const startTime = Math.floor(fromMs / 1000);
    return this.get(`klines?symbol=${SYMBOL}&interval=${interval}&startTime=${startTime}`);
  }
}

const price = (text: string) => Math.round(Number(text) * 100);

/** Candles and tickers of REST, and what the streams told, are what the trades of all lives make. */
async function assertFigures(life: Life, lifeNumber: number): Promise<void> {
  const { all, naive } = await life.trades();
  assert.deepEqual(
    all.map(({ id }) => id),
    all.map((_, index) => index + 1),
  );
  const prices = naive.map(({ priceTicks }) => priceTicks);
  for (const window of ['1d', '1w']) {
    const ticker = await life.get<Record<string, string>>(
      `ticker?symbol=${SYMBOL}&interval=${window}`,
    );
    assert.deepEqual(
      [ticker.firstPrice, ticker.lastPrice, ticker.high, ticker.low].map((text) => price(text!)),
      [prices[0], prices.at(-1), Math.max(...prices), Math.min(...prices)],
      `life ${lifeNumber}`,
    );
    const sum = (field: 'lots' | 'quoteUnits') =>
      naive.reduce((total, trade) => total + trade[field], 0);
    assert.deepEqual([ticker.volume, ticker.quoteVolume, ticker.trades].map(Number), [
      sum('lots'),
      sum('quoteUnits') / 100,
      naive.length,
    ]);
  }
  for (const interval of KLINE_INTERVALS) {
    const closed = life.listener.of(`kline.${interval}.${SYMBOL}`).filter(({ X }) => X === true);
    const rows = await life.klines(interval, all[0]!.timestamp);
    const text = `${interval} in life ${lifeNumber}`;
    assertKlines(rows, naiveKlines(interval, naive), text);
    assertStream(closed, rows, text);
  }
}

/** Those with trades are the naive ones, the others carry the close before them. */
function assertKlines(
  rows: readonly WireKline[],
  expected: ReturnType<typeof naiveKlines>,
  text: string,
): void {
  const traded = rows.filter(({ trades }) => trades !== '0');
  assert.deepEqual(
    traded.map((row) => ({
      startMs: Date.parse(`${row.start}Z`),
      open: price(row.open),
      high: price(row.high),
      low: price(row.low),
      close: price(row.close),
      volume: BigInt(row.volume),
      quoteVolume: BigInt(Math.round(Number(row.quoteVolume) * 100)),
      trades: Number(row.trades),
    })),
    expected,
    text,
  );
  rows.forEach((row, index) => {
    if (row.trades !== '0') return;
    const { close } = rows[index - 1]!;
    assert.deepEqual([row.open, row.high, row.low, row.close], [close, close, close, close], text);
    assert.equal(row.volume, '0', text);
  });
}

/** What the stream said last of each candle it closed is what REST says of it. */
function assertStream(closed: readonly Json[], rows: readonly WireKline[], text: string): void {
  const last = new Map(closed.map((data) => [String(data.t).replace('T', ' '), data]));
  for (const row of rows) {
    const data = last.get(row.start);
    if (data === undefined) continue;
    last.delete(row.start);
    assert.deepEqual(
      [data.o, data.h, data.l, data.c].map((value) => price(String(value))),
      [row.open, row.high, row.low, row.close].map(price),
      `${text} ${row.start}`,
    );
    assert.deepEqual([data.n, data.v], [Number(row.trades), row.volume], `${text} ${row.start}`);
  }
  assert.equal(last.size, 0, `${text}: candles that REST does not have`);
}

/** Ids of each stream are contiguous; answers the last of the stream of every change. */
function assertContiguous(listener: Listener, aboveUpdateId: number): number {
  let updateId = 0;
  for (const stream of ['depth', 'depth.200ms', 'depth.1000ms']) {
    const frames = listener.of(`${stream}.${SYMBOL}`) as { U: number; u: number }[];
    assert.ok(frames[0] === undefined || frames[0].U > aboveUpdateId, 'an id is used again');
    for (let index = 1; index < frames.length; index++) {
      assert.equal(frames[index]!.U, frames[index - 1]!.u + 1, stream);
    }
    updateId = Math.max(updateId, frames.at(-1)?.u ?? 0);
  }
  return Math.max(updateId, aboveUpdateId);
}

test('tickers and candles of every interval are those of all trades, whenever the venue was killed', async (context) => {
  const settings = {
    RINGSIDE_SHARDS: '2',
    DATABASE_URL: await server.createDatabase('figures'),
  };
  const random = new Random(5);
  const first = new VenueUnderTest(settings);
  context.after(() => first.cleanUp());
  let traders: VenueClient[] = [];
  let updateId = 0;
  let venue = first;
  for (let number = 1; number <= LIVES; number++) {
    const ready = await venue.ready();
    if (number === 1) {
      const one = new VenueClient(venue, ready);
      await one.setUp();
      const other = new VenueClient(venue, ready);
      await other.beTrader('other', ['AAA', 'USD']);
      traders = [one, other];
    } else {
      traders = traders.map((trader) => trader.at(ready));
    }
    const url = String(ready.url);
    const life = new Life(url, traders, await Listener.open(url, STREAMS));
    if (number > 1) await assertFigures(life, number);
    for (let orders = 0; orders < 60; orders++) {
      await life.place(random);
      if (orders % 10 === 0) await delay(random.below(400));
    }
    await until('a second is over', () => life.listener.of(`kline.1s.${SYMBOL}`).length > 3);
    // A kline frame and an answer of REST may be of either side of an event: at rest they agree.
    await until('all is told', () => {
      const told = life.listener.of(`kline.1s.${SYMBOL}`).at(-1);
      return told?.X === true && told.n === 0;
    });
    await assertFigures(life, number);

    const underWay = Array.from({ length: 30 }, () => life.place(random).catch(() => {}));
    await delay(random.below(25));
    venue.child.kill('SIGKILL');
    await venue.ended;
    await Promise.all(underWay);
    updateId = assertContiguous(life.listener, updateId);
    life.listener.close();
    if (number === LIVES) break;
    const again = { ...settings, RINGSIDE_DATA_DIR: first.dataDir };
    venue = new VenueUnderTest(again);
    const next = venue;
    context.after(() => next.cleanUp());
  }
  assert.ok(updateId > 0);
});
