import { LoneVenue } from '../../venue/lone-venue.ts';
import type { CommandFlow } from '../../workloads/command-flow.ts';

/** What a shard says to a flow of commands, frame behind frame; in runs of those of a few hundred commands each. */
export function eventRunsOf(flow: CommandFlow, commands: Uint8Array): Uint8Array[] {
  const runs: Uint8Array[] = [];
  new LoneVenue(flow).applyFrames(commands, (bytes, start, end) => {
    if (end > start) runs.push(bytes.slice(start, end));
  });
  return runs;
}

export function joined(runs: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(runs));
}
