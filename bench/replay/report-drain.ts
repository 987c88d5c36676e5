import { Worker } from 'node:worker_threads';
import { ByteRing } from '../../engine/ring/byte-ring.ts';
import { Doorbell } from '../../engine/ring/doorbell.ts';
import { ReportWriter } from './report-records.ts';

/** What the thread that drains the ring is given. */
export interface DrainTask {
  readonly ring: SharedArrayBuffer;
  readonly bell: SharedArrayBuffer;
  readonly answer: SharedArrayBuffer;
}

/** Cells of the answer: how many flows were drained, whether to stop, the digest's two words. */
export const DRAINED = 0;
export const STOP = 1;
export const DIGEST_HIGH = 2;
export const DIGEST_LOW = 3;
const ANSWER_CELLS = 4;

const RING_BYTES = 2 ** 20;

/** The other thread, as the writing side sees it. */
export class ReportDrain {
  readonly writer: ReportWriter;
  readonly #answer: Int32Array;
  readonly #bell: Doorbell;
  readonly #ended: Promise<unknown>;

  constructor() {
    const task: DrainTask = {
      ring: ByteRing.allocate(RING_BYTES),
      bell: Doorbell.allocate(),
      answer: new SharedArrayBuffer(ANSWER_CELLS * 4),
    };
    const worker = new Worker(new URL('./report-drain-thread.js', import.meta.url), {
      workerData: task,
    });
    this.#ended = new Promise((resolve, reject) => {
      worker.once('exit', resolve);
      worker.once('error', reject);
    });
    this.#answer = new Int32Array(task.answer);
    this.#bell = new Doorbell(task.bell);
    this.writer = new ReportWriter(new ByteRing(task.ring), this.#bell);
  }

  /** Ends the flow and waits, without yielding, until every report of it was folded; answers the digest. */
  finish(): string {
    const drained = Atomics.load(this.#answer, DRAINED);
    this.writer.end();
    while (Atomics.load(this.#answer, DRAINED) === drained);
    const hex = (cell: number): string => (this.#answer[cell]! >>> 0).toString(16).padStart(8, '0');
    return hex(DIGEST_HIGH) + hex(DIGEST_LOW);
  }

  async stop(): Promise<void> {
    Atomics.store(this.#answer, STOP, 1);
    this.#bell.ring();
    await this.#ended;
  }
}
