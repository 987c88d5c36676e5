import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstLineOf, requestedTransferId, transferIdParts } from './transfer-id.ts';

const DESTINATION = { blockchain: 'Solana', address: 'somewhere:else' };

test('the id of a withdrawal that was asked for has all of it, and is taken apart again', () => {
  const named = requestedTransferId(DESTINATION, 'mine', 'unique');
  const { id, ...rest } = transferIdParts(named);
  assert.deepEqual(rest, { destination: DESTINATION, clientId: 'mine' });
  assert.equal(firstLineOf(named), id);
  const elsewhere = requestedTransferId({ ...DESTINATION, address: 'b' }, 'mine', 'other');
  assert.equal(firstLineOf(elsewhere), id, 'whatever it is otherwise');

  const unnamed = requestedTransferId(DESTINATION, null, 'unique');
  assert.deepEqual(transferIdParts(unnamed), {
    ...{ id: firstLineOf(unnamed), destination: DESTINATION, clientId: null },
  });
  assert.notEqual(firstLineOf(unnamed), firstLineOf(requestedTransferId(DESTINATION, null, 'b')));
  assert.notEqual(
    firstLineOf(unnamed),
    firstLineOf(requestedTransferId(DESTINATION, 'unique', '')),
  );
});

test('an operator’s id is all of it', () => {
  const operators = { id: 'request:client:mine', destination: null, clientId: null };
  assert.deepEqual(transferIdParts('request:client:mine'), operators);
  assert.equal(firstLineOf(''), '');
});
