import { Side } from '../../engine/protocol/enums.ts';

/** The windows of the aggregated depth streams, ms; each is a multiple of the first. */
export const DEPTH_WINDOWS_MS = [200, 600, 1000] as const;
export type DepthWindowMs = (typeof DEPTH_WINDOWS_MS)[number];

/** What one frame of an aggregated stream tells: changes `firstUpdateId` to `lastUpdateId`, each level once. */
export interface AggregatedDepth {
  readonly firstUpdateId: number;
  readonly lastUpdateId: number;
  /** Triples (side, priceTicks, total quantityLots at the end). */
  readonly levels: readonly number[];
}

/**
 * Collects the changes of one market's book for one aggregated stream, while somebody hears it. The ids of its
 * frames are contiguous from the first change after the first listener came.
 */
export class DepthWindow {
  readonly windowMs: DepthWindowMs;
  readonly stream: string;
  #isHeard = false;
  /** Of the first change collected; 0 when there is none. */
  #firstUpdateId = 0;
  #lastUpdateId = 0;
  readonly #bids = new Map<number, number>();
  readonly #asks = new Map<number, number>();

  constructor(windowMs: DepthWindowMs, symbol: string) {
    this.windowMs = windowMs;
    this.stream = `depth.${windowMs}ms.${symbol}`;
  }

  get isHeard(): boolean {
    return this.#isHeard;
  }

  /** Collects from the next change on, or stops and forgets what was collected. */
  hear(isHeard: boolean): void {
    if (this.#isHeard && !isHeard) this.#clear();
    this.#isHeard = isHeard;
  }

  /** Takes the levels of one change of a stream that is heard, as `BookReplica.apply` answers them. */
  add(levels: readonly number[], updateId: number): void {
    if (this.#firstUpdateId === 0) this.#firstUpdateId = updateId;
    this.#lastUpdateId = updateId;
    for (let index = 0; index < levels.length; index += 3) {
      const side = levels[index] === Side.Bid ? this.#bids : this.#asks;
      side.set(levels[index + 1]!, levels[index + 2]!);
    }
  }

  /** Ends a window: all that was collected in it, null when nothing was. */
  take(): AggregatedDepth | null {
    if (this.#firstUpdateId === 0) return null;
    const levels: number[] = [];
    for (const [priceTicks, lots] of this.#bids) levels.push(Side.Bid, priceTicks, lots);
    for (const [priceTicks, lots] of this.#asks) levels.push(Side.Ask, priceTicks, lots);
    const taken = { firstUpdateId: this.#firstUpdateId, lastUpdateId: this.#lastUpdateId, levels };
    this.#clear();
    return taken;
  }

  #clear(): void {
    this.#firstUpdateId = 0;
    this.#bids.clear();
    this.#asks.clear();
  }
}
