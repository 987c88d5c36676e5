import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TransferKind } from '../engine/protocol/enums.ts';
import { FundsMoved } from '../engine/protocol/events.ts';
import { requestedTransferId } from '../engine/protocol/transfer-id.ts';
import { START_US } from './testing/event-feed.ts';
import { useTestServer } from './testing/test-server.ts';
import { startVenue, untilCommitted } from './testing/venue.ts';

const server = useTestServer();

test('transfers are numbered by account, over batches and shards, with where they went', async (context) => {
  const venue = await startVenue(context, server, { shardCount: 2 });
  const { feed } = venue;
  feed.recordListings();
  const move = (accountId: number, kind: TransferKind, transferId: string): void => {
    const amount = { assetId: 2, amountUnits: 1_500_000, timeUs: START_US };
    feed.record(accountId % 2, FundsMoved, { accountId, kind, transferId, ...amount });
  };
  const { Deposit, Withdrawal } = TransferKind;
  const destination = { blockchain: 'Solana', address: 'somewhere' };
  move(1, Deposit, 'z');
  move(3, Deposit, 'a');
  move(2, Deposit, 'a');
  move(1, Deposit, 'a');
  await feed.flush();
  await untilCommitted(venue);
  move(1, Withdrawal, requestedTransferId(destination, 'mine', ''));
  move(2, Withdrawal, 'a');
  move(1, Withdrawal, requestedTransferId(destination, null, 'unique'));
  await feed.flush();
  await untilCommitted(venue);
  const rows = await server.query(`select account_id::integer, transfer_number, kind, transfer_id,
    amount::text, client_id, blockchain, address from transfers order by 1, 2`);
  const went = ['Solana', 'somewhere'];
  const stayed = [null, null, null];
  assert.deepEqual(
    rows.map((row) => Object.values(row)),
    [
      [1, 1, 'Deposit', 'z', '1.500000', ...stayed],
      [1, 2, 'Deposit', 'a', '1.500000', ...stayed],
      [1, 3, 'Withdrawal', 'request:client:mine', '1.500000', 'mine', ...went],
      [1, 4, 'Withdrawal', 'request:unique', '1.500000', null, ...went],
      [2, 1, 'Deposit', 'a', '1.500000', ...stayed],
      [2, 2, 'Withdrawal', 'a', '1.500000', ...stayed],
      [3, 1, 'Deposit', 'a', '1.500000', ...stayed],
    ],
  );
});
