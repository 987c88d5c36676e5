import type { LatencyCounts } from '../histogram/latency-counts.ts';
import { comparedPercentiles } from './compared-percentiles.ts';

const PERCENTILES = [50, 99];
/** Beyond it, more of what is shown is of our own process than of the venue. */
const OWN_SHARE_MAX = 0.5;

/**
 * Where the delay of a listening process is over half of what is shown as the venue's, and by how much; undefined
 * when it is nowhere. A frame does not tell how long it waited for its reader, so all there is to compare are
 * percentiles of both.
 *
 * @param own how long frames waited for the process itself
 * @param leastMs what is no longer is not looked at
 */
export function heldUpBy(
  own: Readonly<LatencyCounts>,
  shown: Readonly<LatencyCounts>,
  leastMs: number,
): string | undefined {
  for (const percentile of comparedPercentiles(own.count, PERCENTILES)) {
    const ownUs = own.percentileUs(percentile);
    const shownUs = shown.percentileUs(percentile);
    if (ownUs <= leastMs * 1000 || ownUs <= OWN_SHARE_MAX * shownUs) continue;
    return `p${percentile} ${milliseconds(ownUs)} of the ${milliseconds(shownUs)} that are shown`;
  }
  return undefined;
}

function milliseconds(us: number): string {
  return `${(us / 1000).toFixed(1)} ms`;
}
