import { Random } from '../collections/random.ts';
import type { Command } from '../shard/shard-harness.fixture.ts';
import type { ShardParts } from '../shard/shard-parts.ts';
import { setupCommands } from '../shard/venue-comparison.fixture.ts';
import { drawConditions } from './conditions.ts';
import { RECOVERY_PARTS, type RecoveryParts } from './crash-conditions.ts';
import { CrashingEngine } from './crashing-engine.ts';
import type { RunSummary, StateReport } from './run-summary.ts';
import { type Engine, type MakeShard, SimulatedEngine } from './simulated-engine.ts';
import type { SimulationCase } from './simulation-case.ts';
import { Witness } from './witness.ts';

/** Request ids of what the run itself asks, far from the steps' and the setup's. */
const FIRST_OWN_REQUEST = 2 ** 42;

export interface RunOptions {
  /** What the shards are made of. */
  readonly parts: ShardParts;
  /** Reports the hashes of every market and ledger after so many commands; 0 = only at the end. */
  readonly hashEvery: number;
  readonly onReport?: ((report: StateReport) => void) | undefined;
  /** What a process that may crash keeps its journals with. */
  readonly recovery?: RecoveryParts;
  /** See `SimulatedEngine`. */
  readonly makeShard?: MakeShard | undefined;
}

/** One engine of a case under its seed's conditions, its markets listed and its accounts opened. */
export class EngineRun {
  readonly engine: Engine;
  /** The same one, when its process may die. */
  readonly #crashing: CrashingEngine | null;
  readonly #random: Random;
  readonly #summary: RunSummary;
  readonly #options: RunOptions;
  /** Null where processes die: of what they said last, part is never heard. */
  readonly #witness: Witness | null;
  /** Requests of the case that were not answered yet, the last time one was sent. */
  #underWay: number[] = [];
  #commands = 0;
  #ownRequest = FIRST_OWN_REQUEST;

  constructor(
    { seed, regime, mode }: SimulationCase,
    shardCount: number,
    summary: RunSummary,
    options: RunOptions,
  ) {
    // Not the sequence that drew the case.
    this.#random = new Random(~seed);
    const conditions = drawConditions(this.#random);
    const { parts, recovery = RECOVERY_PARTS, makeShard } = options;
    this.#crashing =
      mode === 'crash'
        ? new CrashingEngine(shardCount, this.#random, conditions, parts, recovery)
        : null;
    this.engine =
      this.#crashing ??
      new SimulatedEngine(shardCount, this.#random, conditions, parts, undefined, makeShard);
    this.#summary = summary;
    this.#options = options;
    this.#witness = this.#crashing === null ? new Witness(regime.setup, shardCount) : null;
    for (const command of setupCommands(regime.setup)) this.#setUp(command);
    this.collect();
  }

  /** Numbers for requests that are of no step; `count` of them. */
  takeRequestIds(count: number): number {
    const first = this.#ownRequest;
    this.#ownRequest += count;
    return first;
  }

  /**
   * Every shard knows an asset before the markets that trade it, and a market before anybody trades in it: what a
   * crash has cut short a gateway asks for again.
   */
  #setUp(command: Command): void {
    let { requestId } = command.body;
    for (;;) {
      this.engine.inject({ ...command, body: { ...command.body, requestId } } as Command);
      this.engine.settle();
      if (!this.engine.answers.isInDoubt(requestId)) return;
      requestId = this.takeRequestIds(1);
    }
  }

  /** Sends the next command of the case and lets a little happen. */
  send(command: Command): void {
    const { answers } = this.engine;
    this.#crashing?.endanger();
    this.#witness?.ask(command, this.engine.nowUs);
    this.engine.inject(command);
    this.#commands++;
    this.#underWay = this.#underWay.filter((requestId) => !answers.isComplete(requestId));
    this.#underWay.push(command.body.requestId);
    this.#summary.takeCommand(command.kind, this.#underWay.length);
    const { gapStepsMax } = this.engine.conditions;
    for (let left = this.#random.below(gapStepsMax); left > 0 && this.engine.step(); left--);
  }

  /** Whether hashes are due. */
  get isReportDue(): boolean {
    const { hashEvery } = this.#options;
    return hashEvery > 0 && this.#commands % hashEvery === 0;
  }

  /** At rest: the hashes of everything. */
  report(): StateReport {
    const { engine } = this;
    engine.inject({ kind: 'reportState', body: { requestId: this.takeRequestIds(1) } });
    engine.settle();
    const ledgers: string[] = [];
    const markets = new Map<number, string>();
    for (const said of engine.heard) {
      for (const { marketId, marketHash } of said.markets) markets.set(marketId, marketHash);
      for (const { shard, stateHash } of said.shards) ledgers[shard] = stateHash;
      said.markets.length = 0;
      said.shards.length = 0;
    }
    const { shardCount } = engine;
    const sorted = new Map([...markets].sort((a, b) => a[0] - b[0]));
    const report = { shardCount, commands: this.#commands, markets: sorted, ledgers };
    this.#summary.takeReport(report);
    this.#options.onReport?.(report);
    return report;
  }

  /** At rest: checks what was heard, counts it and forgets it. */
  collect(): void {
    const { heard, shards, nowUs } = this.engine;
    for (const said of heard) this.#witness?.hear(said, nowUs);
    this.#witness?.checkAtRest(shards);
    this.#summary.takeHeard(heard);
    for (const said of heard) said.clear();
  }

  /** At rest, and for the last time: the hashes of everything at the end. */
  finish(): StateReport {
    const { engine } = this;
    const report = this.report();
    this.collect();
    engine.answers.assertAllGiven();
    engine.stop();
    this.#summary.takeTallies(engine.tallies, engine.heldUpCount);
    if (this.#crashing === null) return report;
    this.#summary.takeDeaths(this.#crashing.deaths);
    this.#summary.takeSnapshots(this.#crashing.snapshotCounts);
    return report;
  }
}
