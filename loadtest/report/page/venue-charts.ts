import type { ScenarioResult, VenueSample } from '../../result/run-result.ts';
import { formatBytes, formatCount, formatNumber, formatShare } from '../format.ts';
import {
  BYTE_INCREMENTS,
  fromZero,
  LOGARITHMIC_DURATION,
  SECONDS,
  WHOLE_INCREMENTS,
} from './axes.ts';
import type { ChartSpec, Line } from './chart.ts';
import { type Colour, LINE_COLOURS } from './palette.ts';

const HEIGHT_PX = 190;

type ByName = Readonly<Record<string, number>>;

/** What the venue's own metrics say of the scenario. */
export function venueCharts(scenarios: readonly ScenarioResult[]): ChartSpec[] {
  const common = commonOf(scenarios);
  return [
    {
      title: 'Ring occupancy',
      ...byName(
        scenarios,
        'Bytes that wait.',
        (s) => s.ringFillBytes,
        formatBytes,
        BYTE_INCREMENTS,
      ),
    },
    {
      ...common,
      title: 'Batch sizes',
      note: 'Inputs a journal commit, on average.',
      runs: drawn(scenarios, (samples) => [
        line('inputs', 'blue', samples, (s) => s.batchInputsMean),
      ]),
      vertical: fromZero(formatNumber),
    },
    {
      ...common,
      title: 'Sync times',
      note: 'Of the journals, since the sample before.',
      runs: drawn(scenarios, (samples) => [
        line('mean', 'blue', samples, (sample) => sample.syncMeanUs),
        line('max', 'orange', samples, (sample) => sample.syncMaxUs),
      ]),
      vertical: LOGARITHMIC_DURATION,
    },
    {
      title: 'CPU per thread',
      ...byName(scenarios, 'Share of one core.', (sample) => sample.threadCpuShare, formatShare),
    },
    {
      title: 'Garbage collection',
      ...byName(
        scenarios,
        'Share of the time.',
        (sample) => sample.garbageCollectionShare,
        formatShare,
      ),
    },
    {
      ...common,
      title: 'Database lag',
      note: 'Events that the tables lack.',
      runs: drawn(scenarios, (samples) => [
        line('events', 'blue', samples, (s) => s.databaseLagEvents),
      ]),
      vertical: fromZero(formatCount, WHOLE_INCREMENTS),
    },
    {
      ...common,
      title: 'Resident memory',
      note: 'Of the whole process.',
      runs: drawn(scenarios, (samples) => [
        line('resident', 'blue', samples, (s) => s.residentMemoryBytes),
      ]),
      vertical: fromZero(formatBytes, BYTE_INCREMENTS),
    },
  ];
}

function commonOf(scenarios: readonly ScenarioResult[]) {
  return { heightPx: HEIGHT_PX, horizontal: SECONDS, cursorKey: scenarios[0]!.name };
}

function drawn(
  scenarios: readonly ScenarioResult[],
  linesOf: (samples: readonly VenueSample[]) => Line[],
) {
  return scenarios.map(({ venueSamples }) => ({
    x: venueSamples.map((sample) => sample.atMs / 1_000),
    lines: linesOf(venueSamples),
  }));
}

/** All of a chart but its title: a line for each name. */
function byName(
  scenarios: readonly ScenarioResult[],
  note: string,
  valuesOf: (sample: VenueSample) => ByName,
  format: (value: number) => string,
  increments?: readonly number[],
) {
  const { names, rest } = namesToDraw(scenarios, valuesOf, format);
  const runs = drawn(scenarios, (samples) =>
    names.map((name, index) =>
      line(name, LINE_COLOURS[index]!, samples, (sample) => valuesOf(sample)[name]),
    ),
  );
  const vertical = fromZero(format, increments);
  return { ...commonOf(scenarios), runs, vertical, note: `${note}${rest}` };
}

/** As many names as there are colours, those with the greatest values; `rest` says what the others stay below. */
function namesToDraw(
  scenarios: readonly ScenarioResult[],
  valuesOf: (sample: VenueSample) => ByName,
  format: (value: number) => string,
): { names: string[]; rest: string } {
  const greatest = new Map<string, number>();
  for (const sample of scenarios.flatMap((scenario) => scenario.venueSamples)) {
    for (const [name, value] of Object.entries(valuesOf(sample))) {
      greatest.set(name, Math.max(value, greatest.get(name) ?? 0));
    }
  }
  const ordered = [...greatest].sort(([, one], [, another]) => another - one);
  const rest = ordered.slice(LINE_COLOURS.length);
  return {
    names: ordered
      .slice(0, LINE_COLOURS.length)
      .map(([name]) => name)
      .sort(),
    rest:
      rest.length === 0
        ? ''
        : ` ${rest.length} more that stay at or below ${format(rest[0]![1])} are not drawn.`,
  };
}

function line(
  label: string,
  colour: Colour,
  samples: readonly VenueSample[],
  value: (sample: VenueSample) => number | undefined,
): Line {
  return { label, colour, values: samples.map((sample) => value(sample) ?? null) };
}
