import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuditEntry, ShardReport } from '../../engine/protocol/events.ts';
import { type AssetAudit, isBalanced, sumByAsset } from './audit.ts';
import { formatUnits } from './format-units.ts';
import { type EngineReport, wasQuiet } from './shard-reports.ts';

const sound: AssetAudit = {
  assetId: 1,
  available: 70n,
  locked: 20n,
  reserved: 20n,
  fees: 5n,
  inFlight: 0n,
  deposits: 100n,
  withdrawals: 5n,
};

test('an asset is balanced when all three promises hold', () => {
  assert.equal(isBalanced(sound, true), true);
  assert.equal(isBalanced({ ...sound, available: 71n }, true), false);
  assert.equal(isBalanced({ ...sound, reserved: 19n }, true), false);
  assert.equal(isBalanced({ ...sound, fees: 4n, inFlight: 1n }, false), true);
  assert.equal(isBalanced({ ...sound, fees: 4n, inFlight: 1n }, true), false);
});

test('entries of several shards are summed beyond the range of one balance', () => {
  const entry = { ...AuditEntry.create(), assetId: 2, availableUnits: Number.MAX_SAFE_INTEGER };
  const other = { ...entry, inFlightUnits: -3, depositUnits: '7' };
  const [first, second] = sumByAsset([entry, { ...entry, assetId: 1 }, other]);
  assert.equal(first!.assetId, 1);
  assert.equal(second!.available, 2n * BigInt(Number.MAX_SAFE_INTEGER));
  assert.equal(second!.inFlight, -3n);
  assert.equal(second!.deposits, 7n);
});

test('units of any size and sign read as trimmed decimals', () => {
  assert.equal(formatUnits(0n, 6), '0');
  assert.equal(formatUnits(-1n, 6), '-0.000001');
  assert.equal(formatUnits(1_500_000n, 6), '1.5');
  assert.equal(formatUnits(120n, 0), '120');
  assert.equal(formatUnits(10n ** 30n, 2), `1${'0'.repeat(28)}`);
});

function report(counts: readonly (readonly [sentTo: number[], consumedFrom: number[]])[]) {
  const shards = counts.map(([sentTo, consumedFrom], shard) => ({
    ...ShardReport.create(),
    shard,
    sentTo,
    consumedFrom,
  }));
  return { shards, markets: [] } satisfies EngineReport;
}

test('quiet means that nothing was sent or left unread from one report to the other', () => {
  const rest = report([
    [
      [0, 5],
      [0, 7],
    ],
    [
      [7, 0],
      [5, 0],
    ],
  ]);
  const unread = report([
    [
      [0, 6],
      [0, 7],
    ],
    [
      [7, 0],
      [5, 0],
    ],
  ]);
  const later = report([
    [
      [0, 6],
      [0, 7],
    ],
    [
      [7, 0],
      [6, 0],
    ],
  ]);
  assert.equal(wasQuiet(rest, rest), true);
  assert.equal(wasQuiet(unread, later), false);
  assert.equal(wasQuiet(rest, later), false);
  assert.equal(wasQuiet(rest, unread), false);
});
