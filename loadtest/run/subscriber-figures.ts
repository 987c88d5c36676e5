import type { Figure } from '../result/run-result.ts';
import type { SubscribersReport } from '../subscribers/messages.ts';

/** What the subscribers are to be told of besides their spans. */
export function subscriberFigures(report: SubscribersReport, slow: number): Figure[] {
  const figures = [
    { name: 'gaps at subscribers that keep reading', value: report.gaps, unit: 'gaps' },
  ];
  if (slow === 0) return figures;
  return [
    ...figures,
    { name: 'pauses of slow subscribers', value: report.slow.pauses, unit: 'pauses' },
    { name: 'gaps at slow subscribers', value: report.slow.gaps, unit: 'gaps' },
    { name: 'slow subscribers closed by the venue', value: report.slow.closed, unit: 'sockets' },
  ];
}

/** What of it must not be: a reader that keeps up loses nothing, however slow others are. */
export function subscriberWarnings({ gaps, lost }: SubscribersReport): string[] {
  const warnings: string[] = [];
  if (lost > 0) warnings.push(`${lost} subscribers that kept reading lost their connection`);
  if (gaps > 0) warnings.push(`${gaps} gaps in the streams of subscribers that kept reading`);
  return warnings;
}
