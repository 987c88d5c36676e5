import { setTimeout as delay } from 'node:timers/promises';
import type { VenueState } from '../client/admin-client.ts';
import { awaitRest } from '../client/at-rest.ts';
import { generateKeyPair } from '../client/signing.ts';
import { Random } from '../random.ts';
import { AccountFacts, type SharedFacts } from './account-facts.ts';
import { Auditor } from './audit/auditor.ts';
import type { Findings } from './findings.ts';
import { Flow } from './flow.ts';
import { Load } from './load.ts';
import { HALTED_MARKET } from './markets.ts';
import { Operator } from './operator.ts';
import type { OrderRecord } from './order-record.ts';
import { PublicFeed } from './public-feed.ts';
import { Trader } from './trader.ts';
import type { TrafficCounts } from './traffic-counts.ts';
import type { VenueControl } from './venue-control.ts';

/** Transfers repeated after each recovery, to hear the first answer again. */
const REPETITIONS = 3;
/** Longest load before a fault: a busy machine answers fewer. */
const REPLIES_MAX = 3_000;
const LOAD_MS_MAX = 3_000;
/** Two states this far apart that are equal: nothing happens any more. */
const STILL_MS = 250;

/** What a fault acts on: a venue, those who use it, and the auditor who knows what they were told. */
export class Stage {
  readonly venue: VenueControl;
  readonly random: Random;
  readonly findings: Findings;
  readonly shared: SharedFacts;
  readonly operator: Operator;
  readonly traders: readonly Trader[];
  readonly feed: PublicFeed;
  readonly load: Load;
  readonly auditor: Auditor;
  readonly counts: TrafficCounts;
  /** What the run's time went into. */
  readonly spentMs = { load: 0, starts: 0, audits: 0 };

  private constructor(
    venue: VenueControl,
    random: Random,
    counts: TrafficCounts,
    shared: SharedFacts,
    operator: Operator,
    traders: readonly Trader[],
  ) {
    this.venue = venue;
    this.random = random;
    this.findings = shared.findings;
    this.shared = shared;
    this.counts = counts;
    this.operator = operator;
    this.traders = traders;
    this.feed = new PublicFeed(shared);
    this.load = new Load(forkOf(random), traders, operator);
    const accounts = new Map(traders.map(({ facts }) => [facts.accountId, facts]));
    this.auditor = new Auditor(accounts, shared);
  }

  /** Starts the venue's first life and lists, opens and funds everything. */
  static async open(
    venue: VenueControl,
    random: Random,
    accounts: number,
    counts: TrafficCounts,
    findings: Findings,
  ): Promise<Stage> {
    const { adminUrl } = await venue.start();
    const operator = new Operator(forkOf(random), findings);
    operator.connect(adminUrl, venue.adminToken);
    const keyPairs = Array.from({ length: accounts }, generateKeyPair);
    const ids = await operator.setUp(keyPairs.map(({ apiKey }) => apiKey));
    const shared = { findings, updateIds: new Map(), lastOrderIds: new Map(), acknowledged: 0 };
    const traders = ids.map((accountId, index) => {
      const facts = new AccountFacts(accountId, shared);
      return new Trader(facts, keyPairs[index]!, new Flow(forkOf(random), facts), counts);
    });
    const stage = new Stage(venue, random, counts, shared, operator, traders);
    await stage.connect();
    return stage;
  }

  /** Connects everybody to the life under way. */
  async connect(): Promise<void> {
    const { url, adminUrl } = this.venue.ready;
    this.operator.connect(adminUrl, this.venue.adminToken);
    await Promise.all(this.traders.map((trader) => trader.connect(url)));
    await this.feed.connect(url);
  }

  async disconnect(): Promise<void> {
    await Promise.all([...this.traders, this.feed].map((one) => one.disconnect()));
  }

  /** Puts a line into the venue's log: what was done to it. */
  note(line: string): void {
    this.venue.note(line);
  }

  /**
   * Load until a drawn number of requests were answered, or for a while; it goes on.
   *
   * @param share of the most that may be drawn, 0 … 1
   */
  async runLoad(share: number): Promise<void> {
    const startMs = performance.now();
    this.load.start();
    const target = this.counts.done + this.random.next() * share * REPLIES_MAX;
    do {
      await delay(1);
    } while (this.counts.done < target && performance.now() < startMs + LOAD_MS_MAX);
    this.spentMs.load += performance.now() - startMs;
  }

  /** A crash under whatever load there is. */
  async kill(): Promise<void> {
    await this.venue.kill();
    await this.load.stop();
    await this.disconnect();
  }

  /**
   * Starts the next life and audits it before anything new is sent.
   *
   * @param expected the state at rest before the last life ended: it must be there again, hash for hash
   */
  async recover(expected: VenueState | null = null): Promise<void> {
    const startMs = performance.now();
    await this.venue.start();
    this.spentMs.starts += performance.now() - startMs;
    if (expected !== null) await this.#compareState(expected);
    try {
      await this.connect();
    } catch (error) {
      this.findings.add('lost', () => `nobody is let in: ${(error as Error).message}`);
      await this.auditor.auditRows(this.#subject());
      return;
    }
    await this.audit();
    await this.#retry();
  }

  /** Nothing may be on its way to the venue. */
  async audit(): Promise<void> {
    const startMs = performance.now();
    await this.operator.settle(REPETITIONS);
    await this.auditor.audit(this.#subject());
    await this.#checkHealth();
    this.spentMs.audits += performance.now() - startMs;
  }

  /** The same, and every row there ever was once more. */
  async auditEverything(): Promise<void> {
    await this.audit();
    await this.auditor.auditEverything(this.venue.databaseUrl);
  }

  /** After an audit the venue must be ready, and its database without a flaw. */
  async #checkHealth(): Promise<void> {
    const { components } = await this.operator.admin.ready();
    const { connected, failed, error, refusedEvents } = components.database;
    if (connected && !failed && refusedEvents === 0) return;
    const described = JSON.stringify({ connected, failed, error, refusedEvents });
    this.findings.add('venue', () => `its health says of the database ${described}`);
  }

  /** Sends a few orders again that never had an answer: those that came to be may not come to be twice. */
  async #retry(): Promise<void> {
    const { taken, untaken } = this.auditor.unanswered;
    // A halted market refuses whatever it is sent.
    const mayTell = ({ isOver, sent }: OrderRecord): boolean =>
      !isOver && sent.symbol !== HALTED_MARKET.symbol;
    const open = taken.filter(mayTell).slice(0, REPETITIONS);
    for (const record of [...open, ...untaken.slice(0, REPETITIONS)]) {
      const trader = this.traders.find(({ facts }) => facts.accountId === record.sent.accountId)!;
      const refusal = await trader.repeat(record.sent);
      if (!open.includes(record) || refusal === 'DUPLICATE_CLIENT_ID') continue;
      this.findings.add('duplicate', () => `${record.name} sent again: ${refusal ?? 'taken'}`);
    }
  }

  /** The state once nobody asks for anything and nothing happens by itself. */
  async stillState(): Promise<VenueState> {
    await this.load.stop();
    await this.feed.disconnect();
    const { admin } = this.operator;
    let { state } = await awaitRest(admin);
    for (;;) {
      await delay(STILL_MS);
      const next = await admin.state();
      if (JSON.stringify(hashesOf(next)) === JSON.stringify(hashesOf(state))) return next;
      state = next;
    }
  }

  async #compareState(expected: VenueState): Promise<void> {
    this.operator.connect(this.venue.ready.adminUrl, this.venue.adminToken);
    const { state } = await awaitRest(this.operator.admin);
    const [found, wanted] = [hashesOf(state), hashesOf(expected)];
    for (const [name, hash] of Object.entries(wanted)) {
      if (found[name] === hash) continue;
      this.findings.add('lost', () => `${name} came back as ${found[name]}, was ${hash}`);
    }
  }

  #subject() {
    const { operator, traders, feed, venue } = this;
    return { url: venue.ready.url, databaseUrl: venue.databaseUrl, operator, traders, feed };
  }
}

/** A generator of its own for each part, so that what one draws does not depend on when the others do. */
function forkOf(random: Random): Random {
  return new Random(random.integer(0, 2 ** 32 - 1));
}

/** All that must be the same after a restart of a venue at rest. */
function hashesOf(state: VenueState): Record<string, string> {
  const shards = state.shards.map(({ shard, sequence, stateHash }) => [
    `shard ${shard}`,
    `${stateHash} at event ${sequence}`,
  ]);
  const markets = state.markets.map(({ symbol, updateId, marketHash, bookHash }) => [
    symbol,
    `${marketHash} ${bookHash} at update ${updateId}`,
  ]);
  return Object.fromEntries([...shards, ...markets]);
}
