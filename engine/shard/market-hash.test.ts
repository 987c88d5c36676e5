import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MultisetHash } from '../collections/multiset-hash.ts';
import { hashOfPartition } from '../ledger/ledger-hash.ts';
import {
  CancelOrder,
  DepthHeartbeat,
  MoveFunds,
  ReportState,
  SetMarketState,
} from '../protocol/commands.ts';
import { OrderBookState } from '../protocol/enums.ts';
import { checkDigests } from './digest-checks.fixture.ts';
import { BASE, LoneMarket } from './lone-market.fixture.ts';
import { hashOfMarket } from './market-hash.ts';

function reportOf(market: LoneMarket): { marketHash: string; stateHash: string } {
  checkDigests(market.shard);
  const { markets, shards } = market.send(ReportState, {});
  return { marketHash: markets[0]!.marketHash, stateHash: shards[0]!.stateHash };
}

test('the hash of a market tells each part of it', () => {
  const counts = { updateId: 7, lastTradeId: 8, lastPriceTicks: 9 };
  const numbers = { state: OrderBookState.Open, killed: 0, ...counts };
  const [nothing, something] = [new MultisetHash(), new MultisetHash()];
  something.low = 1;
  const hashes = [
    hashOfMarket(nothing, nothing, numbers),
    hashOfMarket(something, nothing, numbers),
    hashOfMarket(nothing, something, numbers),
    hashOfMarket(nothing, nothing, { ...numbers, state: OrderBookState.PostOnly }),
    hashOfMarket(nothing, nothing, { ...numbers, killed: 1 }),
    hashOfMarket(nothing, nothing, { ...numbers, killed: 2 }),
    hashOfMarket(nothing, nothing, { ...numbers, updateId: 8 }),
    hashOfMarket(nothing, nothing, { ...numbers, lastTradeId: 7 }),
    hashOfMarket(nothing, nothing, { ...numbers, lastPriceTicks: 0 }),
  ];
  assert.equal(new Set(hashes).size, hashes.length);
});

test('the hash of a partition tells each part of it, and no asset that nobody ever moved', () => {
  const [nothing, something] = [new MultisetHash(), new MultisetHash()];
  something.high = 1;
  const totalsOf = (assetLimit: number) => ({
    assetLimit,
    fees: new Float64Array(10),
    inFlight: new Float64Array(10),
    deposits: new Array<bigint>(10).fill(0n),
    withdrawals: new Array<bigint>(10).fill(0n),
  });
  const hashes = [hashOfPartition(nothing, nothing, nothing, totalsOf(3))];
  for (const part of [0, 1, 2]) {
    const sums = [nothing, nothing, nothing].with(part, something);
    hashes.push(hashOfPartition(sums[0]!, sums[1]!, sums[2]!, totalsOf(3)));
  }
  for (const assetId of [1, 2]) {
    for (const total of ['fees', 'inFlight'] as const) {
      const totals = totalsOf(3);
      totals[total][assetId] = -1;
      hashes.push(hashOfPartition(nothing, nothing, nothing, totals));
    }
    for (const total of ['deposits', 'withdrawals'] as const) {
      for (const units of [1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 54n]) {
        const totals = totalsOf(3);
        totals[total][assetId] = units;
        hashes.push(hashOfPartition(nothing, nothing, nothing, totals));
      }
    }
  }
  assert.equal(new Set(hashes).size, 4 + 2 * (2 + 8));
  assert.equal(hashOfPartition(nothing, nothing, nothing, totalsOf(9)), hashes[0]);
});

test('a market reports another hash after each change, and the same when nothing changed', () => {
  const market = new LoneMarket();
  const hashes = [reportOf(market).marketHash];
  const changes: (() => unknown)[] = [
    () => market.bid(1, 100, 5),
    () => market.ask(2, 100, 2),
    () => market.ask(2, 110, 2, { triggerPriceTicks: 120 }),
    () => market.send(DepthHeartbeat, { marketId: 1 }),
    () => market.send(SetMarketState, { marketId: 1, state: OrderBookState.CancelOnly }),
  ];
  for (const change of changes) {
    change();
    hashes.push(reportOf(market).marketHash);
    assert.equal(reportOf(market).marketHash, hashes.at(-1));
  }
  assert.equal(new Set(hashes).size, 1 + changes.length);
  market.send(SetMarketState, { marketId: 1, state: OrderBookState.Open });
  assert.equal(reportOf(market).marketHash, hashes.at(-2));
});

test('a ledger partition has its old hash again when an order is gone that changed nothing', () => {
  const market = new LoneMarket();
  const before = reportOf(market).stateHash;
  const placed = market.bid(1, 100, 5).orders[0]!;
  const { accountId, marketId, orderId } = placed;
  assert.notEqual(reportOf(market).stateHash, before);
  market.send(CancelOrder, { accountId, marketId, orderId, clientId: null });
  assert.equal(reportOf(market).stateHash, before);
});

test('a repeated transfer is no change of a ledger partition, another id of the same is', () => {
  const market = new LoneMarket();
  const transfer = { kind: 0, accountId: 1, assetId: BASE, amountUnits: 10 };
  const before = reportOf(market).stateHash;
  market.send(MoveFunds, { ...transfer, transferId: 'a' });
  const after = reportOf(market).stateHash;
  assert.notEqual(after, before);
  market.send(MoveFunds, { ...transfer, transferId: 'a' });
  assert.equal(reportOf(market).stateHash, after);
  const other = new LoneMarket();
  other.send(MoveFunds, { ...transfer, transferId: 'b' });
  assert.notEqual(reportOf(other).stateHash, after);
});
