/** How much is asked of the venue at the moment. */
export interface Load {
  /** Requests that wait for a shard's answer. */
  readonly pendingRequests: number;
  /** Of the fullest ring to a shard, 0 to 100. */
  readonly ringPercent: number;
  /** How late the gateway is: its event loop, or in hearing what a shard has committed. */
  readonly lagMs: number;
}

/** Levels from which on orders are shed; 0 = never for that. */
export interface ShedLevels {
  readonly shedPending: number;
  readonly shedLagMs: number;
  readonly shedRingPercent: number;
}

export type ShedReason = 'pendingRequests' | 'ringPercent' | 'lagMs';

/** A ring may be full for a moment: a burst goes through it within one look or two. */
const LOOKS_TO_BEGIN = 5;
/** And a level may be low for a moment. */
const LOOKS_TO_END = 20;
/** A gateway that is late while hardly anybody waits lacks a processor: refusing orders would not help it. */
const LATE_PENDING_MIN = 1000;
/** Hysteresis: it ends when every measure is below this part of its level. */
const END_SHARE = 0.5;

/**
 * Refuses new orders while the venue has more to do than it can: early and cheaply, instead of late and after the
 * work was done. Cancels, reductions and questions pass: they take risk away, or add none. The load is looked at in
 * equal intervals; shedding begins when a measure has been above its level for some looks (a late gateway was late
 * for a time already), and ends when all have been at half their levels or below for some more.
 */
export class LoadShedder {
  readonly #levels: ShedLevels;
  #reason: ShedReason | null = null;
  #looksAbove = 0;
  #looksBelow = 0;
  #load: Load = { pendingRequests: 0, ringPercent: 0, lagMs: 0 };
  /** Orders refused, and how often shedding began, since the start. */
  shedOrders = 0;
  episodes = 0;

  constructor(levels: ShedLevels) {
    this.#levels = levels;
  }

  /** Why orders are shed; null while they are not. */
  get reason(): ShedReason | null {
    return this.#reason;
  }

  /** What the last look saw. */
  get load(): Load {
    return this.#load;
  }

  /** Whether new orders are refused now; counts the one that is asked for. */
  refusesOrder(): boolean {
    if (this.#reason === null) return false;
    this.shedOrders++;
    return true;
  }

  /** To be called in equal intervals. */
  look(load: Load): void {
    this.#load = load;
    if (this.#reason === null) this.#lookForBegin(this.#reasonAt(1));
    else this.#lookForEnd(this.#reasonAt(END_SHARE));
  }

  #lookForBegin(reason: ShedReason | null): void {
    this.#looksAbove = reason === null ? 0 : this.#looksAbove + 1;
    if (reason === null || (reason !== 'lagMs' && this.#looksAbove < LOOKS_TO_BEGIN)) return;
    this.#reason = reason;
    this.#looksBelow = 0;
    this.episodes++;
  }

  #lookForEnd(reason: ShedReason | null): void {
    this.#looksBelow = reason === null ? this.#looksBelow + 1 : 0;
    if (this.#looksBelow < LOOKS_TO_END) return;
    this.#reason = null;
    this.#looksAbove = 0;
  }

  /** The first measure that is above this part of its level. */
  #reasonAt(share: number): ShedReason | null {
    const { shedPending, shedLagMs, shedRingPercent } = this.#levels;
    const { pendingRequests, lagMs, ringPercent } = this.#load;
    const isLate = shedLagMs > 0 && lagMs > share * shedLagMs;
    if (isLate && pendingRequests >= share * LATE_PENDING_MIN) return 'lagMs';
    if (shedPending > 0 && pendingRequests > share * shedPending) return 'pendingRequests';
    return shedRingPercent > 0 && ringPercent > share * shedRingPercent ? 'ringPercent' : null;
  }
}
