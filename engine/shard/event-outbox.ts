import type { FrameWriter } from '../protocol/frame-writer.ts';
import { ByteRing } from '../ring/byte-ring.ts';
import { Doorbell } from '../ring/doorbell.ts';
import type { SharedLink } from '../ring/link.ts';
import { writeFrames } from '../ring/whole-frames.ts';

/**
 * Copies one stream of event frames to several rings (the gateway's, the persistence thread's), each at
 * the pace of its reader. Frames leave memory once every ring has them.
 */
export class EventOutbox {
  readonly #frames: FrameWriter;
  readonly #targets: { ring: ByteRing; bell: Doorbell; takenBytes: number }[];

  constructor(frames: FrameWriter, links: readonly SharedLink[]) {
    this.#frames = frames;
    this.#targets = links.map((link) => ({
      ring: new ByteRing(link.ring),
      bell: new Doorbell(link.readerBell),
      takenBytes: 0,
    }));
  }

  /** Moves the frames that fit; true when every ring has everything. */
  flush(): boolean {
    const frames = this.#frames;
    if (frames.pendingBytes === 0) return true;
    let takenByAll = frames.pendingBytes;
    for (const target of this.#targets) {
      const start = frames.start + target.takenBytes;
      const count = writeFrames(target.ring, frames.bytes, start, frames.end);
      if (count > 0) {
        target.takenBytes += count;
        target.bell.ring();
      }
      takenByAll = Math.min(takenByAll, target.takenBytes);
    }
    for (const target of this.#targets) target.takenBytes -= takenByAll;
    frames.consume(takenByAll);
    return frames.pendingBytes === 0;
  }
}
