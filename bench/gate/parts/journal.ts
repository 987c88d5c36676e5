import { Hash64 } from '../../../engine/collections/hash64.ts';
import { JournalReader } from '../../../engine/journal/journal-reader.ts';
import { JournalWriter } from '../../../engine/journal/journal-writer.ts';
import { encodeFlow } from '../../venue/lone-venue.ts';
import { forEachInput } from '../../venue/shard-journal.ts';
import { makeExchangeCoreFlow } from '../../workloads/exchange-core-flow.ts';
import { MemoryDisk } from '../memory-disk.ts';
import { counter, type LoadedPart, type Part } from '../part.ts';

const COMMANDS = 100_000;
const SEED = 1;
const PASSES = 3;
const DIRECTORY = '/journal';
const LONE_SHARD = { shard: 0, shardCount: 1 };
/** A turn of a busy shard. */
const INPUTS_PER_COMMIT = 64;

/** Writes a whole journal to an empty disk, as a shard with durability `fsync` does. */
function write(disk: MemoryDisk, frames: Uint8Array): void {
  const end = readerOf(disk).read(1, () => {});
  const journal = new JournalWriter(disk, DIRECTORY, LONE_SHARD, end, { durability: 'fsync' });
  forEachInput([frames], (timeUs, { bytes, frameStart, position }) => {
    const sequence = journal.append(-1, timeUs, bytes, frameStart, position);
    if (sequence % INPUTS_PER_COMMIT === 0) journal.commit();
  });
  journal.close();
}

/** Takes in where, whence and when every entry was, and how it begins and ends. */
class EntrySum {
  entries = 0;
  readonly #hash = new Hash64();
  #sum = 0;

  take = (
    sequence: number,
    source: number,
    timeUs: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void => {
    this.entries++;
    this.#sum += source + bytes[start + 4]! + bytes[end - 1]! + (end - start);
    this.#sum += (timeUs % 65_536) + sequence;
  };

  digest(): string {
    this.#hash.reset();
    this.#hash.add(this.entries);
    this.#hash.add(this.#sum);
    return this.#hash.digest();
  }
}

function readerOf(disk: MemoryDisk): JournalReader {
  return new JournalReader(disk, DIRECTORY, LONE_SHARD);
}

function read(reader: JournalReader): EntrySum {
  const sum = new EntrySum();
  reader.read(1, sum.take);
  return sum;
}

function loadWriting(): LoadedPart {
  const frames = encodeFlow(makeExchangeCoreFlow(SEED, COMMANDS));
  const disk = new MemoryDisk();
  return {
    operations: COMMANDS * PASSES,
    isTimed: true,
    prepare() {},
    work() {
      for (let pass = 0; pass < PASSES; pass++) {
        disk.clear();
        write(disk, frames);
      }
    },
    counters() {
      const commits = Math.ceil(COMMANDS / INPUTS_PER_COMMIT);
      return [
        counter('bytes written', 'per command', disk.writtenBytes / COMMANDS),
        counter('writes', 'per commit', disk.writes / commits),
        counter('syncs', 'per commit', disk.syncs / commits),
        counter('what comes back', 'hash', read(readerOf(disk)).digest()),
      ];
    },
  };
}

function loadReading(): LoadedPart {
  const frames = encodeFlow(makeExchangeCoreFlow(SEED, COMMANDS));
  const disk = new MemoryDisk();
  write(disk, frames);
  // It keeps the memory of a segment, of which a fresh one would have the kernel clear all pages.
  const reader = readerOf(disk);
  let sum = new EntrySum();
  return {
    operations: COMMANDS * PASSES,
    isTimed: true,
    prepare() {},
    work() {
      for (let pass = 0; pass < PASSES; pass++) sum = read(reader);
    },
    counters: () => [counter('what comes back', 'hash', sum.digest())],
  };
}

export const journalWrite: Part = {
  name: 'journal-write',
  about: `a journal of ${COMMANDS} commands in commits of ${INPUTS_PER_COMMIT}, to a disk that is memory`,
  operation: 'command',
  load: loadWriting,
};

export const journalRead: Part = {
  name: 'journal-read',
  about: `a journal of ${COMMANDS} commands read and checked, from a disk that is memory`,
  operation: 'command',
  load: loadReading,
};
