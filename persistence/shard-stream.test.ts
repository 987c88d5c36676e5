import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  AccountCreated,
  BookDelta,
  EventsResumed,
  RequestDone,
} from '../engine/protocol/events.ts';
import { FrameWriter } from '../engine/protocol/frame-writer.ts';
import { ByteRing } from '../engine/ring/byte-ring.ts';
import { Doorbell } from '../engine/ring/doorbell.ts';
import { Backlog, MemoryBudget } from './backlog.ts';
import { HeldEvents } from './held-events.ts';
import { ShardStream } from './shard-stream.ts';
import { Spool } from './spool.ts';
import { Random } from './testing/random.ts';

function makeStream(context: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), 'ringside-stream-'));
  context.after(() => rmSync(directory, { recursive: true }));
  const link = { ring: ByteRing.allocate(2 ** 16), readerBell: Doorbell.allocate() };
  const backlog = new Backlog(new MemoryBudget(2 ** 19), new Spool(directory, 'shard-0'));
  return { ring: new ByteRing(link.ring), stream: new ShardStream(link, backlog) };
}

test('frames of any length are counted and held whole, however their bytes come', (context) => {
  const { ring, stream } = makeStream(context);
  const random = new Random(19);
  const frames = new FrameWriter();
  const ends: number[] = [];
  for (let sequence = 1; sequence <= 3000; sequence++) {
    // An answer to the gateway now and then, and a frame that is longer than any buffer.
    if (random.below(5) === 0) RequestDone.encode(frames, 0, { requestId: sequence });
    const start = frames.end;
    if (sequence % 1000 === 500) {
      const levels = Array.from({ length: 60_000 }, (_, index) => 2 ** 40 + index);
      BookDelta.encode(frames, sequence, { ...BookDelta.create(), levels });
    } else {
      const name = 'x'.repeat(random.below(random.below(20) === 0 ? 5000 : 60));
      AccountCreated.encode(frames, sequence, { ...AccountCreated.create(), name });
    }
    ends.push(start, frames.end);
  }
  const held = new HeldEvents();
  let heldCount = 0;
  const assertHeld = (): void => {
    for (const { frame } of held.events()) {
      const [start, end] = [ends[heldCount * 2]!, ends[heldCount * 2 + 1]!];
      assert.ok(Buffer.from(frame).equals(frames.bytes.subarray(start, end)), `${heldCount}`);
      heldCount++;
    }
    held.clear();
  };
  let written = 0;
  while (written < frames.end) {
    const size = random.below(random.below(3) === 0 ? 60_000 : 7);
    written += ring.write(frames.bytes, written, Math.min(frames.end, written + size));
    stream.drainRing();
    if (random.below(4) > 0) continue;
    while (stream.next(0)) {
      const { reader } = stream;
      if (random.below(50) === 0) {
        const { sequence } = reader;
        stream.putBack();
        assert.ok(stream.next(0));
        assert.equal(reader.sequence, sequence);
      }
      held.add(0, stream.bytes, stream.frameStart, reader.position);
    }
    if (held.byteLength > 400_000) assertHeld();
  }
  while (stream.next(0)) held.add(0, stream.bytes, stream.frameStart, stream.reader.position);
  assertHeld();
  assert.equal(heldCount, 3000);
  assert.equal(stream.receivedFrames, 3000);
  assert.equal(stream.pendingBytes, 0);
});

test('events up to the position are passed over, and a hole at the start is told', (context) => {
  const frames = new FrameWriter();
  for (let sequence = 4; sequence <= 9; sequence++) {
    AccountCreated.encode(frames, sequence, AccountCreated.create());
  }
  for (const position of [2, 3, 7, 9]) {
    const { ring, stream } = makeStream(context);
    ring.write(frames.bytes, 0, frames.end);
    stream.drainRing();
    if (position === 2) {
      assert.throws(() => stream.next(position), { code: 'PROJECTION_FAILED' });
      continue;
    }
    const sequences: number[] = [];
    while (stream.next(position)) sequences.push(stream.reader.sequence);
    const expected = [4, 5, 6, 7, 8, 9].filter((sequence) => sequence > position);
    assert.deepEqual(sequences, expected);
    assert.equal(stream.skippedFrames, 6 - expected.length);
  }
});

test('what a shard that has started again repeats is passed over, and only that', (context) => {
  const streamOf = (parts: readonly (readonly [first: number, last: number] | 'resumed')[]) => {
    const frames = new FrameWriter();
    for (const part of parts) {
      if (part === 'resumed') EventsResumed.encode(frames, 0, {});
      else {
        for (let sequence = part[0]; sequence <= part[1]; sequence++) {
          AccountCreated.encode(frames, sequence, AccountCreated.create());
        }
      }
    }
    const { ring, stream } = makeStream(context);
    ring.write(frames.bytes, 0, frames.end);
    stream.drainRing();
    return stream;
  };
  const read = (stream: ShardStream): number[] => {
    const sequences: number[] = [];
    while (stream.next(2)) {
      // An event that cannot be written yet is read a second time.
      stream.putBack();
      assert.ok(stream.next(2));
      sequences.push(stream.reader.sequence);
    }
    return sequences;
  };
  const twice = streamOf([[1, 6], 'resumed', [4, 6], 'resumed', [2, 9], 'resumed', [10, 10]]);
  assert.deepEqual(read(twice), [3, 4, 5, 6, 7, 8, 9, 10]);
  assert.equal(twice.receivedFrames - twice.skippedFrames, 8);
  for (const wrong of [
    streamOf([
      [1, 6],
      [4, 7],
    ]),
    streamOf([[1, 6], 'resumed', [8, 9]]),
    streamOf([[1, 6], 'resumed', [5, 7], [6, 8]]),
  ]) {
    assert.throws(() => read(wrong), /event \d after \d/);
  }
});
