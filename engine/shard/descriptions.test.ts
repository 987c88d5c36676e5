import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../collections/random.ts';
import {
  CancelOrder,
  CreateAccount,
  CreateApiKey,
  DepthHeartbeat,
  DescribeAccounts,
  DescribeBook,
  DescribeState,
  ListMarket,
  MoveFunds,
  RevokeApiKey,
  SetAllowedAddresses,
  SetMarketState,
} from '../protocol/commands.ts';
import { DESCRIBED_LEVELS_MAX } from '../protocol/descriptions.ts';
import { OrderBookState, Permission, Side, TransferKind } from '../protocol/enums.ts';
import { AllowedAddressesSet, ApiKeyRevoked, BOOK_DELTA_LEVELS_MAX } from '../protocol/events.ts';
import { FrameReader } from '../protocol/frame-reader.ts';
import { FrameWriter } from '../protocol/frame-writer.ts';
import { RejectCode } from '../protocol/reject-codes.ts';
import { sourceOf } from '../snapshot/snapshot-bytes.fixture.ts';
import { SnapshotReader } from '../snapshot/snapshot-reader.ts';
import { SnapshotWriter } from '../snapshot/snapshot-writer.ts';
import { LoneMarket, QUOTE } from './lone-market.fixture.ts';
import { Shard } from './shard.ts';
import { Heard, marketOf } from './shard-harness.fixture.ts';

type Description = Record<string, unknown>;

/** The bodies of one kind of description. */
function described(heard: Heard, kind: string): Description[] {
  return heard.descriptions
    .filter(([name]) => name === kind)
    .map(([, { requestId: _, ...body }]) => body);
}

test('a shard describes what is listed, and where its markets stand', () => {
  const venue = new LoneMarket();
  const spec = marketOf({ marketId: 2, baseAssetId: 2, quoteAssetId: 1, takerFeeBps: 7 });
  const listed = venue.send(ListMarket, spec);
  venue.send(SetMarketState, { marketId: 2, state: OrderBookState.PostOnly });
  venue.trade(50);
  venue.trade(55);
  const { lastSequence } = venue.send(DepthHeartbeat, { marketId: 1 });
  const heard = venue.send(DescribeState, {});

  assert.equal(heard.lastSequence, lastSequence, 'a description is not recorded');
  assert.equal(heard.done.length, 1);
  const [shard] = described(heard, 'ShardDescribed');
  assert.deepEqual([shard!.shard, shard!.eventSequence], [0, lastSequence]);
  assert.deepEqual(described(heard, 'AssetDescribed'), [
    { assetId: 1, symbol: 'BASE', decimals: 0 },
    { assetId: 2, symbol: 'QUOTE', decimals: 0 },
  ]);
  const [first, second] = described(heard, 'MarketDescribed');
  const { state, updateId, lastTradeId, lastPriceTicks } = first!;
  assert.deepEqual([first!.symbol, state], ['MARKET_1', OrderBookState.Open]);
  assert.deepEqual([updateId, lastTradeId, lastPriceTicks], [5, 2, 55]);
  const { createdAtUs, ...rest } = second!;
  const untouched = { updateId: 0, lastTradeId: 0, lastPriceTicks: 0 };
  assert.deepEqual(rest, { ...spec, state: OrderBookState.PostOnly, ...untouched });
  // One command a microsecond: the listing, then the state, two trades of two orders, a heartbeat, and this.
  assert.equal(Number(shard!.timeUs) - Number(createdAtUs), 7);
  assert.equal(lastSequence > listed.lastSequence, true);
});

test('accounts come in order with their keys, a revoked one without permissions', () => {
  const venue = new LoneMarket();
  const key = (accountId: number, publicKey: string, permissions: number, from = '') =>
    venue.send(CreateApiKey, { accountId, publicKey, permissions, allowedAddresses: from });
  key(2, 'both', Permission.Read | Permission.Trade, '10.0.0.0/8');
  key(2, 'gone', Permission.Trade, '10.0.0.0/8');
  key(4, 'read', Permission.Read);
  assert.deepEqual(venue.send(RevokeApiKey, { accountId: 2, publicKey: 'gone' }).types, [
    ApiKeyRevoked.type,
  ]);
  const heard = venue.send(DescribeAccounts, { afterAccountId: 1 });
  assert.deepEqual(
    described(heard, 'AccountDescribed'),
    [2, 3, 4].map((accountId) => ({ accountId, name: `account ${accountId}` })),
  );
  assert.deepEqual(described(heard, 'ApiKeyDescribed'), [
    { accountId: 2, publicKey: 'both', permissions: 3, allowedAddresses: '10.0.0.0/8' },
    { accountId: 2, publicKey: 'gone', permissions: 0, allowedAddresses: '' },
    { accountId: 4, publicKey: 'read', permissions: 1, allowedAddresses: '' },
  ]);
  const end = venue.send(DescribeAccounts, { afterAccountId: 4 });
  assert.deepEqual([end.descriptions.length, end.done.length], [0, 1]);
});

test('from where a key may be used is changed as long as it is in force', () => {
  const venue = new LoneMarket();
  const key = { accountId: 1, publicKey: 'key' };
  const set = (allowedAddresses: string, more = {}) =>
    venue.send(SetAllowedAddresses, { ...key, allowedAddresses, ...more });
  const addresses = () =>
    described(venue.send(DescribeAccounts, {}), 'ApiKeyDescribed').map((one) => [
      one.publicKey,
      one.allowedAddresses,
    ]);
  assert.deepEqual([set('early').done.length, set('early').types.length], [1, 1]);
  venue.send(CreateApiKey, { ...key, permissions: Permission.Read });
  assert.deepEqual(set('10.0.0.0/8').types, [AllowedAddressesSet.type]);
  assert.deepEqual(addresses(), [['key', '10.0.0.0/8']]);
  for (const other of [{ publicKey: 'other' }, { accountId: 2 }, { accountId: 77 }]) {
    assert.equal(set('', other).done.length, 1);
  }
  assert.deepEqual(addresses(), [['key', '10.0.0.0/8']]);
  set('');
  assert.deepEqual(addresses(), [['key', '']]);
  venue.send(RevokeApiKey, key);
  assert.equal(set('late').done.length, 1);
  assert.deepEqual(addresses(), [['key', '']]);
});

test('a snapshot of before keys had addresses is read as of keys for anywhere', () => {
  const venue = new LoneMarket();
  const key = { accountId: 1, permissions: Permission.Trade, allowedAddresses: '10.0.0.0/8' };
  venue.send(CreateApiKey, { ...key, publicKey: 'key' });
  venue.send(CreateApiKey, { ...key, publicKey: 'another' });
  const older = new WriterOfBefore();
  venue.shard.save(older.writer);
  older.writer.finish();
  const loaded = new Shard(0, 1);
  const reader = new SnapshotReader(sourceOf(Buffer.concat(older.chunks)));
  loaded.load(reader);
  assert.ok(reader.isAtEnd);
  const frames = new FrameWriter();
  DescribeAccounts.encode(frames, 0, { requestId: 1, afterAccountId: 0 });
  const frame = new FrameReader();
  frame.reset(frames.bytes, frames.start, frames.end);
  assert.ok(frame.next());
  loaded.apply(frame, -1, 2 ** 50);
  const heard = new Heard();
  const { events } = loaded.outputs;
  frame.reset(events.bytes, events.start, events.end);
  while (frame.next()) heard.take(frame);
  const keys = described(heard, 'ApiKeyDescribed');
  assert.deepEqual(keys, [
    { accountId: 1, publicKey: 'key', permissions: 2, allowedAddresses: '' },
    { accountId: 1, publicKey: 'another', permissions: 2, allowedAddresses: '' },
  ]);
});

/** Writes the keys without their last column. */
class WriterOfBefore {
  readonly chunks: Uint8Array[] = [];
  readonly writer = new SnapshotWriter((chunk) => this.chunks.push(chunk.slice()));

  constructor() {
    const { writer } = this;
    const table = writer.table.bind(writer);
    writer.table = (name, columns) => {
      if (name !== 'API keys') return table(name, columns);
      const older = table(name, columns - 1);
      const put = older.put.bind(older);
      const putText = older.putText.bind(older);
      let cells = 0;
      let isText = false;
      older.put = (value) => {
        if (isText || ++cells % columns !== 0) put(value);
      };
      older.putText = (text) => {
        if (++cells % columns === 0) return;
        isText = true;
        putText(text);
        isText = false;
      };
      return older;
    };
  }
}

test('a revoked key stays revoked', () => {
  const venue = new LoneMarket();
  const key = { accountId: 1, publicKey: 'key' };
  venue.send(CreateApiKey, { ...key, permissions: Permission.Read });
  venue.send(RevokeApiKey, key);
  const again = venue.send(CreateApiKey, { ...key, permissions: Permission.Read });
  assert.deepEqual(again.rejects, [RejectCode.AlreadyExists]);
  const twice = venue.send(RevokeApiKey, key);
  assert.deepEqual([twice.done.length, twice.types.length], [1, 1]);
});

test('many accounts are described over several answers, each once', () => {
  const venue = new LoneMarket();
  for (let accountId = 5; accountId <= 6_000; accountId += 1 + (accountId % 3)) {
    venue.send(CreateAccount, { accountId, name: `${accountId} `.repeat(60) });
  }
  const accountIds: number[] = [];
  let answers = 0;
  for (let count = -1; count !== 0; answers++) {
    const heard = venue.send(DescribeAccounts, { afterAccountId: accountIds.at(-1) ?? 0 });
    const some = described(heard, 'AccountDescribed').map(({ accountId }) => Number(accountId));
    count = some.length;
    accountIds.push(...some);
  }
  assert.ok(answers > 2, `${answers} answers`);
  assert.equal(accountIds.length, new Set(accountIds).size);
  assert.ok(accountIds.every((accountId, index) => accountId > (accountIds[index - 1] ?? 0)));
  assert.equal(accountIds.at(-1), 5_999);
});

for (const side of [Side.Bid, Side.Ask]) {
  const name = side === Side.Bid ? 'bids' : 'asks';
  test(`${name} that change while they are described come out as they are in the end`, () => {
    const venue = new LoneMarket();
    const funds = { kind: TransferKind.Deposit, accountId: 1, transferId: 'more' };
    venue.send(MoveFunds, { ...funds, assetId: QUOTE, amountUnits: 2 ** 45 });
    const random = new Random(7);
    const outwards = side === Side.Bid ? -1 : 1;
    const orderIds = new Map<number, number>();
    const replica = new Map<number, number>();
    const apply = (words: readonly number[]): void => {
      for (let at = 0; at < words.length; at += 3) {
        assert.equal(words[at], side);
        if (words[at + 2] === 0) replica.delete(words[at + 1]!);
        else replica.set(words[at + 1]!, words[at + 2]!);
      }
    };
    const hear = (heard: Heard): Heard => {
      for (const { levels } of heard.deltas) apply(levels);
      return heard;
    };
    const place = (rung: number): Heard => {
      const priceTicks = 500_000 + outwards * rung;
      const heard = venue[side === Side.Bid ? 'bid' : 'ask'](1, priceTicks, 5);
      orderIds.set(priceTicks, heard.orders[0]!.orderId);
      return heard;
    };
    const cancel = (priceTicks: number): Heard | null => {
      const orderId = orderIds.get(priceTicks);
      if (orderId === undefined) return null;
      orderIds.delete(priceTicks);
      return venue.send(CancelOrder, { accountId: 1, marketId: 1, orderId });
    };
    const levels = DESCRIBED_LEVELS_MAX + BOOK_DELTA_LEVELS_MAX + 500;
    for (let level = 0; level < levels; level++) place(1 + 2 * level);

    let beyondPriceTicks = 0;
    let answers = 0;
    for (let count = DESCRIBED_LEVELS_MAX; count === DESCRIBED_LEVELS_MAX; answers++) {
      const heard = venue.send(DescribeBook, { marketId: 1, side, beyondPriceTicks });
      const pieces = described(heard, 'BookLevels') as { levels: number[]; updateId: number }[];
      count = 0;
      for (const { levels: words, updateId } of pieces) {
        assert.equal(updateId, venue.shard.state.markets.require(1).updateId);
        assert.ok(words.length <= 3 * BOOK_DELTA_LEVELS_MAX);
        apply(words);
        count += words.length / 3;
        beyondPriceTicks = words.at(-2)!;
      }
      // The level that the next answer begins behind, and others before and beyond it.
      hear(cancel(beyondPriceTicks)!);
      for (let change = 0; change < 300; change++) {
        const rung = 1 + random.below(2 * levels);
        const gone = cancel(500_000 + outwards * rung);
        hear(gone ?? place(rung));
      }
    }
    assert.equal(answers, 2);
    const book = new Map<number, number>();
    venue.shard.state.markets
      .require(1)
      .book!.depth(side, Number.POSITIVE_INFINITY, (price, lots) => {
        book.set(price, lots);
      });
    assert.deepEqual(new Map([...replica].sort()), new Map([...book].sort()));
  });
}

test('a book is described by its owner only, and an empty one has no levels', () => {
  const venue = new LoneMarket();
  const empty = venue.send(DescribeBook, { marketId: 1, side: Side.Bid });
  assert.deepEqual([empty.descriptions.length, empty.done.length], [0, 1]);
  const unknown = venue.send(DescribeBook, { marketId: 9, side: Side.Bid });
  assert.deepEqual(unknown.rejects, [RejectCode.UnknownMarket]);
});
