import { OrderEventKind } from '../../engine/protocol/enums.ts';
import type { OrderEvent } from '../../engine/protocol/events.ts';
import type { RejectCode } from '../../engine/protocol/reject-codes.ts';

/** Takes the answer to one order command. Both calls must use the event before they return. */
export interface OrderAnswer {
  /** `order` is the order after the command; `fills` the order's own fills as taker, oldest first. */
  answered(order: Readonly<OrderEvent>, fills: readonly Readonly<OrderEvent>[]): void;
  refused(code: RejectCode): void;
}

/** One event of a gathered answer: the message's type and its own copy of the fields. */
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

interface Gathering {
  remaining: number;
  readonly orderEventsArePartial: boolean;
  readonly parts: AnswerPart[];
  refusal: RejectCode;
  readonly resolve: (parts: AnswerPart[]) => void;
  readonly reject: (error: Error) => void;
}

const NO_FILLS: readonly OrderEvent[] = [];

/** What the gateway has asked and not yet heard about. Request ids are dense and never reused. */
export class PendingRequests {
  readonly #orders = new Map<number, OrderAnswer>();
  readonly #gatherings = new Map<number, Gathering>();
  /**
   * Fills of takers whose command has not ended, by order id. What a stop order takes when it fires is
   * of no command; what it takes when it is replaced later comes after the event of the change.
   */
  readonly #takerFills = new Map<number, OrderEvent[]>();
  #lastRequestId = 0;

  get size(): number {
    return this.#orders.size + this.#gatherings.size;
  }

  addOrder(answer: OrderAnswer): number {
    const requestId = ++this.#lastRequestId;
    this.#orders.set(requestId, answer);
    return requestId;
  }

  addRequest(
    answersExpected: number,
    orderEventsArePartial: boolean,
    resolve: (parts: AnswerPart[]) => void,
    reject: (error: Error) => void,
  ): number {
    const requestId = ++this.#lastRequestId;
    this.#gatherings.set(requestId, {
      remaining: answersExpected,
      orderEventsArePartial,
      parts: [],
      refusal: 0,
      resolve,
      reject,
    });
    return requestId;
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
    const answer = this.#orders.get(requestId);
    if (answer === undefined) {
      this.part(requestId, type, shard, event, true);
      return;
    }
    this.#orders.delete(requestId);
    // A query may be answered between two fills of a command under way: the fills are that command's.
    const isSnapshot = event.kind === OrderEventKind.Snapshot;
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
    const gathering = this.#gatherings.get(requestId);
    if (gathering === undefined) return;
    gathering.parts.push({ type, shard, body: { ...body } });
    if (isLast && !(isOrderEvent && gathering.orderEventsArePartial)) {
      this.#end(requestId, gathering);
    }
  }

  done(requestId: number): void {
    const gathering = this.#gatherings.get(requestId);
    if (gathering !== undefined) this.#end(requestId, gathering);
  }

  refused(requestId: number, code: RejectCode): void {
    const answer = this.#orders.get(requestId);
    if (answer !== undefined) {
      this.#orders.delete(requestId);
      answer.refused(code);
      return;
    }
    const gathering = this.#gatherings.get(requestId);
    if (gathering === undefined) return;
    gathering.refusal = code;
    this.#end(requestId, gathering);
  }

  failAll(code: RejectCode): void {
    const orders = [...this.#orders.values()];
    const gatherings = [...this.#gatherings.values()];
    this.#orders.clear();
    this.#gatherings.clear();
    this.#takerFills.clear();
    for (const answer of orders) answer.refused(code);
    for (const gathering of gatherings) gathering.reject(new RefusedError(code));
  }

  #end(requestId: number, gathering: Gathering): void {
    if (--gathering.remaining > 0) return;
    this.#gatherings.delete(requestId);
    if (gathering.refusal !== 0) gathering.reject(new RefusedError(gathering.refusal));
    else gathering.resolve(gathering.parts);
  }
}
