import type { ConnectionCounts } from '../generator/messages.ts';
import type { TradingAccount } from '../run/trading-setup.ts';

/** What one account asked for over REST and was told. Its orders are all alike, and nobody meets them. */
export class RestAccount {
  readonly keyPair: TradingAccount['keyPair'];
  ordersAcknowledged = 0;
  cancelsAcknowledged = 0;
  /** Client ids of what is certainly open, and of what may be or not: asked for, and not answered by a plain 200. */
  readonly #open = new Set<number>();
  readonly #doubtful = new Set<number>();

  constructor({ keyPair }: TradingAccount) {
    this.keyPair = keyPair;
  }

  placing(clientId: number): void {
    this.#doubtful.add(clientId);
  }

  placed(clientId: number, status: number): void {
    this.ordersAcknowledged++;
    if (status !== 200) return;
    this.#doubtful.delete(clientId);
    this.#open.add(clientId);
  }

  cancelling(clientId: number): void {
    this.#open.delete(clientId);
    this.#doubtful.add(clientId);
  }

  cancelled(clientId: number, status: number): void {
    this.cancelsAcknowledged++;
    if (status === 200) this.#doubtful.delete(clientId);
  }

  /**
   * @param unknown requests of all accounts that were never answered: whose they were is not known
   * @param terms of every order
   */
  counts(
    unknown: number,
    terms: { readonly priceTicks: number; readonly quantityLots: number },
  ): ConnectionCounts {
    const { ordersAcknowledged, cancelsAcknowledged } = this;
    const orders = [...this.#open].map((clientId) => ({ clientId, market: 0, ...terms }));
    const doubtful = Uint32Array.from(this.#doubtful);
    const openOrders = { orders, doubtful, tradedTicks: 0 };
    return { ordersAcknowledged, cancelsAcknowledged, unknown, openOrders };
  }
}
