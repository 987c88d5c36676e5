import autocannon from 'autocannon';
import type { ConnectionCounts, OutcomeCounts } from '../generator/messages.ts';
import { LatencyCounts } from '../histogram/latency-counts.ts';
import type { TimelinePoint } from '../result/run-result.ts';
import type { Interruption } from '../run/interruption.ts';
import type { MarketSet, TradingAccounts } from '../run/trading-setup.ts';
import { RestRequests } from './rest-requests.ts';

interface RestLoad {
  readonly url: string;
  readonly connections: number;
  /** In all. */
  readonly requests: number;
}

interface RestOutcome {
  readonly startedAtMs: number;
  readonly measuredMs: number;
  readonly latency: LatencyCounts;
  readonly timeline: readonly TimelinePoint[];
  readonly outcomes: OutcomeCounts;
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
  const latency = new LatencyCounts();
  const seconds: Second[] = [];
  const startedAtMs = performance.timeOrigin + performance.now();
  const startMs = performance.now();
  const options = {
    url: load.url,
    connections: load.connections,
    amount: load.requests,
    requests: requests.all(),
  };
  let stop = (): void => {};
  const sent = new Promise<void>((resolve, reject) => {
    const instance = autocannon(options, (error) => (error ? reject(error) : resolve()));
    stop = () => instance.stop?.();
    instance.on('response', (_client, statusCode, _bytes, responseTimeMs) => {
      latency.record(responseTimeMs * 1000);
      const index = Math.floor((performance.now() - startMs) / 1000);
      while (seconds.length <= index) seconds.push({ acknowledged: 0, refused: 0 });
      const second = seconds[index]!;
      if (statusCode >= 200 && statusCode < 300) second.acknowledged++;
      else second.refused++;
    });
  });
  await interruption.ending(stop, () => sent);
  const measuredMs = performance.now() - startMs;
  const { outcomes } = requests;
  const refused = Object.values(outcomes.refused).reduce((sum, count) => sum + count, 0);
  outcomes.unknown = outcomes.sent - outcomes.acknowledged - refused;
  const accounts = requests.accounts(outcomes.unknown);
  const timeline = seconds.map(({ acknowledged, refused: refusedThen }, index) => ({
    atMs: index * 1000,
    intended: acknowledged + refusedThen,
    sent: acknowledged + refusedThen,
    acknowledged,
    refused: refusedThen,
  }));
  return { startedAtMs, measuredMs, latency, timeline, outcomes, accounts };
}
