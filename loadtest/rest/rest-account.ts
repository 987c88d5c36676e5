import type { ConnectionCounts } from '../generator/messages.ts';
import type { TradingAccount } from '../run/trading-setup.ts';

/** What one account asked for over REST and was told. Its orders differ in their price only, and nobody meets them. */
export class RestAccount {
  readonly keyPair: TradingAccount['keyPair'];
  ordersAcknowledged = 0;
  cancelsAcknowledged = 0;
  /** What is certainly open: price in ticks by client id. */
  readonly #open = new Map<number, number>();
  /** Client ids of what may be open or not: asked for, and not answered by a plain 200. */
  readonly #doubtful = new Set<number>();

  constructor({ keyPair }: TradingAccount) {
    this.keyPair = keyPair;
  }

  placing(clientId: number): void {
    this.#doubtful.add(clientId);
  }

  placed(clientId: number, priceTicks: number, status: number): void {
    this.ordersAcknowledged++;
    if (status !== 200) return;
    this.#doubtful.delete(clientId);
    this.#open.set(clientId, priceTicks);
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
   * @param quantityLots of every order
   */
  counts(unknown: number, quantityLots: number): ConnectionCounts {
    const { ordersAcknowledged, cancelsAcknowledged } = this;
    const orders = [...this.#open].map(([clientId, priceTicks]) => {
      return { clientId, market: 0, priceTicks, quantityLots };
    });
    const doubtful = Uint32Array.from(this.#doubtful);
    const openOrders = { orders, doubtful, tradedTicks: 0 };
    return { ordersAcknowledged, cancelsAcknowledged, unknown, openOrders };
  }
}
