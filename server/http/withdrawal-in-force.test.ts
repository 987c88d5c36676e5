import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { SetAllowedAddresses } from '../../engine/protocol/commands.ts';
import { Permission } from '../../engine/protocol/enums.ts';
import { homeShardOfAccount } from '../../engine/protocol/sharding.ts';
import type { AccountHistory } from '../../persistence/account-history.ts';
import { AccountPositions } from '../account/account-positions.ts';
import { HistoryGate } from '../account/history-gate.ts';
import { Authenticator } from '../auth/authenticate.ts';
import { SignatureChecks } from '../auth/signature-checks.ts';
import { nowUs } from '../clock.ts';
import { TestVenue, type Trader } from '../orders/venue.fixture.ts';
import { EMPTY_PAGE } from './pages.ts';
import type { HttpReply } from './route.ts';
import { transferRoutes } from './transfers.ts';

const PATH = '/wapi/v1/capital/withdrawals';
/** What the history has of the withdrawal once it was made. */
const RECORD = { items: '[{"id":1}]', total: 1 };
const FIELDS = { address: 'a', blockchain: 'Solana', quantity: '1', symbol: 'SOL' };

const checks = new SignatureChecks();
/** The host's clock, which the test sets. */
const clock = { aheadMs: 0 };
let venue: TestVenue;
before(async () => {
  venue = await TestVenue.open(2);
});
after(async () => {
  await checks.close();
  await venue.close();
});

interface Waiting {
  readonly key: Trader;
  readonly reply: Promise<HttpReply>;
  /** Lets the question of earlier withdrawals be answered. */
  release(): void;
}

/** Sends a withdrawal with a key of its own, and resolves when it waits for the history. */
async function withdraw(accountId: number): Promise<Waiting> {
  const key = await venue.addKey(accountId, Permission.Read | Permission.Trade);
  let release = (): void => {};
  const reached = new Promise<'reached'>((resolve) => {
    release = () => resolve('reached');
  });
  let onWaiting = (): void => {};
  const waiting = new Promise<void>((resolve) => {
    onWaiting = resolve;
  });
  const reach = (): Promise<'reached'> => {
    onWaiting();
    return reached;
  };
  let questions = 0;
  const withdrawals = async () => (questions++ === 0 ? EMPTY_PAGE : RECORD);
  const source = { withdrawals } as unknown as AccountHistory;
  const positions = new AccountPositions(venue.engine.shardCount, () => 0);
  const [route] = transferRoutes({
    authenticator: new Authenticator(
      venue.keys,
      { hostMs: () => Date.now() + clock.aheadMs, engineUs: nowUs },
      checks,
    ),
    gateway: venue.gateway,
    history: new HistoryGate({ source, positions, projection: { reach } }),
    killSwitches: { stopsAccount: () => false },
    registry: venue.registry,
  }).filter(({ method, path }) => method === 'post' && path === PATH);
  const timestamp = String(Date.now());
  const parameters = new URLSearchParams(FIELDS).toString();
  const text = `instruction=withdraw&${parameters}&timestamp=${timestamp}&window=5000`;
  const headers: Record<string, string> = {
    'x-api-key': key.signer.apiKey,
    'x-signature': key.signer.sign(text),
    'x-timestamp': timestamp,
  };
  const request = {
    ...{ method: 'post' as const, path: PATH, query: '', body: JSON.stringify(FIELDS) },
    ...{ header: (name: string) => headers[name] ?? '', remoteAddress: '127.0.0.1', receivedUs: 0 },
  };
  const reply = Promise.resolve(route!.handle(request, {}));
  await Promise.race([waiting, reply]);
  return { key, reply, release };
}

async function availableSol(accountId: number): Promise<number> {
  const balances = await venue.gateway.balances(accountId);
  return balances.find(({ assetId }) => assetId === 1)!.availableUnits;
}

const ENDS: Record<string, [end: (key: Trader) => Promise<unknown>, refusal: object]> = {
  'its key is revoked': [
    (key) => venue.revokeKey(key),
    { status: 401, code: 'UNAUTHORIZED', message: 'Unknown API key' },
  ],
  'its address is taken off the list of its key': [
    ({ accountId, signer }) => {
      const shard = homeShardOfAccount(accountId, venue.engine.shardCount);
      const key = { requestId: 0, accountId, publicKey: signer.apiKey };
      const allowedAddresses = '10.0.0.0/8';
      return venue.engine.request(SetAllowedAddresses, { ...key, allowedAddresses }, shard);
    },
    { status: 403, code: 'FORBIDDEN' },
  ],
  'its window ends': [
    async () => {
      clock.aheadMs = 5500;
    },
    { status: 400, message: 'Request has expired' },
  ],
};

for (const [name, [end, refusal]] of Object.entries(ENDS)) {
  test(`a withdrawal that waits for the history moves nothing when ${name} meanwhile`, async () => {
    const { accountId } = await venue.addTrader();
    const { key, reply, release } = await withdraw(accountId);
    try {
      await end(key);
      release();
      await assert.rejects(reply, refusal);
    } finally {
      clock.aheadMs = 0;
    }
    assert.equal(await availableSol(accountId), 1_000_000_000_000);
  });
}

test('a withdrawal that waited and is in force still goes out', async () => {
  const { accountId } = await venue.addTrader();
  const { reply, release } = await withdraw(accountId);
  release();
  assert.equal((await reply).status, 200);
  assert.equal(await availableSol(accountId), 999_000_000_000);
});
