import { CancelOrder, ReduceOrder, ReplaceOrder } from '../protocol/commands.ts';
import type { Body } from '../protocol/message.ts';
import { CancelResting } from '../protocol/shard-messages.ts';
import { OptionalBody } from '../snapshot/body-columns.ts';
import type { Saved } from '../snapshot/saved.ts';
import type { SnapshotReader } from '../snapshot/snapshot-reader.ts';
import type { SnapshotWriter } from '../snapshot/snapshot-writer.ts';

/** What waits: a command as it came, or one order's part of a cancel-all. Just one of them is not null. */
export interface DeferredChange {
  readonly reduce: Readonly<Body<typeof ReduceOrder>> | null;
  readonly replace: Readonly<Body<typeof ReplaceOrder>> | null;
  readonly cancel: Readonly<Body<typeof CancelOrder>> | null;
  readonly cancelResting: Readonly<CancelResting> | null;
}

const NOTHING: DeferredChange = { reduce: null, replace: null, cancel: null, cancelResting: null };

/** What waits for one change under way, oldest first; entries before `next` have run. */
export interface Waiting {
  readonly changes: DeferredChange[];
  next: number;
}

const REDUCE = new OptionalBody(ReduceOrder);
const REPLACE = new OptionalBody(ReplaceOrder);
/** In snapshots of before a replace could expire. */
const LASTING_REPLACE = new OptionalBody(ReplaceOrder, 1);
const CANCEL = new OptionalBody(CancelOrder);
const CANCEL_RESTING = new OptionalBody(CancelResting);
const CHANGE_COLUMNS = REDUCE.count + REPLACE.count + CANCEL.count + CANCEL_RESTING.count;

/**
 * At most one reduce or replace of an order is under way between its two shards: the next one waits
 * here until the first is answered, so that each is checked against the order as it then is. A cancel
 * waits only when one of those does: messages cannot overtake each other, so it may follow the change under
 * way, but one that is still here it would leave behind. Where both shards are one, the answer comes within
 * the call, so nothing is under way and nothing ever waits.
 */
export class Deferrals implements Saved {
  readonly #retry: (change: DeferredChange) => void;
  readonly #waiting = new Map<number, Waiting>();

  /** @param retry applies a command that waited as if it came now; it may defer it again */
  constructor(retry: (change: DeferredChange) => void) {
    this.#retry = retry;
  }

  isUnderWay(orderId: number): boolean {
    return this.#waiting.size > 0 && this.#waiting.has(orderId);
  }

  /** Whether anything waits for the change under way. */
  hasWaiting(orderId: number): boolean {
    if (this.#waiting.size === 0) return false;
    const waiting = this.#waiting.get(orderId);
    return waiting !== undefined && waiting.next < waiting.changes.length;
  }

  begin(orderId: number): void {
    this.#waiting.set(orderId, { changes: [], next: 0 });
  }

  /** Retries a change, which it keeps, once the one under way has ended. */
  defer(orderId: number, change: Partial<DeferredChange>): void {
    this.#waiting.get(orderId)?.changes.push({ ...NOTHING, ...change });
  }

  /** The change has ended, or the order has: answers what waited, for `resume`. */
  end(orderId: number): Waiting | undefined {
    if (this.#waiting.size === 0) return undefined;
    const waiting = this.#waiting.get(orderId);
    this.#waiting.delete(orderId);
    return waiting;
  }

  /** Runs what waited, in order, up to the first that begins another change: the rest waits for that one. */
  resume(orderId: number, waiting: Waiting | undefined): void {
    if (waiting === undefined) return;
    while (waiting.next < waiting.changes.length) {
      this.#retry(waiting.changes[waiting.next++]!);
      if (!this.isUnderWay(orderId)) continue;
      // An account that always has one more waiting must not keep all that have run.
      if (2 * waiting.next > waiting.changes.length) {
        waiting.changes.splice(0, waiting.next);
        waiting.next = 0;
      }
      this.#waiting.set(orderId, waiting);
      return;
    }
  }

  save(writer: SnapshotWriter): void {
    const underWay = writer.table('changes under way', 1);
    for (const orderId of this.#waiting.keys()) underWay.put(orderId);
    underWay.end();
    const row = writer.table('deferred changes', 1 + CHANGE_COLUMNS);
    for (const [orderId, { changes, next }] of this.#waiting) {
      for (const { reduce, replace, cancel, cancelResting } of changes.slice(next)) {
        row.put(orderId);
        REDUCE.put(row, reduce);
        REPLACE.put(row, replace);
        CANCEL.put(row, cancel);
        CANCEL_RESTING.put(row, cancelResting);
      }
    }
    row.end();
  }

  load(reader: SnapshotReader): void {
    const underWay = reader.table('changes under way', 1);
    while (underWay.next()) this.begin(underWay.take());
    const row = reader.table('deferred changes', 1 + CHANGE_COLUMNS, CHANGE_COLUMNS);
    const replaces = row.columns > CHANGE_COLUMNS ? REPLACE : LASTING_REPLACE;
    while (row.next()) {
      this.defer(row.take(), {
        reduce: REDUCE.take(row),
        replace: replaces.take(row),
        cancel: CANCEL.take(row),
        cancelResting: CANCEL_RESTING.take(row),
      });
    }
  }
}
