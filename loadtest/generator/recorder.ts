import { LatencyCounts } from '../histogram/latency-counts.ts';
import type { SpanName } from '../result/run-result.ts';
import type { ConnectionCounts, OutcomeCounts, SecondCounts } from './messages.ts';
import { RequestKind } from './request-draft.ts';

/** The spans that one generator process measures. */
const SPANS = [
  'ack',
  'ack-from-send',
  'ack-closed-loop',
  'refused',
  'first-fill',
  'cancelled',
  'schedule-error',
  'to-gateway',
  'to-match',
  'to-journal',
  'to-publish',
  'from-publish',
  'to-client',
  'connect',
  'connect-from-send',
] as const satisfies readonly SpanName[];
type MeasuredSpan = (typeof SPANS)[number];

/** What a second's requests have come to since it was last told. */
class Second {
  second = 0;
  sent = 0;
  sentThen = 0;
  acknowledged = 0;
  refused = 0;
  unknown = 0;
  readonly ack = new LatencyCounts();
  readonly ackFromSend = new LatencyCounts();
  readonly ackClosedLoop = new LatencyCounts();
  readonly scheduleError = new LatencyCounts();

  clear(): void {
    this.sent = this.sentThen = this.acknowledged = this.refused = this.unknown = 0;
    this.ack.clear();
    this.ackFromSend.clear();
    this.ackClosedLoop.clear();
    this.scheduleError.clear();
  }
}

export function noOutcomes(): OutcomeCounts {
  return {
    sent: 0,
    acknowledged: 0,
    unknown: 0,
    refused: {},
    orders: 0,
    cancels: 0,
    replaces: 0,
    fills: 0,
    cancelled: 0,
    cancelsTooLate: 0,
  };
}

/** Counts and histograms of one generator process. Recording allocates nothing but a bin for each second. */
export class Recorder {
  readonly measured = noOutcomes();
  readonly all = noOutcomes();
  /** Of `measured`, those whose acknowledgement came within the measured part. */
  acknowledgedInTime = 0;
  readonly span: Readonly<Record<MeasuredSpan, LatencyCounts>>;
  readonly #measuredMs: number;
  readonly #ordersAcknowledged: Float64Array;
  readonly #unknown: Float64Array;
  readonly #open = new Map<number, Second>();
  readonly #free: Second[] = [];
  /** The bin of the last request looked at: nearly always that of the next one, too. */
  #recent: Second | undefined;

  /** @param measuredMs length of the measured part */
  constructor(connections: number, measuredMs: number) {
    this.#measuredMs = measuredMs;
    this.#ordersAcknowledged = new Float64Array(connections);
    this.#unknown = new Float64Array(connections);
    this.span = Object.fromEntries(SPANS.map((name) => [name, new LatencyCounts()])) as Record<
      MeasuredSpan,
      LatencyCounts
    >;
  }

  sent(kind: number, intendedMs: number, sentMs: number): void {
    count(this.all, kind);
    // What is sent before the clock starts has no moment on it.
    if (Number.isFinite(intendedMs) && sentMs >= 0) this.#second(sentMs).sentThen++;
    if (intendedMs < 0) return;
    count(this.measured, kind);
    const lateUs = (sentMs - intendedMs) * 1000;
    this.span['schedule-error'].record(lateUs);
    const second = this.#second(intendedMs);
    second.sent++;
    second.scheduleError.record(lateUs);
  }

  acknowledged(
    kind: number,
    connection: number,
    fills: number,
    intendedMs: number,
    nowMs: number,
  ): void {
    this.all.acknowledged++;
    this.all.fills += fills;
    if (kind === RequestKind.Place) this.#ordersAcknowledged[connection]! += 1;
    if (intendedMs < 0) return;
    this.measured.acknowledged++;
    if (nowMs <= this.#measuredMs) this.acknowledgedInTime++;
    this.measured.fills += fills;
    this.#second(intendedMs).acknowledged++;
  }

  refused(code: string, intendedMs: number): void {
    this.all.refused[code] = (this.all.refused[code] ?? 0) + 1;
    if (intendedMs < 0) return;
    this.measured.refused[code] = (this.measured.refused[code] ?? 0) + 1;
    this.#second(intendedMs).refused++;
  }

  /** The reply to a cancel told that the order is cancelled by now. */
  cancelled(intendedMs: number): void {
    this.all.cancelled++;
    if (intendedMs >= 0) this.measured.cancelled++;
  }

  /** A cancel was refused since its order, which had been placed, was over by then. */
  cancelTooLate(intendedMs: number): void {
    this.all.cancelsTooLate++;
    if (intendedMs >= 0) this.measured.cancelsTooLate++;
  }

  unknown(connection: number, intendedMs: number): void {
    this.all.unknown++;
    this.#unknown[connection]! += 1;
    if (intendedMs < 0) return;
    this.measured.unknown++;
    this.#second(intendedMs).unknown++;
  }

  /** How long a request of the measured part took to be acknowledged, or was waited for in vain. */
  answered(intendedMs: number, ackUs: number, fromSendUs: number): void {
    this.span.ack.record(ackUs);
    this.span['ack-from-send'].record(fromSendUs);
    const second = this.#second(intendedMs);
    second.ack.record(ackUs);
    second.ackFromSend.record(fromSendUs);
  }

  /** As `answered`, of those that a closed loop would have seen. */
  answeredInLoop(intendedMs: number, fromSendUs: number): void {
    this.span['ack-closed-loop'].record(fromSendUs);
    this.#second(intendedMs).ackClosedLoop.record(fromSendUs);
  }

  /** What has come since the last call, by second. */
  takeSeconds(): SecondCounts[] {
    const seconds: SecondCounts[] = [];
    for (const bin of this.#open.values()) {
      seconds.push({
        second: bin.second,
        sent: bin.sent,
        sentThen: bin.sentThen,
        acknowledged: bin.acknowledged,
        refused: bin.refused,
        unknown: bin.unknown,
        ack: bin.ack.toSparse(),
        ackFromSend: bin.ackFromSend.toSparse(),
        ackClosedLoop: bin.ackClosedLoop.toSparse(),
        scheduleError: bin.scheduleError.toSparse(),
      });
      bin.clear();
      this.#free.push(bin);
    }
    this.#open.clear();
    this.#recent = undefined;
    return seconds;
  }

  connectionCounts(): ConnectionCounts[] {
    return Array.from(this.#unknown, (unknown, connection) => ({
      ordersAcknowledged: this.#ordersAcknowledged[connection]!,
      unknown,
    }));
  }

  spanCounts(): { name: SpanName; counts: Float64Array }[] {
    return SPANS.map((name) => ({ name, counts: this.span[name].toSparse() }));
  }

  #second(intendedMs: number): Second {
    const second = Math.floor(intendedMs / 1000);
    if (this.#recent?.second === second) return this.#recent;
    let bin = this.#open.get(second);
    if (bin === undefined) {
      bin = this.#free.pop() ?? new Second();
      bin.second = second;
      this.#open.set(second, bin);
    }
    this.#recent = bin;
    return bin;
  }
}

function count(outcomes: OutcomeCounts, kind: number): void {
  outcomes.sent++;
  if (kind === RequestKind.Place) outcomes.orders++;
  else if (kind === RequestKind.Cancel) outcomes.cancels++;
  else if (kind !== RequestKind.Connect) outcomes.replaces++;
}
