import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Random } from '../collections/random.ts';
import { type Disk, nodeDisk, readFully, withFile, writeFully } from './disk.ts';
import { PowerCut, SimulatedDisk } from './simulated-disk.fixture.ts';

const NAMES = ['a', 'b', 'c'];

/** One random operation, and what it says. */
function operate(disk: Disk, directory: string, random: Random): string {
  const name = NAMES[random.below(NAMES.length)]!;
  const path = join(directory, name);
  const other = join(directory, NAMES[random.below(NAMES.length)]!);
  const kind = random.below(7);
  const position = random.below(300);
  const bytes = Uint8Array.from({ length: random.below(200) }, () => random.below(256));
  try {
    if (kind === 0) return String(disk.list(directory).sort());
    if (kind === 1) disk.close(disk.open(path, 'create'));
    if (kind === 2) disk.rename(path, other);
    if (kind === 3) disk.remove(path);
    if (kind === 4) withFile(disk, path, 'update', (file) => disk.truncate(file, position));
    if (kind === 5) {
      withFile(disk, path, 'update', (file) => {
        writeFully(disk, file, bytes, 0, bytes.length, position);
        disk.sync(file);
      });
    }
    const target = new Uint8Array(400);
    return withFile(disk, path, 'read', (file) => {
      const count = readFully(disk, file, target, 3, 300, position);
      return `${disk.sizeOf(file)} ${count} ${Buffer.from(target).toString('hex')}`;
    });
  } catch (error) {
    return (error as NodeJS.ErrnoException).code!;
  }
}

test('the simulated disk does what the real one does', (context) => {
  const directory = mkdtempSync(join(tmpdir(), 'ringside-disk-'));
  context.after(() => rmSync(directory, { recursive: true }));
  nodeDisk.makeDirectory(join(directory, 'd'));
  nodeDisk.makeDirectory(join(directory, 'd'));
  nodeDisk.syncDirectory(directory);
  const simulated = new SimulatedDisk({ writeBytesMax: 50 });
  const said = new Set<string>();
  const [random, again] = [new Random(1), new Random(1)];
  for (let count = 0; count < 3000; count++) {
    const real = operate(nodeDisk, join(directory, 'd'), random);
    assert.equal(operate(simulated, '/d', again), real);
    said.add(real);
  }
  assert.ok(said.has('ENOENT') && said.size > 300);
});

/** A file of 40 bytes, durable, which then gets other bytes, of which only some may. */
function halfSynced(seed: number): { disk: SimulatedDisk; file: number } {
  const disk = new SimulatedDisk({ seed, pageBytes: 10 });
  const file = disk.open('/d/file', 'create');
  writeFully(disk, file, new Uint8Array(40).fill(1), 0, 40, 0);
  disk.sync(file);
  disk.syncDirectory('/d');
  writeFully(disk, file, new Uint8Array(30).fill(2), 0, 30, 20);
  return { disk, file };
}

test('a power cut keeps what was synced, and of the rest any pages, some torn, and any size', () => {
  const outcomes = new Set<string>();
  for (let seed = 0; seed < 2000; seed++) {
    const { disk, file } = halfSynced(seed);
    disk.cutPower();
    assert.throws(() => disk.sync(file), PowerCut);
    disk.restart();
    assert.throws(() => disk.sync(file), { code: 'EBADF' });
    const content = disk.contentOf('/d/file');
    assert.ok(content.length === 40 || content.length >= 50);
    assert.ok(content.subarray(0, 20).every((byte) => byte === 1));
    assert.ok(content.subarray(20, 40).every((byte) => byte === 1 || byte === 2));
    outcomes.add(Buffer.from(content.subarray(20)).toString('hex'));
    // And it stays so.
    disk.cutPower();
    disk.restart();
    assert.deepEqual(disk.contentOf('/d/file'), content);
  }
  const page = (byte: number) => Buffer.alloc(10, byte).toString('hex');
  for (const pages of [
    [1, 1],
    [1, 2],
    [2, 1],
    [2, 2],
    [1, 1, 0],
    [1, 1, 2],
    [2, 1, 2],
    [2, 2, 2],
  ]) {
    assert.ok(outcomes.has(pages.map(page).join('')), `never ${pages}`);
  }
  assert.ok(outcomes.size > 50, 'pages are torn, too');
});

test('a killed process loses nothing', () => {
  const { disk } = halfSynced(1);
  const content = disk.contentOf('/d/file');
  disk.restart();
  assert.deepEqual(disk.contentOf('/d/file'), content);
});

test('after a failed sync the next one succeeds and writes nothing', () => {
  let lost = 0;
  for (let seed = 0; seed < 50; seed++) {
    const { disk, file } = halfSynced(seed);
    disk.failAt(1, 'EIO');
    assert.throws(() => disk.sync(file), { code: 'EIO' });
    assert.equal(disk.contentOf('/d/file')[49], 2);
    disk.sync(file);
    disk.cutPower();
    disk.restart();
    if (disk.contentOf('/d/file')[49] !== 2) lost++;
  }
  assert.ok(lost > 10);
});

test('names that were given, changed or taken are lost unless their directory is synced', () => {
  const outcomes = new Set<string>();
  for (let seed = 0; seed < 200; seed++) {
    const disk = new SimulatedDisk({ seed });
    for (const name of ['old', 'gone']) disk.close(disk.open(`/d/${name}`, 'create'));
    disk.syncDirectory('/d');
    disk.close(disk.open('/d/new', 'create'));
    disk.rename('/d/old', '/d/renamed');
    disk.remove('/d/gone');
    const names = disk.list('/d').sort();
    assert.deepEqual(names, ['new', 'renamed']);
    if (seed % 2 === 0) disk.syncDirectory('/d');
    disk.cutPower();
    disk.restart();
    if (seed % 2 === 0) assert.deepEqual(disk.list('/d').sort(), names);
    else outcomes.add(String(disk.list('/d').sort()));
  }
  assert.equal(outcomes.size, 8);
});

test('a full disk takes what fits, then nothing', () => {
  const disk = new SimulatedDisk({ capacityBytes: 100 });
  const file = disk.open('/d/file', 'create');
  const bytes = new Uint8Array(150);
  assert.throws(() => writeFully(disk, file, bytes, 0, 150, 0), { code: 'ENOSPC' });
  assert.equal(disk.sizeOf(file), 100);
  writeFully(disk, file, bytes, 0, 40, 30);
  disk.truncate(file, 50);
  writeFully(disk, file, bytes, 0, 50, 50);
  assert.throws(() => disk.write(file, bytes, 0, 1, 100), { code: 'ENOSPC' });
});
