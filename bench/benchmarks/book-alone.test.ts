import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OrderBook } from '../../engine/book/order-book.ts';
import { withKnownResult } from '../known-results.ts';
import { naiveReports } from '../replay/naive-replay.fixture.ts';
import { replay } from '../replay/replay.ts';
import { ReportHash } from '../replay/report-hash.ts';
import { makeUsEquityFlow, REGIME_NAMES } from '../workloads/us-equity-flow.ts';
import { bookAlone, runBookAlone } from './book-alone.ts';
import { runTest } from './run-test.fixture.ts';

for (const regime of REGIME_NAMES) {
  test(`the book reports the ${regime} flow as the naive book does`, () => {
    const flow = makeUsEquityFlow(regime, 11, 4_000, 30);
    const reports = new ReportHash();
    replay(flow, 0, flow.count, new OrderBook(), reports);
    const naive = naiveReports(flow);
    assert.deepEqual(
      [reports.digest(), reports.reports, reports.trades, reports.rejects],
      [naive.digest(), naive.reports, naive.trades, naive.rejects],
    );
    assert.ok(reports.trades > 50 && reports.rejects > 20);
  });
}

test('the benchmark of the book gives the result known for its seed', async () => {
  await runTest(bookAlone);
});

/** Trades with the right orders, a tick too dear. */
class DearBook extends OrderBook {
  override match(...terms: Parameters<OrderBook['match']>): ReturnType<OrderBook['match']> {
    const left = super.match(...terms);
    for (let at = 0; at < this.fills.count; at++) this.fills.priceTicks[at]!++;
    return left;
  }
}

test('a book that trades at wrong prices agrees with itself, and is found by the known result', async () => {
  const outcome = await runBookAlone('test', DearBook);
  assert.ok(outcome.ok, outcome.checks.join('\n'));
  assert.equal(withKnownResult('book-alone', 'test', outcome).ok, false);
});
