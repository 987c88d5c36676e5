import type { GeneratorResult } from '../result/run-result.ts';
import { formatDuration, formatShare } from './format.ts';

/** `p50 0.2 of 1.1 ms (19 %)`, …: how much later each percentile is shown than it is from the actual send. */
export function ownLatenessText({ ownLateness = [] }: GeneratorResult): string {
  return ownLateness
    .map(({ percentile, shownUs, fromSendUs }) => {
      const laterUs = Math.max(0, shownUs - fromSendUs);
      const share = formatShare(shownUs === 0 ? 0 : laterUs / shownUs);
      return `p${percentile} ${formatDuration(laterUs)} of ${formatDuration(shownUs)} (${share})`;
    })
    .join(', ');
}
