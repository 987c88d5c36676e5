import type { Recorder } from './recorder.ts';
import type { ReplyScan } from './reply-scan.ts';
import { RequestKind } from './request-draft.ts';
import type { RequestSlots } from './request-slots.ts';

/** Records how long the requests of the measured part took, in all and by the times that their replies carry. */
export class ReplySpans {
  readonly #reply: ReplyScan;
  readonly #slots: RequestSlots;
  readonly #recorder: Recorder;
  #startEpochUs = Number.NaN;

  /** @param reply the one that was read last */
  constructor(reply: ReplyScan, slots: RequestSlots, recorder: Recorder) {
    this.#reply = reply;
    this.#slots = slots;
    this.#recorder = recorder;
  }

  /** Of the measured part, in ms of the epoch; only where the venue's times are of the same clock. */
  startedAtMs(startEpochMs: number): void {
    this.#startEpochUs = startEpochMs * 1000;
  }

  /**
   * The reply that was read last is that to the request of `slot`, which is of the measured part.
   *
   * @param nowMs since the start of the measured part
   * @param isInLoop a closed loop would have seen the request
   */
  record(slot: number, nowMs: number, isInLoop: boolean): void {
    const slots = this.#slots;
    const intendedMs = slots.intendedMs[slot]!;
    const { span } = this.#recorder;
    const reply = this.#reply;
    const ackUs = (nowMs - intendedMs) * 1000;
    if (reply.status !== 200) {
      span.refused.record(ackUs);
      return;
    }
    const fromSendUs = (nowMs - slots.sentMs[slot]!) * 1000;
    this.#recorder.answered(intendedMs, ackUs, fromSendUs);
    if (isInLoop) this.#recorder.answeredInLoop(intendedMs, fromSendUs);
    if (slots.kind[slot] === RequestKind.Cancel) span.cancelled.record(ackUs);
    if (reply.trades.length > 0 && slots.kind[slot] === RequestKind.Place)
      span['first-fill'].record(ackUs);
    this.#recordServer(intendedMs, nowMs);
  }

  /** By the times that the reply carries, as far as it does. */
  #recordServer(intendedMs: number, nowMs: number): void {
    const { span } = this.#recorder;
    const { receivedUs, matchedUs, journaledUs, publishedUs } = this.#reply;
    if (receivedUs === 0 || matchedUs === 0) return;
    const doneUs = journaledUs || matchedUs;
    span['to-match'].record(matchedUs - receivedUs);
    if (journaledUs !== 0) span['to-journal'].record(journaledUs - matchedUs);
    if (publishedUs !== 0) span['to-publish'].record(publishedUs - doneUs);
    const originUs = this.#startEpochUs;
    if (Number.isNaN(originUs)) return;
    span['to-gateway'].record(receivedUs - originUs - intendedMs * 1000);
    const heardUs = originUs + nowMs * 1000;
    span['to-client'].record(heardUs - doneUs);
    if (publishedUs !== 0) span['from-publish'].record(heardUs - publishedUs);
  }
}
