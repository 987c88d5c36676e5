import type { Encoding } from '../generator/request-encoder.ts';
import { evaluateObjectives } from '../objectives/evaluate.ts';
import type { Objective } from '../objectives/objective.ts';
import { measureSink } from '../reach/sink-run.ts';
import { SinkVenue } from '../reach/sink-venue.ts';
import type { Figure } from '../result/run-result.ts';
import type { RunServices } from '../run/services.ts';
import { type CapacitySearch, searchCapacity } from './capacity-search.ts';
import type { Parameters } from './parameters.ts';
import { whyRateNotKept } from './rate-kept.ts';

/**
 * What a durable echo can do of the same requests on this machine, with the same generator and to the same
 * objectives: it syncs every message to disk, answers, and does nothing else.
 *
 * @returns requests a second, 0 when no rate held
 */
export async function echoCapacity(
  search: CapacitySearch,
  objectives: readonly Objective[],
  parameters: Parameters,
  services: RunServices,
): Promise<number> {
  const echo = await SinkVenue.start('answers when it is on disk');
  const encoding = parameters.text('encoding') as Encoding;
  const load = { name: 'durable echo', url: echo.url, encoding };
  try {
    const found = await searchCapacity(search, async (rate, seconds) => {
      const measured = await measureSink({ ...load, rate, seconds }, parameters, services);
      services.interruption.check();
      const held = evaluateObjectives(objectives, measured).every((objective) => objective.held);
      return held && whyRateNotKept(measured, objectives) === undefined;
    });
    return Math.round(found ?? 0);
  } finally {
    await echo.stop();
  }
}

/** The venue's rate beside that of the echo. */
export function echoFigures(venueRate: number, echoRate: number): Figure[] {
  const share = echoRate > 0 ? (100 * venueRate) / echoRate : 0;
  return [
    { name: 'a durable echo of the same requests', value: echoRate, unit: 'requests/s' },
    { name: 'the venue, of what the echo does', value: share, unit: '%' },
  ];
}
