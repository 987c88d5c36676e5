import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { Random } from '../collections/random.ts';
import { LoneMarket } from '../shard/lone-market.fixture.ts';
import { Shard } from '../shard/shard.ts';
import { SnapshotError } from '../snapshot/snapshot-error.ts';
import { type Disk, nodeDisk } from './disk.ts';
import { type DiskErrorCode, PowerCut, SimulatedDisk } from './simulated-disk.fixture.ts';
import { loadSnapshot, verifySnapshot, writeSnapshot } from './snapshot-file.ts';
import { SNAPSHOT_FORMAT_VERSION, snapshotName } from './snapshot-layout.ts';
import {
  deleteSnapshotsBefore,
  findSnapshots,
  listSnapshots,
  loadNewestSnapshot,
  type NewestSnapshot,
  saveSnapshot,
} from './snapshots.ts';

const IDENTITY = { shard: 0, shardCount: 1 };
const DIRECTORY = '/snapshots';
const PATH = `${DIRECTORY}/one`;

const makeShard = () => new Shard(0, 1);

/** A small shard with a little of everything. */
function smallShard(): Shard {
  const market = new LoneMarket({ takerFeeBps: 5 });
  market.trade(100);
  market.bid(1, 90, 5, { clientId: 7 });
  market.bid(2, 90, 3);
  market.ask(2, 110, 4);
  market.bid(1, 120, 1, { triggerPriceTicks: 120 });
  return market.shard;
}

function withSmallSnapshot(): { disk: SimulatedDisk; bytes: Uint8Array; shard: Shard } {
  const disk = new SimulatedDisk();
  const shard = smallShard();
  writeSnapshot(disk, PATH, IDENTITY, shard, 42);
  return { disk, bytes: disk.contentOf(PATH), shard };
}

function codeOf(work: () => unknown): string | null {
  try {
    work();
    return null;
  } catch (error) {
    assert.ok(error instanceof SnapshotError, String(error));
    assert.ok(error.message.includes(DIRECTORY), error.message);
    return error.code;
  }
}

test('a snapshot says what it is of, and loads to that', () => {
  const { disk, bytes, shard } = withSmallSnapshot();
  const loaded = makeShard();
  const header = loadSnapshot(disk, PATH, IDENTITY, loaded);
  assert.deepEqual(verifySnapshot(disk, PATH, IDENTITY), header);
  assert.equal(header.journalSequence, 42);
  assert.equal(header.lastInputUs, shard.lastInputUs);
  assert.deepEqual(header.positions, shard.positions);
  assert.equal(header.shardHash, shard.hash());
  assert.equal(loaded.hash(), shard.hash());
  assert.ok(header.positions.eventSequence > 10 && bytes.length > header.payloadBytes);
});

test('every truncation and every flipped bit of a snapshot is found out', (context) => {
  const { disk, bytes } = withSmallSnapshot();
  const verify = () => verifySnapshot(disk, PATH, IDENTITY);
  for (let size = 0; size < bytes.length; size++) {
    disk.replace(PATH, bytes.subarray(0, size));
    assert.equal(codeOf(verify), 'SNAPSHOT_DAMAGED', `${size} bytes`);
  }
  disk.replace(PATH, Buffer.concat([bytes, Buffer.of(0)]));
  assert.equal(codeOf(verify), 'SNAPSHOT_DAMAGED', 'one byte too many');
  disk.replace(PATH, bytes);
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    disk.flipBit(PATH, bit);
    assert.equal(codeOf(verify), 'SNAPSHOT_DAMAGED', `bit ${bit}`);
    disk.flipBit(PATH, bit);
  }
  assert.equal(codeOf(verify), null);
  context.diagnostic(`${bytes.length} truncations, ${bytes.length * 8} bits`);
});

/** The snapshot with a changed header whose checksum is right. */
function withHeader(bytes: Uint8Array, change: (view: DataView) => void): Uint8Array {
  const changed = bytes.slice();
  const view = new DataView(changed.buffer);
  const checksumAt = view.getUint32(12, true) - 4;
  change(view);
  view.setUint32(checksumAt, crc32(changed.subarray(0, checksumAt)), true);
  return changed;
}

test('a snapshot of format 1, which has nothing of what protects a shard, loads to that shard', () => {
  const { disk, bytes, shard } = withSmallSnapshot();
  const headerBytes = new DataView(bytes.buffer).getUint32(12, true);
  // Both tables are the last ones, and empty: the length of a name, the name, a width, and no block.
  const missingBytes = ['kill switch', 'cancel timers'].reduce((sum, name) => {
    return sum + 1 + name.length + 2 + 4;
  }, 0);
  const payload = bytes.subarray(headerBytes, bytes.length - missingBytes);
  const older = withHeader(bytes.slice(0, bytes.length - missingBytes), (view) => {
    view.setUint32(8, 1, true);
    view.setBigUint64(40, BigInt(payload.length), true);
    view.setUint32(56, crc32(payload), true);
  });
  disk.replace(PATH, older);
  const loaded = makeShard();
  loadSnapshot(disk, PATH, IDENTITY, loaded);
  assert.equal(loaded.hash(), shard.hash());
  // One that says it is of this format, and ends too early in the last table.
  disk.replace(PATH, older.subarray(0, older.length - 4));
  assert.equal(
    codeOf(() => loadSnapshot(disk, PATH, IDENTITY, makeShard())),
    'SNAPSHOT_DAMAGED',
  );
});

test('a snapshot of another version, shard or state is told from one of these', () => {
  const { disk, bytes } = withSmallSnapshot();
  const codeWith = (change: (view: DataView) => void) => {
    disk.replace(PATH, withHeader(bytes, change));
    return codeOf(() => loadSnapshot(disk, PATH, IDENTITY, makeShard()));
  };
  assert.equal(
    codeWith(() => {}),
    null,
  );
  assert.equal(
    codeWith((view) => view.setUint32(8, SNAPSHOT_FORMAT_VERSION + 1, true)),
    'SNAPSHOT_OTHER_VERSION',
  );
  assert.equal(
    codeWith((view) => view.setUint32(16, 1, true)),
    'SNAPSHOT_FOREIGN',
  );
  // Hash, time and event sequence of another state.
  for (const at of [48, 32, 64]) {
    assert.equal(
      codeWith((view) => view.setUint8(at, view.getUint8(at) ^ 1)),
      'SNAPSHOT_DAMAGED',
    );
  }
  disk.replace(PATH, bytes);
  const ofTwo = { shard: 0, shardCount: 2 };
  assert.equal(
    codeOf(() => verifySnapshot(disk, PATH, ofTwo)),
    'SNAPSHOT_FOREIGN',
  );
  assert.equal(
    codeOf(() => verifySnapshot(disk, `${PATH}x`, IDENTITY)),
    'SNAPSHOT_FAILED',
  );
});

test('a payload that fits its checksum and is wrong is refused, whatever it leads to', () => {
  const { disk, bytes } = withSmallSnapshot();
  const headerBytes = new DataView(bytes.buffer).getUint32(12, true);
  const random = new Random(3);
  let refused = 0;
  for (let round = 0; round < 400; round++) {
    const changed = bytes.slice();
    const at = headerBytes + random.below(bytes.length - headerBytes);
    changed[at]! ^= 1 << random.below(8);
    const checksum = crc32(changed.subarray(headerBytes));
    const fitting = withHeader(changed, (view) => view.setUint32(56, checksum, true));
    disk.replace(PATH, fitting);
    const code = codeOf(() => loadSnapshot(disk, PATH, IDENTITY, makeShard()));
    // What the hash has nothing of passes: a name, a key, what is not used of a column's header.
    if (code === null) continue;
    assert.equal(code, 'SNAPSHOT_DAMAGED');
    refused++;
  }
  assert.ok(refused > 100, `only ${refused} were refused`);
});

/** Snapshots of one shard at several sequences. */
function saveAll(disk: Disk, directory: string, sequences: readonly number[]): LoneMarket {
  const market = new LoneMarket();
  for (const sequence of sequences) {
    market.bid(1, 50, 1 + sequence);
    saveSnapshot(disk, directory, IDENTITY, market.shard, sequence, makeShard);
  }
  return market;
}

function load(disk: Disk, directory: string): NewestSnapshot {
  return loadNewestSnapshot(disk, directory, IDENTITY, makeShard);
}

test('the newest is loaded, else the one before it, from files that the machine really has', () => {
  const directory = mkdtempSync(join(tmpdir(), 'ringside-snapshots-'));
  try {
    assert.deepEqual(load(nodeDisk, directory), { loaded: null, refused: [] });
    const { shard } = saveAll(nodeDisk, directory, [5, 10, 100]);
    assert.equal(deleteSnapshotsBefore(nodeDisk, directory, 10), 1);
    assert.deepEqual(readdirSync(directory).sort(), [snapshotName(10), snapshotName(100)]);
    const { loaded, refused } = load(nodeDisk, directory);
    assert.deepEqual(refused, []);
    assert.equal(loaded?.header.journalSequence, 100);
    assert.equal(loaded?.shard.hash(), shard.hash());
    truncateSync(join(directory, snapshotName(100)), 900);
    const older = load(nodeDisk, directory);
    assert.equal(older.loaded?.header.journalSequence, 10);
    assert.equal(older.refused[0]?.error.code, 'SNAPSHOT_DAMAGED');
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('a snapshot that cannot be used gives way to an older one, and to none when there is none', () => {
  const disk = new SimulatedDisk();
  saveAll(disk, DIRECTORY, [1, 2]);
  const [newest, older] = listSnapshots(disk, DIRECTORY);
  const whole = disk.contentOf(newest!);
  disk.replace(
    newest!,
    withHeader(whole, (view) => view.setUint32(8, 7, true)),
  );
  const fallen = load(disk, DIRECTORY);
  assert.equal(fallen.loaded?.path, older);
  assert.deepEqual(
    fallen.refused.map(({ path, error }) => [path, error.code]),
    [[newest, 'SNAPSHOT_OTHER_VERSION']],
  );
  assert.match(fallen.refused[0]!.error.message, /format 7/);
  const checked = findSnapshots(disk, DIRECTORY, IDENTITY);
  assert.deepEqual(
    checked.whole.map(({ path }) => path),
    [older],
  );
  assert.deepEqual(checked.refused, fallen.refused);
  disk.flipBit(older!, 5_000);
  const none = load(disk, DIRECTORY);
  assert.equal(none.loaded, null);
  assert.deepEqual(
    none.refused.map(({ path, error }) => [path, error.code]),
    [
      [newest, 'SNAPSHOT_OTHER_VERSION'],
      [older, 'SNAPSHOT_DAMAGED'],
    ],
  );
});

test('a snapshot that does not load to the state it was made of never gets its name', () => {
  const disk = new SimulatedDisk();
  const { shard } = saveAll(disk, DIRECTORY, [1, 2]);
  class Forgetful extends Shard {
    override hash(): string {
      return 'f'.repeat(16);
    }
  }
  const save = () => saveSnapshot(disk, DIRECTORY, IDENTITY, shard, 3, () => new Forgetful(0, 1));
  assert.equal(codeOf(save), 'SNAPSHOT_DAMAGED');
  assert.deepEqual(disk.list(DIRECTORY).sort(), [snapshotName(1), snapshotName(2)]);
});

/** What is wrong with a directory after something went wrong while snapshot 3 was made over 1 and 2. */
function checkAfterFailure(disk: SimulatedDisk, hashes: ReadonlyMap<number, string>): number {
  const { loaded, refused } = load(disk, DIRECTORY);
  assert.deepEqual(refused, []);
  const { journalSequence } = loaded!.header;
  assert.ok(journalSequence >= 2);
  assert.equal(loaded!.shard.hash(), hashes.get(journalSequence));
  return journalSequence;
}

/** Snapshots 1 and 2 on a disk, and the shard that is about to be snapshot 3; the hash of each. */
function aboutToSave(seed: number) {
  const disk = new SimulatedDisk({ seed, pageBytes: 512, writeBytesMax: 2_000 });
  disk.makeDirectory(DIRECTORY);
  const market = new LoneMarket();
  const hashes = new Map<number, string>();
  for (const sequence of [1, 2, 3]) {
    market.bid(1, 50, sequence);
    hashes.set(sequence, market.shard.hash());
    if (sequence < 3) saveSnapshot(disk, DIRECTORY, IDENTITY, market.shard, sequence, makeShard);
  }
  const save = () => saveSnapshot(disk, DIRECTORY, IDENTITY, market.shard, 3, makeShard);
  return { disk, hashes, save };
}

test('power that fails at any moment leaves the old snapshot or the new one, whole', (context) => {
  const found = new Map<number, number>();
  const seeds = 4;
  for (let at = 1, done = 0; done < seeds; at++) {
    done = 0;
    for (let seed = 1; seed <= seeds; seed++) {
      let isDone = false;
      const { disk, hashes, save } = aboutToSave(seed);
      disk.cutPowerAt(at);
      try {
        save();
        isDone = true;
        done++;
      } catch (error) {
        assert.ok(error instanceof PowerCut, String(error));
      }
      disk.cutPower();
      disk.restart();
      const sequence = checkAfterFailure(disk, hashes);
      found.set(sequence, (found.get(sequence) ?? 0) + 1);
      if (isDone) assert.equal(sequence, 3);
      save();
      assert.equal(checkAfterFailure(disk, hashes), 3);
    }
  }
  context.diagnostic(`the old one ${found.get(2)} times, the new one ${found.get(3)} times`);
  assert.ok(found.get(2)! > 20 && found.get(3)! >= 4);
});

test('a disk that refuses anything is reported, and what it had is as it was', (context) => {
  let refusals = 0;
  for (const code of ['EIO', 'ENOSPC'] as DiskErrorCode[]) {
    for (let at = 1, isDone = false; !isDone; at++) {
      const { disk, hashes, save } = aboutToSave(at);
      const before = disk.operations;
      disk.failAt(at, code);
      // That an older snapshot cannot be read is no reason to fail, nor to delete another.
      if (codeOf(save) !== null) refusals++;
      isDone = disk.operations - before < at;
      disk.restart();
      checkAfterFailure(disk, hashes);
      save();
      assert.equal(checkAfterFailure(disk, hashes), 3);
    }
  }
  context.diagnostic(`${refusals} saves were refused`);
  assert.ok(refusals > 20);
});

test('a full disk gets back the room of what did not fit', () => {
  const { disk, hashes, save } = aboutToSave(1);
  const used = listSnapshots(disk, DIRECTORY).map((path) => disk.contentOf(path).length);
  disk.capacityBytes = used[0]! + used[1]! + 1_000;
  assert.equal(codeOf(save), 'SNAPSHOT_FAILED');
  assert.equal(checkAfterFailure(disk, hashes), 2);
  assert.equal(disk.list(DIRECTORY).length, 2);
});
