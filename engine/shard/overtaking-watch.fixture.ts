import assert from 'node:assert/strict';
import { OrderEventKind } from '../protocol/enums.ts';
import type { OrderEvent } from '../protocol/events.ts';
import type { Command, Heard } from './shard-harness.fixture.ts';

/**
 * Sees to it that no cancel and no query overtakes: when an order was cancelled, every change of it that was sent
 * before the cancel is answered, and when a query that may wait finds it open, every change and cancel that was sent
 * before the query. Of orders named by client ids, which must not be used again.
 */
export class OvertakingWatch {
  /** Changes that wait for their answer, by request id: the order each is about. */
  readonly #changes = new Map<number, string>();
  readonly #cancels = new Map<number, string>();
  /** Of queries that may wait. */
  readonly #queries = new Map<number, string>();
  readonly #sentBefore = new Map<number, number>();

  sent({ kind, body }: Command): void {
    const { requestId } = body;
    this.#sentBefore.set(requestId, this.#sentBefore.size);
    if (!('orderId' in body) || body.orderId !== 0) return;
    if (kind === 'reduce' || kind === 'replace') this.#changes.set(requestId, nameOf(body));
    if (kind === 'cancel') this.#cancels.set(requestId, nameOf(body));
    if (kind === 'query' && body.mayWait) this.#queries.set(requestId, nameOf(body));
  }

  /** What is unanswered may never be answered, and was perhaps never done: nothing can overtake it. */
  forgetChanges(): void {
    this.#changes.clear();
    this.#cancels.clear();
  }

  hear({ replies }: Heard): void {
    for (const reply of replies) {
      this.#changes.delete(reply.requestId);
      this.#cancels.delete(reply.requestId);
      if (!('kind' in reply)) continue;
      if (reply.kind === OrderEventKind.Cancelled) this.#check('cancel', reply, this.#changes);
      if (!this.#queries.has(reply.requestId)) continue;
      this.#check('query', reply, this.#changes);
      this.#check('query', reply, this.#cancels);
    }
  }

  #check(what: string, event: OrderEvent, unanswered: ReadonlyMap<number, string>): void {
    const name = nameOf(event);
    const sent = this.#sentBefore.get(event.requestId)!;
    for (const [requestId, changed] of unanswered) {
      const isOvertaken = changed === name && this.#sentBefore.get(requestId)! < sent;
      assert.ok(!isOvertaken, `${what} ${event.requestId} overtook ${requestId} of ${name}`);
    }
  }
}

function nameOf({ accountId, clientId }: { accountId: number; clientId: number | null }): string {
  return `account ${accountId}, client id ${clientId}`;
}
