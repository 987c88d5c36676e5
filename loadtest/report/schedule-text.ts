import type { ScenarioResult } from '../result/run-result.ts';
import { formatCount, formatDuration } from './format.ts';

/** `open loop, poisson, 10,000/s offered, 60.0 s measured` */
export function scheduleText({ schedule, measuredMs }: ScenarioResult): string {
  return [
    ...(schedule.kind === 'none'
      ? ['nothing sent']
      : [schedule.isOpenLoop ? 'open loop' : 'closed loop']),
    ...(schedule.kind === 'closed' || schedule.kind === 'none' ? [] : [schedule.kind]),
    ...(schedule.offeredPerSecond > 0
      ? [`${formatCount(schedule.offeredPerSecond)}/s offered`]
      : []),
    `${formatDuration(measuredMs * 1_000)} measured`,
  ].join(', ');
}
