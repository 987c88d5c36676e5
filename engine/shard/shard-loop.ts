import { changesState } from '../protocol/commands.ts';
import { FrameReader } from '../protocol/frame-reader.ts';
import { MessagesResumed } from '../protocol/shard-messages.ts';
import { LinkReader, LinkWriter } from '../ring/link.ts';
import type { Topology } from '../ring/topology.ts';
import { EventOutbox } from './event-outbox.ts';
import type { RecoveryBoard } from './recovery-board.ts';
import { Shard } from './shard.ts';
import { TurnStamp } from './turn-stamp.ts';

/** Inputs applied under one time stamp: a clock reading costs about as much as a small command. */
const INPUTS_PER_TIMESTAMP = 16;

/**
 * A turn takes no further command once it has caused this much: a command of a few bytes can be
 * answered by megabytes (a list of orders), and what waits in memory must stay bounded.
 */
const TURN_OUTPUT_BYTES_MAX = 2 ** 21;

/**
 * Messages that wait in memory for a shard that is down, before the sender takes no more commands: beside a ring
 * of 1 MiB some 150,000 of them, which is minutes of a busy market and not yet memory that anybody misses.
 */
const PENDING_BYTES_WHILE_DOWN_MAX = 2 ** 24;

/** Where the loop writes down every input that can change the shard: see `JournalWriter`. */
export interface InputJournal {
  /** Takes one input, by copy. */
  append(source: number, timeUs: number, bytes: Uint8Array, start: number, end: number): number;
  /** Makes durable what was appended since the last commit; does nothing when that is nothing. */
  commit(): number;
  /** After the last commit. */
  close(): void;
  /** Of the last input it holds, µs; 0 when there is none. */
  readonly lastTimeUs: number;
}

/** Of a venue that remembers nothing. */
export const NO_JOURNAL: InputJournal = {
  append: () => 0,
  commit: () => 0,
  close: () => {},
  lastTimeUs: 0,
};

/**
 * The shard failed while it applied an input: a bug, met with what `cause` says. Nothing of the turn is in the
 * journal or outside, so a shard that starts again does not meet the input there.
 */
export class PoisonedInput extends Error {
  override name = 'PoisonedInput';
  readonly code = 'POISONED_INPUT';
  /** −1 = gateway, else the shard that sent it. */
  readonly source: number;
  readonly timeUs: number;
  /** The sequence it would have had in the journal; 0 when it is of a kind that is not written down. */
  readonly sequence: number;
  /** With its length in front; a copy. */
  readonly frame: Uint8Array;
  /** Where it was put for a person to look at; empty while it was not. */
  file = '';

  constructor(source: number, timeUs: number, sequence: number, frame: Uint8Array, cause: unknown) {
    const what = sequence > 0 ? `the input of sequence ${sequence}` : 'a question';
    const from = source < 0 ? 'the gateway' : `shard ${source}`;
    const why = cause instanceof Error ? cause.message : cause;
    super(`${what} from ${from} makes the shard fail: ${why}`, { cause });
    this.source = source;
    this.timeUs = timeUs;
    this.sequence = sequence;
    this.frame = frame;
  }
}

/** Where the messages of another shard come from. */
interface Source {
  readonly from: number;
  readonly reader: LinkReader;
  /** The last message that was had when their stream began anew: until a later one comes, these may come again. */
  resumedAt: number;
  /** What the board was told last. */
  toldConsumed: number;
}

/**
 * Drives one shard over its rings: takes a chunk of input from each, applies it, commits it to the journal,
 * then publishes what it caused in one go. Nothing leaves before the commit of what caused it, and nothing is gone from
 * a ring before its commit: a thread that ends amid a turn leaves its input to the next.
 *
 * Back-pressure without deadlock: outputs that do not fit their ring wait in memory, and while any do,
 * no new command is taken from the gateway, so the waiting amount is bounded by what one turn may cause.
 * Messages of other shards are always taken, so two shards with full rings drain each other. For a shard that is down
 * more may wait, so that the others trade on.
 */
export class ShardLoop {
  readonly #shard: Shard;
  readonly #nowUs: () => number;
  readonly #frame = new FrameReader();
  readonly #fromGateway: LinkReader;
  readonly #fromShards: Source[] = [];
  readonly #toShards: { to: number; writer: LinkWriter }[] = [];
  readonly #events: EventOutbox;
  readonly #journal: InputJournal;
  /** Null: there is no commit whose time could be told. */
  readonly #stamp: TurnStamp | null;
  readonly #number: number;
  readonly #board: RecoveryBoard | null;
  #timeUs: number;
  #inputsUntilTimestamp = 0;
  #from = -1;
  #source: Source | null = null;

  /**
   * @param nowUs a clock in µs; when it is behind the last input's time, that stands still
   * @param machine the shard to drive: a recovered one, or the simulation's, which checks itself
   * @param board of a venue whose shards may start again by themselves
   */
  constructor(
    topology: Topology,
    shard: number,
    nowUs: () => number,
    machine = new Shard(shard, topology.shardCount, topology.hashSeed),
    journal = NO_JOURNAL,
    board: RecoveryBoard | null = null,
  ) {
    this.#number = shard;
    this.#board = board;
    this.#shard = machine;
    this.#journal = journal;
    this.#timeUs = journal.lastTimeUs;
    this.#nowUs = nowUs;
    this.#fromGateway = new LinkReader(topology.gatewayToShard[shard]!, 'on release');
    const { outputs, consumedFrom } = this.#shard;
    this.#stamp = journal === NO_JOURNAL ? null : new TurnStamp(outputs.events);
    for (let other = 0; other < topology.shardCount; other++) {
      if (other === shard) continue;
      const reader = new LinkReader(topology.shardToShard[other]![shard]!, 'on release');
      // The ring may begin with messages that the journal has: their room was not freed in time.
      const consumed = consumedFrom[other]!;
      this.#fromShards.push({ from: other, reader, resumedAt: consumed, toldConsumed: consumed });
      const link = topology.shardToShard[shard]![other]!;
      this.#toShards.push({ to: other, writer: new LinkWriter(link, outputs.toShard[other]!) });
    }
    this.#events = new EventOutbox(outputs.events, [
      topology.shardToGateway[shard]!,
      topology.shardToPersistence[shard]!,
    ]);
  }

  /**
   * True once the shard was told to stop and everything it said is in the rings. What a shard that is down has not been
   * told, the next start tells it.
   */
  get hasStopped(): boolean {
    return this.#shard.isStopping && this.#flush(Number.POSITIVE_INFINITY);
  }

  /**
   * One round over all inputs; answers how many were applied.
   *
   * @throws PoisonedInput, or what the journal throws: then the loop is of no use any more
   */
  turn(): number {
    let applied = 0;
    const { isHeldUp } = this;
    this.#inputsUntilTimestamp = 0;
    for (const source of this.#fromShards) {
      this.#source = source;
      this.#from = source.from;
      applied += source.reader.poll(this.#frame, this.#hear);
    }
    if (!isHeldUp) {
      this.#from = -1;
      applied += this.#fromGateway.poll(this.#frame, this.#apply, this.#hasRoom);
    }
    if (applied > 0) {
      this.#journal.commit();
      this.#stamp?.end(Math.max(this.#timeUs, this.#nowUs()));
      this.release();
      this.#flush(PENDING_BYTES_WHILE_DOWN_MAX);
    }
    return applied;
  }

  /** Whether outputs are waiting for room: the loop must not sleep on its inputs alone. */
  get isHeldUp(): boolean {
    return !this.#flush(PENDING_BYTES_WHILE_DOWN_MAX);
  }

  #hasRoom = (): boolean => this.#shard.outputs.events.pendingBytes < TURN_OUTPUT_BYTES_MAX;

  /** A message of another shard: applied unless it has come before. */
  #hear = (frame: FrameReader): void => {
    const source = this.#source!;
    const consumed = this.#shard.consumedFrom[source.from]!;
    if (frame.type === MessagesResumed.type) source.resumedAt = consumed;
    else if (frame.sequence > consumed || source.resumedAt !== consumed) this.#apply(frame);
  };

  #apply = (frame: FrameReader): void => {
    if (this.#inputsUntilTimestamp-- === 0) {
      this.#timeUs = Math.max(this.#timeUs, this.#nowUs());
      this.#inputsUntilTimestamp = INPUTS_PER_TIMESTAMP - 1;
    }
    this.#stamp?.begin();
    const { bytes, frameStart, position } = frame;
    const sequence = changesState(frame.type)
      ? this.#journal.append(this.#from, this.#timeUs, bytes, frameStart, position)
      : 0;
    try {
      this.#shard.apply(frame, this.#from, this.#timeUs);
    } catch (cause) {
      const copy = bytes.slice(frameStart, position);
      throw new PoisonedInput(this.#from, this.#timeUs, sequence, copy, cause);
    }
  };

  /** After a commit: whoever reads the rings next, or sends again, need not go back behind it. */
  protected release(): void {
    this.#fromGateway.release();
    const { consumedFrom } = this.#shard;
    for (const source of this.#fromShards) {
      source.reader.release();
      const consumed = consumedFrom[source.from]!;
      if (this.#board === null || consumed === source.toldConsumed) continue;
      this.#board.tellConsumed(this.#number, source.from, consumed);
      source.toldConsumed = consumed;
    }
  }

  /**
   * Of committed inputs only: a turn that fails before its commit has told nobody anything. Answers whether nothing is
   * left, but for as many bytes for each shard that is down.
   */
  #flush(bytesWhileDownMax: number): boolean {
    let isEmpty = this.#events.flush();
    for (const { to, writer } of this.#toShards) {
      if (writer.flush()) continue;
      const isFew = writer.frames.pendingBytes <= bytesWhileDownMax;
      if (!(isFew && this.#board?.isDown(to))) isEmpty = false;
    }
    return isEmpty;
  }
}
