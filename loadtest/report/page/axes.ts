import { formatDuration, formatElapsed } from '../format.ts';
import type { Axis } from './chart.ts';

/** Seconds since the measured part began. */
export const SECONDS: Axis = {
  isLogarithmic: false,
  range: (least, greatest) => [Math.floor(least), greatest > least ? greatest : least + 1],
  increments: [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 28_800],
  format: (seconds) => formatElapsed(seconds * 1_000),
};

const STEPS = [1, 2, 5];
/** With more decades than this only their beginnings are labelled. */
const LABELLED_DECADES_MAX = 3;

/** Durations in microseconds over magnitudes, between round values. */
export const LOGARITHMIC_DURATION: Axis = {
  isLogarithmic: true,
  range: (least, greatest) => {
    const low = Math.max(least, 1);
    const high = Math.max(greatest, low);
    const values = roundValues(low / 10, high * 10);
    const from = values.findLast((value) => value <= low)!;
    return [from, values.find((value) => value > high && value > from)!];
  },
  splits: (least, greatest) => {
    const values = roundValues(least, greatest);
    const isLong = Math.log10(greatest / least) > LABELLED_DECADES_MAX;
    return isLong ? values.filter((value) => Number.isInteger(Math.log10(value))) : values;
  },
  format: roundDuration,
};

/** From nothing to a little above the greatest. */
export function fromZero(format: (value: number) => string, increments?: readonly number[]): Axis {
  return {
    ...(increments === undefined ? {} : { increments }),
    isLogarithmic: false,
    range: (_least, greatest) => [0, greatest > 0 ? greatest * 1.08 : 1],
    format,
  };
}

/** Distances between round numbers of bytes, from one to a tebibyte. */
export const BYTE_INCREMENTS: readonly number[] = Array.from(
  { length: 41 },
  (_, bits) => 2 ** bits,
);

/** Distances between round numbers of things that come whole. */
export const WHOLE_INCREMENTS: readonly number[] = roundValues(1, 1e12);

/** The percentiles by the share that lies beyond: 1 / (1 − p), so that each nine is as wide as the last. */
export const PERCENTILES: Axis = {
  isLogarithmic: true,
  range: (_least, greatest) => [1, Math.max(greatest, 100)],
  splits: (_least, greatest) => {
    const values = [1, 2];
    for (let value = 10; value <= greatest * 1.001; value *= 10) values.push(value);
    return values;
  },
  format: (oneBeyond) => `p${Number(((1 - 1 / oneBeyond) * 100).toPrecision(digitsOf(oneBeyond)))}`,
};

function digitsOf(oneBeyond: number): number {
  return Math.max(2, Math.ceil(Math.log10(oneBeyond) - 1e-9) + 1);
}

/** 1, 2 and 5 of every decade between two values, these included. */
function roundValues(least: number, greatest: number): number[] {
  const values: number[] = [];
  for (let decade = Math.floor(Math.log10(least)); 10 ** decade <= greatest; decade++) {
    for (const step of STEPS) {
      const value = step * 10 ** decade;
      if (value >= least && value <= greatest) values.push(value);
    }
  }
  return values;
}

/** A grid line's `2 ms` needs no digits behind the point. */
function roundDuration(us: number): string {
  return formatDuration(us)
    .replace(/\.0+(?= )/, '')
    .replace(/(\.\d*[1-9])0+(?= )/, '$1');
}
