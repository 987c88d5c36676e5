/** Events after which a depth subscriber has what it needs to fetch and join a snapshot. */
const YOUNG_SUBSCRIPTION_EVENTS = 12;
/** A market without a change for this long is quiet. */
const QUIET_AFTER_US = 100_000;
/** Pause between the heartbeats of a quiet market: eleven of them fit well into a second. */
const HEARTBEAT_PAUSE_US = 50_000;
/** A heartbeat that has not come back by then never reached the shard. */
const HEARTBEAT_LOST_AFTER_US = 1_000_000;

/**
 * Decides when a market without changes needs an empty depth event. Clients exist that fetch their
 * snapshot only when the eleventh event arrives, so on a quiet market they would wait for ever.
 */
export class QuietMarket {
  /** Update id at which the youngest depth subscription began; far back when there was none. */
  #subscribedAt = -YOUNG_SUBSCRIPTION_EVENTS;
  #changedUs = 0;
  #heartbeatUs = 0;
  #outstanding = false;

  onDepthSubscribed(updateId: number): void {
    this.#subscribedAt = updateId;
  }

  onBookEvent(isHeartbeat: boolean, nowUs: number): void {
    if (isHeartbeat) this.#outstanding = false;
    else this.#changedUs = nowUs;
  }

  /** The subscribers have gone: none is young any more. */
  onDepthUnheard(): void {
    this.#subscribedAt = -YOUNG_SUBSCRIPTION_EVENTS;
  }

  isHeartbeatDue(updateId: number, nowUs: number): boolean {
    if (updateId - this.#subscribedAt >= YOUNG_SUBSCRIPTION_EVENTS) return false;
    if (nowUs - this.#changedUs < QUIET_AFTER_US) return false;
    const pauseUs = this.#outstanding ? HEARTBEAT_LOST_AFTER_US : HEARTBEAT_PAUSE_US;
    return nowUs - this.#heartbeatUs >= pauseUs;
  }

  onHeartbeatSent(nowUs: number): void {
    this.#heartbeatUs = nowUs;
    this.#outstanding = true;
  }
}
