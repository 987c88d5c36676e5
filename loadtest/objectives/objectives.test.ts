import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SpanResult } from '../result/run-result.ts';
import { evaluateObjectives, type Measured } from './evaluate.ts';
import { ObjectiveError, parseObjective } from './objective.ts';

const ack: SpanResult = {
  name: 'ack',
  isOpenLoop: true,
  count: 10_000,
  minUs: 80,
  meanUs: 250.5,
  p50Us: 200,
  p90Us: 600,
  p99Us: 1_999.6,
  p999Us: 4_000,
  p9999Us: 7_000,
  maxUs: 9_500,
  histogram: '',
};

const measured: Measured = {
  measuredMs: 2_000,
  spans: [ack, { ...ack, name: 'first-fill', count: 0 }],
  counts: {
    sent: 10_000,
    acknowledged: 9_990,
    refused: { BUSY: 6, INSUFFICIENT_FUNDS: 2 },
    unknown: 2,
    orders: 9_000,
    cancels: 1_000,
    replaces: 0,
    fills: 0,
    marketDataFrames: 0,
  },
  generators: [1, 2].map((process) => ({
    process,
    connections: 4,
    sent: 5_000,
    lateSends: 5,
    scheduleErrorP99Us: 90,
    cpuShare: 0.5,
    eventLoopDelayMaxMs: 3,
    eventLoopDelayP99Ms: 1,
    lastSendLateMs: 0.1,
  })),
};

function outcome(text: string, of: Measured = measured): string {
  const [result] = evaluateObjectives([parseObjective(text)], of);
  assert.equal(result!.text, text);
  return `${result!.held ? 'held' : 'missed'}: ${result!.actual}`;
}

test('every statistic of a span is compared in the unit that was asked for', () => {
  assert.equal(outcome('ack.min>=80us'), 'held: 80 us');
  assert.equal(outcome('ack.min>80000ns'), 'missed: 80,000 ns');
  assert.equal(outcome('ack.mean<=0.25ms'), 'missed: 0.251 ms');
  assert.equal(outcome('ack.mean<=0.26ms'), 'held: 0.251 ms');
  assert.equal(outcome('ack.p50=200µs'), 'held: 200 µs');
  assert.equal(outcome('ack.p90<0.6ms'), 'missed: 0.6 ms');
  assert.equal(outcome('ack.p99.9<=4ms'), 'held: 4 ms');
  assert.equal(outcome('ack.p99.99<7ms'), 'missed: 7 ms');
  assert.equal(outcome('ack.max < 1s'), 'held: 0.0095 s');
});

test('a value is not rounded across its limit', () => {
  assert.equal(outcome('ack.p99<2ms'), 'held: 1.9996 ms');
  assert.equal(outcome('ack.p99<3ms'), 'held: 2 ms');
});

test('counts are numbers, or shares of what was sent', () => {
  assert.equal(outcome('errors=0'), 'missed: 10');
  assert.equal(outcome('errors<=0.1%'), 'held: 0.1%');
  assert.equal(outcome('refused<9'), 'held: 8');
  assert.equal(outcome('refused.BUSY=0'), 'missed: 6');
  assert.equal(outcome('refused.p99<1ms'), 'missed: not measured');
  assert.equal(outcome('refused.TRADING_PAUSED=0'), 'held: 0');
  assert.equal(outcome('refused.HTTP_502=0'), 'held: 0');
  assert.equal(outcome('refused.INSUFFICIENT_FUNDS<0.1%'), 'held: 0.02%');
  assert.equal(outcome('unknown=0'), 'missed: 2');
  assert.equal(outcome('late<0.1%'), 'missed: 0.1%');
  assert.equal(outcome('rate>=5000'), 'missed: 4,995');
});

test('what was not measured has not held', () => {
  assert.equal(outcome('first-fill.p50<1s'), 'missed: not measured');
  assert.equal(outcome('rest.p50>0s'), 'missed: not measured');
  assert.equal(outcome('late=0', { ...measured, generators: [] }), 'missed: not measured');
  const counts = { ...measured.counts, sent: 0, acknowledged: 0, refused: {}, unknown: 0 };
  for (const text of ['errors=0', 'refused=0', 'refused.BUSY=0', 'unknown<1%', 'rate<5']) {
    assert.equal(outcome(text, { ...measured, counts }), 'missed: not measured', text);
  }
});

test('a percentile needs a sample beyond it', () => {
  const of = (count: number): Measured => ({ ...measured, spans: [{ ...ack, count }] });
  const tooFew = 'missed: not measured: 99 samples of at least 100';
  assert.equal(outcome('ack.p99<1s', of(99)), tooFew);
  assert.equal(outcome('ack.p99<1s', of(100)), 'held: 0.002 s');
  assert.equal(outcome('ack.p90<1s', of(99)), 'held: 0.0006 s');
  assert.equal(
    outcome('ack.p99.99<1s', of(100)),
    'missed: not measured: 100 samples of at least 10000',
  );
  assert.equal(outcome('ack.max<1s', of(1)), 'held: 0.0095 s');
});

test('what was not sent since a connection was lost is an error', () => {
  const counts = { ...measured.counts, refused: {}, unknown: 0, notSent: 10_000 };
  assert.equal(outcome('errors=0', { ...measured, counts }), 'missed: 10,000');
  assert.equal(outcome('errors<50%', { ...measured, counts }), 'missed: 50%');
});

test('the Greek letter and the micro sign are the same unit', () => {
  assert.deepEqual(
    { ...parseObjective('ack.p50<5\u03bcs'), text: '' },
    { ...parseObjective('ack.p50<5\u00b5s'), text: '' },
  );
});

test('a wrong objective says what is possible', () => {
  for (const [text, said] of [
    ['', /not of the form/],
    ['ack.p99', /<=\|>=\|<\|>\|=/],
    ['ack.p99<2', /compared in ns, us, µs, ms, s, not no unit/],
    ['ack.p99<2%', /not the unit "%"/],
    ['ack.p99<2m', /not the unit "m"/],
    ['ack.p98<2ms', /ack\.p99\.9/],
    ['ack<2ms', /ack\.max/],
    ['ack.p99<-2ms', /not of the form/],
    ['ack.p99=<2ms', /not of the form/],
    ['ack.p99<2e3us', /unit/],
    ['acks.p99<2ms', /possible are rate, errors, .*refused\.<CODE>.*first-fill.*p99\.99/],
    ['rate>=5s', /rate is compared in no unit/],
    ['rate>=5%', /no unit/],
    ['errors=0ms', /no unit, %/],
    ['refused.busy=0', /refused\.<CODE>/],
    ['refused.BUZY=0', /no refusal has the code BUZY; there are .*BUSY, DUPLICATE_CLIENT_ID/],
    ['constructor=0', /not measured/],
  ] as const) {
    assert.throws(
      () => parseObjective(text),
      (error) => {
        assert.ok(error instanceof ObjectiveError);
        assert.equal(error.code, 'BAD_OBJECTIVE');
        assert.match(error.message, said);
        return true;
      },
      text,
    );
  }
});
