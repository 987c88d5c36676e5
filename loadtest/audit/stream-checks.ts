import type { AuditCheck } from '../result/run-result.ts';
import { check, counted, type Finding, findingOf } from './check.ts';
import type { StreamFindings } from './stream-findings.ts';

/** What the public streams told: every update and every trade, and books that are the engine's. */
export async function checkStreams(findings: StreamFindings): Promise<AuditCheck[]> {
  return [
    await check('public sequences have no gaps', () => sequences(findings)),
    await check('books rebuilt from the streams equal the engine’s', () => books(findings)),
  ];
}

function sequences({ incomplete, markets }: StreamFindings): Finding {
  const wrong = markets
    .filter(({ gapCount }) => gapCount > 0)
    .map(({ symbol, gapCount, gaps }) => `${symbol} has ${gapCount} gaps: ${gaps.join(', ')}`);
  if (wrong.length === 0 && incomplete !== undefined) return undecided(incomplete);
  const frames = sum(markets.map(({ depthFrames }) => depthFrames));
  const trades = sum(markets.map((market) => market.trades));
  return findingOf(
    wrong,
    `${counted(frames, 'depth frame')} and ${counted(trades, 'trade')} of ${counted(markets.length, 'market')}`,
  );
}

function books({ incomplete, markets }: StreamFindings): Finding {
  if (incomplete !== undefined) return undecided(incomplete);
  const wrong = markets
    .filter(({ differenceCount }) => differenceCount > 0)
    .map(({ symbol, differenceCount, differences }) => {
      return `${symbol} differs in ${differenceCount} levels: ${differences.join(', ')}`;
    });
  const levels = sum(markets.map(({ levelsCompared }) => levelsCompared));
  return findingOf(
    wrong,
    `${counted(levels, 'level')} of ${counted(markets.length, 'market')} at rest`,
  );
}

function undecided(incomplete: string): Finding {
  return { holds: false, detail: `not decidable, the recorder did not hear all: ${incomplete}` };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
