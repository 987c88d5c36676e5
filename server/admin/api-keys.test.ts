import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ApiError } from '../api-error.ts';
import type { HttpMethod } from '../http/route.ts';
import { Signer, TestVenue } from '../orders/venue.fixture.ts';
import { AccountDirectory } from '../registry/account-directory.ts';
import { apiKeyRoutes } from './api-keys.ts';

let venue: TestVenue;
const accounts = new AccountDirectory();
before(async () => {
  venue = await TestVenue.open(2);
});
after(() => venue.close());

/** Calls a route as the server would; the key in a path comes as clients write it. */
async function call(method: HttpMethod, target: string, body: object = {}): Promise<never> {
  const [path = '', query = ''] = target.split('?');
  const accountId = /accounts\/(\d+)/.exec(path)?.[1];
  const wanted = path.replace(/\d+/, ':accountId');
  const routes = apiKeyRoutes(venue.engine, accounts, venue.keys);
  const route = routes.find((each) => each.method === method && each.path === wanted);
  assert.ok(route, target);
  const request = { method, path, query, header: () => '', body: JSON.stringify(body) };
  const reply = await route.handle(
    { ...request, remoteAddress: '127.0.0.1', receivedUs: 0 },
    accountId === undefined ? {} : { accountId },
  );
  assert.equal(reply.status, 200);
  return JSON.parse(reply.body) as never;
}

async function newAccount(): Promise<number> {
  const { accountId } = await venue.addTrader();
  accounts.add(accountId, `trader ${accountId}`);
  return accountId;
}

const keyPath = (apiKey: string) => `/admin/keys?apiKey=${encodeURIComponent(apiKey)}`;

interface Listed {
  readonly apiKey: string;
}

test('an account has several keys, each with its rights, listed without a secret', async () => {
  const accountId = await newAccount();
  const path = `/admin/accounts/${accountId}/keys`;
  const before: Listed[] = await call('get', path);
  const reading = await call('post', path, { permissions: ['read'], allowedAddresses: ['::1'] });
  const { apiKey, secret } = reading as { apiKey: string; secret: string };
  assert.equal(secret.length, 44);
  const mine = new Signer().apiKey;
  const allowedAddresses = ['192.0.2.0/24', '10.0.0.9', '192.0.2.0/24'];
  await call('post', path, { publicKey: mine, allowedAddresses });
  const listed = await call('get', path);
  assert.deepEqual(listed, [
    ...before,
    { apiKey, permissions: ['read'], allowedAddresses: ['::1/128'] },
    {
      apiKey: mine,
      permissions: ['read', 'trade'],
      allowedAddresses: ['10.0.0.9/32', '192.0.2.0/24'],
    },
  ]);
  await call('del', keyPath(apiKey));
  const left: Listed[] = await call('get', path);
  assert.deepEqual(
    left.map((key) => key.apiKey),
    [...before.map((key) => key.apiKey), mine],
  );
  assert.equal(JSON.stringify(listed).includes(secret), false);
});

test('a key is named once', async () => {
  const path = `/admin/accounts/${await newAccount()}/keys`;
  const [key]: Listed[] = await call('get', path);
  const twice = `${keyPath(key!.apiKey)}&apiKey=${encodeURIComponent(new Signer().apiKey)}`;
  for (const query of [twice, '/admin/keys']) {
    await assert.rejects(call('del', query), { status: 400, code: 'INVALID_CLIENT_REQUEST' });
  }
  assert.deepEqual(await call('get', path), [key]);
});

test('a repeated creation is held against all that was asked for', async () => {
  const accountId = await newAccount();
  const path = `/admin/accounts/${accountId}/keys`;
  const publicKey = new Signer().apiKey;
  await call('post', path, { publicKey, allowedAddresses: ['10.0.0.1', '::1'] });
  const same = { publicKey, allowedAddresses: ['::1/128', '10.0.0.1/32'] };
  assert.deepEqual(await call('post', path, same), { apiKey: publicKey });
  const conflict = { status: 409, code: 'ALREADY_EXISTS' };
  await assert.rejects(call('post', path, { publicKey }), conflict);
  await assert.rejects(call('post', path, { ...same, permissions: ['read'] }), conflict);
});

test('from where a key may be used is changed, and opened again', async () => {
  const accountId = await newAccount();
  const path = `/admin/accounts/${accountId}/keys`;
  const { apiKey }: Listed = await call('post', path, {});
  const change = (allowedAddresses: unknown): Promise<unknown> =>
    call('patch', keyPath(apiKey), { allowedAddresses });
  const rights = { apiKey, permissions: ['read', 'trade'] };
  assert.deepEqual(await change(['10.0.0.0/8']), { ...rights, allowedAddresses: ['10.0.0.0/8'] });
  assert.equal(venue.keys.get(apiKey)!.allowedAddresses.allows('11.0.0.1'), false);
  assert.deepEqual(await change([]), { ...rights, allowedAddresses: [] });
  assert.equal(venue.keys.get(apiKey)!.allowedAddresses.allows('11.0.0.1'), true);
  const bad = (message: RegExp) => ({ code: 'INVALID_CLIENT_REQUEST', message });
  await assert.rejects(change(undefined), bad(/allowedAddresses is missing/));
  await assert.rejects(change(['::1', 'home']), bad(/home is no IP address/));
  await assert.rejects(change('::1'), bad(/must be a list of at most 32 strings/));
  await assert.rejects(change(new Array(33).fill('::1')), bad(/at most 32/));
  await assert.rejects(change([7]), bad(/must be a string/));
  await call('del', keyPath(apiKey));
  const gone = (error: unknown) => error instanceof ApiError && error.status === 404;
  await assert.rejects(change([]), gone);
  await assert.rejects(call('patch', keyPath('AAAA'), { allowedAddresses: [] }), gone);
});
