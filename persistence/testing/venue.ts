import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { formatPadded } from '../../engine/protocol/decimal.ts';
import { allocateTopology } from '../../engine/ring/topology.ts';
import { KLINE_INTERVALS } from '../kline-intervals.ts';
import { resetDatabase } from '../migrations.ts';
import { startWriter, type Writer, type WriterOptions } from '../writer-client.ts';
import { EventFeed, TEST_MARKET } from './event-feed.ts';
import type { MarketModel } from './market-model.ts';
import { naiveKlines } from './naive-klines.ts';
import type { TestServer } from './test-server.ts';
import { until } from './until.ts';

interface TestVenue {
  readonly feed: EventFeed;
  readonly writer: Writer;
  /** Lines that the writer logged. */
  readonly lines: string[];
}

/** A fresh schema, rings, a feed into them and a writer; the writer ends with the test. */
export async function startVenue(
  context: TestContext,
  server: TestServer,
  options: Partial<WriterOptions> & { shardCount?: number } = {},
): Promise<TestVenue> {
  await resetDatabase(server.url);
  return resumeVenue(context, server, options);
}

/** As `startVenue`, on the schema as it is; `firstSent` is for the feed. */
export async function resumeVenue(
  context: TestContext,
  server: TestServer,
  options: Partial<WriterOptions> & { shardCount?: number; firstSent?: readonly number[] } = {},
): Promise<TestVenue> {
  const { shardCount = 1, firstSent, ...writerOptions } = options;
  const topology = allocateTopology(shardCount);
  const lines: string[] = [];
  const writer = await startWriter({
    topology,
    databaseUrl: server.url,
    dataDir: server.dataDir,
    log: (line) => lines.push(line),
    ...writerOptions,
  });
  // A test may have watched the thread die.
  context.after(() => writer.stop(0).catch(() => {}));
  return { feed: new EventFeed(topology, firstSent), writer, lines };
}

/** Waits until every recorded event is committed. */
export async function untilCommitted({
  feed,
  writer,
}: Pick<TestVenue, 'feed' | 'writer'>): Promise<void> {
  await until('all events are committed', () => {
    const { committedSequences, failed, lastError } = writer.status();
    assert.equal(failed, false, lastError ?? undefined);
    return feed.sequences.every((sequence, shard) => committedSequences[shard] === sequence);
  });
}

/** Waits until the projection has stopped, and answers why. */
export async function untilFailed({ writer }: Pick<TestVenue, 'writer'>): Promise<string> {
  // The reason comes by message, after the status.
  await until('the failure is told', () => writer.status().lastError?.includes('stopped') === true);
  assert.equal(writer.status().failed, true);
  return writer.status().lastError ?? '';
}

const price = (ticks: number) =>
  formatPadded(ticks, { decimals: TEST_MARKET.priceDecimals, stepUnits: TEST_MARKET.tickUnits });
const quantity = (lots: bigint) => formatPadded(Number(lots), { decimals: 3, stepUnits: 1 });
const quote = (units: bigint) => formatPadded(Number(units), { decimals: 6, stepUnits: 1 });

/** The tables hold exactly what the model fed: every trade, fill, order and candle once. */
export async function assertTablesEqual(server: TestServer, model: MarketModel): Promise<void> {
  const trades = await server.query(`select price::text, quantity::text, quote_quantity::text
    from trades order by trade_id`);
  assert.deepEqual(
    trades.map((row) => Object.values(row)),
    model.trades.map((trade) => [
      price(trade.priceTicks),
      quantity(BigInt(trade.lots)),
      quote(BigInt(trade.quoteUnits)),
    ]),
  );
  const [counts] = await server.query(`select (select count(*)::integer from fills) as fills,
    (select count(*)::integer from orders where status = 'Filled') as orders`);
  assert.deepEqual(counts, { fills: model.trades.length * 2, orders: model.orders });
  for (const interval of KLINE_INTERVALS) {
    const klines = await server.query(
      `select extract(epoch from start_time)::bigint::text as start, open::text, high::text,
        low::text, close::text, volume::text, quote_volume::text, trades::integer
        from klines where interval = $1 order by start_time`,
      [interval],
    );
    const expected = naiveKlines(interval, model.trades).map((kline) => [
      String(kline.startMs / 1000),
      ...[kline.open, kline.high, kline.low, kline.close].map(price),
      quantity(kline.volume),
      quote(kline.quoteVolume),
      kline.trades,
    ]);
    const found = klines.map((row) => Object.values(row));
    assert.deepEqual(found, expected, interval);
  }
}
