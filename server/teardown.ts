import { withDeadline } from './deadline.ts';
import { firstLine, type Log } from './log.ts';
import type { TimeBudget } from './time-budget.ts';

/** Of the budget, what every step keeps for each of those that come after it. */
const KEPT_FOR_LATER_MS = 250;
/** A step that keeps its own time is heard out before it counts as late. */
const GRACE_MS = 50;

/** Something to be undone. */
export interface TeardownStep {
  /** What it ends, for the log. */
  readonly name: string;
  /** The most it may take. */
  readonly timeoutMs: number;
  /**
   * A promise it returns is waited for.
   *
   * @param timeoutMs what is left for it: `timeoutMs` or less
   * @throws an error whose message says what was not done
   */
  run(timeoutMs: number): unknown;
}

/**
 * What must be undone, newest first; once. Every step is bounded by its own time and by what the
 * budget leaves, and one that fails or is late is logged and keeps no other from its turn.
 */
export class Teardown {
  readonly #budget: TimeBudget;
  readonly #log: Log;
  /** The next one to run is the last one. */
  readonly #steps: TeardownStep[] = [];
  #running: Promise<boolean> | null = null;

  constructor(budget: TimeBudget, log: Log) {
    this.#budget = budget;
    this.#log = log;
  }

  /** Before all that were added earlier, and in the order given. */
  add(...steps: readonly TeardownStep[]): void {
    this.#steps.push(...steps.toReversed());
  }

  /** Answers whether every step did its work in time. Repeated calls wait for the same end. */
  run(): Promise<boolean> {
    this.#budget.begin();
    this.#running ??= this.#runSteps();
    return this.#running;
  }

  async #runSteps(): Promise<boolean> {
    let isClean = true;
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      const fault = await this.#faultOf(step);
      if (fault === null) continue;
      this.#log.error(`stopping: ${step.name}: ${fault}`);
      isClean = false;
    }
    return isClean;
  }

  async #faultOf(step: TeardownStep): Promise<string | null> {
    const leftMs = this.#budget.leftMs - KEPT_FOR_LATER_MS * this.#steps.length;
    const timeoutMs = Math.max(0, Math.min(step.timeoutMs, leftMs));
    try {
      const work = Promise.resolve(step.run(timeoutMs));
      if (await withDeadline(work, timeoutMs + GRACE_MS)) return null;
      return `not done after ${Math.round(timeoutMs)} ms`;
    } catch (error) {
      return firstLine(error);
    }
  }
}
