import { assert } from '../assert.ts';
import { Random } from '../collections/random.ts';
import type { Disk } from '../journal/disk.ts';
import { JournalReader } from '../journal/journal-reader.ts';
import { listSegments } from '../journal/segments.ts';
import { SimulatedDisk } from '../journal/simulated-disk.fixture.ts';
import { ReduceOrder, ReplaceOrder } from '../protocol/commands.ts';
import { FrameReader } from '../protocol/frame-reader.ts';
import { Shard } from '../shard/shard.ts';
import { type Command, Heard } from '../shard/shard-harness.fixture.ts';
import { SHARD_PARTS, type ShardParts } from '../shard/shard-parts.ts';
import { setupCommands } from '../shard/venue-comparison.fixture.ts';
import { drawConditions } from './conditions.ts';
import { RECOVERY_PARTS } from './crash-conditions.ts';
import { drawCase } from './draw-case.ts';
import { EventTally } from './event-tally.ts';
import { History } from './history.ts';
import { directoryOf } from './history-keeper.ts';
import { PerilousDisk } from './perilous-disk.ts';
import { RunSummary } from './run-summary.ts';
import { type ShardState, stateOf } from './shard-state.ts';
import { SimulatedEngine } from './simulated-engine.ts';

/** What a golden journal is recorded from: a case that is drawn, and the schedule of the engine that runs it. */
export interface GoldenRecipe {
  readonly name: string;
  readonly mode: 'crowd' | 'shards';
  readonly seed: number;
  readonly shardCount: number;
  readonly commands: number;
}

/** The mix is what matters: see what `golden-journals.test.ts` asks for. */
export const GOLDEN_RECIPES: readonly GoldenRecipe[] = [
  { name: 'one-shard', mode: 'crowd', seed: 39, shardCount: 1, commands: 500 },
  { name: 'one-shard-closed-market', mode: 'crowd', seed: 19, shardCount: 1, commands: 500 },
  { name: 'two-shards', mode: 'crowd', seed: 37, shardCount: 2, commands: 600 },
  { name: 'two-shards-closed-market', mode: 'crowd', seed: 19, shardCount: 2, commands: 600 },
  { name: 'full-books', mode: 'shards', seed: 1, shardCount: 1, commands: 800 },
];

/** Small enough that a journal has several. */
const SEGMENT_BYTES = 16_384;

/** Records the journals of a recipe on a disk of their own. */
export function recordJournals({ mode, seed, shardCount, commands }: GoldenRecipe): SimulatedDisk {
  const { regime, steps } = drawCase(seed, { mode, shardCount, commands });
  const random = new Random(seed);
  const disk = new SimulatedDisk();
  const conditions = { ...drawConditions(random), gapStepsMax: 64 };
  const history = new History(
    shardCount,
    random,
    new PerilousDisk(disk, random),
    { durability: 'os', segmentBytes: SEGMENT_BYTES },
    RECOVERY_PARTS,
  );
  const surroundings = history.begin(1_700_000_000_000_000);
  const engine = new SimulatedEngine(shardCount, random, conditions, SHARD_PARTS, surroundings);
  for (const command of setupCommands(regime.setup)) {
    engine.inject(command);
    engine.settle();
  }
  for (const { number, command } of steps) {
    engine.inject({ ...command, body: { ...command.body, requestId: number } } as Command);
    for (let left = random.below(conditions.gapStepsMax); left > 0 && engine.step(); left--);
  }
  engine.settle();
  engine.stop();
  history.close();
  return disk;
}

/** What one shard's journal must lead to. */
export interface GoldenShard {
  readonly inputs: number;
  readonly lastTimeUs: number;
  /** Of every recorded event, in order and to the byte. */
  readonly eventDigest: string;
  readonly state: ShardState;
}

/** What the journals of a venue must lead to. */
export interface GoldenResult {
  readonly shards: readonly GoldenShard[];
  /** How often things happened in them, by name: events, kinds of order events, refusals, and changes that waited. */
  readonly occurrences: Readonly<Record<string, number>>;
}

/** Replays the journals on a disk, each by itself, with shards made of `parts`. */
export function replayJournals(
  disk: Disk,
  shardCount: number,
  parts: ShardParts = SHARD_PARTS,
): GoldenResult {
  const summary = new RunSummary();
  const tallies: EventTally[] = [];
  let deferred = 0;
  const shards = Array.from({ length: shardCount }, (_, shard): GoldenShard => {
    const replay = new GoldenReplay(shard, shardCount, parts);
    const end = new JournalReader(disk, directoryOf(shard), { shard, shardCount }).read(
      1,
      replay.visit,
    );
    assert(end.tornBytes === 0, 'a golden journal has a torn end');
    summary.takeHeard([replay.heard]);
    tallies.push(replay.tally);
    deferred += replay.deferred;
    return {
      inputs: end.nextSequence - 1,
      lastTimeUs: end.lastTimeUs,
      eventDigest: replay.tally.digest(),
      state: stateOf(replay.machine),
    };
  });
  summary.takeTallies(tallies, 0);
  const { events, orderEvents, refusals } = summary;
  const counted = [...events, ...orderEvents, ...refusals].sort(([one], [other]) =>
    one < other ? -1 : 1,
  );
  return { shards, occurrences: { ...Object.fromEntries(counted), deferred } };
}

class GoldenReplay {
  readonly machine: Shard;
  readonly heard = new Heard();
  readonly tally = new EventTally();
  /** Changes of an order that waited for another one: they cause nothing at first. */
  deferred = 0;
  readonly #frame = new FrameReader();

  constructor(shard: number, shardCount: number, parts: ShardParts) {
    this.machine = new Shard(shard, shardCount, 0, parts);
  }

  visit = (
    _sequence: number,
    source: number,
    timeUs: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void => {
    const frame = this.#frame;
    const { events, toShard } = this.machine.outputs;
    frame.reset(bytes, start, end);
    assert(frame.next(), 'an entry without a frame');
    const isChange = frame.type === ReduceOrder.type || frame.type === ReplaceOrder.type;
    this.machine.apply(frame, source, timeUs);
    const isSilent = [events, ...toShard].every(({ pendingBytes }) => pendingBytes === 0);
    if (isChange && isSilent) this.deferred++;
    frame.reset(events.bytes, events.start, events.end);
    while (frame.next()) {
      if (frame.sequence > 0) this.tally.take(frame);
      this.heard.take(frame);
    }
    for (const frames of [events, ...toShard]) frames.consume(frames.pendingBytes);
  };
}

/** The paths of a shard's segments on the disk of a recording. */
export function segmentPaths(disk: Disk, shard: number): string[] {
  return listSegments(disk, directoryOf(shard)).map(({ path }) => path);
}
