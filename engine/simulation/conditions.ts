import type { Random } from '../collections/random.ts';
import type { RingSizes } from '../ring/topology.ts';

/** How badly a simulated engine is treated: how small its rings are, how late and cut up everything arrives. */
export interface Conditions {
  /** Of the rings the shards write into. */
  readonly writtenRings: RingSizes;
  /** Of the rings the shards read from. */
  readonly readRings: RingSizes;
  /** The most bytes that go over a wire at once: usually in the middle of a message. */
  readonly cutBytesMax: number;
  /** One pick of an actor in so many sends it to sleep instead. */
  readonly stallOneIn: number;
  readonly stallUsMax: number;
  /** The most that the clock moves on between two things that happen. */
  readonly tickUsMax: number;
  /** The most things that happen between two commands. */
  readonly gapStepsMax: number;
}

/** Anything from an engine that keeps up to one whose every message is held up in pieces. */
export function drawConditions(random: Random): Conditions {
  return {
    writtenRings: drawRingSizes(random),
    readRings: drawRingSizes(random),
    cutBytesMax: drawPowerOfTwo(random, 5, 14),
    stallOneIn: drawPowerOfTwo(random, 3, 10),
    stallUsMax: drawPowerOfTwo(random, 4, 14),
    tickUsMax: drawPowerOfTwo(random, 0, 8),
    gapStepsMax: drawPowerOfTwo(random, 0, 7),
  };
}

/** None is smaller than the largest frame that goes through it. */
function drawRingSizes(random: Random): RingSizes {
  return {
    commandBytes: drawPowerOfTwo(random, 8, 13),
    eventBytes: drawPowerOfTwo(random, 10, 15),
    shardBytes: drawPowerOfTwo(random, 8, 13),
  };
}

function drawPowerOfTwo(random: Random, lowest: number, highest: number): number {
  return 2 ** (lowest + random.below(highest - lowest + 1));
}
