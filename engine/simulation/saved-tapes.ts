import { Random } from '../collections/random.ts';
import { CancelAllOrders, QueryOrder } from '../protocol/commands.ts';
import { FrameReader } from '../protocol/frame-reader.ts';
import { Shard } from '../shard/shard.ts';
import { checkShard } from '../shard/shard-harness.fixture.ts';
import { savedBytes, sourceOf, tablesOf } from '../snapshot/snapshot-bytes.fixture.ts';
import { SnapshotReader } from '../snapshot/snapshot-reader.ts';
import { Chatter } from './chatter.ts';
import { checkOpenOrders } from './checked-shard.ts';
import { drawCase } from './draw-case.ts';
import { type Input, InputPlayer, RecordingShard } from './input-tape.ts';
import { runCase } from './run-case.ts';

/** Chatter between two inputs of a case, on average. */
const CHATTER_ONE_IN = 3;

/** A shard's whole life: what it took in, what it said to each of that, and how it stood now and then. */
export interface Tape {
  readonly name: string;
  readonly shard: number;
  readonly shardCount: number;
  readonly inputs: readonly Input[];
  readonly said: readonly Uint8Array[];
  readonly cuts: readonly Cut[];
  /** Payload of the snapshot at the end. */
  readonly savedAtEnd: Uint8Array;
}

/** How a shard stood after so many inputs. */
export interface Cut {
  readonly inputs: number;
  readonly hash: string;
  readonly saved: Uint8Array;
}

/** Runs a crowd's case and answers the life of each of its shards, with chatter in between. */
export function recordTapes(
  seed: number,
  shardCount: number,
  commands: number,
  cuts: number,
): Tape[] {
  const simulated = drawCase(seed, { mode: 'crowd', shardCount, commands });
  const recorders: RecordingShard[] = [];
  const { fault } = runCase(simulated, {
    makeShard: (...given) => {
      const recorder = new RecordingShard(...given);
      recorders.push(recorder);
      return recorder;
    },
  });
  if (fault !== null) throw new Error(`seed ${seed}: ${fault.message}`);
  const random = new Random(seed * 7_919 + shardCount);
  const { setup } = simulated.regime;
  const listings = setup.assetIds.length + setup.markets.length;
  return recorders.map(({ inputs }, shard) => {
    const chatter = new Chatter(random, shard, shardCount, setup);
    // One may wait in the shard, which no snapshot has: they are made of journals, and those have no queries.
    const lasting = inputs.filter(({ frame }) => typeOf(frame) !== QueryOrder.type);
    const mixed = lasting.flatMap((input, index) => {
      if (index < listings || random.below(CHATTER_ONE_IN) > 0) return [input];
      return [input, { frame: chatter.next(), from: -1, nowUs: input.nowUs }];
    });
    const name = `seed ${seed}, shard ${shard} of ${shardCount}`;
    return playTape({ name, shard, shardCount, inputs: mixed }, random, cuts);
  });
}

function playTape(
  tape: Pick<Tape, 'name' | 'shard' | 'shardCount' | 'inputs'>,
  random: Random,
  cutCount: number,
): Tape {
  const { shard, shardCount, inputs } = tape;
  const places = Array.from({ length: cutCount }, () => random.below(inputs.length));
  places.push(...afterCancelAlls(inputs));
  const player = new InputPlayer(new Shard(shard, shardCount, random.nextUint32()));
  const cuts: Cut[] = [];
  const said = inputs.map((input, index) => {
    if (places.includes(index)) {
      cuts.push({ inputs: index, hash: player.shard.hash(), saved: savedBytes(player.shard) });
    }
    return player.play(input);
  });
  return { ...tape, said, cuts, savedAtEnd: savedBytes(player.shard) };
}

/** Right after those, they may be under way. */
function afterCancelAlls(inputs: readonly Input[]): number[] {
  return inputs.flatMap(({ frame }, index) =>
    typeOf(frame) === CancelAllOrders.type ? [index + 1] : [],
  );
}

function typeOf(frame: Uint8Array): number | null {
  const reader = new FrameReader();
  reader.reset(frame, 0, frame.length);
  return reader.next() ? reader.type : null;
}

/**
 * Loads the shard of a cut and lets it go on to the tape's end; answers what gave it away, or null when it is
 * the same to the byte.
 *
 * @param Reader to load with
 */
export function playFrom(
  tape: Tape,
  cut: Cut,
  reader = new SnapshotReader(sourceOf(cut.saved)),
): string | null {
  const { name, shard, shardCount, inputs, said, savedAtEnd } = tape;
  const player = new InputPlayer(new Shard(shard, shardCount, cut.inputs));
  const where = `${name}, saved after ${cut.inputs} inputs`;
  try {
    player.shard.load(reader);
    checkShard(player.shard, true);
    checkOpenOrders(player.shard);
  } catch (error) {
    return `${where}: it cannot be loaded, or is not sound: ${String(error)}`;
  }
  const hasSameHash = player.shard.hash() === cut.hash;
  const hasSameBytes = Buffer.compare(savedBytes(player.shard), cut.saved) === 0;
  for (let index = cut.inputs; index < inputs.length; index++) {
    const difference = compare(player, inputs[index]!, said[index]!);
    if (difference !== null) return `${where}: ${difference} to input ${index}`;
  }
  if (Buffer.compare(savedBytes(player.shard), savedAtEnd) !== 0) return `${where}: another end`;
  if (!hasSameHash) return `${where}: another hash`;
  return hasSameBytes ? null : `${where}: saved again, it is other bytes`;
}

function compare(player: InputPlayer, input: Input, said: Uint8Array): string | null {
  try {
    return Buffer.compare(player.play(input), said) === 0 ? null : 'it says something else';
  } catch (error) {
    return `it fails (${String(error)})`;
  }
}

/** What was under way or at rest in the shard of a cut: the sizes of its tables. */
export function sizesOf({ saved }: Cut): Map<string, number> {
  return new Map([...tablesOf(saved)].map(([table, rows]) => [table, rows.length]));
}
