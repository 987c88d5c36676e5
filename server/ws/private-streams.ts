import type { OrderEvent } from '../../engine/protocol/events.ts';
import { nowUs } from '../clock.ts';
import type { Publisher } from '../fanout/local-fan-out.ts';
import { orderUpdateData, orderUpdateFrame } from '../orders/order-update-frame.ts';
import type { Registry } from '../registry/registry.ts';
import type { Session } from './session.ts';
import { privateTopic } from './stream-names.ts';

const ORDER_UPDATE = 'account.orderUpdate';

/**
 * The streams that only their account hears. Counts the subscriptions per account, so that the events
 * of accounts nobody listens to, nearly all of them under load, cost one look-up.
 */
export class PrivateStreams {
  readonly #app: Publisher;
  readonly #registry: Registry;
  readonly #subscriptions = new Map<number, number>();

  constructor(app: Publisher, registry: Registry) {
    this.#app = app;
    this.#registry = registry;
  }

  /** A second subscription to the same stream changes nothing. */
  subscribe(session: Session, accountId: number, stream: string): void {
    const topic = privateTopic(accountId, stream);
    if (session.socket === null || session.privateTopics.has(topic)) return;
    session.socket.subscribe(topic);
    session.privateTopics.set(topic, accountId);
    this.#subscriptions.set(accountId, (this.#subscriptions.get(accountId) ?? 0) + 1);
  }

  /** Of every account that the socket hears on this stream. */
  unsubscribe(session: Session, stream: string): void {
    for (const [topic, accountId] of session.privateTopics) {
      if (topic !== privateTopic(accountId, stream)) continue;
      session.socket?.unsubscribe(topic);
      session.privateTopics.delete(topic);
      this.#forget(accountId);
    }
  }

  /** Of every account and stream that the socket hears, or of one account. */
  unsubscribeAll(session: Session, accountId: number | null = null): void {
    for (const [topic, owner] of session.privateTopics) {
      if (accountId !== null && owner !== accountId) continue;
      session.socket?.unsubscribe(topic);
      session.privateTopics.delete(topic);
      this.#forget(owner);
    }
  }

  /** The socket closed; its topics went with it. */
  onClosed(session: Session): void {
    for (const accountId of session.privateTopics.values()) this.#forget(accountId);
    session.privateTopics.clear();
  }

  /** Publishes one event on the streams of its account that have a listener. */
  onOrderEvent(event: Readonly<OrderEvent>): void {
    const { accountId } = event;
    if (!this.#subscriptions.has(accountId)) return;
    const market = this.#registry.market(event.marketId);
    const data = orderUpdateData(event, market, nowUs());
    this.#publish(accountId, ORDER_UPDATE, data);
    this.#publish(accountId, `${ORDER_UPDATE}.${market.symbol}`, data);
  }

  #publish(accountId: number, stream: string, data: string): void {
    const topic = privateTopic(accountId, stream);
    if (this.#app.numSubscribers(topic) === 0) return;
    this.#app.publish(topic, orderUpdateFrame(data, stream));
  }

  #forget(accountId: number): void {
    const count = this.#subscriptions.get(accountId) ?? 0;
    if (count > 1) this.#subscriptions.set(accountId, count - 1);
    else this.#subscriptions.delete(accountId);
  }
}
