import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../collections/random.ts';
import { Shard } from '../shard/shard.ts';
import { InputPlayer } from '../simulation/input-tape.ts';
import { recordTapes, type Tape } from '../simulation/saved-tapes.ts';
import { compactJournal, type EntrySource } from './compaction.ts';
import { SimulatedDisk } from './simulated-disk.fixture.ts';
import { snapshotName } from './snapshot-layout.ts';
import { loadNewestSnapshot } from './snapshots.ts';

const DIRECTORY = '/snapshots';
const SEEDS = 3;
const COMMANDS = 400;

/** The first `count` inputs of a tape as a journal whose entries before `kept` are gone. */
function entriesOf({ inputs }: Tape, count: number, kept: number): EntrySource {
  return (from, visit) => {
    assert.ok(from >= kept, `entry ${from} is gone`);
    for (let sequence = from; sequence <= count; sequence++) {
      const { frame, from: source, nowUs } = inputs[sequence - 1]!;
      visit(sequence, source, nowUs, frame, 0, frame.length);
    }
  };
}

/** Hash and positions of the shard after so many inputs. */
function stateAfter(tape: Tape, count: number): string {
  const player = new InputPlayer(new Shard(tape.shard, tape.shardCount));
  for (const input of tape.inputs.slice(0, count)) player.play(input);
  return `${player.shard.hash()} ${JSON.stringify(player.shard.positions)}`;
}

for (const shardCount of [1, 2, 4]) {
  test(`compacted again and again, a journal says what the shard does: ${shardCount} shards`, () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const random = new Random(seed);
      for (const tape of recordTapes(seed, shardCount, COMMANDS, 0)) checkChain(tape, random);
    }
  });
}

function checkChain(tape: Tape, random: Random): void {
  const { shard, shardCount, inputs } = tape;
  const identity = { shard, shardCount };
  const disk = new SimulatedDisk();
  const compact = (count: number, kept: number) =>
    compactJournal(disk, DIRECTORY, identity, entriesOf(tape, count, kept));
  assert.deepEqual(compact(0, 1), { header: null, entries: 0, refused: [] });
  let last = 0;
  let lastButOne = 0;
  while (last < inputs.length) {
    const next = Math.min(inputs.length, last + 1 + random.below(inputs.length / 3));
    const isDamaged = lastButOne > 0 && random.below(3) === 0;
    if (isDamaged) disk.flipBit(`${DIRECTORY}/${snapshotName(last)}`, random.below(8_000));
    const first = isDamaged ? lastButOne : last;
    const { header, entries, refused } = compact(next, first + 1);
    assert.equal(entries, next - first);
    assert.equal(refused.length > 0, isDamaged);
    assert.equal(header!.journalSequence, next);
    const state = `${header!.shardHash} ${JSON.stringify(header!.positions)}`;
    assert.equal(state, stateAfter(tape, next), `${tape.name}, after ${next} inputs`);
    assert.deepEqual(compact(next, next), { header, entries: 0, refused: [] });
    lastButOne = first;
    last = next;
    if (random.below(2) === 0) checkGoesOn(tape, disk, last);
  }
}

/** The shard of the newest snapshot says to every later input what the real one said. */
function checkGoesOn(tape: Tape, disk: SimulatedDisk, count: number): void {
  const { shard, shardCount, inputs, said, name } = tape;
  const makeShard = () => new Shard(shard, shardCount);
  const { loaded } = loadNewestSnapshot(disk, DIRECTORY, { shard, shardCount }, makeShard);
  const player = new InputPlayer(loaded!.shard);
  for (let index = count; index < inputs.length; index++) {
    const isSame = Buffer.compare(player.play(inputs[index]!), said[index]!) === 0;
    assert.ok(isSame, `${name}: input ${index} after a snapshot at ${count}`);
  }
}
