import type { OrderEvent } from '../../engine/protocol/events.ts';
import type { ApiError } from '../api-error.ts';
import { nowUs } from '../clock.ts';
import {
  batchOrderJson,
  batchRefusalJson,
  executedOrderJson,
  orderJson,
} from '../orders/order-json.ts';
import type { Registry } from '../registry/registry.ts';
import type { AcknowledgementLevel, Replies, ResultMap } from './replies.ts';
import type { RequestId } from './session.ts';
import type { StreamError } from './stream-names.ts';

/** Replies as JSON text, for requests in text frames. */
export class JsonReplies implements Replies<string> {
  readonly #registry: Registry;
  readonly #acknowledgement: AcknowledgementLevel;
  readonly #journaledUs: () => number;

  /** @param journaledUs when what is being answered was committed to a journal, 0 without one */
  constructor(
    registry: Registry,
    acknowledgement: AcknowledgementLevel,
    journaledUs: () => number,
  ) {
    this.#registry = registry;
    this.#acknowledgement = acknowledgement;
    this.#journaledUs = journaledUs;
  }

  order(id: RequestId, receivedUs: number, order: Readonly<OrderEvent>): string {
    return this.#done(id, receivedUs, order.timeUs, this.listOrder(order));
  }

  executedOrder(
    id: RequestId,
    receivedUs: number,
    order: Readonly<OrderEvent>,
    fills: readonly Readonly<OrderEvent>[],
  ): string {
    const market = this.#registry.market(order.marketId);
    return this.#done(id, receivedUs, order.timeUs, executedOrderJson(order, fills, market));
  }

  listOrder(order: Readonly<OrderEvent>): string {
    return orderJson(order, this.#registry.market(order.marketId));
  }

  batchOrder(order: Readonly<OrderEvent>, fills: readonly Readonly<OrderEvent>[]): string {
    return batchOrderJson(order, fills, this.#registry.market(order.marketId));
  }

  batchRefusal(error: ApiError): string {
    return batchRefusalJson(error);
  }

  list(id: RequestId, receivedUs: number, matchedUs: number, items: readonly string[]): string {
    return this.#done(id, receivedUs, matchedUs, `[${items.join(',')}]`);
  }

  answered(id: RequestId, receivedUs: number, result: ResultMap): string {
    return `{"id":${idText(id)},"status":200,"result":${JSON.stringify(result)},${timesText(receivedUs)}}`;
  }

  executed(id: RequestId, receivedUs: number, result: ResultMap): string {
    return this.#done(id, receivedUs, 0, JSON.stringify(result));
  }

  refused(id: RequestId | null, receivedUs: number, error: ApiError): string {
    return `{"id":${idText(id)},"status":${error.status},"error":{"code":"${error.code}","message":${JSON.stringify(error.message)}},${timesText(receivedUs)}}`;
  }

  subscribed(id: RequestId): string {
    return `{"id":${idText(id)},"result":null}`;
  }

  streamRefused(id: RequestId | null, error: StreamError): string {
    return `{"id":${idText(id)},"error":{"code":${error.code},"message":${JSON.stringify(error.message)}}}`;
  }

  #done(id: RequestId, receivedUs: number, matchedUs: number, result: string): string {
    const journaledUs = this.#journaledUs();
    const matched = matchedUs === 0 ? '' : `,"matched":${matchedUs}`;
    const journaled = journaledUs === 0 ? '' : `,"journaled":${journaledUs}`;
    const engine = matched + journaled;
    return `{"id":${idText(id)},"status":200,"ack":"${this.#acknowledgement}","result":${result},${timesText(receivedUs, engine)}}`;
  }
}

/** @param engine the members between the gateway's two, each behind a comma */
function timesText(receivedUs: number, engine = ''): string {
  return `"times":{"received":${receivedUs}${engine},"published":${nowUs()}}`;
}

function idText(id: RequestId | null): string {
  return typeof id === 'string' ? JSON.stringify(id) : String(id);
}
