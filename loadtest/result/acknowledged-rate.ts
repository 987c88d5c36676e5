import type { ScenarioResult } from './run-result.ts';

/**
 * Acknowledgements a second that came within the measured part; 0 of no time. What comes after it is a backlog that the
 * venue did not keep up with, and one late reply must not make all others seem slower.
 */
export function acknowledgedPerSecond({
  counts,
  measuredMs,
}: Pick<ScenarioResult, 'counts' | 'measuredMs'>): number {
  const acknowledged = counts.acknowledgedInTime ?? counts.acknowledged;
  return measuredMs === 0 ? 0 : (acknowledged * 1000) / measuredMs;
}
