import type { FanOut } from './fan-out.ts';

/** One frame to several fan-outs, in the order given. */
export class CompositeFanOut implements FanOut {
  readonly #parts: readonly FanOut[];

  constructor(parts: readonly FanOut[]) {
    this.#parts = parts;
  }

  wants(stream: string): boolean {
    for (const part of this.#parts) if (part.wants(stream)) return true;
    return false;
  }

  publish(stream: string, frame: string): void {
    for (const part of this.#parts) part.publish(stream, frame);
  }

  async close(): Promise<void> {
    await Promise.all(this.#parts.map((part) => part.close()));
  }
}
