import type { ScenarioResult, SpanName, VenueSample } from '../result/run-result.ts';
import type { TestedVenue } from './venue.ts';

type Spans = ScenarioResult['spans'];

/** Which spans, or what else, the venue does not let us measure, and why: sentences. */
export function notMeasuredOf(
  { isOnThisMachine, admin }: Pick<TestedVenue, 'isOnThisMachine' | 'admin'>,
  spans: Spans,
  venueSamples: readonly VenueSample[],
): string[] {
  const has = (name: SpanName): boolean => spans.some((span) => span.name === name);
  const sentences: string[] = [];
  if (has('ack') && !has('to-match')) {
    sentences.push(
      'The venue’s replies carry no times of its own: which part of it is slow is not told apart.',
    );
  } else if (has('to-match') && !has('to-journal')) {
    sentences.push(
      'The venue’s replies do not say when they were journaled: it may have answered before that.',
    );
  }
  if (!isOnThisMachine) {
    sentences.push(
      'The venue’s clock is another machine’s: what begins by one clock and ends by the other, such as trade → market data, is not measured.',
    );
  }
  if (admin === undefined) {
    sentences.push('Without its admin API the venue’s rings, journals and threads are not known.');
  } else if (venueSamples.length === 0 && !has('connect')) {
    sentences.push('The venue told no metrics.');
  }
  return sentences;
}
