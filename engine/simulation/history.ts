import { assert } from '../assert.ts';
import type { Random } from '../collections/random.ts';
import { JournalReader } from '../journal/journal-reader.ts';
import type { JournalOptions } from '../journal/journal-writer.ts';
import { FrameReader } from '../protocol/frame-reader.ts';
import type { FrameWriter } from '../protocol/frame-writer.ts';
import { checkNothingIsLost, type FoundJournal, type ShardHistory } from '../shard/recovery.ts';
import { RecoveryBoard } from '../shard/recovery-board.ts';
import type { ShardLoop } from '../shard/shard-loop.ts';
import type { CheckedShard } from './checked-shard.ts';
import type { RecoveryParts } from './crash-conditions.ts';
import { EventRecord } from './event-record.ts';
import { GatewayEnd } from './gateway-end.ts';
import { directoryOf, HistoryKeeper } from './history-keeper.ts';
import { auditJournal, type JournalAudit } from './journal-audit.ts';
import { isShardDeath, type PerilousDisk } from './perilous-disk.ts';
import { differenceOf, type ShardState, stateOf } from './shard-state.ts';
import { SimulatedDatabase } from './simulated-database.ts';
import type { Surroundings } from './simulated-engine.ts';
import { WatchedJournal } from './watched-journal.ts';

/** What a shard's journal must hold when a process begins. */
interface Expected {
  /** Inputs that were committed, so all of them are there, and that were appended, so no others are. */
  readonly least: number;
  readonly most: number;
  /** Of a shard that has applied all that were appended; null when none is known. */
  readonly state: ShardState | null;
}

/**
 * What is left of a simulated venue when its process dies: its journals, its database, and what the gateway's clients
 * were told. Checks at each begin of a process that all of it is of one history.
 */
export class History {
  readonly disk: PerilousDisk;
  readonly gateway: GatewayEnd;
  readonly #shardCount: number;
  readonly #random: Random;
  readonly #options: JournalOptions;
  readonly #parts: RecoveryParts;
  readonly #records: readonly EventRecord[];
  readonly #databases: readonly SimulatedDatabase[];
  readonly #expected: Expected[];
  readonly #keeper: HistoryKeeper;
  #isKeeping = false;
  /** Of this process, or of the last one. */
  #board: RecoveryBoard;
  /** Of the shards of this process that have begun, by shard. */
  #journals: WatchedJournal[] = [];

  constructor(
    shardCount: number,
    random: Random,
    disk: PerilousDisk,
    options: JournalOptions,
    parts: RecoveryParts,
  ) {
    const records = Array.from({ length: shardCount }, () => new EventRecord());
    this.disk = disk;
    this.gateway = new GatewayEnd(shardCount, (shard, frame) => records[shard]!.take(frame));
    this.#shardCount = shardCount;
    this.#random = random;
    this.#options = options;
    this.#parts = parts;
    this.#records = records;
    this.#databases = records.map((record) => new SimulatedDatabase(record, random));
    this.#expected = records.map(() => ({ least: 0, most: 0, state: null }));
    const { keepHistory } = parts;
    this.#keeper = new HistoryKeeper(shardCount, disk.disk, options.durability, keepHistory);
    this.#board = this.#newBoard();
  }

  /**
   * A new process reads every journal; when a shard is to have its first turn it replays its own, then opens it, and
   * waits for the others at each. One that begins once more does all of it by itself.
   *
   * @throws what ends it in the attempt, or an assertion
   */
  begin(startUs: number): Surroundings {
    this.#board = this.#newBoard();
    const found: FoundJournal[] = [];
    const order = this.#databases.map((_database, shard) => shard);
    while (order.length > 0) {
      const [shard] = order.splice(this.#random.below(order.length), 1);
      found[shard!] = this.#read(shard!);
    }
    const audits = found.map((one, shard) => this.#audit(shard, one));
    checkMessages(audits.map(({ state }) => state));
    this.#journals = [];
    const together = { replayed: 0, opened: 0 };
    const beginnings: Generator<null, ShardLoop>[] = [];
    return {
      startUs,
      gateway: this.gateway,
      persistence: this.#databases,
      start: (...given) => {
        const [shard] = given;
        const first = found[shard];
        delete found[shard];
        const beginning =
          beginnings[shard] ?? this.#beginning(given, together, first, audits[shard]!);
        delete beginnings[shard];
        const { value, done } = beginning.next();
        if (!done) beginnings[shard] = beginning;
        return value;
      },
      // A venue that does not come to be ends whole.
      survives: (error) => together.opened >= this.#shardCount && isShardDeath(error),
      checkAtRest: () => {},
    };
  }

  /**
   * A shard's way to its loop; yields where it waits for those that begin with it.
   *
   * @param first what was read of its journal when the process began; undefined when it begins once more
   */
  *#beginning(
    [shard, makeMachine, topology, nowUs, drain]: Parameters<Surroundings['start']>,
    together: { replayed: number; opened: number },
    first: FoundJournal | undefined,
    auditAtBegin: JournalAudit,
  ): Generator<null, ShardLoop> {
    const count = this.#shardCount;
    const found = first ?? this.#read(shard);
    const audit = first === undefined ? this.#audit(shard, found) : auditAtBegin;
    const awaitRoom = (): void => {
      // Whoever waits can die.
      this.disk.pass();
      drain();
    };
    const heardSequence = this.gateway.lastSequence(shard);
    const alone = first === undefined ? { heardSequence } : {};
    const history = this.#historyOf(shard, awaitRoom, alone);
    let machine!: CheckedShard;
    const makeReplaying = () => {
      machine = makeMachine();
      machine.isReplaying = true;
      return machine;
    };
    this.#parts.replayJournal(makeReplaying, shard, topology, history, found);
    checkNothingIsLost(shard, machine.outputs, history);
    machine.isReplaying = false;
    this.#checkRecovered(shard, machine, audit.state);
    together.replayed++;
    while (together.replayed < count) yield null;
    const opened = this.#parts.openJournal(shard, count, history, found, machine);
    this.#checkOpened(shard, audit.inputs);
    together.opened++;
    while (together.opened < count) yield null;
    if (first !== undefined) this.gateway.catchUp(shard, audit.events);
    this.#board.setDown(shard, false);
    const journal = new WatchedJournal(opened, () => this.disk.pass());
    this.#journals[shard] = journal;
    return new this.#parts.Loop(topology, shard, nowUs, machine, journal, this.#board);
  }

  /** What came of the snapshots. */
  get snapshotCounts(): ReadonlyMap<string, number> {
    return this.#keeper.counts;
  }

  /** Makes a snapshot of a shard and cleans up, beside all that happens; a disk that refuses is nobody's end. */
  keepSnapshot(shard: number): void {
    const journal = this.#journals[shard];
    if (journal === undefined || this.#isKeeping) return;
    // A shard that starts again by itself tells its gateway what that lacks, too.
    const position = Math.min(this.#databases[shard]!.position, this.gateway.lastSequence(shard));
    this.#isKeeping = true;
    try {
      this.#keeper.keep(shard, this.disk, journal.committed, position, this.#board);
    } catch (error) {
      if (!isShardDeath(error)) throw error;
    } finally {
      this.#isKeeping = false;
    }
  }

  /** Between two processes: a snapshot of a shard may rot. */
  rotSnapshot(shard: number): void {
    this.#keeper.rot(shard, this.#random, this.#databases[shard]!.position, this.#board);
  }

  /** Whether a shard of this process has not come to where its journal ends. */
  get isRecovering(): boolean {
    return this.#databases.some((_database, shard) => this.#journals[shard] === undefined);
  }

  /** The process has died, whose shards these were. */
  end(shards: readonly CheckedShard[]): void {
    for (const [shard, machine] of shards.entries()) this.#endOf(shard, machine);
    this.gateway.answers.doubtUnanswered();
    for (const database of this.#databases) database.crash();
  }

  /** The thread of one shard is gone, and the process goes on. */
  endShard(shard: number, machine: CheckedShard): void {
    this.#endOf(shard, machine);
    this.#board.setDown(shard, true);
    this.gateway.answers.doubtUnanswered();
  }

  /** The shards have stopped as told. */
  close(): void {
    for (const journal of this.#journals) journal.close();
  }

  /** Nothing is under way: everybody knows the same. */
  checkAtRest(shards: readonly CheckedShard[]): void {
    for (const [shard, { outputs }] of shards.entries()) {
      const { eventSequence } = outputs;
      const told = `of the ${eventSequence} events of shard ${shard}`;
      const { position } = this.#databases[shard]!;
      const heard = this.gateway.lastSequence(shard);
      assert(position === eventSequence, `the database has ${position} ${told}`);
      assert(heard === eventSequence, `the gateway has heard ${heard} ${told}`);
    }
    const states = shards.map((shard) => stateOf(shard).shard);
    for (const [from, { sentTo }] of states.entries()) {
      for (const [to, { consumedFrom }] of states.entries()) {
        const lost = sentTo[to]! - consumedFrom[from]!;
        assert(lost === 0, `${lost} messages of shard ${from} never came to shard ${to}`);
      }
    }
  }

  #newBoard(): RecoveryBoard {
    return new RecoveryBoard(RecoveryBoard.allocate(this.#shardCount), this.#shardCount);
  }

  /** Keeps what must be in the journal of a shard that has ended, and is the next one's. */
  #endOf(shard: number, machine: CheckedShard): void {
    const journal = this.#journals[shard];
    if (journal === undefined) return;
    const { committed: least, appended: most } = journal;
    this.#expected[shard] = { least, most, state: stateOf(machine) };
    delete this.#journals[shard];
  }

  #read(shard: number): FoundJournal {
    return this.#parts.readJournal(
      shard,
      this.#shardCount,
      this.#historyOf(shard, () => {}),
    );
  }

  #historyOf(
    shard: number,
    awaitRoom: () => void,
    alone: Pick<ShardHistory, 'heardSequence'> = {},
  ): ShardHistory {
    return {
      ...this.#options,
      ...alone,
      disk: this.disk,
      directory: directoryOf(shard),
      board: this.#board,
      projectedSequence: this.#databases[shard]!.position,
      awaitRoom,
    };
  }

  /** Checks what a journal holds against what was promised of it. */
  #audit(shard: number, { end }: FoundJournal): JournalAudit {
    const inputs = end.nextSequence - 1;
    const who = `the journal of shard ${shard}`;
    const archived = this.#keeper.archive(shard);
    const count = this.#shardCount;
    const audit = auditJournal(this.disk.disk, directoryOf(shard), shard, count, archived);
    assert(audit.inputs === inputs, `${who} holds ${audit.inputs} inputs, not ${inputs}`);
    const { least, most, state } = this.#expected[shard]!;
    assert(inputs >= least, `${who} holds ${inputs} of ${least} committed inputs`);
    assert(inputs <= most, `${who} holds ${inputs} of ${most} appended inputs`);
    if (inputs === most && state !== null) {
      const difference = differenceOf(audit.state, state);
      assert(difference === null, `${who} does not lead to where it was: ${difference}`);
    }
    this.#records[shard]!.checkAgainst(audit.events, who);
    this.#expected[shard] = { least: inputs, most: inputs, state: audit.state };
    return audit;
  }

  /** It holds what was read of it, and nothing is torn any more. */
  #checkOpened(shard: number, inputs: number): void {
    const identity = { shard, shardCount: this.#shardCount };
    const reader = new JournalReader(this.disk.disk, directoryOf(shard), identity);
    const { nextSequence, tornBytes } = reader.read(inputs + 1, () => {});
    const who = `the journal of shard ${shard}`;
    assert(nextSequence === inputs + 1, `${who} holds ${nextSequence - 1} inputs, not ${inputs}`);
    assert(tornBytes === 0, `${who} has a torn end after it was opened`);
  }

  #checkRecovered(shard: number, machine: CheckedShard, expected: ShardState): void {
    machine.check();
    const difference = differenceOf(stateOf(machine), expected);
    assert(difference === null, `shard ${shard} was not recovered: ${difference}`);
    const { toShard, sentTo } = machine.outputs;
    for (const [other, messages] of toShard.entries()) {
      checkPending(messages, this.#board.consumed(other, shard), sentTo[other]!);
    }
  }
}

/** No journal holds a message that the sender's does not cause. */
function checkMessages(states: readonly ShardState[]): void {
  for (const [from, { shard: sender }] of states.entries()) {
    for (const [to, { shard: receiver }] of states.entries()) {
      const consumed = receiver.consumedFrom[from]!;
      const sent = sender.sentTo[to]!;
      assert(consumed <= sent, `shard ${to} has ${consumed} of ${sent} messages of shard ${from}`);
    }
  }
}

/** Just the messages that the receiver does not have are waiting for it. */
function checkPending(messages: FrameWriter, consumed: number, sent: number): void {
  const frame = new FrameReader();
  frame.reset(messages.bytes, messages.start, messages.end);
  let last = consumed;
  while (frame.next()) {
    if (frame.sequence === 0) continue;
    assert(frame.sequence === ++last, `message ${frame.sequence} is redelivered, not ${last}`);
  }
  assert(last === sent, `messages up to ${last} of ${sent} are redelivered`);
}
