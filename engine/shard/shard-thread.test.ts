import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { ReportState, StopShard } from '../protocol/commands.ts';
import { FrameReader } from '../protocol/frame-reader.ts';
import { LinkReader, LinkWriter } from '../ring/link.ts';
import { allocateTopology } from '../ring/topology.ts';
import { ShardCounters } from './shard-counters.ts';
import { startShards } from './shard-pool.ts';

const QUESTIONS_AT_A_TIME = 100;

test('a shard counts its turns and its garbage collections', { timeout: 120_000 }, async () => {
  const topology = allocateTopology(1);
  const shared = ShardCounters.allocate(1);
  const counters = new ShardCounters(shared, 0);
  const pool = startShards(topology, undefined, shared);
  const writer = new LinkWriter(topology.gatewayToShard[0]!);
  const readers = [topology.shardToGateway[0]!, topology.shardToPersistence[0]!].map(
    (link) => new LinkReader(link),
  );
  const frame = new FrameReader();
  let sent = 0;
  // A heap has to fill before it is collected, and a busy thread tells of it late.
  while (counters.read(0).collections === 0) {
    if (writer.flush() && counters.read(0).inputs === sent) {
      for (let one = 0; one < QUESTIONS_AT_A_TIME; one++) {
        ReportState.encode(writer.frames, 0, { requestId: ++sent });
      }
    }
    for (const reader of readers) reader.poll(frame, () => {});
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { threadId, turns, inputs, commits, collectionUs } = counters.read(0);
  assert.ok(turns > 0 && turns <= inputs && inputs <= sent, `${turns} turns, ${inputs} inputs`);
  assert.equal(commits, 0);
  assert.ok(collectionUs > 0);
  if (existsSync('/proc/thread-self')) assert.ok(existsSync(`/proc/self/task/${threadId}`));
  StopShard.encode(writer.frames, 0, {});
  while (!writer.flush()) await new Promise((resolve) => setImmediate(resolve));
  await pool.stopped[0];
  await pool.close();
});
