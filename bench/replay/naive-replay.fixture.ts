import { type FlowMessage, MessageReplay } from '../../engine/book/message-replay.ts';
import { NaiveBook } from '../../engine/book/naive-book.fixture.ts';
import { type MessageFlow, MessageKind } from '../workloads/message-flow.ts';
import { ReportHash } from './report-hash.ts';
import type { Reports } from './reports.ts';

/** What the naive book, driven as the conformance tests drive a book, answers to a flow. Quadratic. */
export function naiveReports(flow: MessageFlow): ReportHash {
  const hash = new ReportHash();
  const replay = new MessageReplay(new NaiveBook(), (line) => takeLine(line, hash));
  for (let seq = 0; seq < flow.count; seq++) replay.apply(messageAt(flow, seq));
  return hash;
}

const TYPES = ['new', 'new', 'cancel', 'modify'] as const;

function messageAt(flow: MessageFlow, seq: number): FlowMessage {
  return {
    seq,
    type: TYPES[flow.kind[seq]!]!,
    orderId: flow.orderId[seq]!,
    side: flow.side[seq]! as FlowMessage['side'],
    priceTicks: flow.priceTicks[seq]!,
    lots: flow.lots[seq]!,
    immediateOrCancel: flow.kind[seq] === MessageKind.NewImmediate,
  };
}

function takeLine(line: string, reports: Reports): void {
  const [kind, ...fields] = line.split(',').map(Number) as [number, ...number[]];
  const [a, b, c, d, e] = fields as [number, number, number, number, number];
  if (kind === 0) reports.orderAck(a, b, c, d, e);
  else if (kind === 1) reports.trade(a, b, c, d, e);
  else if (kind === 2) reports.cancelAck(a, b, c, d);
  else if (kind === 3) reports.modifyAck(a, b, c, d, e);
  else if (kind === 4) reports.cancelReject(a, b);
  else reports.modifyReject(a, b);
}
