import type { AuditCheck } from '../result/run-result.ts';
import { check, counted, type Finding, findingOf } from './check.ts';
import type { StreamFindings } from './stream-findings.ts';

/** What the public streams told: every update and every trade, and books that are the engine's. */
export async function checkStreams(findings: StreamFindings): Promise<AuditCheck[]> {
  return [
    await check('public sequences have no gaps', () => sequences(findings)),
    await check('books rebuilt from the streams equal the engine’s', () => books(findings)),
    await check('books during the run equalled the engine’s', () => booksDuringRun(findings)),
    await check('best levels told are those of the rebuilt books', () => bestLevels(findings)),
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

function booksDuringRun({ incomplete, markets }: StreamFindings): Finding {
  const found = markets.map(({ symbol, during }) => ({ symbol, ...during }));
  const wrong = found
    .filter(({ differenceCount }) => differenceCount > 0)
    .map(({ symbol, differenceCount, differences }) => {
      return `${symbol} differed in ${differenceCount} levels: ${differences.join(', ')}`;
    });
  if (wrong.length === 0 && incomplete !== undefined) return undecided(incomplete);
  const levels = sum(found.map(({ levelsCompared }) => levelsCompared));
  const times = sum(found.map(({ comparisons }) => comparisons));
  return findingOf(
    wrong,
    `${counted(levels, 'level')} in ${counted(times, 'snapshot')}, one a second`,
  );
}

function bestLevels({ incomplete, markets }: StreamFindings): Finding {
  const wrong = markets
    .filter(({ wrongTickerCount }) => wrongTickerCount > 0)
    .map(({ symbol, wrongTickerCount, wrongTickers }) => {
      return `${symbol} was told ${wrongTickerCount} times otherwise: ${wrongTickers.join(', ')}`;
    });
  wrong.push(
    ...markets
      .filter(({ missingTickerCount }) => missingTickerCount > 0)
      .map(({ symbol, missingTickerCount, missingTickers }) => {
        const which = missingTickers.join(', ');
        return `${symbol} was not told of ${counted(missingTickerCount, 'change')}: of updates ${which}`;
      }),
  );
  if (wrong.length === 0 && incomplete !== undefined) return undecided(incomplete);
  const compared = sum(markets.map(({ tickersCompared }) => tickersCompared));
  const uncompared = sum(markets.map(({ tickersUncompared }) => tickersUncompared));
  const besides = uncompared === 0 ? '' : `; ${uncompared} more of updates not followed`;
  return findingOf(
    wrong,
    `${counted(compared, 'change')} of best levels, each at its update${besides}`,
  );
}

function undecided(incomplete: string): Finding {
  return { holds: false, detail: `not decidable, the recorder did not hear all: ${incomplete}` };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
