import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Hash64 } from '../../engine/collections/hash64.ts';
import { US_PER_DAY, US_PER_MINUTE } from '../../engine/protocol/time-units.ts';
import { type HistoryPage, WHOLE_HISTORY } from '../../persistence/account-history.ts';
import { withClient } from '../../persistence/database.ts';
import { startEmbeddedPostgres } from '../../persistence/embedded-postgres.ts';
import { prepareDatabase } from '../../persistence/migrations.ts';
import { type Kline, ProjectionQueries } from '../../persistence/queries.ts';
import {
  fillHistory,
  type HistorySize,
  OWN_ACCOUNT,
  orderIdOf,
  ownStepUs,
  START_US,
} from '../stored/fill-history.ts';
import {
  type About,
  type Benchmark,
  Checks,
  grouped,
  type Metric,
  type Outcome,
  type Size,
} from '../suite.ts';

const SIZES: Record<Size, HistorySize & { readonly rounds: number }> = {
  full: { days: 365, markets: 4, otherOrders: 5_000_000, ownOrders: 20_000, rounds: 40 },
  quick: { days: 60, markets: 2, otherOrders: 300_000, ownOrders: 5000, rounds: 20 },
  test: { days: 10, markets: 2, otherOrders: 2000, ownOrders: 400, rounds: 1 },
};
const MARKET = 2;
const PAGE = 100;
/** As the API answers at most. */
const CANDLES = 1000;
const CANDLES_OF_A_YEAR = 10_000;

/** On whatever disk the repository is on. */
const FOLDER = 'bench/results';

/** Asks, and holds each answer against what the history was made of. */
class HistoryReads {
  readonly checks = new Checks();
  readonly metrics: Metric[] = [];
  readonly hash = new Hash64();
  readonly #size: HistorySize;
  readonly #rounds: number;
  readonly #queries: ProjectionQueries;

  constructor(size: HistorySize, rounds: number, queries: ProjectionQueries) {
    this.#size = size;
    this.#rounds = rounds;
    this.#queries = queries;
  }

  async run(): Promise<void> {
    await this.#readCandles();
    await this.#readAccount();
  }

  async #readCandles(): Promise<void> {
    const endUs = START_US + this.#size.days * US_PER_DAY;
    const half = START_US + Math.floor(this.#size.days / 2) * US_PER_DAY;
    const read = (
      name: string,
      interval: '1m' | '1h' | '1d',
      fromUs: number,
      limit: number,
      count: number,
    ) =>
      this.#measure(
        name,
        () => this.#queries.klines(MARKET, interval, fromUs, endUs, limit),
        (candles) => {
          this.checks.equal(`${name}: candles`, candles.length, count);
          this.checks.expect(
            `${name}: their values`,
            candles.every((one) => this.#isRight(one, interval)),
          );
        },
      );
    const { days } = this.#size;
    await read(
      '1,000 candles of a minute, newest',
      '1m',
      endUs - CANDLES * US_PER_MINUTE,
      CANDLES,
      CANDLES,
    );
    await read('1,000 candles of a minute, amid', '1m', half, CANDLES, CANDLES);
    await read('all candles of an hour', '1h', START_US, CANDLES_OF_A_YEAR, days * 24);
    await read('all candles of a day', '1d', START_US, CANDLES_OF_A_YEAR, days);
    await this.#measure(
      'last close before',
      () => this.#queries.lastCloseBefore(MARKET, '1m', half),
      (close) =>
        this.checks.equal(
          'last close',
          close,
          String(101 + (((half - START_US) / US_PER_MINUTE - 1) % 10)),
        ),
    );
  }

  /** A longer candle has all the minutes that there are, from which its values follow. */
  #isRight(candle: Kline, interval: '1m' | '1h' | '1d'): boolean {
    const minutes = { '1m': 1, '1h': 60, '1d': 1440 }[interval];
    const first = (candle.start * 1e6 - START_US) / US_PER_MINUTE;
    const last = first + minutes - 1;
    let volume = 0;
    for (let minute = first; minute <= last; minute++) volume += 2 + (minute % 3);
    const high = minutes === 1 ? 105 + (first % 10) : 114;
    return (
      candle.open === String(100 + (first % 10)) &&
      candle.close === String(101 + (last % 10)) &&
      candle.high === String(high) &&
      candle.volume === String(volume) &&
      candle.trades === String(minutes * 3)
    );
  }

  async #readAccount(): Promise<void> {
    const { ownOrders, markets } = this.#size;
    const { accountHistory } = this.#queries;
    const whole = { ...WHOLE_HISTORY, accountId: OWN_ACCOUNT, limit: PAGE };
    const newest = Array.from({ length: ownOrders }, (_, index) => ownOrders - 1 - index);
    const offset = ownOrders >> 1;
    const ofMarket = newest.filter((number) => number % markets === MARKET - 1);
    const fromUs = START_US + (ownOrders >> 2) * ownStepUs(this.#size);
    const later = newest.filter((number) => number >= ownOrders >> 2);
    const asked = {
      'newest page': [whole, newest],
      'page amid': [{ ...whole, offset }, newest.slice(offset)],
      'newest page of a market': [{ ...whole, marketId: MARKET }, ofMarket],
      'newest page from a time on': [{ ...whole, fromUs }, later],
    } as const;
    for (const table of ['orders', 'fills'] as const) {
      for (const [name, [range, expected]] of Object.entries(asked)) {
        const total = expected.length + range.offset;
        await this.#readPage(
          `${table}: ${name}`,
          () => accountHistory[table](range),
          expected,
          total,
        );
      }
      const named = {
        'of an order': [{ ...whole, orderId: this.#ownId(offset) }, [offset]],
        'of a client id': [{ ...whole, clientId: offset }, [offset]],
        'of a client id that was never used': [{ ...whole, clientId: ownOrders }, []],
      } as const;
      for (const [name, [range, expected]] of Object.entries(named)) {
        await this.#readPage(
          `${table}: ${name}`,
          () => accountHistory[table](range),
          expected,
          expected.length,
        );
      }
    }
  }

  #ownId(number: number): number {
    return orderIdOf(this.#size.otherOrders + 1 + number);
  }

  async #readPage(
    name: string,
    read: () => Promise<HistoryPage>,
    numbers: readonly number[],
    total: number,
  ): Promise<void> {
    const expected = numbers.slice(0, PAGE).map((number) => String(this.#ownId(number)));
    await this.#measure(name, read, (page) => {
      const rows = JSON.parse(page.items) as { id?: string; orderId?: string }[];
      const ids = rows.map(({ id, orderId }) => id ?? orderId);
      this.checks.equal(`${name}: rows`, ids.join(), expected.join());
      this.checks.equal(`${name}: total`, page.total, total);
    });
  }

  /** The answer of the first time is checked, and not timed. */
  async #measure<Answer>(
    name: string,
    read: () => Promise<Answer>,
    check: (answer: Answer) => void,
  ): Promise<void> {
    const answer = await read();
    check(answer);
    this.hash.addText(JSON.stringify(answer));
    const values: number[] = [];
    for (let round = 0; round < this.#rounds; round++) {
      const startMs = performance.now();
      await read();
      values.push(performance.now() - startMs);
    }
    this.metrics.push({ name, unit: 'ms', values });
  }
}

async function run(size: Size): Promise<Outcome> {
  const { rounds, ...history } = SIZES[size];
  mkdirSync(resolve(FOLDER), { recursive: true });
  const dataDir = mkdtempSync(join(resolve(FOLDER), 'stored-history-'));
  const postgres = await startEmbeddedPostgres({ dataDir, log: () => {} });
  try {
    await prepareDatabase(postgres.url);
    const startMs = performance.now();
    await withClient(postgres.url, 'ringside bench', (client) => fillHistory(client, history));
    const filling = {
      name: 'filling the tables',
      unit: 's',
      values: [(performance.now() - startMs) / 1000],
    };
    const queries = new ProjectionQueries(postgres.url);
    const reads = new HistoryReads(history, rounds, queries);
    await reads.run().finally(() => queries.close());
    const { checks, metrics, hash } = reads;
    return {
      metrics: [...metrics, filling],
      resultHash: hash.digest(),
      ok: checks.ok,
      checks: checks.lines,
    };
  } finally {
    await postgres.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function about(size: Size): About {
  const { days, markets, otherOrders, ownOrders, rounds } = SIZES[size];
  return {
    description:
      'an embedded Postgres with a long history, asked for candles of one market and for pages of one account, one ' +
      'statement after the other, over a connection as the gateway has it',
    work:
      `${markets} markets with a candle for every minute of ${days} days and the longer ones that these make; ` +
      `${grouped(otherOrders)} orders of 1,000 accounts and as many fills, and ${grouped(ownOrders)} of the account that ` +
      `is asked about, spread over these days; each question ${rounds} times, after one that is not timed`,
    mix: `pages of ${PAGE} orders or fills with their total; ${grouped(CANDLES)} candles as the API has them at most`,
    durability: 'Postgres as the venue runs it; nothing is written while it is asked',
    leavesOut:
      'sockets, signatures, JSON of candles, a writer beside it; what is asked again is in memory',
    hashOf: 'every answer, once',
  };
}

export const storedHistory: Benchmark = { name: 'stored-history', about, run };
