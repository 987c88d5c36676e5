import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StopShard } from '../engine/protocol/commands.ts';
import { Trade } from '../engine/protocol/events.ts';
import { LinkWriter } from '../engine/ring/link.ts';
import { allocateTopology } from '../engine/ring/topology.ts';
import { startShards } from '../engine/shard/shard-pool.ts';
import { failureOf } from './failure.ts';

test('a shard that dies is named, with what it asserted', async () => {
  const topology = allocateTopology(2);
  const pool = startShards(topology);
  const failed = failureOf(pool.stopped, new Promise(() => {}));
  const [sound, victim] = topology.gatewayToShard.map((link) => new LinkWriter(link));
  // An event is nothing that a shard may be sent.
  Trade.encode(victim!.frames, 0, Trade.create());
  assert.ok(victim!.flush());
  await assert.rejects(failed, /^Error: shard 1 died: \S+/);
  StopShard.encode(sound!.frames, 0, {});
  assert.ok(sound!.flush());
  await pool.stopped[0];
  await pool.close();
});

test('the end of the persistence thread by itself is a death, an orderly end of all is none', async () => {
  const gone = Promise.reject(new Error('out of memory\nwith details'));
  await assert.rejects(failureOf([], gone), /the persistence thread died: out of memory$/);
  const orderly = failureOf([Promise.resolve()], Promise.resolve());
  assert.equal(await Promise.race([orderly, Promise.resolve('alive')]), 'alive');
});
