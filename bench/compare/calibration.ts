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
/** On a machine of which nothing is known. */
export const THRESHOLD_UNKNOWN = 0.08;
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

/** The steadier measure of a part, and a threshold that its noise does not reach. */
export function ruleOf(calibration: Calibration | undefined, part: string): PartRule {
  const noise = calibration?.parts[part];
  if (noise === undefined) return { measure: 'cpu', threshold: THRESHOLD_UNKNOWN };
  const measure = MEASURES.reduce((best, other) =>
    noise[other].deviation < noise[best].deviation ? other : best,
  );
  return { measure, threshold: Math.max(THRESHOLD_MIN, MARGIN * noise[measure].largestFalse) };
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
