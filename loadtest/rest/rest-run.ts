import autocannon from 'autocannon';
import type { ConnectionCounts, OutcomeCounts } from '../generator/messages.ts';
import { LatencyCounts } from '../histogram/latency-counts.ts';
import type { TimelinePoint } from '../result/run-result.ts';
import type { Interruption } from '../run/interruption.ts';
import type { MarketSet, TradingAccounts } from '../run/trading-setup.ts';
import { type RestMix, RestRequests } from './rest-requests.ts';

interface RestLoad {
  readonly url: string;
  readonly connections: number;
  /** In all, of the measured part. */
  readonly requests: number;
  readonly mix: RestMix;
}

interface RestOutcome {
  readonly startedAtMs: number;
  readonly measuredMs: number;
  readonly latency: LatencyCounts;
  readonly timeline: readonly TimelinePoint[];
  /** Of the measured part, and with what was sent before it. */
  readonly measured: OutcomeCounts;
  readonly all: OutcomeCounts;
  /** Of this process while it sent, in cores. */
  readonly cpuShare: number;
  /** In the order of the accounts. */
  readonly accounts: readonly ConnectionCounts[];
}

/** A second of answers. */
interface Second {
  acknowledged: number;
  refused: number;
}

/** Sends the requests by autocannon, each connection its next one as soon as the last is answered. */
export async function runRest(
  load: RestLoad,
  listed: MarketSet,
  trading: TradingAccounts,
  interruption: Interruption,
): Promise<RestOutcome> {
  const requests = new RestRequests(listed.markets[0]!, trading.accounts);
  const { url, connections, mix } = load;
  await send({ url, connections: 1, ...requests.levels() }, interruption, () => {});
  if (mix === 'orders') requests.signAhead(load.requests / 2);
  const before = structuredClone(requests.outcomes);
  const latency = new LatencyCounts();
  const seconds: Second[] = [];
  const startedAtMs = performance.timeOrigin + performance.now();
  const startMs = performance.now();
  const cpuBefore = process.cpuUsage();
  // Autocannon looks once a second whether everything is answered: the time up to there is not the venue's.
  let answeredMs = 0;
  const options = { url, connections, amount: load.requests, requests: requests.of(mix) };
  await send(options, interruption, (statusCode, responseTimeMs) => {
    latency.record(responseTimeMs * 1000);
    answeredMs = performance.now() - startMs;
    const index = Math.floor(answeredMs / 1000);
    while (seconds.length <= index) seconds.push({ acknowledged: 0, refused: 0 });
    const second = seconds[index]!;
    if (statusCode >= 200 && statusCode < 300) second.acknowledged++;
    else second.refused++;
  });
  const elapsedMs = performance.now() - startMs;
  const measuredMs = answeredMs > 0 ? answeredMs : elapsedMs;
  const { user, system } = process.cpuUsage(cpuBefore);
  const { outcomes: all } = requests;
  const refused = Object.values(all.refused).reduce((sum, count) => sum + count, 0);
  all.unknown = all.sent - all.acknowledged - refused;
  return {
    ...{ startedAtMs, measuredMs, latency, all },
    timeline: timelineOf(seconds),
    measured: outcomesSince(before, all),
    cpuShare: (user + system) / 1000 / elapsedMs,
    accounts: requests.accounts(all.unknown),
  };
}

async function send(
  options: autocannon.Options,
  interruption: Interruption,
  onResponse: (statusCode: number, responseTimeMs: number) => void,
): Promise<void> {
  let stop = (): void => {};
  const sent = new Promise<void>((resolve, reject) => {
    const instance = autocannon(options, (error) => (error ? reject(error) : resolve()));
    stop = () => instance.stop?.();
    instance.on('response', (_client, statusCode, _bytes, responseTimeMs) =>
      onResponse(statusCode, responseTimeMs),
    );
  });
  await interruption.ending(stop, () => sent);
}

function outcomesSince(before: OutcomeCounts, all: OutcomeCounts): OutcomeCounts {
  const since = { ...all, refused: { ...all.refused } };
  for (const name of Object.keys(before) as (keyof OutcomeCounts)[]) {
    if (name !== 'refused') since[name] -= before[name];
  }
  for (const [code, count] of Object.entries(before.refused)) since.refused[code]! -= count;
  return since;
}

function timelineOf(seconds: readonly Second[]): TimelinePoint[] {
  return seconds.map(({ acknowledged, refused }, index) => ({
    atMs: index * 1000,
    intended: acknowledged + refused,
    sent: acknowledged + refused,
    acknowledged,
    refused,
  }));
}
