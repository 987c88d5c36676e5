import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../collections/random.ts';
import { FrameReader } from '../protocol/frame-reader.ts';
import { FrameWriter } from '../protocol/frame-writer.ts';
import { ByteRing } from '../ring/byte-ring.ts';
import { Doorbell } from '../ring/doorbell.ts';
import { LinkReader } from '../ring/link.ts';
import { NumberedFrames } from '../ring/numbered-frames.fixture.ts';
import { EventOutbox } from './event-outbox.ts';

const FILLER_MAX = 400;

/** An outbox to two readers, each with what it must hear. */
function openOutbox(capacities: readonly [number, number], seed: number) {
  const frames = new FrameWriter(256);
  const links = capacities.map((capacity) => ({
    ring: ByteRing.allocate(capacity),
    readerBell: Doorbell.allocate(),
  }));
  const reader = new FrameReader();
  const listeners = links.map((link) => {
    const from = new LinkReader(link);
    const expected = new NumberedFrames(seed, FILLER_MAX);
    const bell = new Doorbell(link.readerBell);
    const poll = () => from.poll(reader, (frame) => expected.read(frame));
    return { poll, expected, bell };
  });
  const sent = new NumberedFrames(seed, FILLER_MAX);
  return { frames, sent, outbox: new EventOutbox(frames, links), listeners };
}

test('two readers at different paces both hear every frame in order', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const { frames, sent, outbox, listeners } = openOutbox([2048, 4096], seed);
    const random = new Random(seed);
    const patience = [random.below(6), random.below(6)];
    const isDone = () => listeners.every(({ expected }) => expected.count === 1_000);
    while (!isDone()) {
      if (sent.count < 1_000 && random.below(3) === 0) sent.write(frames);
      const isFlushed = outbox.flush();
      assert.equal(isFlushed, frames.pendingBytes === 0);
      for (const [index, { poll }] of listeners.entries()) {
        if (random.below(1 + patience[index]!) === 0) poll();
      }
    }
    assert.equal(outbox.flush(), true);
    assert.equal(frames.pendingBytes, 0);
  }
});

test('one reader hears everything while the other is stuck, and nothing is lost for that one', () => {
  const { frames, sent, outbox, listeners } = openOutbox([2048, 2048], 99);
  const [quick, stuck] = listeners as [(typeof listeners)[0], (typeof listeners)[0]];
  while (sent.count < 500) {
    sent.write(frames);
    outbox.flush();
    quick.poll();
  }
  while (quick.expected.count < 500) {
    assert.equal(outbox.flush(), false);
    quick.poll();
  }
  assert.ok(stuck.expected.count === 0 && frames.pendingBytes > 2048);
  // The quick one is rung for new frames only, not each time the stuck one is tried again.
  const rung = quick.bell.value;
  for (let tries = 0; tries < 10; tries++) outbox.flush();
  assert.equal(quick.bell.value, rung);
  while (stuck.expected.count < 500) {
    stuck.poll();
    outbox.flush();
  }
  assert.equal(frames.pendingBytes, 0);
  assert.equal(quick.poll(), 0);
});
