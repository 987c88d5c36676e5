import type { ToldByReplies } from './messages.ts';

/** Of more orders it is not noted when they were to be sent: 56 MiB. */
const PLACED_MAX = 2 ** 22;
const FIRST_LENGTH = 2 ** 12;

/** Gathers what private streams must tell as well, in columns that grow. */
export class ToldLog {
  #trades = 0;
  #tradeMarket = new Uint16Array(FIRST_LENGTH);
  #tradeId = new Float64Array(FIRST_LENGTH);
  #placed = 0;
  #placedConnection = new Uint16Array(FIRST_LENGTH);
  #placedClientId = new Uint32Array(FIRST_LENGTH);
  #placedIntendedMs = new Float64Array(FIRST_LENGTH);

  /** A trade of an order that took. */
  trade(market: number, tradeId: number): void {
    const index = this.#trades++;
    if (index === this.#tradeId.length) {
      this.#tradeMarket = grown(this.#tradeMarket, new Uint16Array(2 * index));
      this.#tradeId = grown(this.#tradeId, new Float64Array(2 * index));
    }
    this.#tradeMarket[index] = market;
    this.#tradeId[index] = tradeId;
  }

  /** An order that may rest is sent. */
  placed(connection: number, clientId: number, intendedMs: number): void {
    if (this.#placed === PLACED_MAX) return;
    const index = this.#placed++;
    if (index === this.#placedClientId.length) {
      this.#placedConnection = grown(this.#placedConnection, new Uint16Array(2 * index));
      this.#placedClientId = grown(this.#placedClientId, new Uint32Array(2 * index));
      this.#placedIntendedMs = grown(this.#placedIntendedMs, new Float64Array(2 * index));
    }
    this.#placedConnection[index] = connection;
    this.#placedClientId[index] = clientId;
    this.#placedIntendedMs[index] = intendedMs;
  }

  report(): ToldByReplies {
    return {
      tradeMarket: this.#tradeMarket.slice(0, this.#trades),
      tradeId: this.#tradeId.slice(0, this.#trades),
      placedConnection: this.#placedConnection.slice(0, this.#placed),
      placedClientId: this.#placedClientId.slice(0, this.#placed),
      placedIntendedMs: this.#placedIntendedMs.slice(0, this.#placed),
    };
  }
}

function grown<Column extends Uint16Array | Uint32Array | Float64Array>(
  column: Column,
  longer: Column,
): Column {
  longer.set(column);
  return longer;
}
