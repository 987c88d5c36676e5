import ccxt, { type Order } from 'ccxt';
import { Random } from '../../persistence/testing/random.ts';
import type { CcxtTrader } from './ccxt-venue.fixture.ts';
import { idOf, SOL } from './trading.fixture.ts';

/** Prices are around this one, close enough for most orders to meet others. */
const MIDDLE = 100;
const SPREAD_TICKS = 25;
/** Beyond so many open orders more of them are cancelled than placed. */
const OPEN_ORDERS_MOST = 40;

type Operation = 'place' | 'immediate' | 'market' | 'cancel' | 'edit' | 'batch' | 'stop' | 'clear';

/** How often, of 100. */
const WEIGHTS: readonly (readonly [Operation, number])[] = [
  ['place', 42],
  ['immediate', 10],
  ['market', 8],
  ['cancel', 22],
  ['edit', 6],
  ['batch', 7],
  ['stop', 4],
  ['clear', 1],
];

/** An account that does anything at random over REST, the same for the same seed and answers. */
export class RandomTrader {
  /** Orders that were sent, batches by their parts, and cancels. */
  operationCount = 0;
  readonly #trader: CcxtTrader;
  readonly #random: Random;
  /** Ids of orders that may be open. */
  #open: string[] = [];

  constructor(trader: CcxtTrader, seed: number) {
    this.#trader = trader;
    this.#random = new Random(seed);
  }

  /** That an order was filled before it could be cancelled is part of the game. */
  async operate(): Promise<void> {
    try {
      await this.#operate(this.#choose());
    } catch (error) {
      const isGone = error instanceof ccxt.ExchangeNotAvailable;
      if (!isGone || !error.message.includes('RESOURCE_NOT_FOUND')) throw error;
    }
  }

  async #operate(operation: Operation): Promise<void> {
    const { rest } = this.#trader;
    this.operationCount++;
    switch (operation) {
      case 'place':
        return this.#know(await rest.createOrder(SOL, 'limit', ...this.#limit()));
      case 'immediate': {
        const timeInForce = 'IOC';
        await rest.createOrder(SOL, 'limit', ...this.#limit(), { timeInForce });
        return;
      }
      case 'market':
        await rest.createOrder(SOL, 'market', this.#side(), this.#amount());
        return;
      case 'cancel':
        await rest.cancelOrder(this.#forget(), SOL);
        return;
      case 'edit':
        return this.#know(await rest.editOrder(this.#forget(), SOL, 'limit', ...this.#limit()));
      case 'batch': {
        const orders = Array.from({ length: 2 + this.#random.below(9) }, () => {
          const [side, amount, price] = this.#limit();
          return { symbol: SOL, type: 'limit', side, amount, price };
        });
        this.operationCount += orders.length - 1;
        for (const order of await rest.createOrders(orders)) this.#know(order);
        return;
      }
      case 'stop': {
        const [side, amount, price] = this.#limit();
        const params = { triggerPrice: price };
        return this.#know(await rest.createOrder(SOL, 'limit', side, amount, price, params));
      }
      case 'clear':
        this.#open = [];
        await rest.cancelAllOrders(SOL);
        return;
    }
  }

  #choose(): Operation {
    if (this.#open.length > OPEN_ORDERS_MOST) return 'cancel';
    let left = this.#random.below(100);
    const [operation] = WEIGHTS.find(([, weight]) => {
      left -= weight;
      return left < 0;
    })!;
    const needsOne = operation === 'cancel' || operation === 'edit';
    return needsOne && this.#open.length === 0 ? 'place' : operation;
  }

  #limit(): ['buy' | 'sell', number, number] {
    const side = this.#side();
    const ticks = this.#random.below(2 * SPREAD_TICKS) - SPREAD_TICKS + (side === 'buy' ? -8 : 8);
    return [side, this.#amount(), MIDDLE + ticks / 100];
  }

  #side(): 'buy' | 'sell' {
    return this.#random.below(2) === 0 ? 'buy' : 'sell';
  }

  #amount(): number {
    return (1 + this.#random.below(300)) / 100;
  }

  #know(order: Order): void {
    if (order.status === 'open') this.#open.push(idOf(order));
  }

  /** Takes one of the orders out, to be cancelled. */
  #forget(): string {
    const index = this.#random.below(this.#open.length);
    const [id] = this.#open.splice(index, 1);
    return id!;
  }
}
