import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { Side } from '../protocol/enums.ts';
import { checkBook } from './book-invariants.ts';
import { type FlowMessage, MessageReplay, parseFlowLine } from './message-replay.ts';
import { NaiveBook } from './naive-book.fixture.ts';
import { OrderBook } from './order-book.ts';

const repositoryRoot = fileURLToPath(new URL('../../../', import.meta.url));
const shared = process.env.RINGSIDE_SHARED ?? `${repositoryRoot}../shared`;
const folder = `${shared}/data/conformance`;
const skip = existsSync(folder) ? false : `no conformance data at ${folder}`;

function readText(name: string): string {
  return readFileSync(`${folder}/${name}`, 'utf8');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function linesOf(messages: readonly FlowMessage[]): string[] {
  const lines: string[] = [];
  const replay = new MessageReplay(new OrderBook(), (line) => lines.push(line));
  for (const message of messages) replay.apply(message);
  return lines;
}

test('the worked example of the recorded flows is reported to the byte', () => {
  const messages = [
    '0,new,1,1,100,10,0',
    '1,new,2,0,101,4,0',
    '2,modify,1,1,102,9,',
    '3,new,3,0,102,12,1',
    '4,cancel,1,,,,',
    '5,modify,1,1,102,10,',
  ];
  const report = linesOf(messages.map(parseFlowLine)).join('\n');
  assert.equal(sha256(report), '9596b030e5d3b14cf43d0fd557c2d997fbc2108e08d9a383396923773605ab75');
});

for (const flow of ['normal-seed7', 'flash-crash-seed7', 'static-seed7']) {
  test(`the report stream of ${flow} has the hash that independent engines agree on`, {
    skip,
  }, () => {
    const csv = gunzipSync(readFileSync(`${folder}/${flow}.csv.gz`)).toString('utf8');
    const messages = csv.trimEnd().split('\n').slice(1).map(parseFlowLine);
    const stream = createHash('sha256');
    let reports = 0;
    const book = new OrderBook();
    const replay = new MessageReplay(book, (line) => {
      stream.update(reports++ === 0 ? line : `\n${line}`);
    });
    let applied = 0;
    for (const checkpoint of readText(`${flow}.checkpoints.csv`).trimEnd().split('\n').slice(1)) {
      const [processed, reportLines, hash] = checkpoint.split(',');
      while (applied < Number(processed)) replay.apply(messages[applied++]);
      assert.equal(reports, Number(reportLines), `reports after ${processed} messages`);
      assert.equal(stream.copy().digest('hex'), hash, `hash after ${processed} messages`);
      checkBook(book);
    }
    assert.equal(applied, messages.length);
    const published = readText('SHA256SUMS.txt')
      .split('\n')
      .find((line) => line.includes(`${flow} canonical`));
    assert.equal(published?.slice(0, 64), stream.digest('hex'));
  });
}

interface InvariantCase {
  readonly id: string;
  readonly title: string;
  /**
   * `[seq, 'n' | 'c' | 'm', orderId, side, priceTicks, lots, ioc]`, cut after what the type needs. Of one
   * long case only a description.
   */
  readonly messages: readonly (readonly (number | string)[])[] | string;
  readonly reports: readonly string[] | null;
  readonly report_count: number;
  readonly sha256: string;
}

const messageTypes: Record<string, string> = { n: 'new', c: 'cancel', m: 'modify' };

function messagesOf({ messages }: InvariantCase): FlowMessage[] {
  if (typeof messages === 'string') return sweepOf(5_000);
  return messages.map(([seq, type, ...fields]) =>
    parseFlowLine([seq, messageTypes[type], ...fields].join(',')),
  );
}

/** Asks of one lot at the price that the published hash is of, and an IOC buy of them all. */
function sweepOf(asks: number): FlowMessage[] {
  const messages: FlowMessage[] = [];
  for (let seq = 0; seq < asks; seq++) {
    messages.push(parseFlowLine(`${seq},new,${seq + 1},1,321,1,0`));
  }
  messages.push(parseFlowLine(`${asks},new,${asks + 1},0,321,${asks},1`));
  return messages;
}

/** Replays into a naive book as well and compares what rests after every message. */
function checkBesideNaive(messages: readonly FlowMessage[]): void {
  const book = new OrderBook();
  const twin = new NaiveBook();
  const replay = new MessageReplay(book, () => {});
  const twinReplay = new MessageReplay(twin, () => {});
  const touched = new Set<number>();
  for (const message of messages) {
    replay.apply(message);
    twinReplay.apply(message);
    if (message.type !== 'cancel') touched.add(message.priceTicks);
    assert.equal(book.bestBid(), twin.bestBid());
    assert.equal(book.bestAsk(), twin.bestAsk());
    for (const price of touched) {
      for (const side of [Side.Bid, Side.Ask]) {
        assert.equal(book.levelLots(side, price), twin.levelLots(side, price));
      }
    }
  }
  checkBook(book);
  assert.equal(book.hash(), twin.hash());
}

const cases: InvariantCase[] = skip === false ? JSON.parse(readText('invariants.json')).cases : [];

test('all 34 invariants of a price-time book are there to be checked', { skip }, () => {
  assert.equal(cases.length, 34);
});

for (const invariant of cases) {
  test(`${invariant.id} ${invariant.title}`, () => {
    const messages = messagesOf(invariant);
    const lines = linesOf(messages);
    if (invariant.reports !== null) assert.deepEqual(lines, invariant.reports);
    assert.equal(lines.length, invariant.report_count);
    assert.equal(sha256(lines.join('\n')), invariant.sha256);
    // The naive book takes quadratic time: the long case is repeated shorter.
    checkBesideNaive(messages.length > 1_000 ? sweepOf(500) : messages);
  });
}
