import { OrderBook } from '../../../engine/book/order-book.ts';
import { replay } from '../../replay/replay.ts';
import { ReportHash } from '../../replay/report-hash.ts';
import { makeUsEquityFlow } from '../../workloads/us-equity-flow.ts';
import { counter, type LoadedPart, type Part } from '../part.ts';

const MESSAGES = 120_000;
const SEED = 1;
/** Orders that live as long as this many arrivals: some eighty rest at any time. */
const LONG_LIFE_ARRIVALS = 100;

function load(): LoadedPart {
  const flows = [
    makeUsEquityFlow('normal', SEED, MESSAGES, LONG_LIFE_ARRIVALS),
    makeUsEquityFlow('collapse', SEED, MESSAGES),
  ];
  const operations = flows.reduce((sum, flow) => sum + flow.count, 0);
  let reports = new ReportHash();
  return {
    operations,
    isTimed: true,
    prepare() {
      reports = new ReportHash();
    },
    work() {
      for (const flow of flows) replay(flow, 0, flow.count, new OrderBook(), reports);
    },
    counters: () => [
      counter('reports', 'per message', reports.reports / operations),
      counter('trades', 'per message', reports.trades / operations),
      counter('reports', 'hash', reports.digest()),
    ],
  };
}

/** The matching book, by call. */
export const book: Part = {
  name: 'book',
  about: `the matching book by call: ${MESSAGES} messages each of a calm market with orders that wait, and of one that collapses`,
  operation: 'message',
  load,
};
