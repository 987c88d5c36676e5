import type { Flow } from '../flows/flow.ts';
import type { OpenOrdersTold } from './messages.ts';

/** Of one connection; beyond that nothing is said of its orders. */
const DOUBTFUL_MAX = 2 ** 18;

/**
 * What replies say against a flow, which takes for done all that it asks for: a request that was refused, not
 * answered or not sent leaves its order in doubt, and every other order is as the flow has it.
 */
export class DoubtfulOrders {
  readonly #doubtful: readonly Set<number>[];
  readonly #cancelsAcknowledged: Float64Array;

  constructor(connections: number) {
    this.#doubtful = Array.from({ length: connections }, () => new Set<number>());
    this.#cancelsAcknowledged = new Float64Array(connections);
  }

  doubt(connection: number, clientId: number): void {
    const doubtful = this.#doubtful[connection]!;
    if (doubtful.size <= DOUBTFUL_MAX) doubtful.add(clientId);
  }

  isDoubtful(connection: number, clientId: number): boolean {
    return this.#doubtful[connection]!.has(clientId);
  }

  cancelled(connection: number): void {
    this.#cancelsAcknowledged[connection]! += 1;
  }

  cancelsAcknowledged(connection: number): number {
    return this.#cancelsAcknowledged[connection]!;
  }

  /**
   * What is known of the open orders of a connection at its end; undefined when the flow does not know, or too much
   * is in doubt.
   */
  told(connection: number, flow: Flow): OpenOrdersTold | undefined {
    const doubtful = this.#doubtful[connection]!;
    const orders = flow.openOrders(connection);
    if (orders === undefined || doubtful.size > DOUBTFUL_MAX) return undefined;
    return {
      tradedTicks: flow.tradedTicks,
      orders: orders.filter(({ clientId }) => !doubtful.has(clientId)),
      doubtful: Uint32Array.from(doubtful),
    };
  }
}
