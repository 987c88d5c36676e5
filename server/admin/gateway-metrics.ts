import type { MetricHead } from './metric-head.ts';
import type { GatewayLoadStatus } from './venue-status.ts';

/** What is asked of the gateway, and what it has refused. */
export function renderGatewayLoad(
  load: GatewayLoadStatus,
  lines: string[],
  metric: MetricHead,
): void {
  const single = (name: string, kind: 'gauge' | 'counter', help: string, value: number): void => {
    metric(name, kind, help);
    lines.push(`${name} ${value}`);
  };
  const isShedding = Number(load.shedReason !== null);
  single('ringside_shedding', 'gauge', '1 while new orders are refused as busy.', isShedding);
  single('ringside_shed_orders_total', 'counter', 'Orders refused for that.', load.shedOrders);
  single('ringside_shed_episodes_total', 'counter', 'Times that it began.', load.shedEpisodes);
  const lag = load.lagMs / 1000;
  single('ringside_gateway_lag_seconds', 'gauge', 'Lateness of the gateway.', lag);
  single('ringside_connections', 'gauge', 'Open connections.', load.connections);
  const refused = load.refusedConnections;
  single('ringside_connections_refused_total', 'counter', 'Connections closed at once.', refused);
  single('ringside_websockets', 'gauge', 'Open websockets.', load.websockets);
  const { bufferedBytes, bufferedBytesMax, slowConsumers } = load;
  single('ringside_websocket_buffered_bytes', 'gauge', 'Bytes not yet taken.', bufferedBytes);
  single('ringside_websocket_buffered_bytes_max', 'gauge', 'The most of one.', bufferedBytesMax);
  single('ringside_slow_consumers_total', 'counter', 'Websockets that fell behind.', slowConsumers);
  const addresses = load.countedAddresses;
  single('ringside_counted_addresses', 'gauge', 'Addresses whose use is counted.', addresses);
  const { waiting, checked, forged, batches, refused: busy } = load.signatures;
  single('ringside_signatures_waiting', 'gauge', 'Signatures not yet checked.', waiting);
  single('ringside_signatures_checked_total', 'counter', 'Signatures checked.', checked);
  single('ringside_signatures_forged_total', 'counter', 'Those that were none.', forged);
  single('ringside_signature_batches_total', 'counter', 'Batches they came in.', batches);
  single('ringside_signatures_refused_total', 'counter', 'Refused as busy.', busy);
  metric('ringside_rate_limited_total', 'counter', 'Refused with 429, by whose limit and of what.');
  for (const { scope, kind, refused: count } of load.rateLimited) {
    lines.push(`ringside_rate_limited_total{scope="${scope}",kind="${kind}"} ${count}`);
  }
}
