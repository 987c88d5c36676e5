import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../collections/random.ts';
import { FrameReader } from '../protocol/frame-reader.ts';
import { defineMessage } from '../protocol/message.ts';
import { ByteRing } from './byte-ring.ts';
import { Doorbell } from './doorbell.ts';
import { LinkReader, LinkWriter, type SharedLink } from './link.ts';
import { NumberedFrames } from './numbered-frames.fixture.ts';

function linkOf(capacityBytes: number): SharedLink {
  return { ring: ByteRing.allocate(capacityBytes), readerBell: Doorbell.allocate() };
}

test('frames pass a ring that holds few of them', () => {
  const link = linkOf(2048);
  const writer = new LinkWriter(link);
  const reader = new LinkReader(link);
  const sent = new NumberedFrames(5, 300);
  const expected = new NumberedFrames(5, 300);
  const random = new Random(6);
  const frame = new FrameReader();
  while (expected.count < 3_000) {
    if (sent.count < 3_000 && random.below(3) === 0) sent.write(writer.frames);
    const isFlushed = writer.flush();
    assert.equal(isFlushed, writer.frames.pendingBytes === 0);
    if (random.below(2) === 0) reader.poll(frame, (whole) => expected.read(whole));
  }
  assert.equal(reader.fillBytes, 0);
});

const Long = defineMessage(901, 'Long', { first: 'text', list: 'uintList', last: 'uint' });

test('a frame larger than the chunks that are read arrives whole, and what follows it too', () => {
  const link = linkOf(2 ** 20);
  const writer = new LinkWriter(link);
  const reader = new LinkReader(link);
  const frame = new FrameReader();
  // 65,000 integers of nine bytes: more than two chunks of 256 KiB.
  const list = Array.from({ length: 65_000 }, (_, index) => 2 ** 40 + index);
  for (let round = 1; round <= 3; round++) {
    const body = { first: 'x'.repeat(100), list, last: round };
    Long.encode(writer.frames, 0, body);
    Long.encode(writer.frames, 0, { ...body, list: [round] });
    assert.equal(writer.flush(), true);
    const seen: { length: number; last: number }[] = [];
    while (reader.fillBytes > 0) {
      reader.poll(frame, (whole) => {
        const long = Long.decode(whole, Long.create());
        assert.deepEqual(long.list, long.list.length === 1 ? [round] : list);
        seen.push({ length: long.list.length, last: long.last });
      });
    }
    const long = { length: list.length, last: round };
    assert.deepEqual(seen, [long, { length: 1, last: round }]);
  }
});

test('what is taken in ahead makes room for the writer, and is handed on whole and in order', () => {
  for (const roomIsFreed of ['at once', 'on release'] as const) {
    const link = linkOf(2048);
    const writer = new LinkWriter(link);
    const reader = new LinkReader(link, roomIsFreed);
    const sent = new NumberedFrames(8, 300);
    const expected = new NumberedFrames(8, 300);
    const random = new Random(9);
    const frame = new FrameReader();
    let aheadMost = 0;
    while (expected.count < 5_000) {
      for (let count = random.below(20); count > 0 && sent.count < 5_000; count--) {
        sent.write(writer.frames);
        writer.flush();
        if (random.below(3) > 0) reader.absorb(2 ** 20);
        if (roomIsFreed === 'on release') reader.release();
      }
      aheadMost = Math.max(aheadMost, sent.count - expected.count);
      let left = random.below(30);
      reader.poll(
        frame,
        (whole) => expected.read(whole),
        () => left-- > 0,
      );
      reader.release();
    }
    assert.ok(roomIsFreed === 'on release' || aheadMost > 40, `at most ${aheadMost} frames ahead`);
    assert.equal(reader.fillBytes, 0);
  }
});

test('no more than a limit is taken in ahead', () => {
  const link = linkOf(2 ** 20);
  const writer = new LinkWriter(link);
  const reader = new LinkReader(link);
  const body = { first: 'x'.repeat(1_000), list: [], last: 1 };
  let written = 0;
  for (; written < 3_000; written++) {
    Long.encode(writer.frames, 0, body);
    writer.flush();
    reader.absorb(2 ** 19);
  }
  // The buffer, the ring, and the rest with the writer.
  assert.ok(writer.frames.pendingBytes > 2 ** 20, `${writer.frames.pendingBytes} bytes wait`);
  let seen = 0;
  while (seen < written) {
    writer.flush();
    seen += reader.poll(new FrameReader(), () => {});
  }
});

test('no poll answers that there was nothing while whole frames wait in the ring', () => {
  const link = linkOf(2 ** 20);
  const writer = new LinkWriter(link);
  const reader = new LinkReader(link);
  const frame = new FrameReader();
  const list = Array.from({ length: 65_000 }, () => 2 ** 40);
  Long.encode(writer.frames, 0, { first: '', list, last: 1 });
  writer.flush();
  // A thread that is told 0 goes to sleep, and nobody would ring for it again.
  assert.equal(
    reader.poll(frame, () => {}),
    1,
  );
});

test('a reader that pauses costs the writer a refusal, not memory', () => {
  const link = linkOf(4096);
  const writer = new LinkWriter(link);
  const frames = new NumberedFrames(7, 8);
  let refused = 0;
  const offer = () => {
    if (writer.roomBytes < 200) refused++;
    else frames.write(writer.frames);
    writer.flush();
  };
  for (let count = 0; count < 1_000; count++) offer();
  const before = process.memoryUsage.rss();
  const bufferBytes = writer.frames.bytes.length;
  for (let count = 0; count < 2_000_000; count++) offer();
  const grownBytes = process.memoryUsage.rss() - before;
  assert.ok(refused > 2_000_000, 'a full ring was not reported');
  assert.equal(writer.frames.bytes.length, bufferBytes);
  assert.ok(grownBytes < 16 * 2 ** 20, `resident memory grew by ${grownBytes} bytes`);
  const expected = new NumberedFrames(7, 8);
  new LinkReader(link).poll(new FrameReader(), (whole) => expected.read(whole));
  assert.equal(expected.count, frames.count);
});

/** The sequences of what a reader hands on. */
function sequencesFrom(reader: LinkReader): number[] {
  const sequences: number[] = [];
  const frame = new FrameReader();
  while (reader.poll(frame, ({ sequence }) => sequences.push(sequence)) > 0);
  return sequences;
}

function numbersFrom(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

test('what a reader has not released the next reader of the ring gets again, from a frame on', () => {
  for (let seed = 1; seed <= 50; seed++) {
    const link = linkOf(2048);
    const writer = new LinkWriter(link);
    const sent = new NumberedFrames(seed, 300);
    const random = new Random(seed);
    const frame = new FrameReader();
    let heard = 0;
    let released = 0;
    for (let life = 0; life < 20; life++) {
      const reader = new LinkReader(link, 'on release');
      heard = released;
      for (let turn = random.below(8); turn > 0; turn--) {
        for (let count = random.below(10); count > 0; count--) sent.write(writer.frames);
        writer.flush();
        // Only some of what is there is taken.
        let left = random.below(12);
        const take = ({ sequence }: FrameReader): void => assert.equal(sequence, ++heard);
        reader.poll(frame, take, () => left-- > 0);
        assert.ok(reader.fillBytes >= 0);
        if (random.below(2) > 0) continue;
        reader.release();
        released = heard;
      }
    }
    const last = new LinkReader(link, 'on release');
    while (released < sent.count) {
      writer.flush();
      last.poll(frame, ({ sequence }) => assert.equal(sequence, ++released));
      last.release();
    }
    assert.equal(last.fillBytes, 0);
  }
});

test('a ring holds whole frames only, so that another writer can go on behind one that is gone', () => {
  const link = linkOf(1024);
  const gone = new LinkWriter(link);
  const frames = new NumberedFrames(1, 100);
  while (gone.flush()) frames.write(gone.frames);
  const heard = new LinkReader(link);
  const before = sequencesFrom(heard);
  assert.ok(before.length < frames.count, 'nothing was left behind');
  assert.deepEqual(before, numbersFrom(1, before.length));
  assert.equal(heard.fillBytes, 0);
  const next = new LinkWriter(link);
  const again = new NumberedFrames(2, 100);
  while (next.flush()) again.write(next.frames);
  const after = sequencesFrom(heard);
  assert.deepEqual(after, numbersFrom(1, after.length));
});

test('what is discarded is gone for the next reader', () => {
  const link = linkOf(1024);
  const writer = new LinkWriter(link);
  const frames = new NumberedFrames(3, 100);
  while (writer.flush()) frames.write(writer.frames);
  writer.discard();
  assert.equal(writer.frames.pendingBytes, 0);
  assert.equal(writer.roomBytes, 1024);
  const { count } = frames;
  frames.write(writer.frames);
  assert.equal(writer.flush(), true);
  assert.deepEqual(sequencesFrom(new LinkReader(link, 'on release')), [count + 1]);
});
