import assert from 'node:assert/strict';
import { Random } from '../collections/random.ts';
import type { FrameReader } from '../protocol/frame-reader.ts';
import type { FrameWriter } from '../protocol/frame-writer.ts';
import { defineMessage } from '../protocol/message.ts';

const Numbered = defineMessage(900, 'Numbered', { number: 'uint', filler: 'uintList' });

/** Frames of random sizes whose whole content follows from a seed, so that any damage shows. */
export class NumberedFrames {
  count = 0;
  readonly #random: Random;
  readonly #fillerMax: number;
  readonly #body = Numbered.create();
  readonly #expected: number[] = [];

  /** @param fillerMax one frame in a hundred has up to this many integers, the others up to 8 */
  constructor(seed: number, fillerMax: number) {
    this.#random = new Random(seed);
    this.#fillerMax = fillerMax;
  }

  write(writer: FrameWriter): void {
    this.#body.number = ++this.count;
    this.#draw(this.#body.filler);
    Numbered.encode(writer, this.count, this.#body);
  }

  /** Asserts that the frame is whole and the next in order. */
  read(reader: FrameReader): void {
    this.count++;
    if (reader.sequence !== this.count) {
      assert.fail(`frame ${reader.sequence} came where ${this.count} was due`);
    }
    const { number, filler } = Numbered.decode(reader, this.#body);
    this.#draw(this.#expected);
    const isWhole = filler.every((value, index) => value === this.#expected[index]);
    if (number !== this.count || filler.length !== this.#expected.length || !isWhole) {
      assert.fail(`frame ${this.count} is torn`);
    }
  }

  #draw(target: number[]): void {
    const random = this.#random;
    const isLong = random.below(100) === 0;
    target.length = random.below(1 + (isLong ? this.#fillerMax : 8));
    const first = random.nextUint32();
    for (let index = 0; index < target.length; index++) target[index] = (first >>> 1) + index;
  }
}
