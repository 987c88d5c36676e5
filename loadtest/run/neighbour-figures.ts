import type { LatencyCounts } from '../histogram/latency-counts.ts';
import type { BadClientsReport, Misbehaviour, MisbehaviourCounts } from '../neighbours/messages.ts';
import type { Phase } from '../neighbours/phases.ts';
import type { Figure, SpanName } from '../result/run-result.ts';
import { SPAN_TITLES } from '../result/span-names.ts';

/** How long something took in the phases of each kind. */
export type ByPhase = Readonly<Record<Phase, LatencyCounts>>;

const PERCENTILES = [50, 99];
const NAMES: Readonly<Record<Misbehaviour, string>> = {
  'not-reading': 'clients that do not read',
  malformed: 'clients of malformed frames',
  forged: 'clients of forged logins',
};

/**
 * What those who behave had of those who do not: each percentile in the phases without and with them, and the second
 * as a multiple of the first. Then what the bad ones did, and what became of them.
 */
export function neighbourFigures(
  byPhase: Readonly<Partial<Record<SpanName, ByPhase>>>,
  report: BadClientsReport,
): Figure[] {
  return [
    ...Object.entries(byPhase).flatMap(([name, counts]) => ratios(name as SpanName, counts)),
    ...Object.entries(report).flatMap(([kind, counts]) => deeds(kind as Misbehaviour, counts)),
  ];
}

/** What it is there to see must have happened. */
export function neighbourWarnings(
  report: BadClientsReport,
  clients: Readonly<Record<Misbehaviour, number>>,
): string[] {
  return Object.entries(report).flatMap(([kind, { framesSent }]) =>
    framesSent === 0 && clients[kind as Misbehaviour] > 0
      ? [`${NAMES[kind as Misbehaviour]} sent nothing: no neighbour could be disturbed by them`]
      : [],
  );
}

function ratios(name: SpanName, { quiet, bad }: ByPhase): Figure[] {
  if (quiet.count === 0 || bad.count === 0) return [];
  return PERCENTILES.flatMap((percentile) => {
    const [quietUs, badUs] = [quiet.percentileUs(percentile), bad.percentileUs(percentile)];
    const title = `${SPAN_TITLES[name]} p${percentile}`;
    return [
      { name: `${title}, quiet`, value: quietUs / 1000, unit: 'ms' },
      { name: `${title}, beside bad clients`, value: badUs / 1000, unit: 'ms' },
      ...(quietUs === 0
        ? []
        : [
            {
              name: `${title}, beside bad clients to quiet`,
              value: badUs / quietUs,
              unit: 'times',
            },
          ]),
    ];
  });
}

function deeds(kind: Misbehaviour, counts: MisbehaviourCounts): Figure[] {
  const { framesSent, connections, refusedConnections, closed, answers } = counts;
  if (connections + refusedConnections === 0) return [];
  const name = NAMES[kind];
  return [
    { name: `${name}: frames sent`, value: framesSent, unit: 'frames' },
    { name: `${name}: frames heard`, value: answers, unit: 'frames' },
    { name: `${name}: connections`, value: connections, unit: 'sockets' },
    { name: `${name}: connections refused`, value: refusedConnections, unit: 'sockets' },
    ...Object.entries(closed).map(([code, sockets]) => ({
      ...{ name: `${name}: closed by the venue with ${code}`, value: sockets, unit: 'sockets' },
    })),
  ];
}
