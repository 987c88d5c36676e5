import { assert } from '../../engine/assert.ts';
import { OrderEventKind } from '../../engine/protocol/enums.ts';
import type { OrderEvent } from '../../engine/protocol/events.ts';
import type { RejectCode } from '../../engine/protocol/reject-codes.ts';

/** Takes the answer to one order command. Both calls must use the event before they return. */
export interface OrderAnswer {
  /** `order` is the order after the command; `fills` the order's own fills as taker, oldest first. */
  answered(order: Readonly<OrderEvent>, fills: readonly Readonly<OrderEvent>[]): void;
  refused(code: RejectCode): void;
}

/** One event of an answer in parts: the message's type and its own copy of the fields. */
export interface AnswerPart {
  readonly type: number;
  readonly shard: number;
  readonly body: unknown;
}

/** A shard refused a gathered request. */
export class RefusedError extends Error {
  override name = 'RefusedError';
  readonly code: RejectCode;

  constructor(code: RejectCode) {
    super(`refused with code ${code}`);
    this.code = code;
  }
}

/** Takes the parts of an answer as they come, in their place among the events of their shard. */
export type TakePart = (part: AnswerPart) => void;

/** Who waits for an answer in parts. */
export interface PartsAnswer {
  readonly take: TakePart;
  /** Every shard asked has ended its answer. */
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** As a shard: every one. */
export const EVERY_SHARD = -1;

/** The shards whose answer a request needs. */
export interface AskedShards {
  /** The one it was sent to, or `EVERY_SHARD`. */
  readonly sentTo: number;
  /** The owner of the market that has to do its part, `EVERY_SHARD` if it may be any; null for none. */
  readonly owner: number | null;
}

interface PendingOrder extends AskedShards {
  readonly answer: OrderAnswer;
}

interface Gathering extends AskedShards {
  remaining: number;
  readonly orderEventsArePartial: boolean;
  readonly answer: PartsAnswer;
  refusal: RejectCode;
}

const NO_FILLS: readonly OrderEvent[] = [];

/**
 * What the gateway has asked and not yet heard about. Request ids grow by one and are never used again,
 * by a later gateway either (see `numberAbove`).
 */
export class PendingRequests {
  readonly #orders = new Map<number, PendingOrder>();
  readonly #gatherings = new Map<number, Gathering>();
  /**
   * Fills of takers whose command has not ended, by order id. What a stop order takes when it fires is
   * of no command; what it takes when it is replaced later comes after the event of the change.
   */
  readonly #takerFills = new Map<number, OrderEvent[]>();
  /** A request id is this and the key under which the request is kept: maps are fast with small integers. */
  #base = 0;
  #lastKey = 0;

  get size(): number {
    return this.#orders.size + this.#gatherings.size;
  }

  /**
   * Gives out ids above `requestId` from now on. Shards with a history may still answer what a gateway
   * before this one asked, under its ids. Nothing may be under way.
   */
  numberAbove(requestId: number): void {
    assert(this.size === 0, 'requests are under way while their ids change');
    this.#base = Math.max(requestId, this.#base + this.#lastKey);
    this.#lastKey = 0;
  }

  /** See `AskedShards`. */
  addOrder(answer: OrderAnswer, sentTo: number, owner: number | null): number {
    this.#orders.set(++this.#lastKey, { answer, sentTo, owner });
    return this.#base + this.#lastKey;
  }

  addRequest(
    answersExpected: number,
    orderEventsArePartial: boolean,
    answer: PartsAnswer,
    { sentTo, owner }: AskedShards,
  ): number {
    this.#gatherings.set(++this.#lastKey, {
      remaining: answersExpected,
      sentTo,
      owner,
      orderEventsArePartial,
      answer,
      refusal: 0,
    });
    return this.#base + this.#lastKey;
  }

  /** An order event: kept if it is a taker's fill, and the answer if it carries a request id. */
  orderEvent(event: OrderEvent, isTakerFill: boolean, shard: number, type: number): void {
    const { requestId } = event;
    const isStop = event.triggerPriceTicks > 0;
    if (isTakerFill) {
      const fills = this.#takerFills.get(event.orderId);
      if (fills !== undefined) fills.push({ ...event });
      else if (!isStop) this.#takerFills.set(event.orderId, [{ ...event }]);
    } else if (isStop && event.kind === OrderEventKind.Modified && requestId === 0) {
      this.#takerFills.set(event.orderId, []);
    }
    if (requestId === 0) return;
    const key = requestId - this.#base;
    const answer = this.#orders.get(key)?.answer;
    // A query may be answered between two fills of a command under way: the fills are that command's.
    const isSnapshot = event.kind === OrderEventKind.Snapshot;
    if (answer === undefined) {
      // The end of a command that nobody here sent: its fills are nobody's answer.
      if (!isSnapshot) this.#takerFills.delete(event.orderId);
      this.part(requestId, type, shard, event, true);
      return;
    }
    this.#orders.delete(key);
    const fills = isSnapshot ? undefined : this.#takerFills.get(event.orderId);
    if (fills === undefined) {
      answer.answered(event, NO_FILLS);
    } else {
      this.#takerFills.delete(event.orderId);
      answer.answered(event, fills);
    }
  }

  /** A part of a gathered answer; ends the shard's answer unless more follow it. */
  part(
    requestId: number,
    type: number,
    shard: number,
    body: object,
    isOrderEvent: boolean,
    isLast = true,
  ): void {
    const key = requestId - this.#base;
    const gathering = this.#gatherings.get(key);
    if (gathering === undefined) return;
    gathering.answer.take({ type, shard, body: { ...body } });
    if (isLast && !(isOrderEvent && gathering.orderEventsArePartial)) this.#end(key, gathering);
  }

  done(requestId: number): void {
    const key = requestId - this.#base;
    const gathering = this.#gatherings.get(key);
    if (gathering !== undefined) this.#end(key, gathering);
  }

  refused(requestId: number, code: RejectCode): void {
    const key = requestId - this.#base;
    const answer = this.#orders.get(key)?.answer;
    if (answer !== undefined) {
      this.#orders.delete(key);
      answer.refused(code);
      return;
    }
    const gathering = this.#gatherings.get(key);
    if (gathering === undefined) return;
    gathering.refusal = code;
    this.#end(key, gathering);
  }

  /** Ends everything under way with `code`. */
  failAll(code: RejectCode): void {
    this.#fail(() => true, code);
    this.#takerFills.clear();
  }

  /** Ends with `code` what needs a shard's answer. What comes of it later, from it or another, finds nobody. */
  failShard(shard: number, code: RejectCode): void {
    this.#fail(({ sentTo, owner }) => isAmong(sentTo, shard) || isAmong(owner, shard), code);
  }

  #fail(isMeant: (asked: AskedShards) => boolean, code: RejectCode): void {
    const orders = [...this.#orders].filter(([, asked]) => isMeant(asked));
    const gatherings = [...this.#gatherings].filter(([, asked]) => isMeant(asked));
    for (const [key] of orders) this.#orders.delete(key);
    for (const [key] of gatherings) this.#gatherings.delete(key);
    for (const [, { answer }] of orders) answer.refused(code);
    for (const [, { answer }] of gatherings) answer.reject(new RefusedError(code));
  }

  #end(key: number, gathering: Gathering): void {
    if (--gathering.remaining > 0) return;
    this.#gatherings.delete(key);
    const { answer, refusal } = gathering;
    if (refusal !== 0) answer.reject(new RefusedError(refusal));
    else answer.resolve();
  }
}

/** Whether the shard, or every one, is asked. */
export function isAmong(asked: number | null, shard: number): boolean {
  return asked === shard || asked === EVERY_SHARD;
}
