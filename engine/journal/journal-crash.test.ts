import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../collections/random.ts';
import {
  appendAll,
  type Entry,
  EntrySource,
  openJournal,
  readJournal,
} from './journal-entries.fixture.ts';
import { JournalDamage, JournalFailure } from './journal-error.ts';
import type { JournalDurability, JournalOptions, JournalWriter } from './journal-writer.ts';
import { deleteSegmentsBefore } from './segments.ts';
import { type DiskErrorCode, PowerCut, SimulatedDisk } from './simulated-disk.fixture.ts';

/** Keeps one journal through any number of crashes, and knows what must be in it after each. */
class JournalUnderTest {
  readonly disk: SimulatedDisk;
  readonly #options: JournalOptions;
  readonly #random: Random;
  readonly #source: EntrySource;
  /** What was appended since the first start and not lost since, and how much of it is promised. */
  #entries: Entry[] = [];
  promised = 0;
  deletesSegments = true;
  /** Entries below may have been deleted. */
  #from = 1;
  /** Appended entries that a crash took: none was promised. */
  lost = 0;

  constructor(seed: number, durability: JournalDurability) {
    const random = new Random(seed);
    const pageBytes = [64, 512, 4096][random.below(3)]!;
    const writeBytesMax = random.below(2) === 0 ? 200 : 2 ** 20;
    this.disk = new SimulatedDisk({ seed, pageBytes, writeBytesMax });
    const growthBytes = [0, 256, 3000][random.below(3)]!;
    this.#options = { durability, segmentBytes: 500 + random.below(5000), growthBytes };
    this.#random = random;
    this.#source = new EntrySource(seed);
  }

  /** Starts, and works until done or the disk does not go on; answers what it said. */
  run(steps: number): JournalFailure | PowerCut | null {
    let writer: JournalWriter | undefined;
    try {
      writer = this.#start();
      for (let step = 0; step < steps; step++) this.#step(writer);
      if (this.#random.below(4) === 0) writer.close();
      return null;
    } catch (error) {
      if (error instanceof PowerCut) return error;
      if (!(error instanceof JournalFailure)) throw error;
      if (error.cause instanceof PowerCut) return error.cause;
      if (error.message.startsWith('cannot write')) this.#expectDead(writer!);
      return error;
    }
  }

  /** What a start would find. */
  check(): void {
    this.#expect(readJournal(this.disk, '/j', this.#from).entries);
  }

  #start(): JournalWriter {
    const { entries, writer } = openJournal(this.disk, '/j', this.#options, this.#from);
    this.#expect(entries);
    const others = this.disk.namesIn('/j').filter((name) => !name.endsWith('.journal'));
    assert.deepEqual(others, [], 'left over');
    // From here on what was read may be let out into the world, and so must stay.
    this.promised = this.#entries.length;
    return writer;
  }

  /** That these are the first of what was appended, and all that was promised is among them. */
  #expect(found: readonly Entry[]): void {
    const count = this.#from - 1 + found.length;
    assert.ok(count >= this.promised, `${count} entries, ${this.promised} were promised`);
    assert.deepEqual(found, this.#entries.slice(this.#from - 1, count));
    this.lost += this.#entries.length - count;
    this.#entries.length = count;
  }

  #step(writer: JournalWriter): void {
    const random = this.#random;
    const entries = this.#source.take(random.below(6));
    this.#entries.push(...entries);
    appendAll(writer, entries);
    if (random.below(3) > 0) this.promised = writer.commit();
    if (this.deletesSegments && this.promised > 0 && random.below(30) === 0) {
      this.#from = this.promised - random.below(Math.min(20, this.promised - this.#from + 1));
      deleteSegmentsBefore(this.disk, '/j', this.#from);
    }
  }

  #expectDead(writer: JournalWriter): void {
    const { operations } = this.disk;
    const { frame } = this.#source.next();
    for (let time = 0; time < 2; time++) {
      assert.throws(() => writer.commit(), { code: 'JOURNAL_FAILED' });
      assert.throws(() => writer.append(0, 9e15, frame, 0, frame.length), JournalFailure);
      assert.throws(() => writer.close(), JournalFailure);
    }
    assert.equal(this.disk.operations, operations);
  }
}

/** Runs `work` for each seed, and names the one that fails. */
function forSeeds(count: number, work: (seed: number, random: Random) => void): void {
  for (let seed = 1; seed <= count; seed++) {
    try {
      work(seed, new Random(seed + 1000));
    } catch (error) {
      throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : error}`, {
        cause: error,
      });
    }
  }
}

test('a power cut at any moment leaves a prefix that has all that was committed', () => {
  let lost = 0;
  let cuts = 0;
  forSeeds(120, (seed, random) => {
    const journal = new JournalUnderTest(seed, 'fsync');
    for (let crash = 0; crash < 25; crash++) {
      journal.disk.cutPowerAt(1 + random.below(random.below(3) === 0 ? 15 : 150));
      if (journal.run(30) instanceof PowerCut) cuts++;
      journal.disk.restart();
    }
    journal.check();
    assert.ok(journal.promised > 20, `only ${journal.promised} entries`);
    lost += journal.lost;
  });
  assert.ok(cuts > 1000 && lost > 500, `${cuts} power cuts, ${lost} entries lost`);
});

test('after an error at any moment the writer is dead, and what was committed stays', () => {
  let failures = 0;
  forSeeds(120, (seed, random) => {
    const journal = new JournalUnderTest(seed, 'fsync');
    for (let crash = 0; crash < 25; crash++) {
      const code: DiskErrorCode = random.below(2) === 0 ? 'EIO' : 'ENOSPC';
      journal.disk.failAt(1 + random.below(random.below(3) === 0 ? 15 : 150), code);
      if (journal.run(30) !== null) failures++;
      if (random.below(2) === 0) journal.disk.cutPower();
      journal.disk.restart();
    }
    journal.check();
  });
  assert.ok(failures > 1000, `${failures} failures`);
});

test('every single operation may be the one that fails, or the last before the power goes', () => {
  const total = new JournalUnderTest(5, 'fsync');
  total.run(40);
  for (let at = 1; at <= total.disk.operations; at++) {
    for (const kind of ['power', 'EIO', 'ENOSPC', 'EIO, then power'] as const) {
      const journal = new JournalUnderTest(5, 'fsync');
      if (kind === 'power') journal.disk.cutPowerAt(at);
      else journal.disk.failAt(at, kind === 'ENOSPC' ? kind : 'EIO');
      assert.ok(journal.run(40) !== null, `${kind} at ${at} passed unnoticed`);
      if (kind === 'EIO, then power') journal.disk.cutPower();
      journal.disk.restart();
      journal.run(5);
      journal.disk.cutPower();
      journal.disk.restart();
      journal.check();
    }
  }
});

test('a full disk stops the writer, and with room again the journal goes on', () => {
  forSeeds(40, (seed, random) => {
    const journal = new JournalUnderTest(seed, 'fsync');
    journal.deletesSegments = false;
    journal.disk.capacityBytes = 2000 + random.below(20_000);
    const failure = journal.run(1000);
    assert.ok(failure instanceof JournalFailure, 'the disk did not fill');
    assert.equal((failure.cause as { code: string }).code, 'ENOSPC');
    const { promised } = journal;
    journal.disk.restart();
    journal.disk.capacityBytes += 100_000;
    assert.equal(journal.run(10), null);
    assert.ok(journal.promised >= promised);
  });
});

test('without sync a killed process loses nothing that was committed', () => {
  forSeeds(60, (seed, random) => {
    const journal = new JournalUnderTest(seed, 'os');
    for (let crash = 0; crash < 10; crash++) {
      assert.equal(journal.run(random.below(40)), null);
      journal.disk.restart();
    }
    journal.check();
  });
});

test('without sync a power cut leaves a prefix, or damage that is reported', () => {
  const outcomes = { prefix: 0, damage: 0 };
  forSeeds(200, (seed, random) => {
    const journal = new JournalUnderTest(seed, 'os');
    journal.disk.cutPowerAt(1 + random.below(150));
    journal.run(50);
    journal.disk.restart();
    journal.promised = 0;
    try {
      journal.check();
      outcomes.prefix++;
    } catch (error) {
      if (!(error instanceof JournalDamage)) throw error;
      outcomes.damage++;
    }
  });
  assert.ok(outcomes.prefix > 20 && outcomes.damage > 20, JSON.stringify(outcomes));
});

test('a journal written without sync is durable once it is opened with it', () => {
  forSeeds(60, (seed) => {
    const disk = new SimulatedDisk({ seed, pageBytes: 64 });
    const source = new EntrySource(seed);
    const { writer } = openJournal(disk, '/j', { durability: 'os', segmentBytes: 1000 });
    const entries = source.take(100);
    for (const entry of entries) {
      appendAll(writer, [entry]);
      writer.commit();
    }
    disk.restart();
    openJournal(disk, '/j', { durability: 'fsync', segmentBytes: 1000 });
    disk.cutPower();
    disk.restart();
    assert.deepEqual(readJournal(disk, '/j').entries, entries);
  });
});
