import type { AccountFindings } from '../audit/stream-findings.ts';
import { LatencyCounts } from '../histogram/latency-counts.ts';
import { DELAY_RESOLUTION_MS } from '../subscribers/self-delay.ts';
import { heldUpBy } from './held-up.ts';

/** What is shown as the time of private streams must not be that of our own process. */
export function listenerWarnings(findings: AccountFindings | undefined): string[] {
  if (findings?.watch === undefined) return [];
  const { delay, cpuShare } = findings.watch;
  const [own, shown] = [delay, findings.orderUpdate].map((sparse) => {
    const counts = new LatencyCounts();
    counts.add(sparse);
    return counts;
  });
  if (shown!.count === 0) return [];
  const late = heldUpBy(own!, shown!, DELAY_RESOLUTION_MS);
  if (late === undefined) return [];
  const share = Math.round(cpuShare * 100);
  return [
    `the recorder was the bottleneck of private streams: its process was held up, ${late}; it used ${share} % of a core`,
  ];
}
