import type { GeneratorProgress } from '../generator/messages.ts';
import { LatencyCounts, type SparseCounts } from '../histogram/latency-counts.ts';
import type { TimelinePoint } from '../result/run-result.ts';

/** Pieces of one histogram that are kept before they are put together: many are faster to take, few to hold. */
const PIECES_MAX = 8;

class Pieces {
  #pieces: SparseCounts[] = [];

  add(piece: SparseCounts): void {
    this.#pieces.push(piece);
    if (this.#pieces.length > PIECES_MAX) this.#pieces = [this.whole().toSparse()];
  }

  whole(): LatencyCounts {
    const counts = new LatencyCounts();
    for (const piece of this.#pieces) counts.add(piece);
    return counts;
  }
}

class Second {
  sent = 0;
  sentThen = 0;
  acknowledged = 0;
  refused = 0;
  unknown = 0;
  readonly ack = new Pieces();
  readonly ackFromSend = new Pieces();
  readonly ackClosedLoop = new Pieces();
  readonly scheduleError = new Pieces();
}

/** Puts together what the generators tell of each second of the measured part. */
export class Timeline {
  readonly #intended: readonly number[];
  readonly #seconds: Second[];

  /** @param intended requests of each second, as the schedule asks for them */
  constructor(intended: readonly number[]) {
    this.#intended = intended;
    this.#seconds = intended.map(() => new Second());
  }

  add(progress: GeneratorProgress): void {
    for (const told of progress.seconds) {
      // What went out after the schedule's end was in none of its seconds.
      if (told.second < this.#seconds.length) this.#seconds[told.second]!.sentThen += told.sentThen;
      // The very last moment of a schedule may be the first of a second that it does not have.
      const second = this.#seconds[Math.min(told.second, this.#seconds.length - 1)]!;
      second.sent += told.sent;
      second.acknowledged += told.acknowledged;
      second.refused += told.refused;
      second.unknown += told.unknown;
      second.ack.add(told.ack);
      second.ackFromSend.add(told.ackFromSend);
      second.ackClosedLoop.add(told.ackClosedLoop);
      second.scheduleError.add(told.scheduleError);
    }
  }

  /** Acknowledgements of those seconds of the measured part, from 0, that are wanted. */
  ackOf(isWanted: (second: number) => boolean): LatencyCounts {
    const counts = new LatencyCounts();
    this.#seconds.forEach((second, index) => {
      if (isWanted(index)) counts.add(second.ack.whole().toSparse());
    });
    return counts;
  }

  /** @param seconds how many were run; the rest was not asked for */
  points(seconds = this.#seconds.length): TimelinePoint[] {
    return this.#seconds.slice(0, seconds).map((second, index) => {
      const { sent, sentThen, acknowledged, refused, unknown } = second;
      const ack = second.ack.whole();
      const ackFromSend = second.ackFromSend.whole();
      const ackClosedLoop = second.ackClosedLoop.whole();
      const scheduleError = second.scheduleError.whole();
      return {
        atMs: index * 1000,
        intended: this.#intended[index]!,
        sent,
        sentThen,
        acknowledged,
        refused,
        ...(unknown === 0 ? {} : { unknown }),
        ...(ack.count === 0
          ? {}
          : {
              ackP50Us: ack.percentileUs(50),
              ackP99Us: ack.percentileUs(99),
              ackMaxUs: ack.maxUs,
              ackFromSendP99Us: ackFromSend.percentileUs(99),
            }),
        ...(ackClosedLoop.count === 0
          ? {}
          : { ackClosedLoopP99Us: ackClosedLoop.percentileUs(99) }),
        ...(scheduleError.count === 0
          ? {}
          : { scheduleErrorP99Us: scheduleError.percentileUs(99) }),
      };
    });
  }
}
