import { assert } from '../assert.ts';
import { NO_CLIENT_ID } from '../ledger/open-orders.ts';
import type { FrameReader } from '../protocol/frame-reader.ts';
import { checkDigests } from '../shard/digest-checks.fixture.ts';
import { Shard } from '../shard/shard.ts';
import { checkShard } from '../shard/shard-harness.fixture.ts';

/** Inputs between two checks of the digests: what was not kept up stays so. */
const DIGESTS_EVERY = 8;

/** A shard that checks everything it promises after every command and every message it takes. */
export class CheckedShard extends Shard {
  /** While it applies again what was checked already. */
  isReplaying = false;
  #inputs = 0;

  override apply(frame: FrameReader, from: number, nowUs: number): void {
    super.apply(frame, from, nowUs);
    if (!this.isReplaying) this.check();
  }

  check(): void {
    checkShard(this, true);
    checkOpenOrders(this);
    if (this.#inputs++ % DIGESTS_EVERY === 0) checkDigests(this);
  }
}

/** Every index of the open orders leads to exactly the open orders. */
export function checkOpenOrders({ state: { orders } }: Shard): void {
  const accounts = new Set<number>();
  let count = 0;
  let withClientId = 0;
  orders.forEach((slot) => {
    const accountId = orders.accountId(slot);
    const clientId = orders.clientId(slot);
    count++;
    if (clientId !== NO_CLIENT_ID) withClientId++;
    accounts.add(accountId);
    assert(orders.find(orders.orderId(slot)) === slot, 'order id index leads elsewhere');
    assert(
      clientId === NO_CLIENT_ID || orders.findByClientId(accountId, clientId) === slot,
      'client id index leads elsewhere',
    );
  });
  assert(withClientId === orders.clientIdCount, 'client id index differs in size');
  let chained = 0;
  for (const accountId of accounts) {
    let ofAccount = 0;
    let stops = 0;
    for (let slot = orders.firstOf(accountId); slot !== -1; slot = orders.following(slot)) {
      assert(orders.accountId(slot) === accountId, "an order is in another account's list");
      ofAccount++;
      if (orders.triggerPriceTicks(slot) > 0) stops++;
    }
    assert(ofAccount === orders.countOf(accountId), "an account's count is not that of its list");
    assert(stops === orders.stopsOf(accountId), "an account's stop orders are not counted right");
    chained += ofAccount;
  }
  assert(count === orders.size && chained === orders.size, 'open order indexes differ in size');
}
