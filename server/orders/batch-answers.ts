import type { OrderEvent } from '../../engine/protocol/events.ts';
import type { RejectCode } from '../../engine/protocol/reject-codes.ts';
import { type ApiError, apiErrorOf } from '../api-error.ts';
import type { OrderAnswer } from '../engine/pending-requests.ts';

/** How one order of a batch reads in the batch's answer. */
export interface BatchItemFormat<T> {
  batchOrder(order: Readonly<OrderEvent>, fills: readonly Readonly<OrderEvent>[]): T;
  batchRefusal(error: ApiError): T;
}

/** Collects the answers to the orders of one batch, whatever order they come in. */
export class BatchAnswers<T> {
  readonly #format: BatchItemFormat<T>;
  readonly #items: T[];
  readonly #done: (items: readonly T[], matchedUs: number) => void;
  #remaining: number;
  #matchedUs = 0;

  /** `done` gets the items in request order and when the engine acted last (µs), 0 for never. */
  constructor(
    count: number,
    format: BatchItemFormat<T>,
    done: (items: readonly T[], matchedUs: number) => void,
  ) {
    this.#format = format;
    this.#items = new Array<T>(count);
    this.#remaining = count;
    this.#done = done;
  }

  answerAt(index: number): OrderAnswer {
    return {
      answered: (order, fills) => {
        this.#matchedUs = Math.max(this.#matchedUs, order.timeUs);
        this.#settle(index, this.#format.batchOrder(order, fills));
      },
      refused: (code: RejectCode) => this.refuse(index, apiErrorOf(code)),
    };
  }

  refuse(index: number, error: ApiError): void {
    this.#settle(index, this.#format.batchRefusal(error));
  }

  #settle(index: number, item: T): void {
    this.#items[index] = item;
    if (--this.#remaining === 0) this.#done(this.#items, this.#matchedUs);
  }
}
