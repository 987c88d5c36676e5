import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Hash64 } from '../../engine/collections/hash64.ts';
import { type Disk, nodeDisk } from '../../engine/journal/disk.ts';
import { JournalReader } from '../../engine/journal/journal-reader.ts';
import { type JournalOptions, JournalWriter } from '../../engine/journal/journal-writer.ts';
import {
  type About,
  type Benchmark,
  Checks,
  grouped,
  type Metric,
  median,
  type Outcome,
  type Size,
  secondsOf,
} from '../suite.ts';

const IDENTITY = { shard: 0, shardCount: 1 };
/** Of an order without a client's own id. */
const FRAME_BYTES = 53;
/** Beside the frame, in a batch of more than a few. */
const ENTRY_BYTES = FRAME_BYTES + 1;

/** Like Postgres' data beside it, on whatever disk the repository is on. */
const FOLDER = 'bench/results';

const ROUNDS: Record<Size, number> = { full: 5, quick: 3, test: 1 };
const BATCHES = [
  { name: '4 KiB', bytes: 4096, commits: { full: 500, quick: 200, test: 6 } },
  { name: '64 KiB', bytes: 65536, commits: { full: 200, quick: 100, test: 4 } },
];
const WAYS: readonly { name: string; options: JournalOptions }[] = [
  { name: 'synced', options: { durability: 'fsync' } },
  { name: 'synced, file not grown ahead', options: { durability: 'fsync', growthBytes: 0 } },
  { name: 'not synced', options: { durability: 'os' } },
];
const REPLAY_ENTRIES: Record<Size, number> = { full: 3_000_000, quick: 1_000_000, test: 5_000 };

/** Commits batches of one size to a journal of its own, and notes what each took. */
class TimedJournal {
  readonly commitUs: number[] = [];
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #writer: JournalWriter;
  readonly #frame = new Uint8Array(FRAME_BYTES);
  #syncMs = 0;

  constructor(directory: string, options: JournalOptions) {
    this.#disk = {
      ...nodeDisk,
      sync: (file) => {
        this.#syncMs += 1000 * secondsOf(() => nodeDisk.sync(file));
      },
    };
    this.#directory = directory;
    nodeDisk.makeDirectory(directory);
    const end = new JournalReader(this.#disk, directory, IDENTITY).read(1, () => {});
    this.#writer = new JournalWriter(this.#disk, directory, IDENTITY, end, options);
    this.#frame[0] = FRAME_BYTES - 4;
    this.#syncMs = 0;
  }

  append(entries: number): void {
    for (let count = 0; count < entries; count++) {
      this.#frame[4] = count;
      this.#writer.append(-1, 1, this.#frame, 0, FRAME_BYTES);
    }
  }

  commit(): void {
    this.commitUs.push(1e6 * secondsOf(() => this.#writer.commit()));
  }

  /** Of the time that commits took. */
  get syncPercent(): number {
    return (100 * 1000 * this.#syncMs) / sum(this.commitUs);
  }

  /** Reads all entries; answers how many, what they add up to, and the seconds. */
  replay(): { entries: number; digest: string; seconds: number } {
    const hash = new Hash64();
    let entries = 0;
    let bytesSum = 0;
    const seconds = secondsOf(() => {
      new JournalReader(this.#disk, this.#directory, IDENTITY).read(
        1,
        (_sequence, source, _timeUs, bytes, start, end) => {
          entries++;
          bytesSum += source + bytes[start + 4]! + end - start;
        },
      );
    });
    hash.add(entries);
    hash.add(bytesSum);
    return { entries, digest: hash.digest(), seconds };
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function percentile99(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length * 0.99)]!;
}

/** One round: the ways take turns batch by batch, so that whatever else the disk does falls on all of them. */
function commitBatches(
  directory: string,
  { bytes, commits }: (typeof BATCHES)[number],
  size: Size,
): TimedJournal[] {
  const journals = WAYS.map(
    ({ options }, index) => new TimedJournal(join(directory, `way-${index}`), options),
  );
  for (let count = 0; count < commits[size]; count++) {
    for (const journal of journals) {
      journal.append(Math.floor(bytes / ENTRY_BYTES));
      journal.commit();
    }
  }
  return journals;
}

async function run(size: Size): Promise<Outcome> {
  const checks = new Checks();
  const hash = new Hash64();
  const figures = new Map<string, { unit: string; values: number[] }>();
  const take = (name: string, unit: string, value: number) => {
    if (!figures.has(name)) figures.set(name, { unit, values: [] });
    figures.get(name)!.values.push(value);
  };
  mkdirSync(FOLDER, { recursive: true });
  const root = mkdtempSync(join(resolve(FOLDER), 'journal-'));
  try {
    for (let round = 0; round < ROUNDS[size]; round++) {
      for (const batch of BATCHES) {
        const directory = join(root, `${round}-${batch.bytes}`);
        nodeDisk.makeDirectory(directory);
        const journals = commitBatches(directory, batch, size);
        const digests = journals.map((journal) => journal.replay().digest);
        checks.expect('all ways keep the same entries', new Set(digests).size === 1);
        if (round === 0) hash.addText(digests[0]!);
        journals.forEach(({ commitUs, syncPercent }, way) => {
          const name = `${batch.name}, ${WAYS[way]!.name}`;
          take(`${name}: commits`, '/s', (1e6 * commitUs.length) / sum(commitUs));
          take(`${name}: p50`, 'µs', median(commitUs));
          take(`${name}: p99`, 'µs', percentile99(commitUs));
          if (syncPercent > 0) take(`${name}: share of the sync`, '%', syncPercent);
        });
        rmSync(directory, { recursive: true });
      }
      measureEntries(join(root, `${round}-entries`), REPLAY_ENTRIES[size], checks, take);
    }
  } finally {
    rmSync(root, { recursive: true });
  }
  const metrics: Metric[] = [...figures].map(([name, figure]) => ({ name, ...figure }));
  return { metrics, resultHash: hash.digest(), ok: checks.ok, checks: checks.lines };
}

/** What an entry costs beside the disk: to append, and to read at recovery. */
function measureEntries(
  directory: string,
  count: number,
  checks: Checks,
  take: (name: string, unit: string, value: number) => void,
): void {
  const journal = new TimedJournal(directory, { durability: 'os' });
  const perBatch = 1000;
  let seconds = 0;
  for (let done = 0; done < count; done += perBatch) {
    seconds += secondsOf(() => journal.append(perBatch));
    journal.commit();
  }
  const { entries, seconds: replaySeconds } = journal.replay();
  checks.equal('every entry comes back', entries, count);
  take('append, without the commit', 'ns/entry', (1e9 * seconds) / count);
  take('commit of 1,000 entries, not synced', 'ns/entry', (1e3 * sum(journal.commitUs)) / count);
  take('read back', 'M entries/s', entries / replaySeconds / 1e6);
  rmSync(directory, { recursive: true });
}

function about(size: Size): About {
  const batches = BATCHES.map(({ name, commits }) => `${commits[size]} commits of ${name}`);
  return {
    description: `the files of a shard's journal: group commits to the disk that has ${FOLDER}, and reading them back`,
    work: `${batches.join(' and ')} in each way, and ${grouped(REPLAY_ENTRIES[size])} entries to read back; ${ROUNDS[size]} rounds`,
    mix: `batches of entries of ${FRAME_BYTES} bytes, the size of a plain limit order`,
    durability:
      'as each line says: synced (fdatasync) before commit returns, or handed to the kernel',
    leavesOut: 'the shard, its rings, and reading from a disk: what was written is still in memory',
    hashOf: 'how many entries of the first round come back from each file, and what is in them',
  };
}

export const journalFile: Benchmark = { name: 'journal-file', about, run };
