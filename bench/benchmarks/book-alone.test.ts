import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OrderBook } from '../../engine/book/order-book.ts';
import { naiveReports } from '../replay/naive-replay.fixture.ts';
import { replay } from '../replay/replay.ts';
import { ReportHash } from '../replay/report-hash.ts';
import { makeUsEquityFlow, REGIME_NAMES } from '../workloads/us-equity-flow.ts';
import { bookAlone } from './book-alone.ts';

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
  const outcome = await bookAlone.run('test');
  assert.ok(outcome.ok, outcome.checks.join('\n'));
  assert.equal(outcome.resultHash, '8a7991b3c4484a91');
});
