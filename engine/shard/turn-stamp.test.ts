import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestDone, TurnCommitted } from '../protocol/events.ts';
import { FrameReader } from '../protocol/frame-reader.ts';
import { FrameWriter } from '../protocol/frame-writer.ts';
import { TurnStamp } from './turn-stamp.ts';

/** What the frames say: the time of a stamp, the id of what is done. */
function read(frames: FrameWriter): string[] {
  const reader = new FrameReader();
  reader.reset(frames.bytes, frames.start, frames.end);
  const said: string[] = [];
  while (reader.next()) {
    if (reader.type === TurnCommitted.type) {
      said.push(`at ${TurnCommitted.decode(reader, TurnCommitted.create()).timeUs}`);
    } else said.push(`done ${RequestDone.decode(reader, RequestDone.create()).requestId}`);
  }
  return said;
}

test('every turn that says something says first when it was committed', () => {
  const frames = new FrameWriter(64);
  const stamp = new TurnStamp(frames);
  const turn = (timeUs: number, ...requestIds: number[]): void => {
    for (const requestId of requestIds) {
      stamp.begin();
      if (requestId > 0) RequestDone.encode(frames, 0, { requestId });
    }
    stamp.end(timeUs);
  };
  turn(1_700_000_000_000_001, 1, 2);
  // A ring has taken some: the memory moves below the next turn, which outgrows it.
  const firstBytes = new DataView(frames.bytes.buffer).getUint32(frames.start, true) + 4;
  frames.consume(firstBytes);
  turn(1_700_000_000_000_002, 0, 0);
  turn(1_700_000_000_000_003);
  turn(1_700_000_000_000_004, 3, 4, 5, 6, 7, 8, 9, 10);
  turn(1_700_000_000_000_005, 0, 11);
  const later = ['done 3', 'done 4', 'done 5', 'done 6', 'done 7', 'done 8', 'done 9', 'done 10'];
  assert.deepEqual(read(frames), [
    ...['done 1', 'done 2', 'at 1700000000000004', ...later],
    ...['at 1700000000000005', 'done 11'],
  ]);
});

test('a turn that says nothing leaves nothing behind', () => {
  const frames = new FrameWriter();
  const stamp = new TurnStamp(frames);
  stamp.begin();
  stamp.end(1);
  assert.equal(frames.pendingBytes, 0);
});

test('a turn that was not begun stamps nothing of those before it', () => {
  const frames = new FrameWriter();
  const stamp = new TurnStamp(frames);
  stamp.end(1);
  stamp.begin();
  RequestDone.encode(frames, 0, { requestId: 1 });
  stamp.end(2);
  stamp.end(3);
  assert.deepEqual(read(frames), ['at 2', 'done 1']);
  frames.consume(frames.pendingBytes);
  stamp.end(4);
  RequestDone.encode(frames, 0, { requestId: 2 });
  stamp.end(5);
  assert.deepEqual(read(frames), ['done 2']);
});
