import assert from 'node:assert/strict';
import type { OrderBook } from '../book/order-book.ts';
import { NaiveVenue, type Prediction } from '../ledger/naive-venue.fixture.ts';
import type { MarketSpec } from '../protocol/commands.ts';
import { OrderEventKind, Side } from '../protocol/enums.ts';
import { BookDelta, MatchPrevented, OrderEvent, Trade } from '../protocol/events.ts';
import { RejectCode } from '../protocol/reject-codes.ts';
import { checkDigests } from './digest-checks.fixture.ts';
import { type Command, checkShard, type Heard, LoneShard } from './shard-harness.fixture.ts';
import { SHARD_PARTS } from './shard-parts.ts';
import { marketHashOfTwin, partitionHashOfTwin } from './twin-hashes.fixture.ts';

/** One command of a flow, by its number: also its request id, and its time. */
export interface Step {
  readonly number: number;
  readonly command: Command;
  /** The step that placed the order it is about; order ids are known only when the flow runs. */
  readonly target?: number;
}

export interface VenueSetup {
  readonly assetIds: readonly number[];
  readonly accountIds: readonly number[];
  readonly markets: readonly MarketSpec[];
}

/** What the setup takes, as commands that every shard gets, and those for one account's home. */
export function setupCommands(setup: VenueSetup): Command[] {
  let requestId = 2 ** 40;
  const assets = setup.assetIds.map((assetId): Command => {
    const body = { requestId: requestId++, assetId, symbol: `ASSET${assetId}`, decimals: 0 };
    return { kind: 'listAsset', body };
  });
  const markets = setup.markets.map((spec): Command => {
    return { kind: 'listMarket', body: { requestId: requestId++, ...spec } };
  });
  const accounts = setup.accountIds.map((accountId): Command => {
    return { kind: 'createAccount', body: { requestId: requestId++, accountId, name: 'someone' } };
  });
  return [...assets, ...markets, ...accounts];
}

/** A twin of the setup's venue, and the ids its orders get. */
export class TwinVenue {
  readonly venue: NaiveVenue;
  /** The order ids that the steps which placed one gave. */
  readonly orderIds = new Map<number, number>();
  readonly setup: VenueSetup;

  constructor(setup: VenueSetup, shardCount: number) {
    this.setup = setup;
    this.venue = new NaiveVenue(shardCount);
    for (const spec of setup.markets) this.venue.listMarket(spec);
    for (const accountId of setup.accountIds) this.venue.createAccount(accountId);
  }

  /** The step's command with its request id, and the order id it is about. */
  resolve({ number, command, target }: Step): Command {
    const body = { ...command.body, requestId: number };
    if (target !== undefined && 'orderId' in body) {
      const isByClientId = body.orderId === 0 && body.clientId !== null;
      if (!isByClientId) body.orderId = this.orderIds.get(target) ?? 0;
    }
    return { kind: command.kind, body } as Command;
  }

  predict(command: Command, nowUs: number): Prediction {
    const { venue } = this;
    const { requestId } = command.body;
    const prediction = venue.predict(requestId, nowUs, () => {
      switch (command.kind) {
        case 'setMarketState':
          return venue.setMarketState(command.body);
        case 'moveFunds':
          return venue.moveFunds(command.body);
        case 'place':
          return venue.place(command.body);
        case 'cancel':
          return venue.cancel(command.body);
        case 'cancelAll':
          return venue.cancelAll(command.body);
        case 'reduce':
          return venue.reduce(command.body);
        case 'replace':
          return venue.replace(command.body);
        case 'massCancel':
          return venue.massCancel(command.body);
        case 'setKillSwitch':
          return venue.protections.setKillSwitch(command.body);
        case 'setCancelTimer':
          return venue.protections.setCancelTimer(command.body);
        case 'fireCancelTimer':
          return venue.protections.fireCancelTimer(command.body, nowUs);
        default:
          throw new Error(`the twin knows no ${command.kind}`);
      }
    });
    if (command.kind === 'place' && prediction.refusal === RejectCode.None) {
      const { Accepted, TriggerPlaced } = OrderEventKind;
      const kind = command.body.triggerPriceTicks > 0 ? TriggerPlaced : Accepted;
      const isNew = (event: OrderEvent) => event.kind === kind;
      this.orderIds.set(requestId, prediction.orders.find(isNew)!.orderId);
    }
    return prediction;
  }

  /** Levels of a side, best first: price, lots, orders. */
  levels(marketId: number, side: Side): [number, number, number][] {
    const levels: [number, number, number][] = [];
    for (const order of this.venue.side(marketId, side)) {
      const last = levels.at(-1);
      if (last !== undefined && last[0] === order.priceTicks) {
        last[1] += order.openLots;
        last[2]++;
      } else levels.push([order.priceTicks, order.openLots, 1]);
    }
    return levels;
  }
}

/** The book as a reader of the depth changes builds it. */
export class DepthReplica {
  updateId = 0;
  readonly #levels = [new Map<number, number>(), new Map<number, number>()];

  apply(delta: Heard['deltas'][number]): void {
    assert.equal(delta.updateId, this.updateId + 1, 'depth update ids are dense');
    if (delta.isLast) this.updateId++;
    for (let at = 0; at < delta.levels.length; at += 3) {
      const [side, priceTicks, lots] = delta.levels.slice(at, at + 3) as [number, number, number];
      if (lots === 0) this.#levels[side]!.delete(priceTicks);
      else this.#levels[side]!.set(priceTicks, lots);
    }
  }

  forEach(visit: (side: Side, priceTicks: number, lots: number) => void): void {
    for (const side of [Side.Bid, Side.Ask]) {
      for (const [priceTicks, lots] of this.#levels[side]!) visit(side, priceTicks, lots);
    }
  }

  equals(side: Side, levels: readonly [number, number, number][]): boolean {
    const own = this.#levels[side]!;
    return own.size === levels.length && levels.every(([price, lots]) => own.get(price) === lots);
  }
}

/** Asserts equality of two lists of flat objects, naming the field that differs. */
export function assertSame(actual: readonly object[], expected: readonly object[], what: string) {
  for (let index = 0; index < Math.max(actual.length, expected.length); index++) {
    const is = actual[index] as Record<string, unknown> | undefined;
    const should = expected[index] as Record<string, unknown> | undefined;
    if (is === undefined || should === undefined) {
      const [extra, which] = is === undefined ? [should, 'missing'] : [is, 'unexpected'];
      assert.fail(`${what} ${index} is ${which}: ${JSON.stringify(extra)}`);
    }
    for (const name in should) {
      if (is[name] === should[name]) continue;
      const values: string = `${String(is[name])}, expected ${String(should[name])}`;
      assert.fail(`${what} ${index}: ${name} is ${values} in ${JSON.stringify(is)}`);
    }
  }
}

/**
 * What one order command leads to is told in this order: matches, one depth change, the accounts; then
 * likewise what each stop order does that it fired.
 */
function checkEventOrder({ said, orders }: Heard): void {
  const ranks: Partial<Record<number, number>> = {
    ...{ [Trade.type]: 1, [MatchPrevented.type]: 1, [BookDelta.type]: 2, [OrderEvent.type]: 3 },
  };
  const order = said.map(({ type }) => ranks[type] ?? 4);
  const { Accepted, TriggerFailed } = OrderEventKind;
  const fired = orders.filter(({ kind, timeUs, triggeredAtUs }) => {
    return timeUs === triggeredAtUs && (kind === Accepted || kind === TriggerFailed);
  });
  const begun = order.filter((rank, at) => at > 0 && order[at - 1]! > rank);
  assert.ok(
    begun.length <= fired.length,
    `events of types ${said.map(({ type }) => type).join(', ')}`,
  );
}

/** The orders of a side, best price first and then the earliest, are the twin's. */
export function compareQueues(
  venue: NaiveVenue,
  marketId: number,
  side: Side,
  book: OrderBook,
): void {
  const queue = venue.side(marketId, side);
  let at = 0;
  book.forEachOrder(side, (orderId, owner, priceTicks, lots) => {
    const should = queue[at++];
    const isSame =
      should?.orderId === orderId &&
      should.accountId === owner &&
      should.priceTicks === priceTicks &&
      should.openLots === lots;
    if (isSame) return;
    const is = `order ${orderId} of ${owner}, ${lots} at ${priceTicks}`;
    assert.fail(`number ${at} of market ${marketId}, side ${side}: ${is}, not ${should?.orderId}`);
  });
  assert.equal(at, queue.length, `orders of market ${marketId}, side ${side}`);
}

const FULL_CHECK_EVERY = 64;

/** Commands whose last word is that they are done. */
const ENDED_BY_ITSELF: readonly string[] = [
  ...['cancelAll', 'massCancel', 'setKillSwitch', 'setCancelTimer', 'fireCancelTimer'],
];

/** One shard beside its twin: every step is applied to both and everything they say is compared. */
export class VenueComparison {
  readonly twin: TwinVenue;
  readonly #shard: LoneShard;
  readonly #replicas = new Map<number, DepthReplica>();
  #steps = 0;
  /** What the shard reported after the last step, if that was refused. */
  #lastReport = '';

  constructor(setup: VenueSetup, parts = SHARD_PARTS) {
    this.twin = new TwinVenue(setup, 1);
    this.#shard = new LoneShard(parts);
    for (const command of setupCommands(setup)) {
      assert.equal(this.#shard.apply(command, 1).rejects.length, 0);
    }
    for (const { marketId } of setup.markets) this.#replicas.set(marketId, new DepthReplica());
  }

  /** Throws where the shard does not do what the twin predicts; answers what both said. */
  apply(step: Step): Prediction {
    const command = this.twin.resolve(step);
    const nowUs = 1_000_000 + step.number;
    const prediction = this.twin.predict(command, nowUs);
    const isRefused = prediction.refusal !== RejectCode.None;
    const before = isRefused ? this.#lastReport || this.#report() : '';
    const heard = this.#shard.apply(command, nowUs);
    this.#compareAnswer(command, heard, prediction);
    this.#lastReport = isRefused ? this.#report() : '';
    if (this.#lastReport !== before) assert.fail('a refused command changed the state');
    for (const delta of heard.deltas) this.#replicas.get(delta.marketId)!.apply(delta);
    const touched = new Set(heard.deltas.map((delta) => delta.marketId));
    if ('marketId' in command.body) touched.add(command.body.marketId);
    this.#compareBooks(touched);
    this.#compareBalances();
    if (++this.#steps % FULL_CHECK_EVERY === 0) this.compareWhole();
    return prediction;
  }

  /** Audit, hashes and invariants. */
  compareWhole(): void {
    checkShard(this.#shard.shard, true);
    checkDigests(this.#shard.shard);
    this.#compareBooks(new Set(this.#replicas.keys()));
    for (const { spec, triggers } of this.#shard.shard.state.markets.values()) {
      const pending: string[] = [];
      triggers!.forEach((o) => {
        pending.push(`${o.orderId} at ${o.triggerPriceTicks}`);
      });
      const { waiting } = this.twin.venue.markets.get(spec.marketId)!.triggers;
      const should = waiting.map((o) => `${o.orderId} at ${o.triggerPriceTicks}`);
      assert.deepEqual(pending.sort(), should.sort());
    }
    const { venue, setup } = this.twin;
    const { markets, shards } = this.#state();
    for (const { marketId, marketHash } of markets) {
      assert.equal(marketHash, marketHashOfTwin(venue, marketId), `hash of market ${marketId}`);
    }
    const partitionHash = partitionHashOfTwin(venue, setup.accountIds, setup.assetIds);
    assert.equal(shards[0]!.stateHash, partitionHash, 'hash of the ledger partition');
    const audit = this.#shard.apply({ kind: 'audit', body: { requestId: 1 } }, 2 ** 40);
    for (const entry of audit.audits) {
      const { assetId } = entry;
      const locked = setup.accountIds.map((accountId) => venue.locked(accountId, assetId));
      const lockedSum = Number(locked.reduce((sum, units) => sum + units, 0n));
      const sum = entry.availableUnits + entry.lockedUnits + entry.feeUnits + entry.inFlightUnits;
      assert.equal(
        sum,
        Number(BigInt(entry.depositUnits) - BigInt(entry.withdrawalUnits)),
        `audit of asset ${assetId}`,
      );
      assert.equal(entry.inFlightUnits, 0);
      assert.equal(entry.lockedUnits, lockedSum);
      assert.equal(entry.reservedUnits, lockedSum);
      assert.equal(entry.feeUnits, Number(venue.fees.get(assetId) ?? 0n));
      assert.equal(entry.depositUnits, String(venue.deposits.get(assetId) ?? 0n));
      assert.equal(entry.withdrawalUnits, String(venue.withdrawals.get(assetId) ?? 0n));
    }
  }

  #compareAnswer(command: Command, heard: Heard, prediction: Prediction): void {
    const { requestId } = command.body;
    const isRefused = prediction.refusal !== RejectCode.None;
    const refusals = isRefused ? [{ requestId, code: prediction.refusal }] : [];
    assertSame(heard.refusals, refusals, 'refusal');
    assertSame(heard.orders, prediction.orders, 'order event');
    assertSame(heard.matches, prediction.matches, 'match');
    if (command.kind === 'place' || command.kind === 'replace') checkEventOrder(heard);
    assertSame(heard.funds, prediction.funds, 'transfer');
    const isDone = ENDED_BY_ITSELF.includes(command.kind) && !isRefused;
    assert.deepEqual(heard.done, isDone ? [requestId] : []);
  }

  #compareBooks(touched: ReadonlySet<number>): void {
    for (const marketId of touched) {
      const replica = this.#replicas.get(marketId);
      if (replica === undefined) continue;
      const { book, triggers, ...market } = this.#shard.shard.state.markets.require(marketId);
      const twin = this.twin.venue.markets.get(marketId)!;
      const { killed, updateId, lastTradeId, lastPriceTicks } = market;
      const counts = [killed, replica.updateId, updateId, lastTradeId, lastPriceTicks];
      const numbers = [twin.tradeCount, twin.lastPriceTicks];
      const should = [twin.killed, twin.updateId, twin.updateId, ...numbers];
      if (`${counts}` !== `${should}`) assert.deepEqual(counts, should, `market ${marketId}`);
      assert.equal(triggers!.size, twin.triggers.waiting.length, `pending orders of ${marketId}`);
      for (const side of [Side.Bid, Side.Ask]) {
        const levels = this.twin.levels(marketId, side);
        const best = side === Side.Bid ? book!.bestBid() : book!.bestAsk();
        let at = 0;
        let isSame = best === (levels[0]?.[0] ?? 0);
        book!.depth(side, levels.length + 1, (priceTicks, lots, count) => {
          const level = levels[at++];
          isSame &&= level !== undefined && level[0] === priceTicks;
          isSame &&= level![1] === lots && level![2] === count;
        });
        if (!isSame || at !== levels.length) assert.fail(`depth of ${marketId}, side ${side}`);
        compareQueues(this.twin.venue, marketId, side, book!);
        if (!replica.equals(side, levels)) assert.fail(`replica of ${marketId}, side ${side}`);
      }
    }
  }

  #compareBalances(): void {
    const { ledger } = this.#shard.shard.state;
    const { venue, setup } = this.twin;
    for (const accountId of setup.accountIds) {
      for (const assetId of setup.assetIds) {
        const slot = ledger.slot(accountId, assetId);
        const locked = venue.locked(accountId, assetId);
        const owned = Number(venue.owned(accountId, assetId));
        const has = ledger.locked(slot) + ledger.available(slot);
        if (has === owned && ledger.locked(slot) === Number(locked)) continue;
        const is = `${ledger.available(slot)} + ${ledger.locked(slot)}`;
        const should = `${venue.available(accountId, assetId)} + ${locked}`;
        assert.fail(`account ${accountId} has ${is} of asset ${assetId}, not ${should}`);
      }
    }
  }

  #state(): Heard {
    return this.#shard.apply({ kind: 'reportState', body: { requestId: 1 } }, 2 ** 40);
  }

  #report(): string {
    const { markets, shards } = this.#state();
    return JSON.stringify({ markets, shards });
  }
}

/** Runs `steps` on a fresh pair; answers what went wrong, or null. */
export function faultOf(setup: VenueSetup, steps: readonly Step[]): string | null {
  try {
    const comparison = new VenueComparison(setup);
    for (const step of steps) comparison.apply(step);
    comparison.compareWhole();
    return null;
  } catch (error) {
    return String(error);
  }
}
