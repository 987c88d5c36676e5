import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { BesiegedVenue, STRANGER, signedHeaders } from './hostile-client.fixture.ts';
import type { Signer } from './orders/venue.fixture.ts';

/** Of large bodies and small ones: the first leave no room for more of them, the others for none at all. */
const FLOOD_SOCKETS = 220;
const ROUNDS = 8;
const FORGED = `${'A'.repeat(86)}==`;
const ORDER = { orderType: 'Limit', price: '1', quantity: '1', side: 'Bid', symbol: 'AAA_USD' };
/** Has to be encoded whole before its signature can be checked. */
const LARGE = JSON.stringify({ ...ORDER, note: '%'.repeat(60_000) });

let venue: BesiegedVenue;
before(async () => {
  venue = await BesiegedVenue.open();
});
after(() => venue.close());

/** Forges until told to stop; answers how often it was refused, by status. */
async function flood(
  agent: Agent,
  signer: Signer,
  body: string,
  isOver: () => boolean,
): Promise<number[]> {
  const counts: number[] = [];
  while (!isOver()) {
    const headers = {
      ...{ 'X-API-Key': signer.apiKey, 'X-Signature': FORGED },
      'X-Timestamp': String(Date.now()),
      'X-Window': '60000',
    };
    const options = { method: 'POST', headers, agent, localAddress: '127.0.0.1' };
    const request = httpRequest(`${venue.url}/api/v1/order`, options);
    request.end(body);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    await text(response);
    counts[response.statusCode!] = (counts[response.statusCode!] ?? 0) + 1;
  }
  return counts;
}

test('while somebody forges on many sockets, the signed requests of others are all answered', async (context) => {
  const [honest, victim] = [await venue.addTrader('honest'), await venue.addTrader('victim')];
  const agent = new Agent({ keepAlive: true, maxSockets: FLOOD_SOCKETS });
  let isOver = false;
  const floods = Array.from({ length: FLOOD_SOCKETS }, (_, index) =>
    flood(agent, victim, index % 4 === 0 ? JSON.stringify(ORDER) : LARGE, () => isOver),
  );
  const sent: [Signer, string][] = [
    // The same address with another key, and the flooded key from its owner's address.
    [honest, '127.0.0.1'],
    [victim, STRANGER],
  ];
  const counts: number[] = [];
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const answers = sent.map(([signer, localAddress]) =>
        venue.signed(signer, 'POST', '/api/v1/order', 'orderExecute', ORDER, localAddress),
      );
      for (const { status } of await Promise.all(answers)) {
        counts[status] = (counts[status] ?? 0) + 1;
      }
    }
  } finally {
    isOver = true;
  }
  const forged = (await Promise.all(floods)).flatMap((each) =>
    each.map((count, status) => [status, count] as const),
  );
  agent.destroy();
  const total = (wanted: number): number =>
    forged.reduce((sum, [status, count]) => (status === wanted ? sum + count : sum), 0);
  context.diagnostic(`forged: ${total(401)} found out, ${total(503)} refused as busy`);
  assert.deepEqual(Object.entries(counts), [['200', 2 * ROUNDS]]);
  assert.ok(total(401) > 0);
  const metric = (name: string): Promise<number> => venue.metric(`ringside_${name}`);
  assert.equal(await metric('signatures_forged_total'), total(401));
  assert.equal(await metric('signatures_checked_total'), total(401) + 2 * ROUNDS);
  assert.equal(await metric('signatures_refused_total'), total(503));
  assert.equal(await metric('signatures_waiting'), 0);
  assert.ok((await metric('signature_batches_total')) > 0);
  if (!existsSync('/proc/thread-self/schedstat')) return;
  assert.ok((await metric('thread_cpu_seconds_total{thread="signatures"}')) > 0);
});

test('a forged signature costs its address as much as several requests', async () => {
  const signer = await venue.addTrader('forger');
  const remaining = async (path: string, forges: boolean): Promise<number> => {
    const headers = forges ? signedHeaders(signer, 'orderCancel', {}) : {};
    const answer = await venue.http(path, { headers, localAddress: '127.0.0.3' });
    assert.equal(answer.status, forges ? 401 : 200);
    assert.equal(answer.headers['ratelimit-limit'], '5000');
    return Number(answer.headers['ratelimit-remaining']);
  };
  assert.ok((await remaining('/api/v1/ping', false)) >= 4_990);
  assert.ok((await remaining('/api/v1/capital', true)) < 4_999 - 5);
});
