import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { endNewThreads } from '../ring/end-new-threads.fixture.ts';
import { startTaskThread } from './task-thread.ts';

/** A thread that never ends fails the test instead of holding all of them up. */
const TIMEOUT = { timeout: 60_000 };
const ENTRY = new URL('./task-thread.fixture.js', import.meta.url);
const MISSING = new URL('./no-such-thread.js', import.meta.url);

const start = (task: string, entry = ENTRY) => startTaskThread<string, string>(entry, task);

/** Watches which threads are created; answers how many there were once it has seen that all are gone. */
function watchThreads(context: TestContext): () => number {
  const threads: Worker[] = [];
  const watch = (thread: Worker): void => void threads.push(thread);
  process.on('worker', watch);
  context.after(() => process.off('worker', watch));
  return () => {
    // Of a thread that is gone (worker_threads, `worker.threadId`).
    for (const { threadId } of threads) assert.equal(threadId, -1);
    return threads.length;
  };
}

test('a thread answers its task, and is gone then', TIMEOUT, async (context) => {
  const allGone = watchThreads(context);
  assert.equal(await start('answer').answer, 'answered');
  assert.equal(allGone(), 1);
});

test('what ends a task ends its thread, and is its answer', TIMEOUT, async (context) => {
  const allGone = watchThreads(context);
  await assert.rejects(start('throw').answer, /thrown by the task/);
  await assert.rejects(start('throw later').answer, /thrown beside the task/);
  await assert.rejects(start('exit').answer, /exited with code: 7/);
  await assert.rejects(start('answer', MISSING).answer, /no-such-thread/);
  assert.ok(allGone() >= 4);
});

for (const stage of ['created', 'online'] as const) {
  test(`a thread that dies when it is ${stage} has failed`, TIMEOUT, async (context) => {
    const allGone = watchThreads(context);
    context.after(endNewThreads(stage));
    await assert.rejects(start('answer').answer, /exited/);
    assert.ok(allGone() >= 1);
  });
}

test('a thread can be ended amid its task, and twice', TIMEOUT, async (context) => {
  const allGone = watchThreads(context);
  const { answer, end } = start('wait');
  const failed = assert.rejects(answer, /[Tt]erminat/);
  await Promise.all([end(), end()]);
  await failed;
  await end();
  assert.equal(allGone(), 1);
});
