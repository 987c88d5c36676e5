import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { AdminClient } from './client/admin-client.ts';
import { RestClient } from './client/rest-client.ts';
import { generateKeyPair, type KeyPair, secretOf } from './client/signing.ts';
import { VenueProcess } from './client/venue-process.ts';
import { WsClient } from './client/ws-client.ts';
import type { RunResult, ScenarioResult } from './result/run-result.ts';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
const SYMBOL = 'AAA_USD';
/** Ticks of 0.05, lots of at least 0.03: neither is one unit of the last decimal. */
const LISTING = {
  ...{ symbol: SYMBOL, baseSymbol: 'AAA', quoteSymbol: 'USD', tickSize: '0.05', stepSize: '0.01' },
  ...{
    minQuantity: '0.03',
    maxQuantity: '100000',
    maxPrice: '1000',
    makerFeeBps: 1,
    takerFeeBps: 2,
  },
};
const folder = mkdtempSync(join(tmpdir(), 'ringside-foreign-'));
const keysFile = join(folder, 'keys.jsonl');
let venue: VenueProcess;
let keys: KeyPair[];
/** Of somebody else, who makes the book. */
let stranger: KeyPair;

before(async () => {
  venue = await VenueProcess.start({ environment: { RINGSIDE_DURABILITY: 'none' } });
  const admin = new AdminClient(venue.ready.adminUrl, venue.adminToken);
  await admin.createAsset('USD', 6);
  await admin.createAsset('AAA', 4);
  await admin.listMarket(LISTING);
  const pairs = await Promise.all(
    ['one', 'two', 'three', 'stranger'].map(async (name) => {
      const accountId = await admin.createAccount(name);
      const keyPair = generateKeyPair();
      await admin.createKey(accountId, keyPair.apiKey);
      for (const asset of ['USD', 'AAA']) await admin.deposit(accountId, asset, asset, '1000000');
      return keyPair;
    }),
  );
  stranger = pairs.pop()!;
  keys = pairs;
  const lines = keys.map((pair) => JSON.stringify({ apiKey: pair.apiKey, secret: secretOf(pair) }));
  writeFileSync(keysFile, `${lines.join('\n')}\n`);
  for (const [side, price] of [
    ['Bid', '99'],
    ['Ask', '101'],
  ] as const) {
    await place(stranger, { side, price, quantity: '5' });
  }
});
after(async () => {
  rmSync(folder, { recursive: true });
  await venue.stop();
});

function place(keyPair: KeyPair, order: object): Promise<{ id: string }> {
  const whole = { symbol: SYMBOL, orderType: 'Limit', ...order };
  const rest = new RestClient(venue.ready.url, keyPair);
  return rest.signedBody('POST', '/api/v1/order', 'orderExecute', whole);
}

function openOrders(keyPair: KeyPair): Promise<readonly { id: string }[]> {
  const rest = new RestClient(venue.ready.url, keyPair);
  return rest.signedGet('/api/v1/orders', 'orderQueryAll');
}

interface Run {
  readonly code: number | null;
  readonly said: string;
  readonly result: () => ScenarioResult;
}

/** Nothing but the public address of the venue is told to it. */
async function loadtest(out: string, ...argv: string[]): Promise<Run> {
  const path = join(folder, out);
  const { RINGSIDE_DATA_DIR: _, RINGSIDE_ADMIN_TOKEN: __, ...env } = process.env;
  const all = [MAIN, ...argv, '--url', venue.ready.url, '--out', path];
  const child = spawn(process.execPath, all, { env, cwd: folder });
  let said = '';
  child.stderr.on('data', (text: Buffer) => {
    said += text;
  });
  child.stdout.on('data', (text: Buffer) => {
    said += text;
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  const result = (): ScenarioResult => {
    const run = JSON.parse(readFileSync(join(path, 'result.json'), 'utf8')) as RunResult;
    return run.scenarios[0]!;
  };
  return { code, said, result };
}

/** How busy the machine is, and how its clocks go, is its own doing. */
const OF_THE_MACHINE = /was the bottleneck|were the bottleneck|the clocks of two processes differ/;
const checksOf = ({ audit }: ScenarioResult): string[] => audit.checks.map(({ name }) => name);
const countOf = ({ spans }: ScenarioResult, name: string): number =>
  spans.find((span) => span.name === name)?.count ?? 0;

test('orders of accounts that are there, in a market in which others trade', async () => {
  const trader = await WsClient.connect(venue.ready.url);
  await trader.login(stranger);
  let isOver = false;
  const trading = (async () => {
    for (let round = 0; !isOver; round++) {
      const side = round % 2 === 0 ? 'Bid' : 'Ask';
      const price = side === 'Bid' ? '100.05' : '99.95';
      const order = { symbol: SYMBOL, side, orderType: 'Limit', timeInForce: 'IOC', price };
      await trader.request('order.place', { ...order, quantity: '0.03' });
      await delay(20);
    }
  })();
  const { code, said, result } = await loadtest(
    'mix',
    ...['steady-mix', '--keys', keysFile, '--markets', SYMBOL, '--connections', '3'],
    ...['--rate', '200', '--seconds', '2', '--warm-up', '0.5', '--resting', '30'],
    ...[
      '--private-streams',
      'yes',
      '--encoding',
      'json',
      '--slo',
      'errors=0',
      '--slo',
      'refused.WHATEVER_IT_SAYS=0',
    ],
  );
  isOver = true;
  await trading;
  await trader.close();
  const scenario = result();
  assert.ok(scenario.audit.clean, `${JSON.stringify(scenario.audit)}\n${said}`);
  assert.equal(scenario.counts.sent, 400);
  assert.ok(scenario.counts.cancelled! > 0 && scenario.counts.fills > 0);
  for (const held of [
    /sequences have no gaps/,
    /books rebuilt/,
    /private streams told each fill once/,
    /balances have changed by the fills/,
    /open orders are those told/,
  ]) {
    assert.ok(
      checksOf(scenario).some((name) => held.test(name)),
      `${held}`,
    );
  }
  for (const said of [/money adds up/, /no rows were counted/, /totals were not held/]) {
    assert.ok(scenario.audit.leftOut!.some((sentence) => said.test(sentence)));
  }
  assert.ok(scenario.notMeasured!.some((sentence) => /rings, journals/.test(sentence)));
  assert.ok(countOf(scenario, 'maker-first-fill') > 0 && countOf(scenario, 'order-update') > 0);
  assert.deepEqual(
    scenario.warnings.filter((warning) => !OF_THE_MACHINE.test(warning)),
    [],
  );
  assert.equal(code, scenario.passed ? 0 : 1);
  assert.match(scenario.command!, /--keys \S+ --markets AAA_USD/);
  for (const keyPair of keys) assert.deepEqual(await openOrders(keyPair), []);
  assert.equal((await openOrders(stranger)).length, 2);
});

test('REST needs no order entry over websockets, and market data no account', async () => {
  const rest = await loadtest(
    'rest',
    ...['rest', '--keys', keysFile, '--accounts', '2', '--connections', '2', '--requests', '60'],
    ...['--private-streams', 'yes'],
  );
  assert.equal(rest.code, 0, rest.said);
  assert.ok(checksOf(rest.result()).includes('balances have changed by the fills told'));
  assert.equal(rest.result().counts.cancelled, rest.result().counts.cancels);
  const listening = loadtest('data', 'market-data', '--seconds', '1.5', '--subscribers', '3');
  let isOver = false;
  const ended = listening.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    for (const side of ['Bid', 'Ask']) {
      await place(stranger, { side, price: '100', quantity: '0.03', timeInForce: 'GTC' });
      await place(keys[0]!, {
        ...{ side: side === 'Bid' ? 'Ask' : 'Bid', price: '100', quantity: '0.03' },
        timeInForce: 'IOC',
      });
    }
    await delay(10);
  }
  const { result, said } = await ended;
  const scenario = result();
  assert.ok(scenario.audit.clean, said);
  assert.deepEqual(
    scenario.warnings.filter((warning) => !OF_THE_MACHINE.test(warning)),
    [],
  );
  assert.equal(scenario.counts.sent, 0);
  assert.ok(countOf(scenario, 'market-data') > 0 && countOf(scenario, 'fan-out') > 0);
  assert.equal(scenario.audit.checks.length, 4);
});

test('what cannot be run is refused in one line that says how it could be', async () => {
  const mix = ['steady-mix', '--keys', keysFile, '--seconds', '0.5', '--warm-up', '0'];
  const few = await loadtest('few', ...mix, '--connections', '9');
  assert.match(few.said, /9 accounts are asked for and --keys has 3/);
  const unknown = await loadtest('unknown', ...mix, '--connections', '2', '--markets', 'NO_SUCH');
  assert.match(unknown.said, /the venue lists no market NO_SUCH/);
  const far = await loadtest('far', ...mix, '--connections', '2', '--levels', '3000');
  assert.match(far.said, /AAA_USD lets orders be \d+ ticks from its middle, .*: fewer --levels/);
  const { id } = await place(keys[1]!, { side: 'Bid', price: '50', quantity: '0.03' });
  const taken = await loadtest('taken', ...mix, '--connections', '2');
  assert.match(taken.said, /has 1 open orders in AAA_USD: cancel them first/);
  assert.deepEqual(
    (await openOrders(keys[1]!)).map((order) => order.id),
    [id],
  );
  for (const { code } of [few, unknown, far, taken]) assert.equal(code, 1);
});
