import { CancelTrigger, KillScope } from '../../engine/protocol/enums.ts';
import { clockStepSeconds } from '../clock.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { type Route, text } from '../http/route.ts';
import type { Registry } from '../registry/registry.ts';
import { renderGatewayLoad } from './gateway-metrics.ts';
import type { MetricHead } from './metric-head.ts';
import { renderShards } from './shard-metrics.ts';
import type {
  ProtectionStatus,
  SnapshotStatus,
  ThreadStatus,
  VenueStatus,
} from './venue-status.ts';

/** `GET /metrics`: Prometheus text. */
export function metricsRoute(engine: EngineClient, registry: Registry, status: VenueStatus): Route {
  return { method: 'get', path: '/metrics', handle: () => text(render(engine, registry, status)) };
}

function render(engine: EngineClient, registry: Registry, status: VenueStatus): string {
  const lines: string[] = [];
  const metric: MetricHead = (name, kind, help) => {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`);
  };
  const single = (name: string, kind: 'gauge' | 'counter', help: string, value: number): void => {
    metric(name, kind, help);
    lines.push(`${name} ${value}`);
  };
  const cpu = process.cpuUsage();
  const memory = process.memoryUsage.rss();
  single('process_cpu_seconds_total', 'counter', 'CPU time used.', (cpu.user + cpu.system) / 1e6);
  single('process_resident_memory_bytes', 'gauge', 'Resident memory.', memory);
  single('ringside_markets', 'gauge', 'Markets listed.', registry.markets.length);
  const step = clockStepSeconds();
  single('ringside_clock_step_seconds', 'gauge', 'Host clock set forward since the start.', step);
  const running = status.shardRestarts.length - status.haltedShards.length;
  single('ringside_shards_running', 'gauge', 'Shards that run.', running);
  metric('ringside_shard_restarts_total', 'counter', 'Times that a shard failed and came back.');
  for (const [shard, restarts] of status.shardRestarts.entries()) {
    lines.push(`ringside_shard_restarts_total{shard="${shard}"} ${restarts}`);
  }
  single('ringside_requests_pending', 'gauge', 'Requests shards owe.', engine.pendingCount);
  const prevented = engine.preventedMatchCount;
  single('ringside_prevented_matches_total', 'counter', 'Self-trades prevented.', prevented);
  const connected = Number(status.database.connected);
  single('ringside_database_connected', 'gauge', '1 when the database is in reach.', connected);
  const failed = Number(status.database.failed);
  single('ringside_projection_failed', 'gauge', '1 when rows are missing for good.', failed);
  const lag = status.database.lagEvents;
  single('ringside_database_lag_events', 'gauge', 'Events not yet committed.', lag);
  const refused = status.database.refusedEvents;
  single('ringside_refused_events', 'gauge', 'Events that the database would not take.', refused);
  metric('ringside_database_position', 'gauge', 'Last event sequence committed, by shard.');
  for (const [shard, position] of status.database.positions.entries()) {
    lines.push(`ringside_database_position{shard="${shard}"} ${position}`);
  }
  renderProtections(status.protections, lines, metric);
  if (status.snapshots !== null) renderSnapshots(status.snapshots, lines, metric);
  metric('ringside_ring_fill_bytes', 'gauge', 'Bytes waiting in a ring.');
  for (const [ring, bytes] of Object.entries(status.ringFillBytes)) {
    lines.push(`ringside_ring_fill_bytes{ring="${ring}"} ${bytes}`);
  }
  renderShards(status.shardCounts, status.snapshots !== null, lines, metric);
  renderThreads(status.threads, lines, metric);
  if (status.gatewayLoad !== null) renderGatewayLoad(status.gatewayLoad, lines, metric);
  return `${lines.join('\n')}\n`;
}

function renderProtections(
  { latches, killedOrders, timers, timersFired, timedOutOrders }: ProtectionStatus,
  lines: string[],
  metric: MetricHead,
): void {
  metric('ringside_kill_switch_latches', 'gauge', 'Latches of the kill switch that are set.');
  for (const [name, scope] of Object.entries(KillScope)) {
    const count = latches.filter((latch) => latch.scope === scope).length;
    lines.push(`ringside_kill_switch_latches{scope="${name.toLowerCase()}"} ${count}`);
  }
  metric('ringside_kill_switch_cancelled_orders_total', 'counter', 'Orders it has cancelled.');
  lines.push(`ringside_kill_switch_cancelled_orders_total ${killedOrders}`);
  metric('ringside_cancel_timers', 'gauge', 'Cancel timers that run.');
  const running = timers.filter(({ deadlineUs }) => deadlineUs > 0);
  for (const [label, trigger] of [
    ['dead-man', CancelTrigger.DeadMan],
    ['disconnect', CancelTrigger.Disconnect],
  ] as const) {
    const count = running.filter((timer) => timer.trigger === trigger).length;
    lines.push(`ringside_cancel_timers{trigger="${label}"} ${count}`);
  }
  metric('ringside_cancel_timers_fired_total', 'counter', 'Cancel timers that fired.');
  lines.push(`ringside_cancel_timers_fired_total ${timersFired}`);
  metric('ringside_cancel_timer_cancelled_orders_total', 'counter', 'Orders they cancelled.');
  lines.push(`ringside_cancel_timer_cancelled_orders_total ${timedOutOrders}`);
}

function renderSnapshots(
  { failures, shards }: SnapshotStatus,
  lines: string[],
  metric: MetricHead,
): void {
  metric('ringside_snapshot_failures_total', 'counter', 'Snapshots that could not be made.');
  lines.push(`ringside_snapshot_failures_total ${failures}`);
  metric('ringside_journal_position', 'gauge', 'Last input committed, by shard.');
  for (const [shard, { journalPosition }] of shards.entries()) {
    lines.push(`ringside_journal_position{shard="${shard}"} ${journalPosition ?? 0}`);
  }
  metric('ringside_snapshot_position', 'gauge', 'Last input in the newest snapshot, by shard.');
  for (const [shard, { snapshotPosition }] of shards.entries()) {
    lines.push(`ringside_snapshot_position{shard="${shard}"} ${snapshotPosition}`);
  }
}

function renderThreads(
  threads: readonly ThreadStatus[],
  lines: string[],
  metric: MetricHead,
): void {
  metric('ringside_thread_cpu_seconds_total', 'counter', 'CPU time of a thread, user and system.');
  for (const { thread, cpuSeconds } of threads) {
    if (cpuSeconds === null) continue;
    lines.push(`ringside_thread_cpu_seconds_total{thread="${thread}"} ${cpuSeconds}`);
  }
  metric('ringside_thread_gc_total', 'counter', 'Garbage collections of a thread.');
  for (const { thread, collections } of threads) {
    lines.push(`ringside_thread_gc_total{thread="${thread}"} ${collections}`);
  }
  metric('ringside_thread_gc_seconds_total', 'counter', 'Time in garbage collections.');
  for (const { thread, collectionSeconds } of threads) {
    lines.push(`ringside_thread_gc_seconds_total{thread="${thread}"} ${collectionSeconds}`);
  }
}
