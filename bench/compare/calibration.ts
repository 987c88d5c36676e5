import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import type { PartRule } from './comparison.ts';
import { MEASURES, type Measure } from './pair.ts';
import { estimateLogRatio, LOOKS } from './verdict.ts';

/** In the root of the working tree; it belongs to the machine, and git ignores it. */
export const CALIBRATION_FILE = 'bench/calibration.json';

/** What a difference must exceed at least, as a share, on the quietest machine. */
export const THRESHOLD_MIN = 0.05;
/** On a machine of which nothing is known, and the least on one of which too little is. */
export const THRESHOLD_UNKNOWN = 0.08;
/** Above it a part's threshold lets more pass than most changes that matter. */
export const THRESHOLD_WARNED_OF = 0.1;
/**
 * Estimates, of pairs that no two of them share, without which the largest of them says little: the largest of one is
 * as often as not below the middle of what there is.
 */
export const BLOCKS_ENOUGH = 4;
/** How far the threshold stays above the largest false difference that was seen. */
const MARGIN = 1.5;

/** What pairs of a commit with itself showed of one part, by one measure; all of it shares. */
export interface Noise {
  readonly pairs: number;
  /** Root of the mean square of a pair's log ratio. */
  readonly deviation: number;
  /** Half the width of the interval after all of the pairs. */
  readonly halfWidth: number;
  /** The largest of the estimates from as many pairs in a row as the first look has; the sign is dropped. */
  readonly largestFalse: number;
}

/** Of one machine: by part, then by measure. */
export interface Calibration {
  readonly at: string;
  readonly commit: string;
  readonly parts: Readonly<Record<string, Readonly<Record<Measure, Noise>>>>;
}

/** Calibrations by machine. */
export type Calibrations = Readonly<Record<string, Calibration>>;

/** What makes one machine's noise another's: processors and the version of Node. */
export function machineKey(): string {
  const all = cpus();
  return `${all.length} × ${all[0]?.model.trim()}, Node ${process.version}`;
}

/** @param logRatios of pairs of a commit with itself, at least as many as the first look takes */
export function noiseOf(logRatios: readonly number[]): Noise {
  const block = LOOKS[0]!;
  const sumOfSquares = logRatios.reduce((sum, value) => sum + value * value, 0);
  const { low, high } = estimateLogRatio(logRatios);
  let largest = 0;
  for (let at = 0; at + block <= logRatios.length; at++) {
    largest = Math.max(largest, Math.abs(estimateLogRatio(logRatios.slice(at, at + block)).value));
  }
  return {
    pairs: logRatios.length,
    deviation: Math.expm1(Math.sqrt(sumOfSquares / logRatios.length)),
    halfWidth: Math.expm1((high - low) / 2),
    largestFalse: Math.expm1(largest),
  };
}

/** Whether so many pairs are enough to go below the threshold of an unknown machine. */
export function isEnough({ pairs }: Noise): boolean {
  return pairs >= BLOCKS_ENOUGH * LOOKS[0]!;
}

/** The steadier measure of a part, and a threshold that its noise does not reach. */
export function ruleOf(calibration: Calibration | undefined, part: string): PartRule {
  const noise = calibration?.parts[part];
  if (noise === undefined) return { measure: 'cpu', threshold: THRESHOLD_UNKNOWN };
  const measure = MEASURES.reduce((best, other) =>
    noise[other].deviation < noise[best].deviation ? other : best,
  );
  const least = isEnough(noise[measure]) ? THRESHOLD_MIN : THRESHOLD_UNKNOWN;
  return { measure, threshold: Math.max(least, MARGIN * noise[measure].largestFalse) };
}

/** What is to be known of the thresholds of some parts before they are relied on. */
export function notesOnThresholds(
  calibration: Calibration | undefined,
  parts: readonly string[],
): string[] {
  const least = `${100 * THRESHOLD_UNKNOWN} %`;
  if (calibration === undefined) {
    return [`this machine is not calibrated, so the threshold is ${least}: make bench-calibrate`];
  }
  const short = parts.filter((part) => {
    const noise = calibration.parts[part];
    return noise === undefined || !isEnough(noise.cpu);
  });
  const lax = parts.flatMap((part) => {
    const { threshold } = ruleOf(calibration, part);
    return threshold > THRESHOLD_WARNED_OF ? [`${part} ${(100 * threshold).toFixed(1)} %`] : [];
  });
  return [
    ...(short.length === 0
      ? []
      : [
          `calibrated with less than ${BLOCKS_ENOUGH * LOOKS[0]!} pairs, so the threshold is no lower than ${least}: ${short.join(', ')}`,
        ]),
    ...(lax.length === 0
      ? []
      : [
          `the machine was noisy when it was calibrated, and slower passes up to: ${lax.join(', ')}`,
        ]),
  ];
}

export function readCalibrations(root: string): Calibrations {
  const file = join(root, CALIBRATION_FILE);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Calibrations) : {};
}

/** Keeps a calibration of this machine; of parts that it does not have, an earlier one stays. */
export function keepCalibration(root: string, calibration: Calibration): void {
  const all = readCalibrations(root);
  const key = machineKey();
  const parts = { ...all[key]?.parts, ...calibration.parts };
  const file = join(root, CALIBRATION_FILE);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ ...all, [key]: { ...calibration, parts } }, null, 2)}\n`);
}
