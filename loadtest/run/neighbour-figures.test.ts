import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LatencyCounts } from '../histogram/latency-counts.ts';
import type { MisbehaviourCounts } from '../neighbours/messages.ts';
import { neighbourFigures, neighbourWarnings } from './neighbour-figures.ts';

const NOTHING: MisbehaviourCounts = {
  ...{ framesSent: 0, connections: 0, refusedConnections: 0, closed: {}, answers: 0 },
};
const IDLE = { 'not-reading': NOTHING, malformed: NOTHING, forged: NOTHING };
const NONE = { 'not-reading': 0, malformed: 0, forged: 0 };

function counts(...parts: readonly [requests: number, us: number][]): LatencyCounts {
  const latencies = new LatencyCounts();
  for (const [requests, us] of parts) {
    for (let left = requests; left > 0; left--) latencies.record(us);
  }
  return latencies;
}

test('both percentiles are told of both kinds of phase, and the one as a multiple of the other', () => {
  const ack = { quiet: counts([98, 1_000], [2, 1_600]), bad: counts([98, 1_500], [2, 2_000]) };
  assert.deepEqual(
    neighbourFigures({ ack }, IDLE).map(({ name, value, unit }) => [name, value, unit]),
    [
      ['order → ack p50, quiet', 1, 'ms'],
      ['order → ack p50, beside bad clients', 1.5, 'ms'],
      ['order → ack p50, beside bad clients to quiet', 1.5, 'times'],
      ['order → ack p99, quiet', 1.6, 'ms'],
      ['order → ack p99, beside bad clients', 2, 'ms'],
      ['order → ack p99, beside bad clients to quiet', 1.25, 'times'],
    ],
  );
  assert.deepEqual(neighbourFigures({ ack: { ...ack, bad: counts() } }, IDLE), []);
});

test('what was done is told, and that it was not done fails the run', () => {
  const malformed = { ...NOTHING, framesSent: 70, connections: 3, closed: { 1008: 2 } };
  const figures = neighbourFigures({}, { ...IDLE, malformed });
  const figureOf = (said: RegExp) => figures.find(({ name }) => said.test(name))?.value;
  assert.equal(figureOf(/malformed frames: frames sent/), 70);
  assert.equal(figureOf(/closed by the venue with 1008/), 2);
  assert.equal(figureOf(/forged/), undefined);
  assert.deepEqual(neighbourWarnings({ ...IDLE, malformed }, { ...NONE, malformed: 1 }), []);
  assert.deepEqual(neighbourWarnings(IDLE, { ...NONE, forged: 1 }), [
    'clients of forged logins sent nothing: no neighbour could be disturbed by them',
  ]);
});
