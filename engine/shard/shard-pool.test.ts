import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { nodeDisk } from '../journal/disk.ts';
import { JournalReader } from '../journal/journal-reader.ts';
import { JournalWriter } from '../journal/journal-writer.ts';
import { DepthHeartbeat } from '../protocol/commands.ts';
import { FrameWriter } from '../protocol/frame-writer.ts';
import { endNewThreads } from '../ring/end-new-threads.fixture.ts';
import { drawCase } from '../simulation/draw-case.ts';
import { differenceOf } from '../simulation/shard-state.ts';
import { type JournaledShards, JournalFolder } from './journaled-shards.fixture.ts';
import { ShardFailure } from './shard-failure.ts';
import type { Command } from './shard-harness.fixture.ts';
import { setupCommands } from './venue-comparison.fixture.ts';

/** A deadlock fails the test instead of holding all of them up. */
const TIMEOUT = { timeout: 120_000 };
const SHARDS = 2;
const LIVES = 4;
const COMMANDS_PER_LIFE = 300;
/** Of no shard: whoever is sent a heartbeat for it asserts. */
const NO_MARKET = 99;

/** A lively flow of two shards, after what it needs to find. */
function flow(): { setup: Command[]; commands: Command[] } {
  const drawn = drawCase(11, {
    mode: 'crowd',
    commands: LIVES * COMMANDS_PER_LIFE,
    shardCount: SHARDS,
  });
  const commands = drawn.steps.map(({ number, command }) => {
    return { ...command, body: { ...command.body, requestId: number } } as Command;
  });
  return { setup: setupCommands(drawn.regime.setup), commands };
}

/** A folder in which both shards have been set up and have traded a little. */
async function folderWithHistory(context: TestContext) {
  const folder = new JournalFolder(context, SHARDS);
  const shards = folder.start(context);
  const { setup, commands } = flow();
  for (const command of setup) shards.send(command);
  await shards.states();
  for (const command of commands.slice(0, COMMANDS_PER_LIFE)) shards.send(command);
  const states = await shards.statesAtRest();
  await shards.close();
  return { folder, states };
}

/** The one who fails, by number, and how. */
function failureOf({ stopped }: JournaledShards, shard: number): Promise<ShardFailure> {
  return failureOfLife(stopped[shard]!, shard);
}

async function failureOfLife(stopped: Promise<void>, shard: number): Promise<ShardFailure> {
  const failure: unknown = await stopped.then(
    () => null,
    (error: unknown) => error,
  );
  assert.ok(failure instanceof ShardFailure, `it ended with ${failure}`);
  assert.equal(failure.shard, shard);
  return failure;
}

test(
  'threads that are terminated amid their work go on as their journals say',
  TIMEOUT,
  async (context) => {
    const folder = new JournalFolder(context, SHARDS);
    const { setup, commands } = flow();
    for (let life = 0; life < LIVES; life++) {
      const before = folder.audit();
      const shards = folder.start(context);
      for (const command of life === 0 ? setup : []) shards.send(command);
      const states = await shards.states();
      for (const [shard, { inputs, tornBytes }] of shards.recovered().entries()) {
        assert.deepEqual([inputs, tornBytes], [before[shard]!.inputs, before[shard]!.tornBytes]);
        // Messages that were under way may have come since.
        assert.ok(states[shard]!.shard.eventSequence >= before[shard]!.events.length);
      }
      const from = life * COMMANDS_PER_LIFE;
      for (const command of commands.slice(from, from + COMMANDS_PER_LIFE)) shards.send(command);
      const { said } = shards.heard[0]!;
      const enough = said.length + COMMANDS_PER_LIFE / 4;
      await shards.until(() => said.length > enough);
      await shards.close();
    }
    const shards = folder.start(context);
    const states = await shards.statesAtRest();
    await shards.close();
    for (const [shard, audit] of folder.audit().entries()) {
      assert.equal(differenceOf(audit.state, states[shard]!), null);
      assert.ok(audit.inputs > COMMANDS_PER_LIFE, `only ${audit.inputs} inputs`);
    }
  },
);

test(
  'a damaged journal is no start, and the other thread that waits for it can be ended',
  TIMEOUT,
  async (context) => {
    const { folder } = await folderWithHistory(context);
    const [segment] = readdirSync(folder.directories[1]!);
    const file = join(folder.directories[1]!, segment!);
    const bytes = readFileSync(file);
    bytes[200]! ^= 1;
    writeFileSync(file, bytes);
    const shards = folder.start(context);
    const { code, details, message } = await failureOf(shards, 1);
    assert.equal(code, 'JOURNAL_DAMAGED');
    assert.equal(details.file, file);
    assert.ok(Number(details.offset) > 0 && Number(details.offset) <= 200, `${details.offset}`);
    assert.ok(message.includes(file));
    const other = shards.stopped[0]!.then(
      () => 'ended by itself',
      () => 'was ended',
    );
    await shards.close();
    assert.equal(await other, 'was ended');
    assert.deepEqual(readFileSync(file), bytes);
  },
);

test(
  'an input that makes a shard fail is kept aside, and is not in its journal',
  TIMEOUT,
  async (context) => {
    const { folder, states } = await folderWithHistory(context);
    const before = folder.audit();
    const shards = folder.start(context);
    await shards.states();
    const { frames } = shards.writer(1);
    DepthHeartbeat.encode(frames, 0, { marketId: NO_MARKET });
    const sent = frames.bytes.slice(frames.start, frames.end);
    const failing = failureOf(shards, 1);
    shards.writer(1).flush();
    const { code, details, message } = await failing;
    assert.equal(code, 'POISONED_INPUT');
    assert.match(message, /market is not of this shard/);
    const kept = JSON.parse(readFileSync(String(details.file), 'utf8'));
    assert.equal(kept.sequence, before[1]!.inputs + 1);
    assert.deepEqual([kept.shard, kept.source], [1, 'gateway']);
    assert.equal(kept.failure, 'AssertionFailure: market is not of this shard');
    assert.deepEqual(Buffer.from(kept.frame, 'base64'), Buffer.from(sent));
    // A tag, perhaps a time, and the frame.
    const { length } = Buffer.from(kept.uncommitted, 'base64');
    assert.ok(length > sent.length && length <= sent.length + 9, `${length} bytes uncommitted`);
    await shards.close();

    const again = folder.start(context);
    for (const [shard, state] of (await again.statesAtRest()).entries()) {
      assert.equal(differenceOf(state, states[shard]!), null);
    }
    assert.equal(again.recovered()[1]!.inputs, before[1]!.inputs);
  },
);

test(
  'an input that can no longer be applied is no start, and is named',
  TIMEOUT,
  async (context) => {
    const { folder } = await folderWithHistory(context);
    const [directory] = folder.directories;
    const identity = { shard: 0, shardCount: SHARDS };
    const end = new JournalReader(nodeDisk, directory!, identity).read(1, () => {});
    const journal = new JournalWriter(nodeDisk, directory!, identity, end, { durability: 'os' });
    const frames = new FrameWriter();
    DepthHeartbeat.encode(frames, 0, { marketId: NO_MARKET });
    const sequence = journal.append(-1, end.lastTimeUs, frames.bytes, frames.start, frames.end);
    journal.close();
    const shards = folder.start(context);
    const { code, details, message } = await failureOf(shards, 0);
    assert.equal(code, 'REPLAY_FAILED');
    assert.deepEqual([details.sequence, details.directory], [sequence, directory]);
    assert.match(message, new RegExp(`sequence ${sequence} .*market is not of this shard`));
  },
);

test('a thread without memory ends alone, and says so', TIMEOUT, async () => {
  const file = fileURLToPath(new URL('./out-of-memory.fixture.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--max-old-space-size=96', file]);
  assert.equal(stdout, 'OUT_OF_MEMORY\n');
});

test(
  'a thread that is ended is gone when that is told, and its shard can run again',
  TIMEOUT,
  async (context) => {
    const { folder, states } = await folderWithHistory(context);
    const shards = folder.start(context);
    await shards.statesAtRest();
    const ended = shards.pool.end(1);
    const { code } = await failureOf(shards, 1);
    assert.equal(code, 'TERMINATED');
    await ended;
    void shards.restart(1);
    for (const [shard, state] of (await shards.statesAtRest()).entries()) {
      assert.equal(differenceOf(state, states[shard]!), null);
    }
    await shards.close();
  },
);

test(
  'a thread that dies before it has begun has failed, and its shard can run again',
  TIMEOUT,
  async (context) => {
    const { folder, states } = await folderWithHistory(context);
    const shards = folder.start(context);
    await shards.statesAtRest();
    for (const stage of ['created', 'online'] as const) {
      const stopEnding = endNewThreads(stage);
      await shards.pool.end(1);
      for (let death = 0; death < 2; death++) {
        const { code } = await failureOfLife(shards.restart(1), 1);
        assert.equal(code, 'TERMINATED');
      }
      stopEnding();
      void shards.restart(1);
      for (const [shard, state] of (await shards.statesAtRest()).entries()) {
        assert.equal(differenceOf(state, states[shard]!), null);
      }
    }
    await shards.close();
  },
);
