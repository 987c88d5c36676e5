import { assert } from '../assert.ts';
import type { Random } from '../collections/random.ts';
import { SimulatedDisk } from '../journal/simulated-disk.fixture.ts';
import type { Answers } from '../shard/shard-cluster.fixture.ts';
import type { Command, Heard } from '../shard/shard-harness.fixture.ts';
import type { ShardParts } from '../shard/shard-parts.ts';
import type { CheckedShard } from './checked-shard.ts';
import type { Conditions } from './conditions.ts';
import {
  type CrashConditions,
  drawCrashConditions,
  type RecoveryParts,
} from './crash-conditions.ts';
import type { EventTally } from './event-tally.ts';
import { History } from './history.ts';
import {
  type Death,
  isDiskError,
  isProcessDeath,
  isShardDeath,
  PerilousDisk,
  ProcessDeath,
  rootOf,
} from './perilous-disk.ts';
import { type Engine, SimulatedEngine, STEPS_TO_REST_MAX } from './simulated-engine.ts';

/** How far away a death is at most when it is drawn. */
const STEPS_TO_DEATH_MAX = 512;
const OPERATIONS_TO_DEATH_MAX = 48;
/** One death in so many, of those that are not the disk's, comes soon after a snapshot: few have heard what it has. */
const DEATH_AFTER_SNAPSHOT_ONE_IN = 3;
const STEPS_AFTER_SNAPSHOT_MAX = 16;
/** Of reading a short journal once more. */
const OPERATIONS_OF_REPLAY = 12;
/** One process in so many is to die while it opens its journals, and of the others one while it replays them. */
const DEATH_AT_BEGIN_ONE_IN = 3;
/** One thing that happens in so many makes somebody notice a dead shard, and start it again, or end the process. */
const NOTICE_ONE_IN = 32;
/** Between so many processes a snapshot may rot. */
const ROT_ONE_IN = 4;
/** One death of a shard in so many ends the process, as a venue does that is stopped then. */
const END_WITH_SHARD_ONE_IN = 4;
/** The most that the clock moves on, or was set back, between two processes. */
const CLOCK_STEP_US = 2 ** 20;

/**
 * A simulated engine on journals, whose process dies now and then, or one of its shards, and begins again. Whatever
 * was told before must still be true after it: see `History`.
 */
export class CrashingEngine implements Engine {
  readonly shardCount: number;
  readonly conditions: Conditions;
  /** How often the process ended, by what. */
  readonly deaths = new Map<string, number>();
  readonly #random: Random;
  readonly #parts: ShardParts;
  readonly #crashes: CrashConditions;
  readonly #disk: PerilousDisk;
  readonly #history: History;
  #engine: SimulatedEngine;
  #heldUpBefore = 0;
  /** What is going to happen, if anything: in some disk operation, or when so many steps were made. */
  #coming: Death | null = null;
  #stepsLeft = Number.POSITIVE_INFINITY;

  constructor(
    shardCount: number,
    random: Random,
    conditions: Conditions,
    parts: ShardParts,
    recovery: RecoveryParts,
  ) {
    const crashes = drawCrashConditions(random);
    const { pageBytes, writeBytesMax, journal } = crashes;
    const disk = new SimulatedDisk({ seed: random.nextUint32(), pageBytes, writeBytesMax });
    this.shardCount = shardCount;
    this.conditions = { ...conditions, gapStepsMax: crashes.gapStepsMax };
    this.#random = random;
    this.#parts = parts;
    this.#crashes = crashes;
    this.#disk = new PerilousDisk(disk, random);
    this.#history = new History(shardCount, random, this.#disk, journal, recovery);
    this.#engine = this.#begin(CLOCK_STEP_US);
  }

  get shards(): readonly CheckedShard[] {
    return this.#engine.shards;
  }

  get heard(): readonly Heard[] {
    return this.#history.gateway.heard;
  }

  get answers(): Answers {
    return this.#history.gateway.answers;
  }

  get tallies(): readonly EventTally[] {
    return this.#history.gateway.tallies;
  }

  get heldUpCount(): number {
    return this.#heldUpBefore + this.#engine.heldUpCount;
  }

  get nowUs(): number {
    return this.#engine.nowUs;
  }

  inject(command: Command): void {
    this.#engine.inject(command);
  }

  /** What came of the snapshots, by name. */
  get snapshotCounts(): ReadonlyMap<string, number> {
    return this.#history.snapshotCounts;
  }

  /** Perhaps lets the process die soon, in a moment and a way of the seed's choice. */
  endanger(): void {
    const random = this.#random;
    const { crashOneIn, deaths } = this.#crashes;
    if (this.#isDeathComing || random.below(crashOneIn) > 0) return;
    const death = deaths[random.below(deaths.length)]!;
    this.#coming = death;
    if (isOfDisk(death) || (death !== 'stop' && random.below(2) === 0)) {
      this.#disk.arm(death, 1 + random.below(OPERATIONS_TO_DEATH_MAX));
    } else if (random.below(DEATH_AFTER_SNAPSHOT_ONE_IN) === 0) {
      this.#dieAfterSnapshot(random.below(this.shardCount));
    } else {
      this.#stepsLeft = random.below(STEPS_TO_DEATH_MAX);
    }
  }

  /** Or in the snapshot itself, as in any other operation of the disk. */
  #dieAfterSnapshot(shard: number): void {
    try {
      this.#history.keepSnapshot(shard);
      this.#stepsLeft = this.#random.below(STEPS_AFTER_SNAPSHOT_MAX);
    } catch (error) {
      if (!isProcessDeath(error)) throw rootOf(error);
      this.#restart();
    }
  }

  step(): boolean {
    try {
      if (this.#stepsLeft-- <= 0) this.#die();
      if (this.#random.below(this.#crashes.snapshotOneIn) === 0) {
        this.#history.keepSnapshot(this.#random.below(this.shardCount));
      }
      const engine = this.#engine;
      const isQuiet = !engine.step();
      if (engine.dead.size === 0) return !isQuiet;
      if (!isQuiet && this.#random.below(NOTICE_ONE_IN) > 0) return true;
      if (this.#random.below(END_WITH_SHARD_ONE_IN) > 0) {
        this.#restartShards();
        return true;
      }
    } catch (error) {
      // One that ends before all have begun is no one's that goes on.
      if (!isProcessDeath(error) && !isShardDeath(error)) throw rootOf(error);
    }
    this.#restart();
    return true;
  }

  /** What was coming and did not come before nothing was under way comes then, or not at all. */
  settle(): void {
    this.#rest();
    while (this.#coming !== null) {
      this.#disk.disarm();
      const isToCome = !isOfDisk(this.#coming) && this.#random.below(2) === 0;
      if (isToCome) this.#stepsLeft = 0;
      else this.#forget();
      this.#rest();
    }
    this.#history.checkAtRest(this.shards);
  }

  /** The next process would find all of it. */
  stop(): void {
    this.settle();
    this.#engine.stop();
    this.#history.close();
    this.#history.end(this.shards);
    this.#disk.restart();
    this.#history.begin(this.nowUs);
  }

  /** An error that the disk gave to nobody who minds is over. */
  get #isDeathComing(): boolean {
    const isOver = !this.#disk.isArmed && !Number.isFinite(this.#stepsLeft);
    return this.#coming !== null && !(isOver && this.#engine.dead.size === 0);
  }

  #rest(): void {
    for (let steps = 0; this.step(); steps++) {
      assert(steps < STEPS_TO_REST_MAX, 'the engine never comes to rest');
    }
  }

  #forget(): void {
    this.#coming = null;
    this.#stepsLeft = Number.POSITIVE_INFINITY;
  }

  #die(): never {
    if (this.#coming === 'stop') {
      this.#engine.stop();
      this.#history.close();
    }
    if (this.#coming === 'power') this.#disk.disk.cutPower();
    throw new ProcessDeath();
  }

  /** The process goes on. */
  #restartShards(): void {
    const engine = this.#engine;
    this.#disk.disarm();
    for (const shard of [...engine.dead]) {
      count(this.deaths, `${this.#coming} of a shard alone`);
      this.#history.endShard(shard, engine.shards[shard]!);
      engine.restart(shard);
    }
    this.#forget();
    if (this.#random.below(DEATH_AT_BEGIN_ONE_IN) > 0) return;
    this.#coming = 'thread';
    this.#disk.arm('thread', 1 + this.#random.below(OPERATIONS_OF_REPLAY));
  }

  #restart(): void {
    const { heldUpCount, nowUs } = this.#engine;
    const whileRecovering = this.#history.isRecovering ? ' while recovering' : '';
    count(this.deaths, `${this.#coming}${whileRecovering}`);
    this.#heldUpBefore += heldUpCount;
    this.#history.end(this.shards);
    const clockStepUs = this.#random.below(2 * CLOCK_STEP_US) - CLOCK_STEP_US;
    this.#engine = this.#begin(Math.max(1, nowUs + clockStepUs));
  }

  /** Begins processes until one lives to have opened every journal. */
  #begin(startUs: number): SimulatedEngine {
    for (;;) {
      this.#disk.restart();
      if (this.#random.below(ROT_ONE_IN) === 0) {
        this.#history.rotSnapshot(this.#random.below(this.shardCount));
      }
      this.#disk.interject = () => {};
      this.#forget();
      this.#endangerBegin(OPERATIONS_TO_DEATH_MAX);
      try {
        const surroundings = this.#history.begin(startUs);
        if (this.#coming === null) this.#endangerBegin(OPERATIONS_OF_REPLAY);
        const engine = new SimulatedEngine(
          this.shardCount,
          this.#random,
          this.conditions,
          this.#parts,
          surroundings,
        );
        this.#disk.interject = () => engine.interject();
        return engine;
      } catch (error) {
        if (!isProcessDeath(error) && !isDiskError(error)) throw rootOf(error);
        count(this.deaths, `${this.#coming} while opening`);
      }
    }
  }

  /** Perhaps lets the process die in one of its next operations, `operations` at most. */
  #endangerBegin(operations: number): void {
    const random = this.#random;
    // A venue that does not come to be ends whole.
    const deaths = this.#crashes.deaths.filter((death) => death !== 'stop' && death !== 'thread');
    if (deaths.length === 0 || random.below(DEATH_AT_BEGIN_ONE_IN) > 0) return;
    this.#coming = deaths[random.below(deaths.length)]!;
    this.#disk.arm(this.#coming, 1 + random.below(operations));
  }
}

/** Whether it only comes in an operation of the disk. */
function isOfDisk(death: Death): boolean {
  return death === 'error' || death === 'full' || death === 'thread';
}

function count(deaths: Map<string, number>, name: string): void {
  deaths.set(name, (deaths.get(name) ?? 0) + 1);
}
