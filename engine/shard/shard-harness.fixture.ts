import assert from 'node:assert/strict';
import { assert as assertInvariant } from '../assert.ts';
import { checkBook } from '../book/book-invariants.ts';
import {
  Audit,
  CancelAllOrders,
  CancelOrder,
  CreateAccount,
  FireCancelTimer,
  ListAsset,
  ListMarket,
  type MarketSpec,
  MassCancel,
  MoveFunds,
  PlaceOrder,
  QueryBalances,
  QueryOrder,
  QueryOrders,
  ReduceOrder,
  ReplaceOrder,
  ReportState,
  SetCancelTimer,
  SetKillSwitch,
  SetMarketState,
  TransferFunds,
} from '../protocol/commands.ts';
import {
  AccountDescribed,
  ApiKeyDescribed,
  AssetDescribed,
  BookLevels,
  CancelTimerDescribed,
  KillSwitchDescribed,
  MarketDescribed,
  ShardDescribed,
} from '../protocol/descriptions.ts';
import { Side } from '../protocol/enums.ts';
import {
  AccountCreated,
  AllowedAddressesSet,
  ApiKeyCreated,
  ApiKeyRevoked,
  AssetListed,
  AuditEntry,
  BalanceChanged,
  BalanceSnapshot,
  BookDelta,
  FundsMoved,
  MarketListed,
  MarketReport,
  MarketStateChanged,
  MatchPrevented,
  OrderEvent,
  Rejected,
  RequestDone,
  ShardReport,
  Trade,
  TurnCommitted,
} from '../protocol/events.ts';
import { FrameReader } from '../protocol/frame-reader.ts';
import { FrameWriter } from '../protocol/frame-writer.ts';
import type { Body, Fields, FieldsOf, Message } from '../protocol/message.ts';
import { Shard } from './shard.ts';
import { SHARD_PARTS } from './shard-parts.ts';

/** The commands that tests send, by a short name. */
const COMMANDS = {
  listAsset: ListAsset,
  listMarket: ListMarket,
  setMarketState: SetMarketState,
  createAccount: CreateAccount,
  moveFunds: MoveFunds,
  transferFunds: TransferFunds,
  place: PlaceOrder,
  cancel: CancelOrder,
  cancelAll: CancelAllOrders,
  reduce: ReduceOrder,
  replace: ReplaceOrder,
  query: QueryOrder,
  queryOrders: QueryOrders,
  queryBalances: QueryBalances,
  audit: Audit,
  reportState: ReportState,
  setKillSwitch: SetKillSwitch,
  massCancel: MassCancel,
  setCancelTimer: SetCancelTimer,
  fireCancelTimer: FireCancelTimer,
} as const;

const DESCRIPTIONS = [
  ...[ShardDescribed, AssetDescribed, MarketDescribed, AccountDescribed],
  ...[ApiKeyDescribed, BookLevels, KillSwitchDescribed, CancelTimerDescribed],
] as unknown as readonly Message[];

const OTHERS = [
  ...[AssetListed, MarketListed, MarketStateChanged],
  ...[AccountCreated, ApiKeyCreated, ApiKeyRevoked, AllowedAddressesSet],
] as unknown as readonly Message[];

type Kind = keyof typeof COMMANDS;
export type Command = { [K in Kind]: { kind: K; body: Body<(typeof COMMANDS)[K]> } }[Kind];

export function encodeCommand(writer: FrameWriter, command: Command): void {
  const message = COMMANDS[command.kind] as unknown as Message;
  message.encode(writer, 0, command.body as unknown as FieldsOf<Fields>);
}

/** One thing that a shard said. */
export interface Said {
  /** The type number of the message. */
  readonly type: number;
  /** False for an answer that only the gateway gets. */
  readonly isRecorded: boolean;
  readonly body: object;
}

/** Everything a shard said, each kind in order. */
export class Heard {
  orders: OrderEvent[] = [];
  trades: Trade[] = [];
  prevented: MatchPrevented[] = [];
  /** Trades and prevented ones in one order. */
  matches: (Trade | MatchPrevented)[] = [];
  deltas: BookDelta[] = [];
  funds: FundsMoved[] = [];
  refusals: Body<typeof Rejected>[] = [];
  /** Order events and refusals in one order. */
  replies: (OrderEvent | Body<typeof Rejected>)[] = [];
  done: number[] = [];
  balances: Body<typeof BalanceSnapshot>[] = [];
  changes: Body<typeof BalanceChanged>[] = [];
  audits: AuditEntry[] = [];
  markets: Body<typeof MarketReport>[] = [];
  shards: Body<typeof ShardReport>[] = [];
  /** What the shard described, as name and fields. */
  descriptions: (readonly [name: string, body: FieldsOf<Fields>])[] = [];
  /** All of it, in the order it was said. */
  said: Said[] = [];
  /** Request ids of listings, accounts, keys and market states. */
  others: number[] = [];
  /** Sequence of the last recorded event. */
  lastSequence = 0;
  #committedUs = 0;

  /** The types of all that was said, in order. */
  get types(): number[] {
    return this.said.map(({ type }) => type);
  }

  get rejects(): number[] {
    return this.refusals.map((refusal) => refusal.code);
  }

  clear(): void {
    for (const list of Object.values(this)) if (Array.isArray(list)) list.length = 0;
  }

  /** Takes over what was heard after it. */
  append(later: Heard): void {
    const lists = this as unknown as Record<string, unknown[]>;
    for (const [name, list] of Object.entries(later)) {
      if (Array.isArray(list)) lists[name]!.push(...list);
    }
    this.lastSequence = later.lastSequence;
  }

  /** Takes in the frames `reader` was reset to; answers how many. Recorded ones must be dense. */
  takeAll(reader: FrameReader): number {
    let count = 0;
    while (reader.next()) {
      count++;
      this.take(reader);
    }
    return count;
  }

  /** Takes in the current frame of `reader`. */
  take(reader: FrameReader): void {
    if (reader.sequence > 0) assert.equal(reader.sequence, ++this.lastSequence, 'event sequence');
    const { type } = reader;
    const isRecorded = reader.sequence > 0;
    const read = <F extends Fields>(message: Message<F>): FieldsOf<F> => {
      const body = message.decode(reader, message.create());
      this.said.push({ type, isRecorded, body });
      return body;
    };
    if (type === TurnCommitted.type) {
      const { timeUs } = TurnCommitted.decode(reader, TurnCommitted.create());
      assert.ok(
        timeUs > 0 && timeUs >= this.#committedUs,
        'turns are committed one after the other',
      );
      this.#committedUs = timeUs;
      return;
    }
    switch (reader.type) {
      case OrderEvent.type:
        this.orders.push(read(OrderEvent));
        this.replies.push(this.orders.at(-1)!);
        break;
      case Trade.type:
        this.trades.push(read(Trade));
        this.matches.push(this.trades.at(-1)!);
        break;
      case MatchPrevented.type:
        this.prevented.push(read(MatchPrevented));
        this.matches.push(this.prevented.at(-1)!);
        break;
      case BookDelta.type:
        this.deltas.push(read(BookDelta));
        break;
      case FundsMoved.type:
        this.funds.push(read(FundsMoved));
        break;
      case Rejected.type:
        this.refusals.push(read(Rejected));
        this.replies.push(this.refusals.at(-1)!);
        break;
      case RequestDone.type:
        this.done.push(read(RequestDone).requestId);
        break;
      case BalanceSnapshot.type:
        this.balances.push(read(BalanceSnapshot));
        break;
      case BalanceChanged.type:
        this.changes.push(read(BalanceChanged));
        break;
      case AuditEntry.type:
        this.audits.push(read(AuditEntry));
        break;
      case MarketReport.type:
        this.markets.push(read(MarketReport));
        break;
      case ShardReport.type:
        this.shards.push(read(ShardReport));
        break;
      default: {
        const described = DESCRIPTIONS.find(({ type }) => type === reader.type);
        if (described !== undefined) {
          this.descriptions.push([described.name, read(described)]);
          break;
        }
        const message = OTHERS.find(({ type }) => type === reader.type);
        assert.ok(message !== undefined, `event of type ${reader.type}`);
        this.others.push(read(message).requestId as number);
      }
    }
  }
}

/** One shard without threads: commands in, decoded events out. */
export class LoneShard {
  readonly shard: Shard;
  readonly #writer = new FrameWriter();
  readonly #reader = new FrameReader();
  #heard = new Heard();
  #requestId = 0;
  #timeUs = 1_000_000;

  constructor(parts = SHARD_PARTS) {
    this.shard = new Shard(0, 1, 0, parts);
  }

  /** Sends one command under the next request id. */
  send<F extends Fields>(message: Message<F>, fields: Partial<FieldsOf<F>>): Heard {
    const body = { ...message.create(), ...fields, requestId: ++this.#requestId };
    message.encode(this.#writer, 0, body as FieldsOf<F>);
    return this.#apply(++this.#timeUs);
  }

  /** Sends one whole command at a time of the caller's. */
  apply(command: Command, nowUs: number): Heard {
    encodeCommand(this.#writer, command);
    return this.#apply(nowUs);
  }

  #apply(nowUs: number): Heard {
    const heard = new Heard();
    heard.lastSequence = this.#heard.lastSequence;
    this.#heard = heard;
    this.#reader.reset(this.#writer.bytes, this.#writer.start, this.#writer.end);
    assert.ok(this.#reader.next());
    this.shard.apply(this.#reader, -1, nowUs);
    this.#writer.consume(this.#writer.pendingBytes);
    const { events } = this.shard.outputs;
    this.#reader.reset(events.bytes, events.start, events.end);
    heard.takeAll(this.#reader);
    events.consume(events.pendingBytes);
    return heard;
  }
}

/** A market's spec; what is not given makes every amount the plain product. */
export function marketOf(fields: Partial<MarketSpec> & { marketId: number }): MarketSpec {
  const { requestId: _none, ...zeroed } = ListMarket.create();
  return {
    ...zeroed,
    symbol: `MARKET_${fields.marketId}`,
    ...{ tickUnits: 1, lotUnits: 1, baseUnitsPerLot: 1, quoteUnitsPerTickLot: 1 },
    ...{ minPriceTicks: 1, maxPriceTicks: 1_000_000, minQuantityLots: 1 },
    maxQuantityLots: 1_000_000,
    ...fields,
  };
}

/**
 * Asserts what must hold on one shard between any two inputs: nothing negative, every lock backed by
 * open reservations, the sum of each asset unchanged, no book crossed.
 *
 * @param isThorough also walks every record of the books
 */
export function checkShard(shard: Shard, isThorough: boolean): void {
  const { ledger, orders, markets } = shard.state;
  const reserved = new Map<number, number>();
  orders.forEach((slot) => {
    const { spec } = markets.require(orders.marketId(slot));
    const assetId = orders.side(slot) === Side.Bid ? spec.quoteAssetId : spec.baseAssetId;
    const balance = ledger.slot(orders.accountId(slot), assetId);
    const units = orders.reservedUnits(slot);
    assertInvariant(units >= 0, `order ${orders.orderId(slot)} has a negative reservation`);
    reserved.set(balance, (reserved.get(balance) ?? 0) + units);
  });
  const sums = new Map<number, number>();
  ledger.forEach((accountId, assetId, slot) => {
    const available = ledger.available(slot);
    const locked = ledger.locked(slot);
    const who = `account ${accountId} asset ${assetId}: ${available} + ${locked}`;
    assertInvariant(available >= 0 && locked >= 0, `${who} is negative`);
    assertInvariant(locked === (reserved.get(slot) ?? 0), `${who} locked is not what is reserved`);
    sums.set(assetId, (sums.get(assetId) ?? 0) + available + locked);
  });
  for (const [assetId, sum] of sums) {
    const held = sum + ledger.fees[assetId]! + ledger.inFlight[assetId]!;
    const brought = Number(ledger.deposits[assetId]! - ledger.withdrawals[assetId]!);
    assertInvariant(held === brought, `asset ${assetId} holds ${held} of ${brought}`);
  }
  for (const { book, triggers, lastPriceTicks } of markets.values()) {
    if (book === null) continue;
    const ask = book.bestAsk();
    assertInvariant(ask === 0 || book.bestBid() < ask, 'book is crossed');
    if (!isThorough) continue;
    checkBook(book);
    triggers!.checkInvariants(lastPriceTicks);
  }
}
