import assert from 'node:assert/strict';
import { OrderEventKind } from '../protocol/enums.ts';
import type { OrderEvent } from '../protocol/events.ts';
import type { Command, Heard } from './shard-harness.fixture.ts';

/**
 * Sees to it that no cancel overtakes: when an order was cancelled, every change of it that was sent
 * before the cancel is answered. Of orders named by client ids, which must not be used again.
 */
export class OvertakingWatch {
  /** Changes that wait for their answer, by request id: the order each is about. */
  readonly #changes = new Map<number, string>();
  readonly #sentBefore = new Map<number, number>();

  sent({ kind, body }: Command): void {
    this.#sentBefore.set(body.requestId, this.#sentBefore.size);
    if (kind !== 'reduce' && kind !== 'replace') return;
    if (body.orderId === 0) this.#changes.set(body.requestId, nameOf(body));
  }

  /** What is unanswered may never be answered, and was perhaps never done: nothing can overtake it. */
  forgetChanges(): void {
    this.#changes.clear();
  }

  hear({ replies }: Heard): void {
    for (const reply of replies) {
      this.#changes.delete(reply.requestId);
      if ('kind' in reply && reply.kind === OrderEventKind.Cancelled) this.#cancelled(reply);
    }
  }

  #cancelled(event: OrderEvent): void {
    const name = nameOf(event);
    const sent = this.#sentBefore.get(event.requestId)!;
    for (const [requestId, changed] of this.#changes) {
      const isOvertaken = changed === name && this.#sentBefore.get(requestId)! < sent;
      assert.ok(!isOvertaken, `cancel ${event.requestId} overtook change ${requestId} of ${name}`);
    }
  }
}

function nameOf({ accountId, clientId }: { accountId: number; clientId: number | null }): string {
  return `account ${accountId}, client id ${clientId}`;
}
