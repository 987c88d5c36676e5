import { FireCancelTimer, SetCancelTimer } from '../../engine/protocol/commands.ts';
import { CancelTimerDescribed } from '../../engine/protocol/descriptions.ts';
import { CancelTrigger, OrderEventKind } from '../../engine/protocol/enums.ts';
import { OrderEvent } from '../../engine/protocol/events.ts';
import type { Body } from '../../engine/protocol/message.ts';
import { homeShardOfAccount } from '../../engine/protocol/sharding.ts';
import { US_PER_MS } from '../../engine/protocol/time-units.ts';
import { askShards, partOf } from '../admin/shard-request.ts';
import { shuttingDownError } from '../api-error.ts';
import { nowUs } from '../clock.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import type { AnswerPart } from '../engine/pending-requests.ts';

/** A timer as its shard last described it. */
export type CancelTimer = Readonly<Omit<Body<typeof CancelTimerDescribed>, 'requestId'>>;
/** What names a timer. */
export type TimerName = Pick<CancelTimer, 'accountId' | 'marketId' | 'trigger'>;

/** Before what could not be fired is tried again: its shard is down, or its clock a little behind. */
const RETRY_MS = 100;
/** The longest that a timer of Node's may be set for. */
const WAKE_MS_MAX = 2 ** 31 - 1;

/**
 * Tells the shards when their cancel timers are due: they have the timers, in their journals, and no clock. So a timer
 * outlives this process: the next one learns it and fires at once what was due meanwhile.
 */
export class CancelTimers {
  /** Timers that fired, and orders cancelled by them, since the start. */
  fired = 0;
  cancelledOrders = 0;
  readonly #engine: EngineClient;
  readonly #timers = new Map<string, CancelTimer>();
  /** By name: not before then, µs, since it was tried in vain. */
  readonly #retryAtUs = new Map<string, number>();
  #isStopped = false;
  #wakeAtUs = Number.POSITIVE_INFINITY;
  #wake: NodeJS.Timeout | undefined;

  constructor(engine: EngineClient) {
    this.#engine = engine;
  }

  get all(): readonly CancelTimer[] {
    return [...this.#timers.values()];
  }

  get(name: TimerName): CancelTimer | undefined {
    return this.#timers.get(nameOf(name));
  }

  /** A timer as its shard has it, also one that was removed (`timeoutUs` 0). */
  learn({ accountId, marketId, trigger, timeoutUs, deadlineUs }: CancelTimer): void {
    const timer = { accountId, marketId, trigger, timeoutUs, deadlineUs };
    const name = nameOf(timer);
    this.#retryAtUs.delete(name);
    if (timeoutUs === 0) this.#timers.delete(name);
    else this.#timers.set(name, timer);
    this.#wakeAt(dueAt(timer));
  }

  /**
   * Sets a timer, or removes it (`timeoutUs` 0); resolves when its shard has it in its journal.
   *
   * @param isRunning whether it fires `timeoutUs` from now, or only waits to be started
   * @throws ApiError
   */
  async set(name: TimerName, timeoutUs: number, isRunning: boolean): Promise<CancelTimer> {
    if (this.#isStopped) throw shuttingDownError();
    const { accountId, marketId, trigger } = name;
    const deadlineUs = isRunning && timeoutUs > 0 ? nowUs() + timeoutUs : 0;
    const command = { requestId: 0, accountId, marketId, trigger, timeoutUs, deadlineUs };
    const shard = homeShardOfAccount(accountId, this.#engine.shardCount);
    const parts = await askShards(this.#engine, SetCancelTimer, command, shard);
    const timer = partOf(parts, CancelTimerDescribed);
    this.learn(timer);
    return timer;
  }

  /** Fires and sets no more; what is due, the next process fires. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#wake);
  }

  #wakeAt(timeUs: number): void {
    if (this.#isStopped || timeUs >= this.#wakeAtUs) return;
    clearTimeout(this.#wake);
    this.#wakeAtUs = timeUs;
    const waitMs = Math.max(0, Math.ceil((timeUs - nowUs()) / US_PER_MS));
    this.#wake = setTimeout(this.#fireDue, Math.min(WAKE_MS_MAX, waitMs)).unref();
  }

  /** A timer that was set anew is still in its old place of the clock: looking at all of them is rare enough. */
  #fireDue = (): void => {
    this.#wakeAtUs = Number.POSITIVE_INFINITY;
    const timeUs = nowUs();
    let nextUs = Number.POSITIVE_INFINITY;
    for (const [name, timer] of this.#timers) {
      const dueUs = Math.max(dueAt(timer), this.#retryAtUs.get(name) ?? 0);
      if (dueUs > timeUs) nextUs = Math.min(nextUs, dueUs);
      else {
        // Until this was answered; it takes as long as the last of the cancels.
        this.#retryAtUs.set(name, Number.POSITIVE_INFINITY);
        void this.#fire(name, timer);
      }
    }
    if (nextUs < Number.POSITIVE_INFINITY) this.#wakeAt(nextUs);
  };

  async #fire(name: string, timer: CancelTimer): Promise<void> {
    const { accountId, marketId, trigger } = timer;
    let isEarly = false;
    const take = ({ type, body }: AnswerPart): void => {
      if (type === CancelTimerDescribed.type) isEarly = true;
      const isCancel = type === OrderEvent.type;
      if (isCancel && (body as OrderEvent).kind === OrderEventKind.Cancelled)
        this.cancelledOrders++;
    };
    try {
      const shard = homeShardOfAccount(accountId, this.#engine.shardCount);
      const command = { requestId: 0, accountId, marketId, trigger };
      await this.#engine.requestParts(FireCancelTimer, command, shard, take, true);
      // It may have been set anew behind the command.
      if (this.#timers.get(name) !== timer) return;
      if (!isEarly) {
        this.fired++;
        this.#timers.delete(name);
        this.#retryAtUs.delete(name);
        return;
      }
    } catch {
      // A full ring, or a shard that is down: its journal has the timer, so it is there to be fired later.
      if (this.#timers.get(name) !== timer) return;
    }
    const retryAtUs = nowUs() + RETRY_MS * US_PER_MS;
    this.#retryAtUs.set(name, retryAtUs);
    this.#wakeAt(retryAtUs);
  }
}

/** Of one that does not run: never. */
function dueAt({ deadlineUs }: CancelTimer): number {
  return deadlineUs === 0 ? Number.POSITIVE_INFINITY : deadlineUs;
}

function nameOf({ accountId, marketId, trigger }: TimerName): string {
  return `${accountId} ${marketId} ${trigger}`;
}

/** The name of an account's dead-man timer, of one market or of all. */
export function deadManOf(accountId: number, marketId: number): TimerName {
  return { accountId, marketId, trigger: CancelTrigger.DeadMan };
}

/** The name of the timer that runs while an account has lost its sockets. */
export function disconnectTimerOf(accountId: number): TimerName {
  return { accountId, marketId: 0, trigger: CancelTrigger.Disconnect };
}
