import type { OpenOrders } from '../ledger/open-orders.ts';
import type {
  FireCancelTimer,
  MassCancel,
  SetCancelTimer,
  SetKillSwitch,
} from '../protocol/commands.ts';
import { CancelTimerDescribed } from '../protocol/descriptions.ts';
import { CancelScope, CancelSide, KillScope, OrderBookState } from '../protocol/enums.ts';
import type { Body } from '../protocol/message.ts';
import { RejectCode } from '../protocol/reject-codes.ts';
import type { Accounts } from './accounts.ts';
import type { CancelTimers } from './cancel-timers.ts';
import type { KillSwitch } from './kill-switch.ts';
import type { Markets } from './markets.ts';
import type { OrderDesk } from './order-desk.ts';
import type { ShardOutputs } from './outputs.ts';

/**
 * Cancels that are of many orders at once, for whatever reason: the kill switch, a timer, a client's wish. They go the
 * way of a cancel-all, order by order from the home to the market, so each order ends once, by this or by what came
 * first to its market, and behind every change of it that was sent before.
 */
export class Protections {
  /** Time of the command being applied, µs. */
  nowUs = 0;
  readonly #orders: OpenOrders;
  readonly #markets: Markets;
  readonly #accounts: Accounts;
  readonly #killSwitch: KillSwitch;
  readonly #timers: CancelTimers;
  readonly #desk: OrderDesk;
  readonly #outputs: ShardOutputs;

  constructor(deps: {
    orders: OpenOrders;
    markets: Markets;
    accounts: Accounts;
    killSwitch: KillSwitch;
    timers: CancelTimers;
    desk: OrderDesk;
    outputs: ShardOutputs;
  }) {
    this.#orders = deps.orders;
    this.#markets = deps.markets;
    this.#accounts = deps.accounts;
    this.#killSwitch = deps.killSwitch;
    this.#timers = deps.timers;
    this.#desk = deps.desk;
    this.#outputs = deps.outputs;
  }

  setKillSwitch({ requestId, scope, targetId, isActive }: Body<typeof SetKillSwitch>): void {
    const refusal = this.#killSwitch.set(scope, targetId, isActive);
    if (refusal !== RejectCode.None) {
      this.#outputs.refuse(requestId, refusal);
      return;
    }
    if (isActive) this.#desk.cancelEach(requestId, this.#orderIdsIn(scope, targetId));
    else this.#outputs.done(requestId);
  }

  massCancel({ requestId, accountId, marketId, scope, side }: Body<typeof MassCancel>): void {
    if (!this.#isKnown(accountId, requestId)) return;
    const orders = this.#orders;
    const orderIds = this.#orderIdsOf(accountId, (slot) => {
      const isOfMarket = marketId === 0 || orders.marketId(slot) === marketId;
      const isOfSide = side === CancelSide.Both || orders.side(slot) === side;
      // Whether one that waited has fired by now, its market says.
      const isOfScope = scope !== CancelScope.TriggerPending || orders.waitsForTrigger(slot);
      const { state } = this.#markets.require(orders.marketId(slot));
      return isOfMarket && isOfSide && isOfScope && state !== OrderBookState.Closed;
    });
    this.#desk.cancelEach(requestId, orderIds, scope as CancelScope);
  }

  setCancelTimer(command: Body<typeof SetCancelTimer>): void {
    const { requestId, accountId, marketId } = command;
    if (!this.#isKnown(accountId, requestId)) return;
    if (marketId !== 0 && this.#markets.get(marketId) === undefined) {
      this.#outputs.refuse(requestId, RejectCode.UnknownMarket);
      return;
    }
    this.#outputs.answer(CancelTimerDescribed, { ...this.#timers.set(command), requestId });
    this.#outputs.done(requestId);
  }

  fireCancelTimer(command: Body<typeof FireCancelTimer>): void {
    const { requestId, accountId, marketId } = command;
    if (!this.#isKnown(accountId, requestId)) return;
    if (!this.#timers.fire(command, this.nowUs)) {
      const timer = this.#timers.find(command);
      if (timer) this.#outputs.answer(CancelTimerDescribed, { ...timer, requestId });
      this.#outputs.done(requestId);
      return;
    }
    const orderIds = this.#orderIdsOf(accountId, (slot) => {
      return marketId === 0 || this.#orders.marketId(slot) === marketId;
    });
    this.#desk.cancelEach(requestId, orderIds);
  }

  /** Account by account and the oldest first: what a shard says must not depend on where its records lie. */
  #orderIdsIn(scope: number, targetId: number): number[] {
    if (scope === KillScope.Account) return this.#orderIdsOf(targetId, () => true);
    const orders = this.#orders;
    const orderIds: number[] = [];
    orders.forEachByAccount((slot) => {
      const isThere = scope === KillScope.Venue || orders.marketId(slot) === targetId;
      if (isThere) orderIds.push(orders.orderId(slot));
    });
    return orderIds;
  }

  /** Of one account, the oldest first. */
  #orderIdsOf(accountId: number, isMeant: (slot: number) => boolean): number[] {
    const orders = this.#orders;
    const orderIds: number[] = [];
    for (let slot = orders.firstOf(accountId); slot !== -1; slot = orders.following(slot)) {
      if (isMeant(slot)) orderIds.push(orders.orderId(slot));
    }
    return orderIds.reverse();
  }

  #isKnown(accountId: number, requestId: number): boolean {
    if (this.#accounts.has(accountId)) return true;
    this.#outputs.refuse(requestId, RejectCode.UnknownAccount);
    return false;
  }
}
