import assert from 'node:assert/strict';
import { createPrivateKey, sign } from 'node:crypto';
import { after, before, test } from 'node:test';
import { type Json, VenueClient } from './venue-client.fixture.ts';
import { VenueUnderTest } from './venue-process.fixture.ts';
import { TestSocket } from './ws/socket.fixture.ts';

const ED25519_PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
/** In whatever a client says that is its own business. */
const MARK = 'Zyzzyva';

const venue = new VenueUnderTest();
let ready: Json;
let admin: VenueClient;
before(async () => {
  ready = await venue.ready();
  admin = new VenueClient(venue, ready);
  await admin.setUp();
});
after(() => venue.cleanUp());

test('the log has no payload, no signature and no secret, whatever clients send', async () => {
  const { accountId } = await admin.admin('POST', '/admin/accounts', { name: `trader ${MARK}` });
  const path = `/admin/accounts/${accountId}`;
  const pair = await admin.admin('POST', `${path}/keys`, {});
  const [apiKey, secret] = [String(pair.apiKey), String(pair.secret)];
  await admin.admin('POST', `${path}/deposits`, { id: MARK, asset: 'USD', quantity: '77' });
  const privateKey = createPrivateKey({
    key: Buffer.concat([ED25519_PKCS8_PREFIX, Buffer.from(secret, 'base64')]),
    ...{ format: 'der', type: 'pkcs8' },
  });
  const said = new Set([secret, apiKey, MARK, venue.read('admin-token')]);
  const signed = (text: string): string => {
    const signature = sign(null, Buffer.from(text), privateKey).toString('base64');
    said.add(signature);
    return signature;
  };
  const timestamp = String(Date.now());
  const end = `&timestamp=${timestamp}&window=5000`;
  const headers = { 'X-API-Key': apiKey, 'X-Timestamp': timestamp, 'X-Window': '5000' };
  const send = async (method: string, target: string, body: string, signature: string) => {
    const reply = await fetch(`${ready.url}${target}`, {
      ...{ method, headers: { ...headers, 'X-Signature': signature } },
      ...(method === 'GET' ? {} : { body }),
    });
    await reply.text();
    return reply.status;
  };
  const order = `{"note":"${MARK}","symbol":"AAA_USD"}`;
  const rightful = signed(`instruction=orderExecute&note=${MARK}&symbol=AAA_USD${end}`);
  assert.equal(await send('POST', '/api/v1/order', order, rightful), 400);
  assert.equal(await send('POST', '/api/v1/order', order, signed(MARK)), 401);
  assert.equal(await send('POST', '/api/v1/order', `{"${MARK}`, signed(MARK)), 400);
  assert.equal(await send('GET', `/api/v1/orders?${MARK}=%`, '', signed(MARK)), 400);
  assert.equal(await send('GET', `/${MARK}`, '', signed(MARK)), 404);
  assert.equal(await send('POST', '/api/v1/order', MARK.repeat(20_000), signed(MARK)), 413);
  const capital = signed(`instruction=balanceQuery${end}`);
  assert.equal(await send('GET', '/api/v1/capital', '', capital), 200);

  const socket = await TestSocket.open(`${String(ready.url).replace('http', 'ws')}/ws`);
  const right = signed(`instruction=subscribe${end}`);
  const wrong = signed(`instruction=subscribe${MARK}${end}`);
  for (const isBinary of [false, true]) {
    const login = (signature: string) =>
      socket.request(
        'session.login',
        { signature: [apiKey, signature, timestamp, '5000'] },
        isBinary,
      );
    assert.equal((await login(wrong)).status, 401);
    assert.equal((await login(right)).status, 200);
    for (const method of ['order.place', 'order.batch', MARK]) {
      await socket.request(method, { params: { symbol: MARK, note: MARK } }, isBinary);
    }
  }
  const params = ['account.orderUpdate', `account.${MARK}`];
  for (const signature of [right, wrong]) {
    socket.send({ method: 'SUBSCRIBE', params, signature: [apiKey, signature, timestamp, '5000'] });
    await socket.frame(({ error }) => error !== undefined);
  }
  socket.send(`{"${MARK}`);
  await socket.frame(({ error }) => error !== undefined);
  socket.sendBinary(Buffer.from(MARK));
  await socket.frame(({ error }) => error !== undefined);
  await admin.admin('DELETE', `/admin/keys?apiKey=${encodeURIComponent(apiKey)}`);
  assert.equal((await socket.closed).code, 1008);
  assert.equal(await send('GET', '/api/v1/capital', '', capital), 401);

  venue.child.kill('SIGTERM');
  const { exitCode, stdout, stderr } = await venue.ended;
  assert.equal(exitCode, 0, stderr);
  assert.match(stdout, /stopped/);
  for (const text of said) {
    assert.equal(`${stdout}${stderr}`.includes(text), false, `the log has ${text}`);
  }
});
