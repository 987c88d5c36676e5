import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TurnCommitted } from '../../engine/protocol/events.ts';
import { LinkWriter } from '../../engine/ring/link.ts';
import { allocateTopology } from '../../engine/ring/topology.ts';
import { until } from '../../persistence/testing/until.ts';
import { nowUs } from '../clock.ts';
import { LoadShedder } from '../limits/load-shedder.ts';
import { LoadWatch } from '../limits/load-watch.ts';
import { EngineClient } from './engine-client.ts';
import type { EngineListener } from './event-loop.ts';

const MANY_PENDING = 1000;

test('events that were committed long before they are heard make orders be shed, until they are heard in time', async () => {
  const topology = allocateTopology(1);
  const engine = new EngineClient(topology, { onBatchEnd() {} } as unknown as EngineListener);
  const shard = new LinkWriter(topology.shardToGateway[0]!);
  const say = (timeUs: number): void => {
    TurnCommitted.encode(shard.frames, 0, { timeUs });
    assert.ok(shard.flush());
  };
  const shedder = new LoadShedder({ shedPending: 0, shedLagMs: 60_000, shedRingPercent: 0 });
  const watch = new LoadWatch(
    {
      pendingCount: MANY_PENDING,
      commandRingShare: 0,
      takeEventDelayMs: () => engine.takeEventDelayMs(),
    },
    shedder,
  );
  engine.start();
  try {
    // What comes from ahead of the clock is not late.
    say(nowUs() + 120e6);
    say(nowUs());
    await until('it is heard', () => engine.journaledUs > 0);
    await until('a look', () => shedder.load.pendingRequests === MANY_PENDING);
    assert.equal(shedder.reason, null);
    // The latest of all that were heard since the last look counts, not the last.
    say(nowUs() - 120e6);
    say(nowUs());
    await until('orders are shed', () => shedder.reason !== null);
    assert.equal(shedder.reason, 'lagMs');
    await until('they are taken again', () => shedder.reason === null);
  } finally {
    watch.stop();
    await engine.stop();
  }
});
