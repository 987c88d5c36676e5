import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Permission } from '../../engine/protocol/enums.ts';
import { Signer } from '../orders/venue.fixture.ts';
import { ApiKeys, isPublicKeyText } from './api-keys.ts';
import { Authenticator, type Credentials } from './authenticate.ts';

const NOW_MS = 1_700_000_000_000;
/** The host's clock was set forward by an hour since the start. */
const ENGINE_US = (NOW_MS - 3_600_000) * 1000;

interface Setting {
  readonly authenticator: Authenticator;
  readonly keys: ApiKeys;
  readonly signer: Signer;
  readonly clock: { nowMs: number; engineUs: number };
}

function setUp(permissions: number = Permission.Read | Permission.Trade): Setting {
  const keys = new ApiKeys();
  const signer = new Signer();
  keys.add({ publicKey: signer.apiKey, accountId: 3, permissions, allowedAddresses: '' });
  const clock = { nowMs: NOW_MS, engineUs: ENGINE_US };
  const clocks = { hostMs: () => clock.nowMs, engineUs: () => clock.engineUs };
  return { keys, signer, clock, authenticator: new Authenticator(keys, clocks) };
}

function signed(signer: Signer, timestamp: string, window: string): Credentials {
  const signedWindow = window === '' ? '5000' : window;
  const text = `instruction=balanceQuery&timestamp=${timestamp}&window=${signedWindow}`;
  const signature = signer.sign(text);
  return { apiKey: signer.apiKey, signature, timestamp, window, remoteAddress: '127.0.0.1' };
}

const REFUSALS: [string, string, string, { status: number; code: string; message: string }][] = [
  ['no timestamp', '', '5000', bad('Invalid timestamp')],
  ['a timestamp with a fraction', `${NOW_MS}.5`, '5000', bad('Invalid timestamp')],
  ['a negative timestamp', '-1', '5000', bad('Invalid timestamp')],
  ['a 19-digit timestamp', '1700000000000000000', '5000', bad('Invalid timestamp')],
  ['more than a second ahead', String(NOW_MS + 1001), '5000', bad('Invalid timestamp')],
  ['older than the window', String(NOW_MS - 5001), '5000', bad('Request has expired')],
  ['older than the default window', String(NOW_MS - 5001), '', bad('Request has expired')],
  ['a window over a minute', String(NOW_MS), '60001', bad('Invalid window')],
  ['a window that is no number', String(NOW_MS), '5e3', bad('Invalid window')],
];

function bad(message: string): { status: number; code: string; message: string } {
  return { status: 400, code: 'INVALID_CLIENT_REQUEST', message };
}

for (const [name, timestamp, window, error] of REFUSALS) {
  test(`refused before any signature is checked: ${name}`, async () => {
    const { authenticator, signer } = setUp();
    const credentials = signed(signer, timestamp, window);
    await assert.rejects(
      authenticator.authenticate(credentials, 'balanceQuery', [[]], Permission.Read),
      error,
    );
  });
}

test('accepted up to a second ahead, and up to the window late', async () => {
  const { authenticator, signer } = setUp();
  for (const [timestamp, window] of [
    [NOW_MS + 1000, '5000'],
    [NOW_MS - 5000, ''],
    [NOW_MS - 60_000, '60000'],
  ] as const) {
    const credentials = signed(signer, String(timestamp), window);
    const grant = await authenticator.authenticate(
      credentials,
      'balanceQuery',
      [[]],
      Permission.Read,
    );
    assert.equal(grant.key.accountId, 3);
  }
});

test('what is left of a window is told by the engine’s clock, whatever the host’s was set to', async () => {
  const { authenticator, signer, clock } = setUp();
  const sent = signed(signer, String(NOW_MS - 1500), '5000');
  const ask = () => authenticator.authenticate(sent, 'balanceQuery', [[]], Permission.Read);
  assert.equal((await ask()).expiresAtUs, ENGINE_US + 3_500_000);
  clock.engineUs += 7_200_000_000;
  assert.equal((await ask()).expiresAtUs, ENGINE_US + 7_203_500_000);
});

test('a signature for something else, a malformed one and an unknown key are told apart', async () => {
  const { authenticator, signer } = setUp();
  const credentials = signed(signer, String(NOW_MS), '5000');
  const check = (changed: Partial<Credentials>, instruction = 'balanceQuery') =>
    authenticator.authenticate({ ...credentials, ...changed }, instruction, [[]], Permission.Read);
  const invalidSignature = { status: 401, code: 'INVALID_SIGNATURE' };
  await assert.rejects(check({}, 'orderExecute'), invalidSignature);
  await assert.rejects(check({ window: '4999' }), invalidSignature);
  await assert.rejects(check({ signature: '' }), invalidSignature);
  await assert.rejects(check({ signature: 'x'.repeat(1000) }), invalidSignature);
  await assert.rejects(check({ signature: ` ${credentials.signature}` }), invalidSignature);
  await assert.rejects(check({ apiKey: new Signer().apiKey }), {
    status: 401,
    code: 'UNAUTHORIZED',
  });
  await assert.rejects(check({ apiKey: '' }), { status: 401, code: 'UNAUTHORIZED' });
});

test('a key may do only what it has permission for', async () => {
  const { authenticator, signer } = setUp(Permission.Read);
  const credentials = signed(signer, String(NOW_MS), '5000');
  await assert.rejects(
    authenticator.authenticate(credentials, 'balanceQuery', [[]], Permission.Trade),
    { status: 403, code: 'FORBIDDEN' },
  );
});

test('a request that expired or lost its key while its signature was checked is refused', async () => {
  const { authenticator, signer, keys, clock } = setUp();
  const credentials = signed(signer, String(NOW_MS), '5000');
  const late = authenticator.authenticate(credentials, 'balanceQuery', [[]], Permission.Read);
  clock.nowMs += 5001;
  await assert.rejects(late, bad('Request has expired'));
  clock.nowMs = NOW_MS;
  const orphan = authenticator.authenticate(credentials, 'balanceQuery', [[]], Permission.Read);
  keys.revoke(signer.apiKey);
  await assert.rejects(orphan, { status: 401, code: 'UNAUTHORIZED' });
  assert.equal(keys.size, 0);
});

test('an API key has one spelling', () => {
  const { apiKey } = new Signer();
  assert.equal(isPublicKeyText(apiKey), true);
  for (const text of [
    '',
    'AAAA',
    `${apiKey.slice(0, 43)}A`,
    apiKey.replace('=', ''),
    ` ${apiKey}`,
  ]) {
    assert.equal(isPublicKeyText(text), false, text);
  }
});
