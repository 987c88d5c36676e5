import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Random } from '../../engine/collections/random.ts';
import { nextGaussian } from '../workloads/distributions.ts';
import {
  type Calibration,
  keepCalibration,
  machineKey,
  type Noise,
  noiseOf,
  notesOnThresholds,
  readCalibrations,
  ruleOf,
  THRESHOLD_MIN,
  THRESHOLD_UNKNOWN,
} from './calibration.ts';

function noise(deviation: number, pairs = 32): Noise {
  const random = new Random(1);
  return noiseOf(Array.from({ length: pairs }, () => nextGaussian(random) * deviation));
}

function calibrationOf(parts: Calibration['parts']): Calibration {
  return { at: '2026-01-01T00:00:00.000Z', commit: 'abc', parts };
}

test('noise is told by how much pairs differ and what eight of them would have said', () => {
  const { pairs, deviation, halfWidth, largestFalse } = noise(0.04);
  assert.equal(pairs, 32);
  assert.ok(deviation > 0.03 && deviation < 0.05, `${deviation}`);
  assert.ok(halfWidth > 0.01 && halfWidth < 0.04, `${halfWidth}`);
  assert.ok(largestFalse > 0.005 && largestFalse < 0.05, `${largestFalse}`);
  assert.ok(noise(0.2).largestFalse > 3 * largestFalse);
});

test('a part is judged by its steadier measure, beyond what its noise reaches', () => {
  const calibration = calibrationOf({
    quiet: { cpu: noise(0.01), wall: noise(0.05) },
    noisy: { cpu: noise(0.3), wall: noise(0.2) },
  });
  assert.deepEqual(ruleOf(calibration, 'quiet'), { measure: 'cpu', threshold: THRESHOLD_MIN });
  const { measure, threshold } = ruleOf(calibration, 'noisy');
  assert.equal(measure, 'wall');
  assert.ok(threshold > calibration.parts.noisy!.wall.largestFalse);
  assert.equal(ruleOf(calibration, 'another').threshold, THRESHOLD_UNKNOWN);
  assert.deepEqual(ruleOf(undefined, 'quiet'), { measure: 'cpu', threshold: THRESHOLD_UNKNOWN });
});

test('too few pairs never lower the threshold, and what they say of noise still lifts it', () => {
  for (let pairs = 8; pairs < 32; pairs++) {
    const short = calibrationOf({ quiet: { cpu: noise(0.001, pairs), wall: noise(0.05, pairs) } });
    assert.equal(ruleOf(short, 'quiet').threshold, THRESHOLD_UNKNOWN);
  }
  const loud = calibrationOf({ loud: { cpu: noise(0.4, 8), wall: noise(0.5, 8) } });
  assert.ok(ruleOf(loud, 'loud').threshold > THRESHOLD_UNKNOWN);
});

test('a threshold that is not what it could be is told, part by part', () => {
  const calibration = calibrationOf({
    quiet: { cpu: noise(0.01), wall: noise(0.05) },
    short: { cpu: noise(0.01, 12), wall: noise(0.05, 12) },
    loud: { cpu: noise(0.6), wall: noise(0.7) },
  });
  assert.deepEqual(notesOnThresholds(calibration, ['quiet']), []);
  const notes = notesOnThresholds(calibration, ['quiet', 'short', 'unknown', 'loud']);
  assert.match(notes[0]!, /no lower than 8 %: short, unknown$/);
  assert.match(notes[1]!, /slower passes up to: loud [\d.]+ %$/);
  assert.match(notesOnThresholds(undefined, ['quiet'])[0]!, /not calibrated/);
});

test('calibrations are kept by machine, and part by part', () => {
  const root = mkdtempSync(join(tmpdir(), 'ringside-calibration-'));
  try {
    assert.deepEqual(readCalibrations(root), {});
    const of = { cpu: noise(0.01), wall: noise(0.02) };
    keepCalibration(root, calibrationOf({ book: of }));
    keepCalibration(root, calibrationOf({ ring: of }));
    assert.deepEqual(Object.keys(readCalibrations(root)[machineKey()]!.parts), ['book', 'ring']);
  } finally {
    rmSync(root, { recursive: true });
  }
});
