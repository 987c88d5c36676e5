import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../random.ts';
import type { Operator } from './operator.ts';
import type { Trader } from './trader.ts';

const TICK_MS = 2;
const OPERATOR_PAUSE_MS = 30;

/** How hard a phase of the load presses; drawn anew for each. */
const DEPTHS = [2, 8, 32, 64] as const;
const REQUESTS_PER_SECOND = [1_000, 3_000, 6_000, 12_000] as const;

/** Keeps all traders and the operator busy between `start` and `stop`, in phases of different pressure. */
export class Load {
  readonly #random: Random;
  readonly #traders: readonly Trader[];
  readonly #operator: Operator;
  #timer: NodeJS.Timeout | undefined;
  #acting: Promise<void> = Promise.resolve();
  #isRunning = false;
  #allowance = 0;
  #requestsPerTick = 0;

  constructor(random: Random, traders: readonly Trader[], operator: Operator) {
    this.#random = random;
    this.#traders = traders;
    this.#operator = operator;
  }

  /** @param pressure drawn anew for each phase, or all there is */
  start(pressure: 'drawn' | 'full' = 'drawn'): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    const draw = <Value>(values: readonly Value[]): Value => {
      const place = this.#random.integer(0, values.length - 1);
      return values.at(pressure === 'full' ? -1 : place)!;
    };
    const depth = draw(DEPTHS);
    const rate = draw(REQUESTS_PER_SECOND);
    this.#requestsPerTick = (rate * TICK_MS) / 1000;
    for (const trader of this.#traders) trader.resume(depth);
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#acting = this.#act();
  }

  /**
   * Stops sending and resolves when everything sent was answered, or can be answered no more. A venue that does not
   * answer any more must be killed first.
   */
  async stop(): Promise<void> {
    this.#isRunning = false;
    clearInterval(this.#timer);
    await Promise.all(this.#traders.map((trader) => trader.pause()));
    await this.#acting;
  }

  #tick(): void {
    // What could not be sent in time is not made up for later.
    this.#allowance =
      Math.min(this.#allowance, 1) + this.#requestsPerTick * 2 * this.#random.next();
    const count = this.#traders.length;
    const first = this.#random.integer(0, count - 1);
    for (let step = 0; step < count && this.#allowance >= 1; step++) {
      const share = Math.floor(this.#allowance / (count - step)) || 1;
      this.#allowance -= this.#traders[(first + step) % count]!.pump(share);
    }
  }

  async #act(): Promise<void> {
    while (this.#isRunning) {
      await this.#operator.act();
      await delay(this.#random.integer(0, OPERATOR_PAUSE_MS));
    }
  }
}
