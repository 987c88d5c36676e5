import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { VenueClient } from '../../server/venue-client.fixture.ts';
import { VenueUnderTest } from '../../server/venue-process.fixture.ts';

const ENTRY = fileURLToPath(new URL('../ringside.js', import.meta.url));

const venue = new VenueUnderTest();
before(async () => {
  const client = new VenueClient(venue, await venue.ready());
  await client.admin('POST', '/admin/assets', { symbol: 'USDC', decimals: 6 });
  await client.admin('POST', '/admin/assets', { symbol: 'SOL', decimals: 9 });
});
after(() => venue.cleanUp());

interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `ringside` beside the venue's data, with its variables and no others of ours. */
async function ringside(words: readonly string[], dataDir = venue.dataDir): Promise<Ended> {
  const child = spawn(process.execPath, [ENTRY, ...words], {
    env: { PATH: process.env.PATH, RINGSIDE_DATA_DIR: dataDir },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const [status] = (await once(child, 'close')) as [number];
  return { status, stdout, stderr };
}

async function json<Answer>(...words: string[]): Promise<Answer> {
  const { status, stdout, stderr } = await ringside([...words, '--json']);
  assert.equal(status, 0, stderr);
  assert.equal(stderr, '');
  return JSON.parse(stdout) as Answer;
}

interface Created {
  readonly accountId: number;
  readonly apiKey: string;
  readonly secret: string;
}

test('an account is made with funds and a key, and the key is taken away again', async () => {
  const made: Created & { balances: unknown } = await json(
    ...['account', 'create', 'maker', '--deposit', 'USDC=10000', '--deposit', 'SOL=2.5'],
    ...['--read-only', '--allow', '10.0.0.0/8', '--allow', '::1'],
  );
  assert.deepEqual(made.balances, [
    { asset: 'USDC', available: '10000', locked: '0' },
    { asset: 'SOL', available: '2.5', locked: '0' },
  ]);
  assert.equal(Buffer.from(made.secret, 'base64').length, 32);
  const second: Created = await json('key', 'create', 'maker');
  assert.equal(second.accountId, made.accountId);
  const keys = await json('key', 'list', String(made.accountId));
  assert.deepEqual(keys, [
    { apiKey: made.apiKey, permissions: ['read'], allowedAddresses: ['10.0.0.0/8', '::1/128'] },
    { apiKey: second.apiKey, permissions: ['read', 'trade'], allowedAddresses: [] },
  ]);
  assert.equal(JSON.stringify(keys).includes(made.secret), false);
  const allowed = await json('key', 'allow', second.apiKey, '192.0.2.1');
  assert.deepEqual((allowed as { allowedAddresses: unknown }).allowedAddresses, ['192.0.2.1/32']);
  assert.deepEqual(await json('key', 'revoke', made.apiKey), { apiKey: made.apiKey });
  const left: Created[] = await json('key', 'list', 'maker');
  assert.deepEqual(
    left.map(({ apiKey }) => apiKey),
    [second.apiKey],
  );
  const more: { balances: unknown } = await json('account', 'deposit', 'maker', 'USDC=0.5');
  assert.deepEqual(more.balances, [{ asset: 'USDC', available: '10000.5', locked: '0' }]);
  const accounts: { name: string }[] = await json('account', 'list');
  assert.ok(accounts.some(({ name }) => name === 'maker'));
});

test('what it prints is for people unless it is asked for JSON', async () => {
  const { status, stdout } = await ringside(['account', 'create', 'reader']);
  assert.equal(status, 0);
  assert.match(
    stdout,
    /^account {2}\d+\nAPI key {2}\S{44} {2}\(read, trade; from anywhere\)\nsecret {3}\S{44}\n/,
  );
  assert.match(stdout, /shown this once/);
  assert.match((await ringside(['account', 'list'])).stdout, /^\d+ +reader$/m);
  assert.match((await ringside(['key', 'list', 'reader'])).stdout, /read, trade; from anywhere\n$/);
});

test('what the venue refuses is told in one line', async () => {
  await json('account', 'create', 'taken');
  for (const [words, said] of [
    [['account', 'create', 'taken'], /is named taken already: ringside key create \d+ makes/],
    [
      ['account', 'create', 'rich', '--deposit', 'GOLD=1'],
      /account \d+ is made, but .*INVALID_ASSET/,
    ],
    [['account', 'create', 'far', '--allow', 'home'], /but refused: .*home is no IP address/],
    [['key', 'create', 'nobody'], /no account nobody: ringside account list/],
    [['key', 'revoke', 'AAAA'], /refused: RESOURCE_NOT_FOUND/],
    [['key', 'list', 'taken', '--admin-url', 'http://127.0.0.1:1'], /no venue answers at http/],
  ] as const) {
    const { status, stdout, stderr } = await ringside(words);
    assert.deepEqual([status, stdout], [1, ''], words.join(' '));
    assert.match(stderr, said);
    assert.match(stderr, /^ringside: [^\n]+\n$/);
  }
});

test('a command line that is wrong says what is right', async () => {
  for (const [words, said] of [
    [['account'], /what is to be done/],
    [['account', 'destroy'], /no command destroy/],
    [['account', 'create'], /account create takes NAME/],
    [['account', 'create', 'a', 'b'], /account create takes NAME/],
    [['account', 'create', 'a', '--deposit', 'USDC'], /a deposit is ASSET=QUANTITY/],
    [['account', 'list', '--read-only'], /--read-only is no option of this command/],
    [['key', 'revoke', '--force', 'x'], /--force/],
    [['key', 'toString'], /no command toString/],
  ] as const) {
    const { status, stderr } = await ringside(words);
    assert.equal(status, 2, words.join(' '));
    assert.match(stderr, said);
    assert.match(stderr, /usage:\n {2}ringside (?:account|key) create/);
  }
});

test('help is no error, and needs no venue', async () => {
  for (const words of [
    ['account', '--help'],
    ['key', '-h'],
    ['key', 'revoke', '--help'],
  ]) {
    const { status, stdout, stderr } = await ringside(words, '/nonexistent');
    assert.deepEqual([status, stderr], [0, ''], words.join(' '));
    assert.match(stdout, /^usage:/);
  }
  const lost = await ringside(['account', 'list'], '/nonexistent');
  assert.equal(lost.status, 1);
  assert.match(lost.stderr, /no admin token in \/nonexistent/);
});

test('a venue that has stopped does not answer', async () => {
  const stopped = new VenueUnderTest();
  try {
    await stopped.ready();
    stopped.child.kill('SIGTERM');
    await stopped.ended;
    const { status, stderr } = await ringside(['account', 'list'], stopped.dataDir);
    assert.equal(status, 1);
    assert.match(stderr, /no venue answers at http:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED/);
  } finally {
    await stopped.cleanUp();
  }
});
