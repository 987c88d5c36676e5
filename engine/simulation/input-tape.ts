import { FrameReader } from '../protocol/frame-reader.ts';
import type { Shard } from '../shard/shard.ts';
import { CheckedShard } from './checked-shard.ts';

/** One input of a shard, as `Shard.apply` takes it. */
export interface Input {
  readonly frame: Uint8Array;
  readonly from: number;
  readonly nowUs: number;
}

/** A shard that keeps what it takes in. */
export class RecordingShard extends CheckedShard {
  readonly inputs: Input[] = [];

  override apply(frame: FrameReader, from: number, nowUs: number): void {
    const bytes = frame.bytes.slice(frame.frameStart, frame.position);
    this.inputs.push({ frame: bytes, from, nowUs });
    super.apply(frame, from, nowUs);
  }
}

/** Applies inputs to a shard and answers all that it says to each. */
export class InputPlayer {
  readonly shard: Shard;
  readonly #frame = new FrameReader();

  constructor(shard: Shard) {
    this.shard = shard;
  }

  /** The events, then the messages to each shard, one behind the other. */
  play({ frame, from, nowUs }: Input): Uint8Array {
    const reader = this.#frame;
    reader.reset(frame, 0, frame.length);
    reader.next();
    this.shard.apply(reader, from, nowUs);
    const { events, toShard } = this.shard.outputs;
    const written = [events, ...toShard];
    const said = written.map(({ bytes, start, end }) => bytes.subarray(start, end));
    const copy = Buffer.concat(said);
    for (const frames of written) frames.consume(frames.pendingBytes);
    return copy;
  }
}
