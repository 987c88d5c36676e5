import { assert } from '../assert.ts';
import { ReportState } from '../protocol/commands.ts';
import { MarketReport, ShardReport } from '../protocol/events.ts';
import { FrameReader } from '../protocol/frame-reader.ts';
import { FrameWriter } from '../protocol/frame-writer.ts';
import type { Body } from '../protocol/message.ts';
import type { Shard } from '../shard/shard.ts';

/** What a shard says of its state: hashes of its markets and of its ledger partition, and every sequence. */
export interface ShardState {
  readonly shard: Body<typeof ShardReport>;
  readonly markets: readonly Body<typeof MarketReport>[];
}

/** Asks a shard for its state; nothing of the question stays behind in its outputs. */
export function stateOf(shard: Shard): ShardState {
  const command = new FrameWriter();
  ReportState.encode(command, 0, { requestId: 0 });
  const reader = new FrameReader();
  reader.reset(command.bytes, command.start, command.end);
  assert(reader.next(), 'no command');
  const { events } = shard.outputs;
  const pending = events.pendingBytes;
  shard.apply(reader, -1, 0);
  const markets: Body<typeof MarketReport>[] = [];
  let report: Body<typeof ShardReport> | null = null;
  reader.reset(events.bytes, events.start + pending, events.end);
  while (reader.next()) {
    if (reader.type === ShardReport.type) report = ShardReport.decode(reader, ShardReport.create());
    else markets.push(MarketReport.decode(reader, MarketReport.create()));
  }
  events.end = events.start + pending;
  assert(report !== null, 'a shard that says nothing of itself');
  markets.sort((one, other) => one.marketId - other.marketId);
  return { shard: report, markets };
}

/** Names the first thing in which two states differ; null when they are the same. */
export function differenceOf(one: ShardState, other: ShardState): string | null {
  const [first, second] = [one, other].map(({ shard, markets }) => {
    const parts: [string, object][] = [[`shard ${shard.shard}`, shard]];
    for (const market of markets) parts.push([`market ${market.marketId}`, market]);
    return parts.flatMap(([who, part]) =>
      Object.entries(part).map(([name, value]) => `${name} of ${who}: ${value}`),
    );
  });
  const at = first!.findIndex((text, index) => text !== second![index]);
  if (at >= 0) return `${first![at]}, but ${second![at]}`;
  return first!.length === second!.length ? null : 'another number of markets';
}
