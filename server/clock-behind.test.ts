import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { nodeDisk } from '../engine/journal/disk.ts';
import { JournalReader } from '../engine/journal/journal-reader.ts';
import { JournalWriter } from '../engine/journal/journal-writer.ts';
import { DepthHeartbeat } from '../engine/protocol/commands.ts';
import { FrameWriter } from '../engine/protocol/frame-writer.ts';
import { useTestServer } from '../persistence/testing/test-server.ts';
import { nowUs } from './clock.ts';
import { Signer } from './orders/venue.fixture.ts';
import { type Json, VenueClient } from './venue-client.fixture.ts';
import { VenueUnderTest } from './venue-process.fixture.ts';
import { TestSocket } from './ws/socket.fixture.ts';

const server = useTestServer();
const ORDER = { symbol: 'AAA_USD', side: 'Bid', orderType: 'Limit', quantity: '1', price: '10.5' };
const CHANGES = [
  ['order.replace', { price: '10.4' }],
  ['order.reduce', { quantity: '1' }],
  ['order.cancel', {}],
] as const;
const IDENTITY = { shard: 0, shardCount: 1 };
const HOUR_US = 3_600_000_000;
const EXPIRED_FOR_THE_SHARD = /^Request has expired: .* time of the venue's journal/;

/** Adds an input that changes nothing, of an hour from now, as if the clock had been wrong then. */
function addInputOfLater(dataDir: string): void {
  const directory = join(dataDir, 'journal', 'shard-0');
  const end = new JournalReader(nodeDisk, directory, IDENTITY).read(1, () => {});
  const journal = new JournalWriter(nodeDisk, directory, IDENTITY, end, { durability: 'fsync' });
  const { bytes, start, end: to } = heartbeat();
  journal.append(-1, nowUs() + HOUR_US, bytes, start, to);
  journal.commit();
  journal.close();
}

function heartbeat(): FrameWriter {
  const frames = new FrameWriter();
  DepthHeartbeat.encode(frames, 0, { marketId: 1 });
  return frames;
}

async function healthOf(ready: Json): Promise<{ status: number; behindSeconds: number }> {
  const reply = await fetch(`${ready.adminUrl}/health/ready`);
  const { components } = (await reply.json()) as {
    components: { clock: { behindSeconds: number } };
  };
  return { status: reply.status, ...components.clock };
}

/**
 * What an order over a websocket is told that expires at this time, what the same in a batch, and what a replace, a
 * reduce and a cancel are told of an order that does not expire.
 */
async function refusalsOverSocket(
  client: VenueClient,
  ready: Json,
  expiresAtMs: number | null,
): Promise<unknown[]> {
  const signer = new Signer();
  const accountId = 1;
  await client.admin('POST', `/admin/accounts/${accountId}/keys`, { publicKey: signer.apiKey });
  const socket = await TestSocket.open(String(ready.url).replace('http', 'ws'));
  await socket.logIn({ accountId, signer });
  const alone = await socket.request('order.place', { expiresAtMs, params: ORDER });
  const batch = await socket.request('order.batch', { expiresAtMs, params: [ORDER] });
  const [inBatch] = batch.result as unknown as Json[];
  const messages = [(alone.error as Json | undefined)?.message, inBatch!.message];
  await socket.request('order.place', { params: { ...ORDER, quantity: '3', clientId: 9 } });
  const named = { symbol: ORDER.symbol, clientId: 9 };
  for (const [method, change] of CHANGES) {
    const reply = await socket.request(method, { expiresAtMs, params: { ...named, ...change } });
    messages.push((reply.error as Json | undefined)?.message);
  }
  await socket.close();
  return messages;
}

test('a clock that is behind the journals is told, and why orders are refused', async (context) => {
  const settings = { RINGSIDE_SHARDS: '1', DATABASE_URL: server.url };
  const first = new VenueUnderTest(settings);
  context.after(() => first.cleanUp());
  const ready = await first.ready();
  const client = new VenueClient(first, ready);
  await client.setUp();
  const placed = await client.place({ ...ORDER, quantity: '3' });
  assert.equal(placed.status, 200);
  assert.deepEqual(await healthOf(ready), { status: 200, behindSeconds: 0 });
  first.child.kill('SIGTERM');
  assert.equal((await first.ended).stderr, '');

  addInputOfLater(first.dataDir);
  const second = new VenueUnderTest({ ...settings, RINGSIDE_DATA_DIR: first.dataDir });
  context.after(() => second.cleanUp());
  const again = await second.ready();
  const { status, behindSeconds } = await healthOf(again);
  assert.equal(status, 503);
  const later = client.at(again);
  const refused = await later.place(ORDER);
  assert.deepEqual([refused.status, refused.body.code], [400, 'INVALID_CLIENT_REQUEST']);
  assert.match(String(refused.body.message), EXPIRED_FOR_THE_SHARD);
  const change = (terms: Record<string, string>) => {
    const parameters = { symbol: ORDER.symbol, orderId: String(placed.body.id), ...terms };
    return later.signed('PATCH', '/api/v1/order', 'orderModify', parameters);
  };
  const unchanged = await change({ price: '10.4' });
  assert.deepEqual([unchanged.status, unchanged.body.code], [400, 'INVALID_CLIENT_REQUEST']);
  assert.match(String(unchanged.body.message), EXPIRED_FOR_THE_SHARD);
  const reduced = await change({ reduceQuantity: '1' });
  assert.deepEqual([reduced.status, reduced.body.price], [200, '10.5']);

  const refusals = await refusalsOverSocket(later, again, Date.now() + 60_000);
  for (const message of refusals.slice(0, 3)) assert.match(String(message), EXPIRED_FOR_THE_SHARD);
  assert.deepEqual(refusals.slice(3), [undefined, undefined], 'what takes risk away is done late');
  const withoutEnd = await refusalsOverSocket(later, again, null);
  assert.deepEqual(withoutEnd, new Array(5).fill(undefined), 'nothing has expired');

  second.child.kill('SIGTERM');
  const { stderr } = await second.ended;
  const [, seconds] = /^The clock of this machine is (\d+) s behind .*$/m.exec(stderr) ?? [];
  for (const told of [behindSeconds, Number(seconds)]) {
    assert.ok(told > 0 && told <= 3600, `${told} s behind`);
  }
});
