import { CancelTrigger } from '../../engine/protocol/enums.ts';
import { nowUs } from '../clock.ts';
import type { Log } from '../log.ts';
import { type CancelTimers, disconnectTimerOf } from './cancel-timers.ts';

/** Before the start of a timer that could not be sent is tried again. */
const RETRY_MS = 100;

/** What stands for no grace at all, since 0 would be no timer. */
export const NO_GRACE_US = 1;

/** Whatever stands for one socket; the same object each time. */
type Owner = object;

interface Guarded {
  readonly owners: Set<Owner>;
  graceUs: number;
}

/**
 * Cancel-on-disconnect, by account: as long as a socket is open whose session asked for it, nothing happens; when the
 * last of them has gone, a timer runs for the grace, and cancels all open orders of the account unless a session of the
 * account logs in meanwhile, which then stands for it. That an account is guarded is in its shard's journal before
 * anybody is told, as a timer that does not run; a venue that starts again has no sockets, so it starts those timers.
 */
export class CancelOnDisconnect {
  readonly #timers: CancelTimers;
  readonly #log: Log;
  readonly #guarded = new Map<number, Guarded>();
  readonly #accountOf = new Map<Owner, number>();
  /** The last thing asked of each account's timer: one thing is asked at a time, so they come about in their order. */
  readonly #last = new Map<number, Promise<unknown>>();
  #isStopped = false;

  constructor(timers: CancelTimers, log: Log) {
    this.#timers = timers;
    this.#log = log;
  }

  /** Accounts that have an open socket of this kind. */
  get guardedAccounts(): number {
    return this.#guarded.size;
  }

  /** The grace of the account that this socket guards, µs; null when it guards none. */
  graceUsOf(owner: Owner): number | null {
    const accountId = this.#accountOf.get(owner);
    return accountId === undefined ? null : this.#guarded.get(accountId)!.graceUs;
  }

  /** The grace of an account whose sockets have gone, while that lasts; null otherwise. */
  graceUsLeftBehind(accountId: number): number | null {
    const timer = this.#timers.get(disconnectTimerOf(accountId));
    if (timer === undefined || this.#guarded.has(accountId)) return null;
    const { timeoutUs, deadlineUs } = timer;
    const isOver = deadlineUs > 0 && deadlineUs <= nowUs();
    return isOver || timeoutUs <= NO_GRACE_US ? null : timeoutUs;
  }

  /**
   * The account's orders go with this socket, if it is the last of its kind; resolves when the journal has it. A
   * socket guards one account, so another one that it guarded has lost it.
   *
   * @param graceUs at least `NO_GRACE_US`; of all sockets of the account from now on
   * @throws ApiError, and then nothing has changed
   */
  async guard(owner: Owner, accountId: number, graceUs: number): Promise<void> {
    if (this.#accountOf.get(owner) !== accountId) this.onGone(owner);
    const before = this.#guarded.get(accountId);
    const wasOwner = before?.owners.has(owner) ?? false;
    const graceBefore = before?.graceUs ?? graceUs;
    // At once, so that an end of the socket meanwhile is not missed.
    this.#add(owner, accountId, graceUs);
    try {
      await this.#enqueue(accountId, async () => {
        await this.#timers.set(disconnectTimerOf(accountId), graceUs, false);
      });
    } catch (error) {
      if (wasOwner) this.#add(owner, accountId, graceBefore);
      else this.#remove(owner);
      throw error;
    }
  }

  /**
   * The account's orders outlive this socket; resolves when the journal has it, if it was the last.
   *
   * @throws ApiError, and then nothing has changed
   */
  async release(owner: Owner): Promise<void> {
    const last = this.#remove(owner);
    if (last === null) return;
    const { accountId, graceUs } = last;
    try {
      await this.#enqueue(accountId, async () => {
        // Another one may have come meanwhile.
        if (this.#guarded.has(accountId)) return;
        await this.#timers.set(disconnectTimerOf(accountId), 0, false);
      });
    } catch (error) {
      this.#add(owner, accountId, graceUs);
      throw error;
    }
  }

  /** The socket has gone, or its session has ended. */
  onGone(owner: Owner): void {
    if (this.#isStopped) return;
    const last = this.#remove(owner);
    if (last !== null) this.#start(last.accountId, last.graceUs, false);
  }

  /** For a gateway that has learnt all timers: nobody's socket is open, so those that do not run yet do from now on. */
  startAll(): void {
    for (const { accountId, trigger, timeoutUs, deadlineUs } of this.#timers.all) {
      if (trigger === CancelTrigger.Disconnect && deadlineUs === 0) {
        this.#start(accountId, timeoutUs, false);
      }
    }
  }

  /** Sockets that close from now on are closed by the venue's end: the next start starts their timers. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Runs the account's timer, sooner or later: a shard that is down gets it when it is back. */
  #start(accountId: number, graceUs: number, isRepeated: boolean): void {
    const start = async (): Promise<void> => {
      if (this.#isStopped || this.#guarded.has(accountId)) return;
      await this.#timers.set(disconnectTimerOf(accountId), graceUs, true);
    };
    this.#enqueue(accountId, start).catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      if (!isRepeated) {
        this.#log.error(`Cancel-on-disconnect of account ${accountId} is tried again: ${why}`);
      }
      setTimeout(() => this.#start(accountId, graceUs, true), RETRY_MS).unref();
    });
  }

  #add(owner: Owner, accountId: number, graceUs: number): void {
    const guarded = this.#guarded.get(accountId) ?? { owners: new Set<Owner>(), graceUs };
    guarded.owners.add(owner);
    guarded.graceUs = graceUs;
    this.#guarded.set(accountId, guarded);
    this.#accountOf.set(owner, accountId);
  }

  /** Answers what it guarded when it was the last socket of that account, else null. */
  #remove(owner: Owner): { accountId: number; graceUs: number } | null {
    const accountId = this.#accountOf.get(owner);
    if (accountId === undefined) return null;
    this.#accountOf.delete(owner);
    const { owners, graceUs } = this.#guarded.get(accountId)!;
    owners.delete(owner);
    if (owners.size > 0) return null;
    this.#guarded.delete(accountId);
    return { accountId, graceUs };
  }

  #enqueue(accountId: number, work: () => Promise<void>): Promise<void> {
    const done = (this.#last.get(accountId) ?? Promise.resolve()).then(work);
    const settled = done.catch(() => {});
    this.#last.set(accountId, settled);
    void settled.then(() => {
      if (this.#last.get(accountId) === settled) this.#last.delete(accountId);
    });
    return done;
  }
}
