import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CreateAccount,
  ListAsset,
  ListMarket,
  MoveFunds,
  PlaceOrder,
  QueryOrders,
  StopShard,
} from '../protocol/commands.ts';
import { FrameReader } from '../protocol/frame-reader.ts';
import { FrameWriter } from '../protocol/frame-writer.ts';
import { CancelResting } from '../protocol/shard-messages.ts';
import { ByteRing } from '../ring/byte-ring.ts';
import { LinkReader, LinkWriter } from '../ring/link.ts';
import { allocateTopology } from '../ring/topology.ts';
import { RecoveryBoard } from './recovery-board.ts';
import { Shard } from './shard.ts';
import { marketOf } from './shard-harness.fixture.ts';
import { NO_JOURNAL, ShardLoop } from './shard-loop.ts';

const OPEN_ORDERS = 1000;
const QUERIES = 200;

test('commands of a few bytes that are answered by megabytes are taken a few at a time', () => {
  const topology = allocateTopology(1);
  const loop = new ShardLoop(topology, 0, () => 1);
  const commands = new LinkWriter(topology.gatewayToShard[0]!);
  const events = new LinkReader(topology.shardToGateway[0]!);
  const persistence = new ByteRing(topology.shardToPersistence[0]!.ring);
  const discard = new Uint8Array(2 ** 20);
  const frame = new FrameReader();
  const { frames } = commands;
  ListAsset.encode(frames, 0, { requestId: 1, assetId: 1, symbol: 'A', decimals: 0 });
  ListAsset.encode(frames, 0, { requestId: 2, assetId: 2, symbol: 'B', decimals: 0 });
  ListMarket.encode(frames, 0, {
    ...marketOf({ marketId: 1, baseAssetId: 1, quoteAssetId: 2 }),
    requestId: 3,
  });
  CreateAccount.encode(frames, 0, { requestId: 4, accountId: 1, name: 'lister' });
  const deposit = { ...MoveFunds.create(), accountId: 1, transferId: 'd', assetId: 2 };
  MoveFunds.encode(frames, 0, { ...deposit, requestId: 5, amountUnits: 1e9 });
  const order = { ...PlaceOrder.create(), accountId: 1, marketId: 1, priceTicks: 1 };
  for (let open = 0; open < OPEN_ORDERS; open++) {
    PlaceOrder.encode(frames, 0, { ...order, requestId: 6, quantityLots: 1 });
  }
  for (let query = 0; query < QUERIES; query++) {
    QueryOrders.encode(frames, 0, { requestId: 7, accountId: 1, marketId: 0 });
  }
  commands.flush();

  let answers = 0;
  let busyTurns = 0;
  const count = (): void => {
    answers++;
  };
  // Every order accepted, with its change of the book, and every order in every list with its end.
  const expected = 5 + OPEN_ORDERS * 2 + QUERIES * (OPEN_ORDERS + 1);
  while (answers < expected) {
    const turn = loop.turn();
    const heard = events.poll(frame, count);
    assert.ok(turn + heard > 0, `stuck at ${answers} of ${expected} answers`);
    if (turn > 0) busyTurns++;
    while (persistence.read(discard, 0) === discard.length);
  }
  assert.equal(answers, expected);
  // The lists make some 11 MB, and a turn may cause 2 MiB and the list that reached them.
  assert.ok(busyTurns >= 4, `all was taken in ${busyTurns} turns`);
});

test('messages to a shard that is down wait in memory, for one that runs the loop waits', () => {
  const topology = allocateTopology(2, {
    commandBytes: 2 ** 20,
    eventBytes: 2 ** 23,
    shardBytes: 4096,
  });
  const board = new RecoveryBoard(RecoveryBoard.allocate(2), 2);
  const machine = new Shard(1, 2);
  const loop = new ShardLoop(topology, 1, () => 1, machine, NO_JOURNAL, board);
  const commands = new LinkWriter(topology.gatewayToShard[1]!);
  const { frames } = commands;
  const readers = [topology.shardToGateway[1]!, topology.shardToPersistence[1]!].map(
    (link) => new LinkReader(link),
  );
  // The market is the other shard's, the account this one's.
  for (const assetId of [1, 2]) {
    ListAsset.encode(frames, 0, { requestId: 1, assetId, symbol: `A${assetId}`, decimals: 0 });
  }
  const market = marketOf({ marketId: 2, baseAssetId: 1, quoteAssetId: 2 });
  ListMarket.encode(frames, 0, { ...market, requestId: 1 });
  CreateAccount.encode(frames, 0, { requestId: 1, accountId: 1, name: 'trader' });
  const deposit = { ...MoveFunds.create(), accountId: 1, transferId: 'd', assetId: 2 };
  MoveFunds.encode(frames, 0, { ...deposit, requestId: 1, amountUnits: 1e12 });
  const immediate = { ...PlaceOrder.create(), accountId: 1, marketId: 2, timeInForce: 1 };
  const send = (): number => {
    let sent = 0;
    while (commands.roomBytes > 200) {
      const order = { ...immediate, requestId: 1, priceTicks: 1, quantityLots: 1 };
      PlaceOrder.encode(frames, 0, order);
      sent++;
    }
    commands.flush();
    return sent;
  };
  const work = (): number => {
    let taken = 0;
    for (let idle = 0; idle < 2; idle++) {
      const turn = loop.turn();
      taken += turn;
      const frame = new FrameReader();
      for (const reader of readers) while (reader.poll(frame, () => {}) > 0);
      if (turn > 0) idle = 0;
    }
    return taken;
  };
  send();
  work();
  const waiting = (): number => machine.outputs.toShard[0]!.pendingBytes;
  assert.ok(loop.isHeldUp && waiting() > 0, 'nobody reads the ring, and the loop goes on');
  const heldUpAt = waiting();
  send();
  assert.equal(work(), 0);
  assert.equal(waiting(), heldUpAt);
  board.setDown(0, true);
  assert.equal(loop.isHeldUp, false);
  assert.ok(work() > 0);
  assert.ok(waiting() > heldUpAt);
  commands.discard();
  StopShard.encode(frames, 0, {});
  commands.flush();
  work();
  assert.equal(loop.hasStopped, true, 'it waits for a shard that is down');
  board.setDown(0, false);
  assert.equal(loop.hasStopped, false);
});

test('messages whose room was not freed before their shard ended are passed over when it is back', () => {
  const topology = allocateTopology(2);
  const sender = new LinkWriter(topology.shardToShard[0]![1]!);
  const send = (from: number, to: number): void => {
    for (let sequence = from; sequence <= to; sequence++) {
      CancelResting.encode(sender.frames, sequence, { ...CancelResting.create(), marketId: 1 });
    }
    assert.ok(sender.flush());
  };
  const machine = new Shard(1, 2);
  const setUp = new FrameWriter();
  for (const assetId of [1, 2]) {
    ListAsset.encode(setUp, 0, { requestId: 1, assetId, symbol: `A${assetId}`, decimals: 0 });
  }
  const market = marketOf({ marketId: 1, baseAssetId: 1, quoteAssetId: 2 });
  ListMarket.encode(setUp, 0, { ...market, requestId: 1 });
  const frame = new FrameReader();
  frame.reset(setUp.bytes, setUp.start, setUp.end);
  while (frame.next()) machine.apply(frame, -1, 1);
  send(1, 3);
  // The thread ends between its commit and the release: the ring keeps what the journal has.
  class Ended extends ShardLoop {
    protected override release(): void {
      throw new Error('the thread is gone');
    }
  }
  assert.throws(() => new Ended(topology, 1, () => 1, machine).turn(), /the thread is gone/);
  assert.deepEqual(machine.consumedFrom, [3, 0]);
  send(4, 4);
  const again = new ShardLoop(topology, 1, () => 1, machine);
  assert.equal(again.turn(), 4);
  assert.deepEqual(machine.consumedFrom, [4, 0]);
});
