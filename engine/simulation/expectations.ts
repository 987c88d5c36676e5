import { assert } from '../assert.ts';
import type { Prediction } from '../ledger/naive-venue.fixture.ts';
import { Side } from '../protocol/enums.ts';
import { RejectCode } from '../protocol/reject-codes.ts';
import type { Shard } from '../shard/shard.ts';
import type { Heard } from '../shard/shard-harness.fixture.ts';
import { marketHashOfTwin } from '../shard/twin-hashes.fixture.ts';
import { assertSame, compareQueues, type TwinVenue } from '../shard/venue-comparison.fixture.ts';
import type { StateReport } from './run-summary.ts';

/** The lists of a prediction, by the names they also have in what is heard. */
type Said = Record<string, Record<string, unknown>[]>;

/** What of an order event depends on what else of its account is under way. */
const BALANCE_FIELD = /(?:Available|Locked)Units$/;

/** What the twin predicted since the last comparison, to be compared with a whole engine at rest. */
export class Expectations {
  readonly #twin: TwinVenue;
  #predicted: { requestId: number; prediction: Prediction }[] = [];
  /** Commands of several accounts: which of them a market hears first is anybody's guess. */
  readonly #racing = new Set<number>();

  constructor(twin: TwinVenue) {
    this.#twin = twin;
  }

  add(requestId: number, prediction: Prediction): void {
    this.#predicted.push({ requestId, prediction });
    const accountIds = prediction.orders.map(({ accountId }) => accountId);
    const isRacing = prediction.orders.every((event) => event.requestId === requestId);
    if (isRacing && new Set(accountIds).size > 1) this.#racing.add(requestId);
  }

  /** One shard says exactly what was predicted, in that order; but at other times. */
  compareStream(heard: Heard): void {
    const said = heard as unknown as Said;
    for (const [name, should] of this.#takeLists()) {
      assertSame(said[name]!, should.map(without(isTime)), `${name} behind rings`);
    }
  }

  /**
   * Several shards say the same, market by market and request by request: what one account hears of
   * different markets may come in any order, and so tell of any balance in between.
   */
  compareByMarket(heard: readonly Heard[]): void {
    const drop = without((field, { requestId }) => {
      const isRaced = field === 'updateId' && this.#racing.has(requestId as number);
      return isTime(field) || isRaced || BALANCE_FIELD.test(field);
    });
    for (const [name, predicted] of this.#takeLists()) {
      const should = groups(predicted.map(drop));
      const is = groups(heard.flatMap((said) => (said as unknown as Said)[name]!));
      if (name === 'refusals') keepOneEach(is);
      for (const key of new Set([...should.keys(), ...is.keys()])) {
        assertSame(is.get(key) ?? [], should.get(key) ?? [], `${name} of ${key}`);
      }
    }
  }

  compareMarkets({ markets }: StateReport): void {
    const { venue } = this.#twin;
    for (const [marketId, hash] of markets) {
      const should = marketHashOfTwin(venue, marketId);
      assert(hash === should, `hash of market ${marketId} is not the twin's`);
    }
  }

  /** The queues of every book, order by order. */
  compareBooks(shards: readonly Shard[]): void {
    for (const { state } of shards) {
      for (const { spec, book } of state.markets.values()) {
        if (book === null) continue;
        for (const side of [Side.Bid, Side.Ask] as const) {
          compareQueues(this.#twin.venue, spec.marketId, side, book);
        }
      }
    }
  }

  compareBalances(shards: readonly Shard[]): void {
    const { venue, setup } = this.#twin;
    for (const accountId of setup.accountIds) {
      const { ledger } = shards[accountId % shards.length]!.state;
      for (const assetId of setup.assetIds) {
        const slot = ledger.slot(accountId, assetId);
        const has = `${ledger.available(slot)} + ${ledger.locked(slot)}`;
        const available = venue.available(accountId, assetId);
        const should = `${available} + ${venue.locked(accountId, assetId)}`;
        assert(
          has === should,
          `account ${accountId} has ${has} of asset ${assetId}, not ${should}`,
        );
      }
    }
  }

  /** Every list that a prediction has, joined over the commands, and forgotten. */
  #takeLists(): [name: string, events: Record<string, unknown>[]][] {
    const lists: Said = { refusals: [] };
    for (const { requestId, prediction } of this.#predicted) {
      const code = prediction.refusal;
      if (code !== RejectCode.None) lists.refusals!.push({ requestId, code });
      for (const [name, said] of Object.entries(prediction)) {
        if (!Array.isArray(said)) continue;
        lists[name] ??= [];
        lists[name].push(...said);
      }
    }
    this.#predicted = [];
    return Object.entries(lists);
  }
}

function isTime(field: string): boolean {
  return field.endsWith('Us');
}

function without(
  isDropped: (field: string, event: Record<string, unknown>) => boolean,
): (event: Record<string, unknown>) => Record<string, unknown> {
  return (event) =>
    Object.fromEntries(Object.entries(event).filter(([name]) => !isDropped(name, event)));
}

/** What every shard was asked, every shard refuses. */
function keepOneEach(refusals: Map<string, object[]>): void {
  for (const [key, [first]] of refusals) refusals.set(key, [first!]);
}

/** By what keeps its order: market and account, market, or request. */
function groups(events: readonly Record<string, unknown>[]): Map<string, object[]> {
  const byKey = new Map<string, object[]>();
  for (const event of events) {
    const { marketId, accountId, requestId } = event;
    const key =
      marketId === undefined
        ? `request ${requestId}`
        : `market ${marketId}, account ${accountId ?? 'any'}`;
    const group = byKey.get(key) ?? [];
    byKey.set(key, group);
    group.push(event);
  }
  return byKey;
}
