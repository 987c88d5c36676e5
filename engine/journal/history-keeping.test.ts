import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CreateAccount } from '../protocol/commands.ts';
import { FrameReader } from '../protocol/frame-reader.ts';
import { FrameWriter } from '../protocol/frame-writer.ts';
import { keepHistory } from './history-keeping.ts';
import { JournalReader } from './journal-reader.ts';
import { type JournalDurability, JournalWriter } from './journal-writer.ts';
import { SimulatedDisk } from './simulated-disk.fixture.ts';
import { findSnapshots } from './snapshots.ts';

const IDENTITY = { shard: 0, shardCount: 1 };
const DIRECTORY = '/journal/shard-0';
const INPUTS = 60;
const SEEDS = 10;
const NOTHING_HEARD = { events: 0, messages: [0] };

/** Accounts, each committed alone; what does not fit a segment of a few inputs goes into the next. */
function writeAccounts(disk: SimulatedDisk, durability: JournalDurability): void {
  disk.makeDirectory(DIRECTORY);
  const end = new JournalReader(disk, DIRECTORY, IDENTITY).read(1, () => {});
  const options = { durability, segmentBytes: 1024 } as const;
  const journal = new JournalWriter(disk, DIRECTORY, IDENTITY, end, options);
  const frames = new FrameWriter();
  for (let accountId = 1; accountId <= INPUTS; accountId++) {
    CreateAccount.encode(frames, 0, { requestId: 1, accountId, name: 'someone' });
  }
  const reader = new FrameReader();
  reader.reset(frames.bytes, frames.start, frames.end);
  while (reader.next()) {
    journal.append(-1, 1, reader.bytes, reader.frameStart, reader.position);
    journal.commit();
  }
}

for (const durability of ['os', 'fsync'] as const) {
  test(`a snapshot that outlives a power cut is of inputs that do, too: ${durability}`, () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const disk = new SimulatedDisk({ seed, pageBytes: 64 });
      writeAccounts(disk, durability);
      const care = { durability, sequence: INPUTS, heard: NOTHING_HEARD };
      assert.equal(keepHistory(disk, DIRECTORY, IDENTITY, care).inputs, INPUTS);
      disk.cutPower();
      disk.restart();
      const [snapshot] = findSnapshots(disk, DIRECTORY, IDENTITY).whole;
      assert.equal(snapshot!.header.journalSequence, INPUTS);
      const { nextSequence } = new JournalReader(disk, DIRECTORY, IDENTITY).read(1, () => {});
      assert.equal(nextSequence, INPUTS + 1, `seed ${seed}`);
    }
  });
}
