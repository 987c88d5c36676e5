import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseObjective } from '../objectives/objective.ts';
import { makeRunResult } from '../report/run-result.fixture.ts';
import type { RequestCounts, ScenarioResult } from '../result/run-result.ts';
import { whyRateNotKept } from './rate-kept.ts';

const [steady] = makeRunResult({ seconds: 5 }).scenarios as [ScenarioResult];
const LEAST_MS = steady.spans.find(({ name }) => name === 'ack')!.minUs / 1_000;
const SENT = 50_000;
/** What is due in as much time, of 10,000 requests a second. */
const dueIn = (ms: number): number => Math.floor(10 * ms);

interface Changed {
  readonly counts?: Partial<RequestCounts>;
  readonly lastSendLateMs?: number;
  readonly objectives?: readonly string[];
}

function whyNot({ counts, lastSendLateMs = 0.2, objectives = [] }: Changed): string {
  const all = { ...steady.counts, sent: SENT, acknowledged: SENT, refused: {}, unknown: 0 };
  const generators = steady.generators.map((generator, index) =>
    index === 1 ? { ...generator, lastSendLateMs } : generator,
  );
  const run = { ...steady, measuredMs: 5_000, generators, counts: { ...all, ...counts } };
  return whyRateNotKept(run, objectives.map(parseObjective)) ?? 'kept';
}

test('a rate was kept when all of it was sent on time and acknowledged', () => {
  assert.equal(whyNot({}), 'kept');
  assert.equal(whyNot({ lastSendLateMs: 49 }), 'kept');
});

test('a rate that was not offered was not kept, whatever was answered', () => {
  assert.match(whyNot({ lastSendLateMs: 438 }), /not offered: the last send was 438 ms late/);
  assert.match(whyNot({ counts: { notSent: 7 } }), /^7 requests were not sent$/);
});

test('what comes after the measured part is a backlog, but for the time that an answer takes', () => {
  const late = (ms: number) => whyNot({ counts: { acknowledgedInTime: SENT - dueIn(ms) } });
  assert.equal(late(LEAST_MS + 49), 'kept');
  assert.match(
    late(LEAST_MS + 51),
    / of 50,000 requests were acknowledged after the measured part only/,
  );
});

test('refusals count as kept only where an objective bounds them, or a cancel came too late', () => {
  const busy = { acknowledged: SENT - 5_000, refused: { BUSY: 5_000 } };
  for (const [objectives, expected] of [
    [[], false],
    [['unknown=0'], false],
    [['ack.p99<20ms'], false],
    [['refused.TOO_MANY_REQUESTS<20%'], false],
    [['refused.BUSY<20%'], true],
    [['refused<20%'], true],
    [['errors<20%'], true],
  ] as const) {
    assert.equal(whyNot({ counts: busy, objectives }) === 'kept', expected, objectives.join());
  }
  assert.equal(whyNot({ counts: { ...busy, cancelsTooLate: 4_500 } }), 'kept');
  assert.match(
    whyNot({ counts: { ...busy, cancelsTooLate: 4_499 } }),
    /^501 of 50,000 requests were refused$/,
  );
});

test('without answers nothing was kept', () => {
  assert.equal(whyNot({ counts: { acknowledged: 0 } }), 'nothing was acknowledged');
  assert.match(whyNot({ counts: { unknown: 1 } }), /never answered/);
});
