import { FRAME_HEADER_BYTES_MAX, writeClientFrame } from '../client/client-frame.ts';
import type { FrameSocket } from '../client/frame-socket.ts';

const CHUNK_BYTES = 64 * 1024;

/** Gathers frames for one socket, so that all that is due goes out in one write. */
export class FrameBatch {
  readonly #socket: FrameSocket;
  #chunk: Buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  #start = 0;
  #end = 0;

  constructor(socket: FrameSocket) {
    this.#socket = socket;
  }

  get isEmpty(): boolean {
    return this.#end === this.#start;
  }

  /** Adds the first `length` bytes of `payload` as a frame. */
  add(payload: Buffer, length: number, isBinary: boolean): void {
    if (this.#end + length + FRAME_HEADER_BYTES_MAX > CHUNK_BYTES) {
      this.flush();
      // What was sent belongs to the socket until it is out, so a chunk is never written again.
      this.#chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      this.#start = this.#end = 0;
    }
    this.#end = writeClientFrame(this.#chunk, this.#end, payload, isBinary, length);
  }

  /** Sends what was gathered. */
  flush(): void {
    if (this.isEmpty) return;
    this.#socket.sendFrames(this.#chunk.subarray(this.#start, this.#end));
    this.#start = this.#end;
  }
}
