import type { Hash64 } from '../collections/hash64.ts';
import type { SetCancelTimer } from '../protocol/commands.ts';
import { CancelTimerDescribed } from '../protocol/descriptions.ts';
import type { Body } from '../protocol/message.ts';
import { BodyColumns } from '../snapshot/body-columns.ts';
import type { Saved } from '../snapshot/saved.ts';
import type { SnapshotReader } from '../snapshot/snapshot-reader.ts';
import type { SnapshotWriter } from '../snapshot/snapshot-writer.ts';

/** A timer as it is described, of no request. */
export type CancelTimer = Readonly<Body<typeof CancelTimerDescribed>>;

/** What names a timer. */
type TimerName = Pick<CancelTimer, 'accountId' | 'marketId' | 'trigger'>;

const TIMER = new BodyColumns(CancelTimerDescribed);

/**
 * The cancel timers of the shard's accounts. A shard has no clock: when one is due its gateway says so, and the time of
 * that input decides whether it is. So a timer fires once, whoever asks how often, and one that was set again
 * meanwhile does not.
 */
export class CancelTimers implements Saved {
  /** By account; few each. */
  readonly #ofAccount = new Map<number, CancelTimer[]>();

  /** Of an account. */
  of(accountId: number): readonly CancelTimer[] {
    return this.#ofAccount.get(accountId) ?? [];
  }

  find(name: TimerName): CancelTimer | undefined {
    return this.of(name.accountId).find((timer) => isSame(timer, name));
  }

  /** Sets a timer in place of the one of its name, or removes that. Answers it as it is now. */
  set({ timeoutUs, deadlineUs, ...command }: Body<typeof SetCancelTimer>): CancelTimer {
    const timer = { ...command, requestId: 0, timeoutUs, deadlineUs };
    this.#remove(timer);
    if (timeoutUs === 0) return { ...timer, deadlineUs: 0 };
    const others = this.#ofAccount.get(timer.accountId);
    if (others === undefined) this.#ofAccount.set(timer.accountId, [timer]);
    else others.push(timer);
    return timer;
  }

  /** Removes the timer and answers true when it runs and its time has come. */
  fire(name: TimerName, nowUs: number): boolean {
    const timer = this.find(name);
    if (timer === undefined || timer.deadlineUs === 0 || timer.deadlineUs > nowUs) return false;
    this.#remove(timer);
    return true;
  }

  /** Takes all timers into a hash; nothing when there is none. */
  addTo(hash: Hash64): void {
    for (const { accountId, marketId, trigger, timeoutUs, deadlineUs } of this.#all()) {
      for (const value of [2, accountId, marketId, trigger, timeoutUs, deadlineUs]) hash.add(value);
    }
  }

  save(writer: SnapshotWriter): void {
    const row = writer.table('cancel timers', TIMER.count);
    for (const timer of this.#all()) TIMER.put(row, timer);
    row.end();
  }

  load(reader: SnapshotReader): void {
    const row = reader.table('cancel timers', TIMER.count);
    while (row.next()) this.set(TIMER.take(row));
  }

  #remove(name: TimerName): void {
    const timers = this.#ofAccount.get(name.accountId);
    if (timers === undefined) return;
    const others = timers.filter((timer) => !isSame(timer, name));
    if (others.length === 0) this.#ofAccount.delete(name.accountId);
    else this.#ofAccount.set(name.accountId, others);
  }

  /** By account; of one account in the order they were set. */
  *#all(): Generator<CancelTimer> {
    const accountIds = [...this.#ofAccount.keys()].sort((a, b) => a - b);
    for (const accountId of accountIds) yield* this.of(accountId);
  }
}

function isSame(one: TimerName, other: TimerName): boolean {
  return (
    one.accountId === other.accountId &&
    one.marketId === other.marketId &&
    one.trigger === other.trigger
  );
}
