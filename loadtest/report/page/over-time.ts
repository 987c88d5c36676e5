import type { ScenarioResult, TimelinePoint } from '../../result/run-result.ts';
import { formatCount } from '../format.ts';
import { fromZero, LOGARITHMIC_DURATION, SECONDS, WHOLE_INCREMENTS } from './axes.ts';
import type { ChartSpec, Line } from './chart.ts';

const HEIGHT_PX = 260;

/** Charts of a scenario's seconds: what clients saw, what was asked of the venue, how the generator kept time. */
export function timelineCharts(scenarios: readonly ScenarioResult[]): ChartSpec[] {
  // Who sends when the last answer has come has no target.
  const hasTarget = scenarios.some(({ schedule }) => schedule.isOpenLoop);
  const common = { heightPx: HEIGHT_PX, horizontal: SECONDS, cursorKey: scenarios[0]!.name };
  return [
    {
      ...common,
      title: 'Latency over time',
      note: 'Order → ack, on a logarithmic scale. From the actual send leaves out how late the generator sent; one at a time is what a closed loop would have seen of it.',
      runs: runsOf(scenarios, (points) => [
        line('p50', 'aqua', points, (point) => point.ackP50Us),
        line('p99', 'blue', points, (point) => point.ackP99Us),
        line('max', 'orange', points, (point) => point.ackMaxUs),
        {
          ...line('p99 one at a time (closed loop)', 'magenta', points, (point) => {
            return point.ackClosedLoopP99Us;
          }),
          isThin: true,
          isHidden: true,
        },
        {
          ...line('p99 from the actual send', 'violet', points, (point) => point.ackFromSendP99Us),
          isThin: true,
        },
      ]),
      vertical: LOGARITHMIC_DURATION,
    },
    {
      ...common,
      title: hasTarget ? 'Rate against target' : 'Rate over time',
      note: hasTarget
        ? 'Requests in each second, by the second they were intended for; and what actually went out in it.'
        : 'Requests in each second: a closed loop, without a target.',
      runs: runsOf(scenarios, (points, { schedule }) => [
        ...(schedule.isOpenLoop
          ? [{ ...line('intended', 'grey', points, (point) => point.intended), isThin: true }]
          : []),
        line('sent', 'aqua', points, (point) => point.sent),
        ...(points.some(({ sentThen }) => sentThen !== undefined)
          ? [line('went out', 'orange', points, (point) => point.sentThen)]
          : []),
        line('acknowledged', 'blue', points, (point) => point.acknowledged),
        line('refused', 'red', points, (point) => point.refused),
        ...(points.some(({ unknown }) => unknown !== undefined)
          ? [line('unknown', 'magenta', points, (point) => point.unknown)]
          : []),
      ]),
      vertical: fromZero(formatCount, WHOLE_INCREMENTS),
    },
    {
      ...common,
      title: 'How late the generators sent',
      note: 'From the intended to the actual send, p99 of each second.',
      runs: runsOf(scenarios, (points) => [
        line('schedule error p99', 'grey', points, (point) => point.scheduleErrorP99Us),
      ]),
      vertical: LOGARITHMIC_DURATION,
    },
  ];
}

function runsOf(
  scenarios: readonly ScenarioResult[],
  linesOf: (points: readonly TimelinePoint[], scenario: ScenarioResult) => Line[],
) {
  return scenarios.map((scenario) => ({
    x: scenario.timeline.map((point) => Math.round(point.atMs / 1_000)),
    lines: linesOf(scenario.timeline, scenario),
  }));
}

function line(
  label: string,
  colour: Line['colour'],
  points: readonly TimelinePoint[],
  value: (point: TimelinePoint) => number | undefined,
): Line {
  return { label, colour, values: points.map((point) => value(point) ?? null) };
}
