import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AccountPositions } from './account-positions.ts';

test('an account stands at its own last event, whatever others have had since', () => {
  const heard = [0, 0];
  const positions = new AccountPositions(2, (shard) => heard[shard]!);
  assert.deepEqual(positions.of(1), { shard: 1, sequence: 0 });
  heard[1] = 7;
  positions.note(1);
  heard[1] = 9;
  positions.note(3);
  heard[1] = 11;
  positions.note(2 ** 21 - 1);
  const accounts = [1, 3, 5, 2 ** 21 - 1, 2 ** 30];
  assert.deepEqual(
    accounts.map((accountId) => positions.of(accountId).sequence),
    [7, 9, 0, 11, 0],
  );
});

test('an account that was not heard of stands where its home stood when all was learnt', () => {
  const heard = [20, 5];
  const positions = new AccountPositions(2, (shard) => heard[shard]!);
  positions.note(1);
  positions.begin();
  heard[0] = 21;
  const accounts = [1, 2, 3];
  assert.deepEqual(
    accounts.map((accountId) => positions.of(accountId).sequence),
    [5, 20, 5],
  );
  positions.note(2);
  assert.deepEqual(positions.of(2), { shard: 0, sequence: 21 });
});
