import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { nodeDisk } from '../engine/journal/disk.ts';
import { keepHistory } from '../engine/journal/history-keeping.ts';
import { JournalReader } from '../engine/journal/journal-reader.ts';
import { JournalWriter } from '../engine/journal/journal-writer.ts';
import { deleteSegmentsBefore } from '../engine/journal/segments.ts';
import { snapshotName } from '../engine/journal/snapshot-layout.ts';
import { CreateAccount } from '../engine/protocol/commands.ts';
import { FrameReader } from '../engine/protocol/frame-reader.ts';
import { FrameWriter } from '../engine/protocol/frame-writer.ts';
import type { History } from './history.ts';
import { beginsOf, checkNoneHasMore, sequencesOf } from './snapshot-begins.ts';

const IDENTITY = { shard: 0, shardCount: 1 };
/** Of a few inputs. */
const SEGMENT_BYTES = 256;
const INPUTS = 40;
const SNAPSHOTS = [10, 20, 30];

/** The journal of one shard that has opened accounts, with snapshots of three moments and nothing deleted. */
function historyOf(context: TestContext): History & { readonly directory: string } {
  const directory = mkdtempSync(join(tmpdir(), 'ringside-begins-'));
  context.after(() => rmSync(directory, { recursive: true }));
  const end = new JournalReader(nodeDisk, directory, IDENTITY).read(1, () => {});
  const options = { durability: 'os', segmentBytes: SEGMENT_BYTES } as const;
  const journal = new JournalWriter(nodeDisk, directory, IDENTITY, end, options);
  const frames = new FrameWriter();
  const frame = new FrameReader();
  for (let input = 1; input <= INPUTS; input++) {
    frames.clear();
    CreateAccount.encode(frames, input, {
      requestId: input,
      accountId: input,
      name: `account ${input}`,
    });
    frame.reset(frames.bytes, frames.start, frames.end);
    frame.next();
    journal.append(-1, input, frames.bytes, frame.frameStart, frame.position);
    journal.commit();
  }
  journal.close();
  const unheard = { events: 0, messages: [0] };
  for (const sequence of SNAPSHOTS) {
    const care = { durability: 'os', sequence, heard: unheard } as const;
    keepHistory(nodeDisk, directory, IDENTITY, care);
  }
  const kept = { historyId: 'history-1', segmentBytes: SEGMENT_BYTES, directories: [directory] };
  return { ...kept, durability: 'os', isNew: false, directory };
}

test('tables begin with the oldest snapshot that the journal goes on behind', (context) => {
  const history = historyOf(context);
  const { directory } = history;
  for (const sequence of SNAPSHOTS.slice(1)) {
    deleteSegmentsBefore(nodeDisk, directory, sequence + 1);
    const [begin] = beginsOf(history, true);
    assert.equal(begin!.path, join(directory, snapshotName(sequence)));
  }
});

test('a single row of before is enough to keep the tables', (context) => {
  const history = historyOf(context);
  deleteSegmentsBefore(nodeDisk, history.directory, SNAPSHOTS[0]! + 1);
  const begins = beginsOf(history, true);
  const [last] = sequencesOf(begins) as [number];
  assert.ok(last > 1);
  const tablesFrom = (first: number, position = last + 5) => ({
    historyId: history.historyId,
    positions: [position],
    begins: [{ sequence: first, timeUs: null }],
  });
  checkNoneHasMore(tablesFrom(last + 1), begins);
  checkNoneHasMore(tablesFrom(1, 0), begins);
  const named = (first: number, to: number) => ({
    name: 'StartError',
    message: new RegExp(`the rows of the events ${first} to ${to} of shard 0`),
  });
  assert.throws(() => checkNoneHasMore(tablesFrom(last), begins), named(last, last));
  assert.throws(() => checkNoneHasMore(tablesFrom(1, 1), begins), named(1, 1));
});
