import {
  CancelAllOrders,
  CancelOrder,
  MassCancel,
  MoveFunds,
  PlaceOrder,
  QueryBalances,
  QueryOrder,
  QueryOrders,
  ReduceOrder,
  ReplaceOrder,
} from '../../engine/protocol/commands.ts';
import { CancelSide, OrderEventKind, TransferKind } from '../../engine/protocol/enums.ts';
import { BalanceSnapshot, OrderEvent } from '../../engine/protocol/events.ts';
import type { Body, FieldsOf, Message } from '../../engine/protocol/message.ts';
import { homeShardOfAccount } from '../../engine/protocol/sharding.ts';
import {
  type ApiError,
  apiErrorOf,
  busyError,
  haltedError,
  invalidRequest,
  shuttingDownError,
} from '../api-error.ts';
import { type EngineClient, RingFullError, ShardDownError } from '../engine/engine-client.ts';
import { type AnswerPart, type OrderAnswer, RefusedError } from '../engine/pending-requests.ts';
import type { LoadShedder } from '../limits/load-shedder.ts';
import type { Registry } from '../registry/registry.ts';
import { BATCH_ORDERS_MAX } from '../schemas/order-requests.ts';
import type { BatchAnswers } from './batch-answers.ts';
import { readCancelAll, readMarketId } from './cancel-all.ts';
import { readOrderReference, readReduceOrder, readReplaceOrder } from './order-reference.ts';
import { readPlaceOrder } from './order-request.ts';
import type { ReferencePrices } from './reference-prices.ts';

/** Lists of orders that one account may wait for, on all its connections: a few bytes are answered by megabytes. */
export const ACCOUNT_LISTS_IN_FLIGHT_MAX = 16;

const BUSY = busyError();
const HALTED = haltedError();
const SHUTTING_DOWN = shuttingDownError();
const NOT_A_BATCH = invalidRequest('A batch must be an array of orders');
const EMPTY_BATCH = invalidRequest('A batch needs at least one order');
const LARGE_BATCH = invalidRequest(`A batch takes at most ${BATCH_ORDERS_MAX} orders`);
const TAKES_EVERYTHING: Pick<LoadShedder, 'refusesOrder'> = { refusesOrder: () => false };

/**
 * The one way of order requests to the engine, for REST and websocket alike: checks the request, sends
 * the command to the account's home shard, answers through a callback. The single-order methods answer
 * the refusal at once when nothing was sent; otherwise `answer` is called exactly once, from a later
 * turn of the event loop. Commands of one account reach the engine in the order of the calls.
 */
export class OrderGateway {
  readonly #engine: EngineClient;
  readonly #registry: Registry;
  readonly #prices: ReferencePrices;
  readonly #shedder: Pick<LoadShedder, 'refusesOrder'>;
  #isRefusing = false;
  /** By account, where there are any. */
  readonly #listsInFlight = new Map<number, number>();

  readonly #placeOrder = PlaceOrder.create();
  readonly #cancelOrder = CancelOrder.create();
  readonly #reduceOrder = ReduceOrder.create();
  readonly #replaceOrder = ReplaceOrder.create();
  readonly #queryOrder = QueryOrder.create();

  /** @param shedder refuses new orders while the venue is overloaded; nothing does unless given */
  constructor(
    engine: EngineClient,
    registry: Registry,
    prices: ReferencePrices,
    shedder: Pick<LoadShedder, 'refusesOrder'> = TAKES_EVERYTHING,
  ) {
    this.#engine = engine;
    this.#registry = registry;
    this.#prices = prices;
    this.#shedder = shedder;
  }

  /** See `EngineClient`. */
  breathe(): void {
    this.#engine.breathe();
  }

  /** From now on everything is refused with 503 SHUTTING_DOWN; what was sent is still answered. */
  refuseOrders(): void {
    this.#isRefusing = true;
  }

  /** The refusal of everything since `refuseOrders`; to be asked for before anything else about a request is. */
  get stopping(): ApiError | undefined {
    return this.#isRefusing ? SHUTTING_DOWN : undefined;
  }

  /** Why a new order is not even looked at; counts it when it is shed. */
  refuseNewOrder(): ApiError | undefined {
    return this.stopping ?? (this.#shedder.refusesOrder() ? BUSY : undefined);
  }

  /** `params`: the fields of a new order. `expiresAtUs`: when a signed request grows stale, 0 = never. */
  place(
    accountId: number,
    params: unknown,
    answer: OrderAnswer,
    expiresAtUs = 0,
  ): ApiError | undefined {
    const body = this.#placeOrder;
    body.expiresAtUs = expiresAtUs;
    const refusal =
      this.refuseNewOrder() ?? readPlaceOrder(params, this.#registry, this.#prices, body);
    return refusal ?? this.#send(PlaceOrder, body, accountId, answer);
  }

  /** `params`: `symbol` and one of `orderId`, `clientId`. */
  cancel(accountId: number, params: unknown, answer: OrderAnswer): ApiError | undefined {
    const body = this.#cancelOrder;
    const refusal = this.stopping ?? readOrderReference(params, this.#registry, body);
    return refusal ?? this.#send(CancelOrder, body, accountId, answer);
  }

  /** `params`: as cancel, and `quantity` (or `reduceQuantity`) to take off; the order keeps its place. */
  reduce(accountId: number, params: unknown, answer: OrderAnswer): ApiError | undefined {
    const body = this.#reduceOrder;
    const refusal = this.stopping ?? readReduceOrder(params, this.#registry, body);
    return refusal ?? this.#send(ReduceOrder, body, accountId, answer);
  }

  /**
   * `params`: as cancel, and a new `price`, a new total `quantity`, or both; the place is lost. `expiresAtUs`: as of
   * `place`, since it may trade too.
   */
  replace(
    accountId: number,
    params: unknown,
    answer: OrderAnswer,
    expiresAtUs = 0,
  ): ApiError | undefined {
    const body = this.#replaceOrder;
    body.expiresAtUs = expiresAtUs;
    const refusal = this.refuseNewOrder() ?? readReplaceOrder(params, this.#registry, body);
    return refusal ?? this.#send(ReplaceOrder, body, accountId, answer);
  }

  /** `params`: as cancel. Finds open orders only. */
  query(accountId: number, params: unknown, answer: OrderAnswer): ApiError | undefined {
    const body = this.#queryOrder;
    const refusal = this.stopping ?? readOrderReference(params, this.#registry, body);
    if (refusal !== undefined) return refusal;
    body.mayWait = !this.#engine.isMarketDown(body.marketId);
    return this.#send(QueryOrder, body, accountId, answer);
  }

  /**
   * Places up to 50 orders in array order, each accepted or refused on its own. Answers the refusal
   * when the batch as a whole is malformed; `startAnswers(count)` is asked for the collector otherwise.
   */
  batch<T>(
    accountId: number,
    orders: unknown,
    startAnswers: (count: number) => BatchAnswers<T>,
    expiresAtUs = 0,
  ): ApiError | undefined {
    if (this.#isRefusing) return SHUTTING_DOWN;
    if (!Array.isArray(orders)) return NOT_A_BATCH;
    if (orders.length === 0) return EMPTY_BATCH;
    if (orders.length > BATCH_ORDERS_MAX) return LARGE_BATCH;
    if (this.#shedder.refusesOrder()) return BUSY;
    const answers = startAnswers(orders.length);
    let isBusy = false;
    for (let index = 0; index < orders.length; index++) {
      // Once an order found no room no later one may pass it.
      const refusal: ApiError | undefined = isBusy
        ? BUSY
        : this.place(accountId, orders[index], answers.answerAt(index), expiresAtUs);
      if (refusal === undefined) continue;
      isBusy = refusal === BUSY;
      answers.refuse(index, refusal);
    }
    return undefined;
  }

  /**
   * Cancels the open orders of one market, or of all when `params` names no `symbol`; those only that
   * rest (RestingLimitOrder) or wait for a trigger (ConditionalOrder) when it has an `orderType`, and those on one
   * side when it has a `side`. Resolves to the orders that it cancelled.
   *
   * @throws ApiError
   */
  async cancelAll(accountId: number, params: unknown): Promise<OrderEvent[]> {
    this.#assertTaking();
    const { marketId, scope, side } = readCancelAll(params, this.#registry);
    const body = { requestId: 0, accountId, marketId, scope };
    const parts =
      side === CancelSide.Both
        ? await this.#gather(CancelAllOrders, body, true)
        : await this.#gather(MassCancel, { ...body, side }, true);
    return orderEventsOf(parts).filter((order) => order.kind === OrderEventKind.Cancelled);
  }

  /**
   * The open orders of one market, or of all when `params` names no `symbol`.
   *
   * @throws ApiError
   */
  async queryAll(accountId: number, params: unknown): Promise<OrderEvent[]> {
    this.#assertTaking();
    const marketId = readMarketId(params, this.#registry);
    const body = { ...QueryOrders.create(), accountId, marketId };
    const inFlight = this.#listsInFlight.get(accountId) ?? 0;
    if (inFlight >= ACCOUNT_LISTS_IN_FLIGHT_MAX) throw BUSY;
    this.#listsInFlight.set(accountId, inFlight + 1);
    try {
      return orderEventsOf(await this.#gather(QueryOrders, body, true));
    } finally {
      const left = this.#listsInFlight.get(accountId)! - 1;
      if (left > 0) this.#listsInFlight.set(accountId, left);
      else this.#listsInFlight.delete(accountId);
    }
  }

  /**
   * Every asset the account ever held.
   *
   * @throws ApiError
   */
  async balances(accountId: number): Promise<Body<typeof BalanceSnapshot>[]> {
    this.#assertTaking();
    const parts = await this.#gather(
      QueryBalances,
      { ...QueryBalances.create(), accountId },
      false,
    );
    return parts
      .filter((part) => part.type === BalanceSnapshot.type)
      .map((part) => part.body as Body<typeof BalanceSnapshot>);
  }

  /**
   * Takes an amount out of an account, as the operator's withdrawal does; the same `transferId` again moves nothing.
   *
   * @throws ApiError
   */
  async withdraw(transfer: Omit<Body<typeof MoveFunds>, 'requestId' | 'kind'>): Promise<void> {
    this.#assertTaking();
    const { Withdrawal: kind } = TransferKind;
    await this.#gather(MoveFunds, { requestId: 0, kind, ...transfer }, false);
  }

  #send<F extends { requestId: 'wideUint'; accountId: 'uint' }>(
    message: Message<F>,
    body: FieldsOf<F> & { accountId: number },
    accountId: number,
    answer: OrderAnswer,
  ): ApiError | undefined {
    body.accountId = accountId;
    if (this.#engine.isHalted(message, body)) return HALTED;
    return this.#engine.sendOrder(message, body, answer) ? undefined : BUSY;
  }

  async #gather<F extends { requestId: 'wideUint'; accountId: 'uint' }>(
    message: Message<F>,
    body: FieldsOf<F>,
    hasOrderParts: boolean,
  ): Promise<AnswerPart[]> {
    const shard = homeShardOfAccount(body.accountId, this.#engine.shardCount);
    try {
      return await this.#engine.request(message, body, shard, hasOrderParts);
    } catch (error) {
      if (error instanceof RingFullError) throw BUSY;
      if (error instanceof ShardDownError) throw HALTED;
      if (error instanceof RefusedError) throw apiErrorOf(error.code);
      throw error;
    }
  }

  #assertTaking(): void {
    if (this.#isRefusing) throw SHUTTING_DOWN;
  }
}

function orderEventsOf(parts: readonly AnswerPart[]): OrderEvent[] {
  return parts
    .filter((part) => part.type === OrderEvent.type)
    .map((part) => part.body as OrderEvent);
}
