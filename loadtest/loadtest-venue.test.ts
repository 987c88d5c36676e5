import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { secretOf } from './client/signing.ts';
import { VenueProcess } from './client/venue-process.ts';
import { WsClient } from './client/ws-client.ts';
import { Generator } from './generator/generator.ts';
import type { GeneratorSetup } from './generator/messages.ts';
import { LatencyCounts } from './histogram/latency-counts.ts';
import { LossyProxy } from './lossy-proxy.fixture.ts';
import type { RequestCounts, RunResult, ScenarioResult } from './result/run-result.ts';
import { requestCounts, requestWarnings, spanCountsOf } from './run/gathered.ts';
import { GeneratorFleet } from './run/generator-fleet.ts';
import { Interruption } from './run/interruption.ts';
import { runLoad } from './run/load-run.ts';
import { newTag } from './run/services.ts';
import { subscriberWarnings } from './run/subscriber-figures.ts';
import { listMarkets, openAccounts } from './run/trading-setup.ts';
import { openVenue, type TestedVenue } from './run/venue.ts';
import { Subscribers } from './subscribers/subscribers.ts';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
const MIX = {
  kind: 'mix',
  restingPerConnection: 20,
  preludePerConnection: 10,
  levels: 10,
  replaceShare: 0.2,
  takeShare: 0.3,
  zipfExponent: 0,
} as const;

let process_: VenueProcess;
let venue: TestedVenue;
const folder = mkdtempSync(join(tmpdir(), 'ringside-loadtest-'));

before(async () => {
  process_ = await VenueProcess.start({ environment: { RINGSIDE_DURABILITY: 'none' } });
  const { url, adminUrl } = process_.ready;
  const databaseUrl = process_.databaseUrl!;
  const adminToken = process_.adminToken;
  venue = await openVenue({ url, adminUrl, adminToken, databaseUrl });
});
after(async () => {
  rmSync(folder, { recursive: true });
  await process_.stop();
});

function loadtest(out: string, ...argv: string[]): { code: number | null; result: RunResult } {
  const { url, adminUrl } = process_.ready;
  const reach = [
    ...['--url', url, '--admin-url', adminUrl, '--admin-token', process_.adminToken],
    ...['--database-url', process_.databaseUrl!],
  ];
  const path = join(folder, out);
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [MAIN, ...argv, ...reach, '--out', path],
    { encoding: 'utf8' },
  );
  try {
    const result = JSON.parse(readFileSync(join(path, 'result.json'), 'utf8')) as RunResult;
    return { code: status, result };
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${stdout}\n${stderr}`);
  }
}

/** Two connections to `url` at 200 requests a second, and the market that they trade in. */
async function generatorSetup(url: string, seconds: number) {
  const admin = venue.admin!;
  const tag = newTag();
  const listed = await listMarkets(admin, tag, 1);
  const { accounts } = await openAccounts(venue, tag, listed, 2);
  const setup: GeneratorSetup = {
    ...{ process: 0, processes: 1, streamUrl: url, encoding: 'msgpack', firstConnection: 0 },
    accounts: accounts.map(({ keyPair }) => ({
      apiKey: keyPair.apiKey,
      secret: secretOf(keyPair),
    })),
    ...{ markets: listed.markets, work: MIX, seed: 1, warmUpSeconds: 0, sharesClock: true },
    schedule: { kind: 'constant', rate: 200, seconds },
    drainTimeoutMs: 60_000,
  };
  return { setup, admin, symbol: listed.markets[0]!.symbol };
}

function assertAddsUp({ counts, timeline, generators }: ScenarioResult): void {
  const refused = sum(Object.values(counts.refused));
  assert.equal(counts.sent, counts.acknowledged + refused + counts.unknown);
  assert.equal(counts.sent, counts.orders + counts.cancels + counts.replaces);
  assert.equal(sum(generators.map(({ sent }) => sent)), counts.sent);
  assert.equal(sum(timeline.map(({ sent }) => sent)), counts.sent);
  assert.equal(sum(timeline.map(({ acknowledged }) => acknowledged)), counts.acknowledged);
  assert.equal(sum(timeline.map((point) => point.refused)), refused);
  assert.equal(sum(timeline.map(({ unknown }) => unknown ?? 0)), counts.unknown);
}

const sum = (numbers: readonly number[]): number =>
  numbers.reduce((total, number) => total + number, 0);
/** Warnings that no code can help. */
const OF_THE_MACHINE = /was the bottleneck|were the bottleneck|the clocks of two processes differ/;
const countOf = ({ spans }: ScenarioResult, name: string): number =>
  spans.find((span) => span.name === name)?.count ?? 0;

test('a whole run: counts and spans add up, the audit is clean, the exit code is the verdict', () => {
  const { code, result } = loadtest(
    'mix',
    ...['steady-mix', '--rate', '300', '--seconds', '2', '--warm-up', '0.5', '--connections', '4'],
    ...['--generators', '2', '--resting', '40', '--subscribers', '2', '--slo', 'unknown=0'],
    ...['--private-streams', 'yes'],
  );
  const [scenario] = result.scenarios as [ScenarioResult];
  assertAddsUp(scenario);
  assert.equal(scenario.counts.sent, 600);
  assert.deepEqual(
    scenario.timeline.map(({ intended }) => intended),
    [300, 300],
  );
  assert.ok(scenario.audit.clean, JSON.stringify(scenario.audit));
  for (const told of [
    /told each fill once/,
    /changed by the fills/,
    /open orders are those/,
    /cancelled orders in/,
    /answered at most once/,
  ]) {
    assert.ok(scenario.audit.checks.some(({ name }) => told.test(name)));
  }
  assert.deepEqual(
    scenario.objectives.map(({ text, held }) => [text, held]),
    [['unknown=0', true]],
  );
  assert.equal(countOf(scenario, 'schedule-error'), 600);
  for (const { ownLateness } of scenario.generators) {
    assert.ok(ownLateness!.length > 0);
    assert.ok(ownLateness!.every(({ shownUs, fromSendUs }) => shownUs >= fromSendUs));
  }
  // A machine that is busy with something else has the venue refuse some.
  const { acknowledged } = scenario.counts;
  for (const name of ['ack', 'ack-from-send', 'to-gateway', 'to-match', 'to-publish'] as const) {
    assert.equal(countOf(scenario, name), acknowledged, name);
  }
  assert.equal(countOf(scenario, 'from-publish'), countOf(scenario, 'to-client'));
  // There is none where a request of the warm-up is waited for all the time.
  const inLoop = scenario.spans.find(({ name }) => name === 'ack-closed-loop');
  assert.ok(inLoop === undefined || (inLoop.count <= acknowledged && !inLoop.isOpenLoop));
  assert.equal(countOf(scenario, 'cancelled'), scenario.counts.cancelled);
  assert.ok(scenario.counts.fills > 0 && countOf(scenario, 'first-fill') > 0);
  // Each fill has two parties, and each of them hears of it.
  assert.equal(countOf(scenario, 'order-update'), countOf(scenario, 'market-data'));
  assert.ok(countOf(scenario, 'maker-first-fill') > 0);
  assert.ok(scenario.counts.cancelled! > 0);
  const wentOut = sum(scenario.timeline.map(({ sentThen }) => sentThen!));
  assert.ok(wentOut > 0 && wentOut <= 600 + 150, `${wentOut} went out in the measured part`);
  assert.ok(scenario.counts.marketDataFrames > 0 && countOf(scenario, 'market-data') > 0);
  // How busy the machine is, and how its clocks go, is its own doing; nothing else may fail here.
  assert.equal(code, scenario.passed ? 0 : 1);
  const others = scenario.warnings.filter((warning) => !OF_THE_MACHINE.test(warning));
  assert.deepEqual(others, []);
});

test('an objective that cannot be held fails the run', () => {
  const { code, result } = loadtest(
    'slo',
    ...['market-maker', '--rate', '100', '--seconds', '1', '--warm-up', '0', '--markets', '2'],
    ...['--connections', '2', '--subscribers', '0', '--encoding', 'json', '--slo', 'ack.p50<1us'],
  );
  const [scenario] = result.scenarios as [ScenarioResult];
  assertAddsUp(scenario);
  assert.equal(code, 1);
  assert.equal(scenario.passed, false);
  assert.equal(scenario.objectives[0]!.held, false);
  assert.ok(scenario.audit.leftOut!.some((said) => said.startsWith('Private streams were not')));
  assert.ok(scenario.audit.clean, JSON.stringify(scenario.audit));
});

test('connects and REST requests are counted and audited', () => {
  const connects = loadtest(
    'connects',
    ...['connect-storm', '--rate', '20', '--seconds', '1', '--warm-up', '0', '--hold-ms', '100'],
  ).result.scenarios[0]!;
  assert.equal(connects.counts.acknowledged, 20);
  assert.equal(countOf(connects, 'connect'), 20);
  assert.equal(countOf(connects, 'connect-from-send'), 20);
  assert.ok(connects.audit.clean, JSON.stringify(connects.audit));
  assert.ok(connects.audit.checks.some(({ name }) => /open orders are those told/.test(name)));
  const rest = loadtest('rest', 'rest', '--requests', '120', '--connections', '3').result;
  const [scenario] = rest.scenarios as [ScenarioResult];
  const { acknowledged, unknown } = scenario.counts;
  assert.equal(acknowledged + unknown, scenario.counts.sent);
  assert.ok(acknowledged >= 120 && unknown === 0);
  assert.equal(scenario.schedule.isOpenLoop, false);
  const lastSecond = Math.floor(scenario.measuredMs / 1000);
  assert.equal(lastSecond, scenario.timeline.length - 1, 'it ends with the last answer');
  const cancelled = scenario.audit.checks.find(({ name }) => name.startsWith('cancelled orders'))!;
  assert.ok(scenario.counts.cancels > 5);
  assert.equal(cancelled.detail, `${scenario.counts.cancels} cancelled orders`);
  assert.ok(scenario.audit.clean, JSON.stringify(scenario.audit));
});

test('REST requests of one kind: orders signed beforehand, and a book of levels that rest', () => {
  const mixed = ['--requests', '60', '--connections', '3', '--mix'];
  const [orders] = loadtest('rest-orders', 'rest', ...mixed, 'orders').result.scenarios;
  const { sent, acknowledged, cancels } = orders!.counts;
  assert.equal(acknowledged, sent);
  assert.ok(sent >= 60 && orders!.counts.orders + cancels === sent);
  assert.ok(orders!.audit.clean, JSON.stringify(orders!.audit));
  const open = orders!.audit.checks.find(({ name }) => name === 'open orders are those told')!;
  assert.match(open.detail, /^4\d open orders/);
});

test('the generator is measured against a sink, with no venue', () => {
  const path = join(folder, 'reach');
  const argv = ['reach', '--rate', '3000', '--punctual-rate', '400', '--seconds', '0.5'];
  spawnSync(process.execPath, [MAIN, ...argv, '--warm-up', '0', '--out', path]);
  const result = JSON.parse(readFileSync(join(path, 'result.json'), 'utf8')) as RunResult;
  assert.deepEqual(
    result.scenarios.map(({ counts }) => [counts.sent, counts.acknowledged]),
    [
      [1500, 1500],
      [200, 200],
    ],
  );
  result.scenarios.forEach(assertAddsUp);
});

test('a recorded day that is not there fails the run, and is said', () => {
  const env = { ...process.env, RINGSIDE_SHARED: join(folder, 'nothing') };
  const { status, stderr } = spawnSync(process.execPath, [MAIN, 'recorded-day'], {
    ...{ encoding: 'utf8', env },
  });
  assert.equal(status, 1);
  assert.match(stderr, /^loadtest: recorded-day cannot be run: the recorded day is not there.*\n$/);
});

test('a venue that cannot be reached is no wrong command line', () => {
  const url = 'http://127.0.0.1:1';
  const argv = ['steady-mix', '--url', url, '--out', join(folder, 'unreached')];
  for (const [said, code, operator] of [
    [/does not let us in/, 1, ['--admin-url', url, '--admin-token', 'x']],
    [/the keys cannot be read/, 2, ['--keys', join(folder, 'no-keys')]],
  ] as const) {
    const { status, stderr } = spawnSync(process.execPath, [MAIN, ...argv, ...operator], {
      encoding: 'utf8',
    });
    assert.equal(status, code, stderr);
    assert.match(stderr, said);
    assert.equal(stderr.trim().split('\n').length, 1, stderr);
  }
});

test('a folder that cannot hold the results is refused before anything is started', () => {
  for (const out of ['/proc/x', MAIN]) {
    const { status, stderr } = spawnSync(process.execPath, [MAIN, 'steady-mix', '--out', out], {
      encoding: 'utf8',
    });
    assert.equal(status, 2);
    assert.match(stderr, /^loadtest: nothing can be written to .*\n$/);
  }
});

test('a command line that is wrong has exit code 2 and one line', () => {
  const { status, stderr } = spawnSync(process.execPath, [MAIN, 'steady-mix', '--rate', 'x'], {
    encoding: 'utf8',
  });
  assert.equal(status, 2);
  assert.match(stderr, /^loadtest: --rate must be .*\n$/);
});

test('a rate that no generator offers is said to be the generator’s limit', async () => {
  const live = { update: () => {}, end: () => {} };
  const plan = {
    ...{ name: 'absurd', description: 'absurd', parameters: {}, encoding: 'msgpack' as const },
    schedule: { kind: 'constant', rate: 20_000_000, seconds: 0.005 } as const,
    ...{ work: MIX, markets: 1, connections: 2, generators: 1, seed: 1, warmUpSeconds: 0 },
    ...{ hearsAccounts: false, subscribers: 0, slowSubscribers: 0, slowPauseMs: 0 },
  };
  const interruption = new Interruption();
  const result = await runLoad(plan, { venue, live, objectives: [], interruption, keep: () => {} });
  assertAddsUp(result);
  assert.equal(result.counts.sent, 100_000);
  assert.equal(result.passed, false);
  assert.match(result.generators[0]!.bottleneck ?? '', /did not offer the rate/);
  assert.ok(result.warnings.some((warning) => warning.includes('bottleneck')));
  assert.ok(result.audit.clean, JSON.stringify(result.audit));
});

test('refusals are no acknowledgements, however quick, and a run of nothing else fails', async () => {
  const { setup, symbol, admin } = await generatorSetup(venue.url, 1);
  const generator = new Generator(setup, MIX);
  await generator.connect();
  await generator.prelude();
  await admin.setMarketState(symbol, 'Closed');
  const report = await generator.run(performance.timeOrigin + performance.now());
  const counts = requestCounts([report], 'measured', 0);
  assert.equal(counts.acknowledged, 0);
  assert.ok(counts.sent > 0 && counts.unknown === 0);
  const spans = spanCountsOf([report]).results('ack', 0);
  const found = new Map(spans.map(({ name, count }) => [name, count]));
  assert.equal(found.get('refused'), counts.sent);
  assert.equal(found.has('ack'), false);
  assert.equal(found.has('ack-from-send'), false);
  assert.deepEqual(requestWarnings(counts), ['not one request was acknowledged']);
});

test('market data that comes after the measured part is of it when its trade was', async () => {
  const { setup, symbol } = await generatorSetup(venue.url, 1.5);
  const fleet = await GeneratorFleet.start([setup], () => {});
  const witness = await WsClient.connect(venue.url, 'json');
  const subscribers = new Subscribers({
    ...{ streamUrl: venue.url, symbols: [symbol], subscribers: 2, slow: 0, slowPauseMs: 0 },
    ...{ sharesClock: true, isEndless: false },
  });
  const epochMs = (): number => performance.timeOrigin + performance.now();
  const trades: { readonly atMs: number; readonly heardMs: number }[] = [];
  try {
    await subscribers.connect();
    await witness.subscribe([`trade.${symbol}`], ({ T }) => {
      trades.push({ atMs: Number(T) / 1000, heardMs: epochMs() });
    });
    const startedAtMs = fleet.begin(0);
    const endMs = startedAtMs + 1_000;
    subscribers.start(startedAtMs, endMs);
    await new Promise((resolve) => setTimeout(resolve, startedAtMs + 300 - epochMs()));
    // This process, the listeners' own, reads nothing until the measured part is over.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, endMs + 50 - epochMs());
    await fleet.reports();
    const report = await subscribers.stop();
    const marketData = new LatencyCounts();
    marketData.add(report.marketData);
    const measured = trades.filter(({ atMs }) => atMs >= startedAtMs && atMs < endMs);
    assert.equal(marketData.count, 2 * measured.length);
    assert.ok(measured.some(({ heardMs }) => heardMs > endMs));
    assert.ok(trades.length > measured.length, 'trades after the measured part');
    assert.equal(report.behind, 0);
    const [warning] = subscriberWarnings(report);
    assert.match(warning!, /the subscribers were the bottleneck/);
  } finally {
    await Promise.all([fleet.end(), witness.close()]);
  }
});

test('what was under way on a connection that is lost is unknown, and the run ends', async () => {
  const proxy = await LossyProxy.start(venue.url);
  const { setup } = await generatorSetup(proxy.url, 1.5);
  const generator = new Generator(setup, MIX);
  try {
    await generator.connect();
    await generator.prelude();
    const running = generator.run(performance.timeOrigin + performance.now());
    proxy.loseReplies(1);
    while (generator.takeProgress().outstanding < 20) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    proxy.kill(1);
    const report = await running;
    const { measured, notSent, lostConnections, connections } = report;
    const counts: Omit<RequestCounts, 'marketDataFrames'> = measured;
    const refused = sum(Object.values(counts.refused));
    assert.equal(counts.sent, counts.acknowledged + refused + counts.unknown);
    assert.equal(counts.sent + notSent, 300);
    assert.ok(counts.unknown > 0);
    assert.equal(lostConnections, 1);
    assert.deepEqual(
      connections.map(({ unknown }) => unknown),
      [0, counts.unknown],
    );
    const [kept, lost] = connections.map(({ openOrders }) => openOrders!);
    assert.equal(kept!.doubtful.length, 0);
    assert.ok(kept!.orders.length > 0 && lost!.doubtful.length > 0);
    const doubtful = new Set(lost!.doubtful);
    assert.ok(lost!.orders.every(({ clientId }) => !doubtful.has(clientId)));
    const spans = spanCountsOf([report]).results('ack', counts.unknown);
    assert.equal(spans[0]!.count, counts.acknowledged + counts.unknown);
    assert.equal(spans[0]!.unanswered, counts.unknown);
    assert.deepEqual(requestWarnings(counts), [`${counts.unknown} requests were never answered`]);
  } finally {
    proxy.close();
  }
});
