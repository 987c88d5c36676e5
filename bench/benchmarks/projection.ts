import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { withClient } from '../../persistence/database.ts';
import { startEmbeddedPostgres } from '../../persistence/embedded-postgres.ts';
import {
  type About,
  type Benchmark,
  Checks,
  grouped,
  type Metric,
  median,
  type Outcome,
  type Size,
} from '../suite.ts';
import { HeardTrades } from '../venue/heard-trades.ts';
import { encodeFlow, LoneVenue } from '../venue/lone-venue.ts';
import { ProjectedVenue } from '../venue/projected-venue.ts';
import { type CommandFlow, sliceOf } from '../workloads/command-flow.ts';
import { commandsOf } from '../workloads/message-commands.ts';
import {
  makeUsEquityFlow,
  type Regime,
  US_EQUITY_ACCOUNTS,
  US_EQUITY_MIX,
} from '../workloads/us-equity-flow.ts';

interface Work {
  readonly warmUp: number;
  readonly rounds: number;
  /** Commands of a round as fast as the projection takes them. */
  readonly sustained: number;
  readonly pacedOrdersPerSecond: number;
  readonly paced: number;
  readonly burst: number;
  /** What is left for the time in which the projection catches up. */
  readonly after: number;
}

const WORK: Record<Size, Work> = {
  full: {
    ...{ warmUp: 100_000, rounds: 4, sustained: 400_000, pacedOrdersPerSecond: 50_000 },
    ...{ paced: 750_000, burst: 1_000_000, after: 300_000 },
  },
  quick: {
    ...{ warmUp: 50_000, rounds: 2, sustained: 150_000, pacedOrdersPerSecond: 50_000 },
    ...{ paced: 150_000, burst: 200_000, after: 100_000 },
  },
  test: {
    ...{ warmUp: 500, rounds: 1, sustained: 2000, pacedOrdersPerSecond: 10_000 },
    ...{ paced: 1000, burst: 2000, after: 1000 },
  },
};
const SEED = 1;
const REGIME: Regime = 'normal';
/** As fast as the projection takes them: with so much in memory it is never idle, and nothing is spooled. */
const SUSTAINED_QUEUE_BYTES = 8 * 2 ** 20;
const AFTER_BURST_ORDERS_PER_SECOND = 10_000;
const AFTER_BURST_SLICE = 1000;
const MIB = 2 ** 20;

/** On whatever disk the repository is on, as the journal beside it. */
const FOLDER = 'bench/results';

/** Sends one flow, part after part, through a venue whose rows are written meanwhile. */
class ProjectionRun {
  readonly checks = new Checks();
  readonly metrics: Metric[] = [];
  readonly #work: Work;
  readonly #venue: ProjectedVenue;
  #sent = 0;

  constructor(work: Work, venue: ProjectedVenue) {
    this.#work = work;
    this.#venue = venue;
  }

  async run(): Promise<string> {
    await this.#send(this.#work.warmUp, { queuedBytesMax: SUSTAINED_QUEUE_BYTES });
    await this.#venue.untilProjected();
    await this.#measureSustained();
    await this.#measurePaced();
    const resultHash = await this.#measureBurst();
    return resultHash;
  }

  /** Rows a second while more events wait than a batch takes. */
  async #measureSustained(): Promise<void> {
    const rates = { rows: [] as number[], events: [] as number[], orders: [] as number[] };
    const { rounds, sustained } = this.#work;
    for (let round = 0; round < rounds; round++) {
      const before = this.#counts();
      const { seconds } = await this.#send(sustained, { queuedBytesMax: SUSTAINED_QUEUE_BYTES });
      const total = seconds + (await this.#venue.untilProjected());
      const after = this.#counts();
      rates.rows.push((after.rows - before.rows) / total);
      rates.events.push((after.events - before.events) / total);
      rates.orders.push(sustained / total);
    }
    for (const [name, values] of Object.entries(rates)) {
      this.metrics.push({ name: `sustained beside the engine: ${name}`, unit: '/s', values });
    }
  }

  async #measurePaced(): Promise<void> {
    const { paced, pacedOrdersPerSecond } = this.#work;
    const before = this.#counts();
    const watch = await this.#send(paced, { ordersPerSecond: pacedOrdersPerSecond });
    const leftSeconds = await this.#venue.untilProjected();
    const rows = this.#counts().rows - before.rows;
    const label = `${grouped(pacedOrdersPerSecond)} orders/s`;
    const late = watch.lagEvents.slice(watch.lagEvents.length >> 1);
    this.#note(`${label}: achieved`, 'orders/s', paced / watch.seconds);
    this.#note(`${label}: rows`, '/s', rows / (watch.seconds + leftSeconds));
    this.#note(`${label}: behind, median of the second half`, 'events', median(late));
    this.#note(`${label}: behind at most`, 'events', Math.max(...watch.lagEvents));
    this.#note(`${label}: all written after the last`, 'ms', leftSeconds * 1000);
  }

  /** Answers the hash of everything up to here; what comes after it depends on the machine's speed. */
  async #measureBurst(): Promise<string> {
    const { burst, after } = this.#work;
    const watch = await this.#send(burst, {});
    const resultHash = this.#venue.heard.text();
    const behind = this.#venue.writer.status().lagEvents;
    const startMs = performance.now();
    let left = after;
    // Lag returns to zero while trading goes on.
    for (; left > 0 && this.#venue.writer.status().lagEvents > 0; left -= AFTER_BURST_SLICE) {
      await this.#send(AFTER_BURST_SLICE, { ordersPerSecond: AFTER_BURST_ORDERS_PER_SECOND });
    }
    await this.#venue.untilProjected();
    const label = `burst of ${grouped(burst)}`;
    this.#note(`${label}: sent`, 'orders/s', burst / watch.seconds);
    this.#note(`${label}: behind at its end`, 'events', behind);
    this.#note(`${label}: most in memory`, 'MiB', watch.queuedBytesMost / MIB);
    this.#note(`${label}: most on disk`, 'MiB', watch.spooledBytesMost / MIB);
    this.#note(`${label}: nothing behind after`, 's', (performance.now() - startMs) / 1000);
    const { lagEvents, spooledBytes } = this.#venue.writer.status();
    this.checks.equal('after the burst nothing is behind', lagEvents + spooledBytes, 0);
    return resultHash;
  }

  async #send(count: number, pace: Parameters<ProjectedVenue['send']>[2]) {
    const from = this.#sent;
    this.#sent += count;
    return this.#venue.send(from, this.#sent, pace);
  }

  #counts(): { rows: number; events: number } {
    const { rowsWritten, committedSequences } = this.#venue.writer.status();
    return { rows: rowsWritten, events: committedSequences[0]! };
  }

  #note(name: string, unit: string, value: number): void {
    this.metrics.push({ name, unit, values: [value] });
  }
}

/** The tables against what the gateway heard, and the money in them against itself. */
async function checkTables(
  databaseUrl: string,
  venue: ProjectedVenue,
  checks: Checks,
): Promise<void> {
  await withClient(databaseUrl, 'ringside bench', async (client) => {
    const trades = await client.query(`select count(*)::integer as count,
      coalesce(sum(quantity), 0)::integer as lots from trades`);
    checks.equal('a row for every trade', trades.rows[0].count, venue.heard.trades);
    checks.equal('all traded lots', trades.rows[0].lots, venue.heard.tradedLots);
    const fills = await client.query('select count(*)::integer as count from fills');
    checks.equal('two fills for every trade', fills.rows[0].count, venue.heard.trades * 2);
    const wrong = await client.query(`select asset_id from assets
      left join (select asset_id, sum(available + locked) as held from balances group by 1) as held
        using (asset_id)
      left join (select asset_id, sum(amount) as paid_in from transfers group by 1) as paid_in
        using (asset_id)
      left join (select fee_asset_id as asset_id, sum(fee) as fees from fills group by 1) as fees
        using (asset_id)
      where held + coalesce(fees, 0) is distinct from paid_in`);
    checks.equal('assets whose balances and fees are not what was deposited', wrong.rowCount, 0);
    const state = await client.query('select count(*)::integer as count from refused_events');
    checks.equal('no event was refused', state.rows[0].count, 0);
  });
}

/** What a shard in this thread says of the first `count` commands. */
function hashOfLone(flow: CommandFlow, count: number): string {
  const heard = new HeardTrades();
  new LoneVenue(flow).applyFrames(encodeFlow(sliceOf(flow, 0, count)), heard.take);
  return heard.digest.text();
}

async function run(size: Size): Promise<Outcome> {
  const work = WORK[size];
  const fixed = work.warmUp + work.rounds * work.sustained + work.paced + work.burst;
  const total = fixed + work.after;
  // A flow has one percent fewer messages than asked for, at worst.
  const messages = makeUsEquityFlow(REGIME, SEED, Math.ceil(total * 1.02) + 200);
  const { commands } = commandsOf(messages, US_EQUITY_ACCOUNTS);
  mkdirSync(resolve(FOLDER), { recursive: true });
  const dataDir = mkdtempSync(join(resolve(FOLDER), 'projection-'));
  const postgres = await startEmbeddedPostgres({ dataDir, log: () => {} });
  try {
    const venue = await ProjectedVenue.start(commands, postgres.url, dataDir);
    const projection = new ProjectionRun(work, venue);
    const resultHash = await projection.run();
    await venue.stop();
    const { checks, metrics } = projection;
    await checkTables(postgres.url, venue, checks);
    const lone = hashOfLone(commands, fixed);
    checks.equal('the same trades as of a shard in this thread', resultHash, lone);
    return { metrics, resultHash, ok: checks.ok, checks: checks.lines };
  } finally {
    await postgres.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function about(size: Size): About {
  const { rounds, sustained, pacedOrdersPerSecond, paced, burst } = WORK[size];
  return {
    description:
      'gateway thread → ring → shard thread → ring → persistence thread → an embedded Postgres on the same ' +
      'machine, one transaction a batch, synced: orders as fast as their rows are written, then at a fixed ' +
      'rate, then in a burst that has to wait for its rows on disk',
    work:
      `${rounds} rounds of ${grouped(sustained)} commands as fast as the rows are written; ${grouped(paced)} ` +
      `at ${grouped(pacedOrdersPerSecond)} orders/s; ${grouped(burst)} at once, and from then on ` +
      `${grouped(AFTER_BURST_ORDERS_PER_SECOND)} orders/s until nothing is behind`,
    mix: `${US_EQUITY_MIX} (${REGIME} only)`,
    durability:
      'the venue: no journal; Postgres: every batch synced (fsync and synchronous_commit on)',
    leavesOut:
      'sockets, signatures, market-data frames, the journal. A row is one that is sent to Postgres: of an order ' +
      'or balance that changes more than once within a batch only the last state is',
    hashOf: 'every trade with its ids, and the number of refusals, up to the end of the burst',
  };
}

export const projection: Benchmark = { name: 'projection', about, run };
