import type { OrderEvent } from '../../engine/protocol/events.ts';
import { nowUs } from '../clock.ts';
import type { Publisher } from '../fanout/local-fan-out.ts';
import type { BalanceAfter } from '../orders/balance-update-frame.ts';
import { orderUpdateData } from '../orders/order-update-frame.ts';
import type { Registry } from '../registry/registry.ts';
import { BalanceStreams } from './balance-streams.ts';
import { PrivatePublisher } from './private-publisher.ts';
import type { PrivateSubscription, Session } from './session.ts';
import { privateTopic } from './stream-names.ts';

const ORDER_UPDATE = 'account.orderUpdate';

/**
 * The streams that only their account hears. Counts the subscriptions per account, so that the events
 * of accounts nobody listens to, nearly all of them under load, cost one look-up.
 */
export class PrivateStreams {
  readonly #publisher: PrivatePublisher;
  readonly #registry: Registry;
  readonly #balances: BalanceStreams;
  readonly #subscriptions = new Map<number, number>();

  constructor(app: Publisher, registry: Registry) {
    this.#publisher = new PrivatePublisher(app);
    this.#registry = registry;
    this.#balances = new BalanceStreams(this.#publisher, registry);
  }

  /** A second subscription to the same stream changes nothing. */
  subscribe(session: Session, accountId: number, stream: string): void {
    const topic = privateTopic(accountId, stream);
    if (session.socket === null || session.privateTopics.has(topic)) return;
    session.socket.subscribe(topic);
    session.privateTopics.set(topic, { accountId, stream });
    this.#subscriptions.set(accountId, (this.#subscriptions.get(accountId) ?? 0) + 1);
    this.#balances.onSubscribed(accountId, stream);
  }

  /** Of every account that the socket hears on this stream. */
  unsubscribe(session: Session, stream: string): void {
    this.#unsubscribe(session, (subscription) => subscription.stream === stream);
  }

  /** Of every account and stream that the socket hears, or of one account. */
  unsubscribeAll(session: Session, accountId: number | null = null): void {
    this.#unsubscribe(session, (subscription) => {
      return accountId === null || subscription.accountId === accountId;
    });
  }

  /** The socket closed; its topics went with it. */
  onClosed(session: Session): void {
    this.#unsubscribe(session, () => true);
  }

  /** Publishes one event on the streams of its account that have a listener: the order, then its balances. */
  onOrderEvent(event: Readonly<OrderEvent>): void {
    const { accountId } = event;
    if (!this.#subscriptions.has(accountId)) return;
    const market = this.#registry.market(event.marketId);
    const streams = [ORDER_UPDATE, `${ORDER_UPDATE}.${market.symbol}`];
    this.#publisher.publish(accountId, streams, () => orderUpdateData(event, market, nowUs()));
    this.#balances.onOrderEvent(event);
  }

  /** The same of a balance that changed without an event of an order. */
  onBalance(balance: BalanceAfter): void {
    this.#balances.onBalance(balance);
  }

  #unsubscribe(session: Session, isMeant: (subscription: PrivateSubscription) => boolean): void {
    for (const [topic, subscription] of session.privateTopics) {
      if (!isMeant(subscription)) continue;
      session.socket?.unsubscribe(topic);
      session.privateTopics.delete(topic);
      this.#forget(subscription);
    }
  }

  #forget({ accountId, stream }: PrivateSubscription): void {
    const count = this.#subscriptions.get(accountId) ?? 0;
    if (count > 1) this.#subscriptions.set(accountId, count - 1);
    else this.#subscriptions.delete(accountId);
    this.#balances.onUnsubscribed(accountId, stream);
  }
}
