import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { nodeDisk } from '../journal/disk.ts';
import { EventsResumed, ShardReturned } from '../protocol/events.ts';
import { FrameReader } from '../protocol/frame-reader.ts';
import { LinkReader, LinkWriter, type SharedLink } from '../ring/link.ts';
import { allocateTopology } from '../ring/topology.ts';
import { EventRecord } from '../simulation/event-record.ts';
import { auditJournal, type JournalAudit } from '../simulation/journal-audit.ts';
import type { ShardState } from '../simulation/shard-state.ts';
import { JournalPositions } from './journal-positions.ts';
import { type Recovered, RecoveryBoard } from './recovery-board.ts';
import { shardsOf } from './shard-cluster.fixture.ts';
import { type Command, encodeCommand, Heard } from './shard-harness.fixture.ts';
import { type ShardPool, startShards } from './shard-pool.ts';
import type { JournalTask } from './shard-thread.ts';

/** Rings that hold a few dozen events: shards are held up, and a recovery waits for the persistence thread. */
const RING_SIZES = { commandBytes: 4096, eventBytes: 16_384, shardBytes: 4096 };

/** Request ids of what is asked here, far from those of the commands that are sent. */
const FIRST_OWN_REQUEST = 2 ** 42;

/** Journals of real files in a directory of their own, and what was told of the shards that kept them. */
export class JournalFolder {
  readonly directories: readonly string[];
  /** Sequence of the last event of each shard that the persistence thread had. */
  readonly persisted: number[];
  readonly records: readonly EventRecord[];

  constructor(context: TestContext, shardCount: number) {
    const folder = mkdtempSync(join(tmpdir(), 'ringside-shards-'));
    context.after(() => rmSync(folder, { recursive: true }));
    const shards = Array.from({ length: shardCount }, (_, shard) => shard);
    this.directories = shards.map((shard) => join(folder, `shard-${shard}`));
    this.persisted = shards.map(() => 0);
    this.records = shards.map(() => new EventRecord());
    for (const directory of this.directories) nodeDisk.makeDirectory(directory);
  }

  start(context: TestContext): JournaledShards {
    return new JournaledShards(context, this);
  }

  /** What each journal causes; everything that was told must be among it. */
  audit(): JournalAudit[] {
    const { directories, records } = this;
    return directories.map((directory, shard) => {
      const audit = auditJournal(nodeDisk, directory, shard, directories.length);
      records[shard]!.checkAgainst(audit.events, directory);
      return audit;
    });
  }
}

/** The thread pool on the journals of a folder, with a gateway and a persistence thread in this one. */
export class JournaledShards {
  readonly heard: readonly Heard[];
  readonly stopped: readonly Promise<void>[];
  readonly #board: RecoveryBoard;
  readonly #folder: JournalFolder;
  readonly pool: ShardPool;
  readonly #tasks: readonly JournalTask[];
  readonly #writers: readonly LinkWriter[];
  readonly #ears: (() => void)[] = [];
  #requestId = FIRST_OWN_REQUEST;

  constructor(context: TestContext, folder: JournalFolder) {
    const { directories, persisted, records } = folder;
    const shardCount = directories.length;
    const topology = allocateTopology(shardCount, RING_SIZES);
    const board = RecoveryBoard.allocate(shardCount);
    const positions = JournalPositions.allocate(shardCount);
    this.#folder = folder;
    this.#board = new RecoveryBoard(board, shardCount);
    this.heard = directories.map(() => new Heard());
    this.#writers = topology.gatewayToShard.map((link) => new LinkWriter(link));
    const resumedAt: number[] = [];
    for (const [shard, heard] of this.heard.entries()) {
      this.#listen(topology.shardToGateway[shard]!, (frame) => {
        records[shard]!.take(frame);
        const { type, sequence } = frame;
        if (type === EventsResumed.type) resumedAt[shard] = heard.lastSequence;
        if (type === EventsResumed.type || type === ShardReturned.type) return;
        const isRepeated = sequence > 0 && sequence <= heard.lastSequence;
        if (isRepeated && heard.lastSequence === resumedAt[shard]) return;
        // What was told before is not told again: the first event may have any sequence.
        if (heard.lastSequence === 0 && frame.sequence > 0) heard.lastSequence = frame.sequence - 1;
        heard.take(frame);
      });
      this.#listen(topology.shardToPersistence[shard]!, (frame) => {
        if (frame.sequence <= persisted[shard]!) return;
        records[shard]!.take(frame);
        assert.equal(frame.sequence, ++persisted[shard]!, 'sequence of a persisted event');
      });
    }
    this.#tasks = directories.map((directory, shard) => {
      return {
        directory,
        durability: 'fsync',
        board,
        positions,
        projectedSequence: persisted[shard]!,
      } as const;
    });
    this.pool = startShards(topology, this.#tasks);
    this.stopped = this.pool.stopped;
    context.after(() => this.close());
  }

  /** To the account's home, or to every shard. */
  send(command: Command): void {
    for (const shard of shardsOf(command, this.heard.length)) {
      encodeCommand(this.#writers[shard]!.frames, command);
    }
  }

  writer(shard: number): LinkWriter {
    return this.#writers[shard]!;
  }

  /** Lets everything go on until it is so. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      for (const writer of this.#writers) writer.flush();
      for (const hear of this.#ears) hear();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  recovered(): Recovered[] {
    return this.heard.map((_heard, shard) => this.#board.recovered(shard));
  }

  /** Lets a shard whose thread is gone run again among the others; answers as `stopped` does. */
  restart(shard: number): Promise<void> {
    this.#writers[shard]!.discard();
    const heardSequence = this.heard[shard]!.lastSequence;
    const projectedSequence = this.#folder.persisted[shard]!;
    const task = { ...this.#tasks[shard]!, heardSequence, projectedSequence };
    return this.pool.restart(shard, task);
  }

  /** What every shard says of itself when asked, after all that it was sent before. */
  async states(): Promise<ShardState[]> {
    for (const said of this.heard) said.markets.length = said.shards.length = 0;
    this.send({ kind: 'reportState', body: { requestId: this.#requestId++ } });
    await this.until(() => this.heard.every(({ shards }) => shards.length > 0));
    return this.heard.map(({ markets, shards: [shard] }) => ({
      shard: { ...shard!, requestId: 0 },
      markets: markets.map((market) => ({ ...market, requestId: 0 })),
    }));
  }

  /** The same when nothing is under way any more, and the persistence thread has everything. */
  async statesAtRest(): Promise<ShardState[]> {
    for (;;) {
      const states = await this.states();
      const isUnderWay = states.some(({ shard: { shard, sentTo } }) =>
        states.some((to) => to.shard.consumedFrom[shard] !== sentTo[to.shard.shard]),
      );
      const isPersisted = states.every(
        ({ shard: { shard, eventSequence } }) => this.#folder.persisted[shard] === eventSequence,
      );
      if (!isUnderWay && isPersisted) return states;
    }
  }

  /** Ends the threads, whatever they are doing; what they had said by then is heard. */
  async close(): Promise<void> {
    await this.pool.close();
    for (const hear of this.#ears) hear();
  }

  #listen(link: SharedLink, take: (frame: FrameReader) => void): void {
    const reader = new LinkReader(link);
    const frame = new FrameReader();
    this.#ears.push(() => reader.poll(frame, take));
  }
}
