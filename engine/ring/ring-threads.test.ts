import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { FrameReader } from '../protocol/frame-reader.ts';
import { ByteRing } from './byte-ring.ts';
import { Doorbell } from './doorbell.ts';
import { LinkReader } from './link.ts';
import { NumberedFrames } from './numbered-frames.fixture.ts';
import { LOST_WAKE_MS, type PeerReport, type PeerTask, sleepsInVain } from './ring-peer.fixture.ts';

/** Frames that go through the ring of two threads. */
const FRAMES = Number(process.env.RINGSIDE_RING_FRAMES ?? 2_000_000);
/** Times that one thread wakes the other and is woken by it. */
const WAKES = Number(process.env.RINGSIDE_RING_WAKES ?? 20_000);

/** Starts the other thread; the report settles when it has done its part, or failed. */
async function startPeer(task: PeerTask): Promise<PeerReport> {
  const file = new URL('./ring-peer.fixture.js', import.meta.url);
  const worker = new Worker(file, { workerData: task });
  const [[report]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')]);
  return report as PeerReport;
}

for (const [capacity, fillerMax, share] of [
  [64 * 1024, 200, 0.8],
  [16 * 1024, 2_000, 0.2],
] as const) {
  test(`forbidden between two threads: a frame lost, torn, doubled or overtaken (ring of ${capacity} bytes)`, async (context) => {
    const link = { ring: ByteRing.allocate(capacity), readerBell: Doorbell.allocate() };
    const roomBell = Doorbell.allocate();
    const frames = Math.ceil(FRAMES * share);
    const peer = startPeer({ role: 'writer', link, roomBell, seed: capacity, frames, fillerMax });
    const reader = new LinkReader(link);
    const expected = new NumberedFrames(capacity, fillerMax);
    const bell = new Doorbell(link.readerBell);
    const room = new Doorbell(roomBell);
    const frame = new FrameReader();
    let timeouts = 0;
    while (expected.count < frames) {
      const seen = bell.value;
      const before = reader.fillBytes;
      reader.poll(frame, (whole) => expected.read(whole));
      room.ring();
      if (before > 0) continue;
      // The worker starts through this thread's event loop, which must not block before it runs.
      if (expected.count === 0) await bell.sleepAsync(seen, 1_000);
      else if (sleepsInVain(bell, seen)) timeouts++;
    }
    const report = await peer;
    context.diagnostic(`${frames} frames, the ring was full ${report.fullCount} times`);
    assert.equal(reader.fillBytes, 0, 'bytes that nobody wrote');
    // The small ring holds few of the longest frames.
    if (capacity < 16 * fillerMax) {
      assert.ok(report.fullCount > 0, 'the writer was never told that the ring is full');
    }
    assert.equal(timeouts + report.timeouts, 0, 'a wake was lost');
  });
}

test('forbidden: one thread asleep that the other has rung for', async () => {
  const ownBell = Doorbell.allocate();
  const otherBell = Doorbell.allocate();
  const rounds = WAKES;
  const peer = startPeer({ role: 'echo', ownBell: otherBell, otherBell: ownBell, rounds });
  const own = new Doorbell(ownBell);
  const other = new Doorbell(otherBell);
  let timeouts = 0;
  for (let seen = 0; seen < rounds; seen++) {
    other.ring();
    // The first answer waits for the thread to start, which takes this thread's event loop.
    if (seen === 0) while (own.value === 0) await own.sleepAsync(0, 1_000);
    while (own.value === seen) if (sleepsInVain(own, seen)) timeouts++;
  }
  const report = await peer;
  assert.equal(timeouts + report.timeouts, 0, 'a wake was lost');
});

test('forbidden: an event loop that waits on although it was rung for', async () => {
  const ownBell = Doorbell.allocate();
  const otherBell = Doorbell.allocate();
  const rounds = Math.ceil(WAKES / 4);
  const peer = startPeer({ role: 'echo', ownBell: otherBell, otherBell: ownBell, rounds });
  const own = new Doorbell(ownBell);
  const other = new Doorbell(otherBell);
  let longestMs = 0;
  for (let seen = 0; seen < rounds; seen++) {
    const start = performance.now();
    other.ring();
    while (own.value === seen) await own.sleepAsync(seen, LOST_WAKE_MS);
    longestMs = Math.max(longestMs, performance.now() - start);
  }
  assert.ok(longestMs < LOST_WAKE_MS, 'a wake of the event loop was lost');
  assert.equal((await peer).timeouts, 0, 'a wake was lost');
});

test('forbidden: a ring of the bell that leaves no trace in its value', async () => {
  const bell = Doorbell.allocate();
  const rounds = 100_000;
  await Promise.all([1, 2].map(() => startPeer({ role: 'ringer', bell, rounds })));
  assert.equal(new Doorbell(bell).value, 2 * rounds);
});

test('a thread asleep on its bell uses no CPU', async () => {
  const { cpuMs, elapsedMs } = await startPeer({
    ...{ role: 'idler', bell: Doorbell.allocate(), sleeps: 8 },
  });
  assert.ok(elapsedMs >= 700, 'it did not sleep');
  assert.ok(cpuMs < elapsedMs * 0.1, `${cpuMs} ms of CPU in ${elapsedMs} ms of sleep`);
});
