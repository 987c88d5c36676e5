import { OrderBook } from '../book/order-book.ts';
import type { MarketSpec, PlaceOrder, ReplaceOrder } from '../protocol/commands.ts';
import { SelfTradePrevention } from '../protocol/enums.ts';
import { BalanceChanged } from '../protocol/events.ts';
import type { Body, Fields, FieldsOf, Message } from '../protocol/message.ts';
import type { MatchOrder } from '../protocol/shard-messages.ts';
import { Accounts } from '../shard/accounts.ts';
import { Markets, type ShardMarket } from '../shard/markets.ts';
import { Matching } from '../shard/matching.ts';
import { OrderDesk } from '../shard/order-desk.ts';
import { ShardOutputs } from '../shard/outputs.ts';
import { Reservations } from '../shard/reservations.ts';

/*
 * Parts of a shard that each break one rule of the venue as a real one could. They show that the
 * simulation finds such faults; nothing else uses them.
 */

/** A limit may reach as far beyond the last trade as it likes. */
export class MarketsWithoutBand extends Markets {
  override list(spec: MarketSpec, createdAtUs: number): ShardMarket {
    return super.list({ ...spec, priceBandBps: 0 }, createdAtUs);
  }
}

/** The kill switch stops no market. */
export class MarketsIgnoringTheKillSwitch extends Markets {
  override setMarketKilled(): void {}
  override setVenueKilled(): void {}
}

const { RejectTaker, RejectMaker } = SelfTradePrevention;

/** Takes the one mode of self-trade prevention for the other. */
export class MatchingMixingModes extends Matching {
  override matchOrder(order: MatchOrder): void {
    const mode = order.selfTradePrevention;
    const other = mode === RejectMaker ? RejectTaker : RejectMaker;
    const isMixed = mode === RejectTaker || mode === RejectMaker;
    super.matchOrder({ ...order, selfTradePrevention: isMixed ? other : mode });
  }
}

/** Lets an account trade with itself. */
export class MatchingWithinAnAccount extends Matching {
  override matchOrder(order: MatchOrder): void {
    super.matchOrder({ ...order, selfTradePrevention: SelfTradePrevention.Allow });
  }
}

/** Takes an order whenever it comes. */
export class DeskIgnoringTime extends OrderDesk {
  override place(command: Readonly<PlaceOrder>): void {
    super.place({ ...command, expiresAtUs: 0 });
  }
}

/** Takes a replace whenever it comes. */
export class DeskReplacingLate extends OrderDesk {
  override replace(command: Readonly<Body<typeof ReplaceOrder>>): void {
    super.replace({ ...command, expiresAtUs: 0 });
  }
}

/** Takes every account for a known one. */
export class AccountsKnowingEverybody extends Accounts {
  override has(): boolean {
    return true;
  }
}

/** Stands for the book of another shard. */
const SOME_BOOK = new OrderBook();

/** Forgets that an order in another shard's book may still be filled at its old price. */
export class ReservationsTooSmallForAReplace extends Reservations {
  override tryLockReplacement(
    slot: number,
    market: ShardMarket,
    priceTicks: number,
    openLots: number,
  ): boolean {
    const near = { ...market, book: SOME_BOOK };
    return super.tryLockReplacement(slot, near, priceTicks, openLots);
  }
}

/** Tells nobody of a balance that changed without an event of its order. */
export class OutputsHidingRefunds extends ShardOutputs {
  override record<F extends Fields>(message: Message<F>, body: FieldsOf<F>): void {
    if (message.type !== BalanceChanged.type) super.record(message, body);
  }
}
