import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { nodeDisk } from '../../engine/journal/disk.ts';
import { JournalReader } from '../../engine/journal/journal-reader.ts';
import { JournalWriter } from '../../engine/journal/journal-writer.ts';
import { FrameReader } from '../../engine/protocol/frame-reader.ts';
import { FrameWriter } from '../../engine/protocol/frame-writer.ts';
import type { CommandFlow } from '../workloads/command-flow.ts';
import { encodeSetup } from './commands.ts';

/** Whose journals these are. */
export const LONE_SHARD = { shard: 0, shardCount: 1 };

const INPUTS_PER_COMMIT = 256;
/** As a shard's loop does. */
const INPUTS_PER_TIMESTAMP = 16;
const FIRST_TIME_US = 1_700_000_000_000_000;

/** Shows each frame with its time; answers how many there were. */
export function forEachInput(
  frames: Iterable<Uint8Array>,
  show: (timeUs: number, reader: FrameReader) => void,
): number {
  const reader = new FrameReader();
  let inputs = 0;
  for (const bytes of frames) {
    reader.reset(bytes, 0, bytes.length);
    while (reader.next()) {
      show(FIRST_TIME_US + inputs - (inputs % INPUTS_PER_TIMESTAMP), reader);
      inputs++;
    }
  }
  return inputs;
}

/** Writes the journal of a shard that is sent these frames; answers the number of inputs. */
export function writeJournal(directory: string, frames: Iterable<Uint8Array>): number {
  const end = new JournalReader(nodeDisk, directory, LONE_SHARD).read(1, () => {});
  const journal = new JournalWriter(nodeDisk, directory, LONE_SHARD, end, { durability: 'os' });
  const inputs = forEachInput(frames, (timeUs, { bytes, frameStart, position }) => {
    const sequence = journal.append(-1, timeUs, bytes, frameStart, position);
    if (sequence % INPUTS_PER_COMMIT === 0) journal.commit();
  });
  journal.close();
  return inputs;
}

/** What makes the markets, accounts and funds of a flow. */
export function setupOf(flow: CommandFlow): Uint8Array {
  const frames = new FrameWriter();
  encodeSetup(frames, flow);
  return frames.bytes.subarray(frames.start, frames.end);
}

/** In the files of a directory. */
export function bytesIn(directory: string): number {
  const sizes = readdirSync(directory).map((name) => statSync(join(directory, name)).size);
  return sizes.reduce((sum, size) => sum + size, 0);
}
