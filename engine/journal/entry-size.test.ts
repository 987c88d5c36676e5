import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PlaceOrder } from '../protocol/commands.ts';
import { FrameWriter } from '../protocol/frame-writer.ts';
import { JournalReader } from './journal-reader.ts';
import { JournalWriter } from './journal-writer.ts';
import { SimulatedDisk } from './simulated-disk.fixture.ts';

const IDENTITY = { shard: 0, shardCount: 1 };
const ORDERS = 10_000;
const BYTES_MAX = 64;
const ORDERS_PER_TIMESTAMP = 16;

/** Bytes per order of a journal with plain limit orders of many accounts, so many in a commit. */
function bytesPerOrder(ordersPerCommit: number, clientIds: boolean): number {
  const disk = new SimulatedDisk();
  const end = new JournalReader(disk, '/d', IDENTITY).read(1, () => {});
  const journal = new JournalWriter(disk, '/d', IDENTITY, end, { durability: 'os' });
  const frames = new FrameWriter();
  const order = { ...PlaceOrder.create(), marketId: 100, selfTradePrevention: 1 };
  for (let count = 0; count < ORDERS; count++) {
    order.requestId = 2 ** 50 + count;
    order.clientId = clientIds ? 2 ** 40 + count : null;
    order.accountId = 1 + ((count * 7919) % 100_000);
    order.side = count % 2;
    order.priceTicks = 1_000_000 + (count % 1000);
    order.quantityLots = 1 + (count % 5000);
    PlaceOrder.encode(frames, 0, order);
    // A batch of orders comes every 2 ms, and takes a µs each.
    const timeUs =
      1_700_000_000_000_000 +
      Math.floor(count / ordersPerCommit) * 2000 +
      Math.floor((count % ordersPerCommit) / ORDERS_PER_TIMESTAMP) * ORDERS_PER_TIMESTAMP;
    journal.append(-1, timeUs, frames.bytes, frames.start, frames.end);
    frames.consume(frames.pendingBytes);
    if ((count + 1) % ordersPerCommit === 0) journal.commit();
  }
  journal.close();
  return disk.contentOf('/d/0000000000000001.journal').length / ORDERS;
}

test('a plain limit order takes less than 64 bytes of the journal', (context) => {
  for (const ordersPerCommit of [1, 4, 16, 100, 1000]) {
    const [plain, withClientId] = [false, true].map((ids) => bytesPerOrder(ordersPerCommit, ids));
    context.diagnostic(
      `${ordersPerCommit} orders in a commit: ${plain} bytes each, ${withClientId} with a client id`,
    );
    // The header of a batch that few orders share is what is beyond it; then there is time and room enough.
    assert.ok(plain! < BYTES_MAX || ordersPerCommit < 4, `${plain}`);
    assert.ok(withClientId! < BYTES_MAX || ordersPerCommit < 16, `${withClientId}`);
  }
});
