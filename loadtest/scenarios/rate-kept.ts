import type { Objective } from '../objectives/objective.ts';
import type { RequestCounts, ScenarioResult } from '../result/run-result.ts';
import { BEHIND_MS_MAX } from '../run/bottleneck.ts';

/** What a run tells of the rate that it was to offer. */
type Offered = Pick<ScenarioResult, 'measuredMs' | 'counts' | 'generators' | 'spans'>;

/**
 * Why the rate of a step was not kept, however good its percentiles are; undefined when it was. It was kept when
 * - every request due was sent, and the last one of each generator no later than 50 ms: the rate was offered;
 * - every one has an answer; and
 * - refusals that were not to be expected are no more than what is due in 50 ms; and
 * - what was acknowledged only after the measured part is no more than what is due in 50 ms and the least time to an
 *   acknowledgement (that of the way, not of a queue): a backlog that grows is not yet an objective missed.
 *
 * @param objectives those that name refusals let as many be expected
 */
export function whyRateNotKept(
  { measuredMs, counts, generators, spans }: Offered,
  objectives: readonly Objective[],
): string | undefined {
  const { notSent = 0, sent, acknowledged, unknown } = counts;
  if (acknowledged === 0) return 'nothing was acknowledged';
  if (unknown > 0) return `${number(unknown)} requests were never answered`;
  if (notSent > 0) return `${number(notSent)} requests were not sent`;
  const lateMs = Math.max(0, ...generators.map(({ lastSendLateMs }) => lastSendLateMs));
  if (lateMs > BEHIND_MS_MAX) {
    return `the rate was not offered: the last send was ${lateMs.toFixed(0)} ms late`;
  }
  const dueIn = (ms: number): number => (sent * ms) / measuredMs;
  const unexpected = unexpectedRefusals(counts, objectives);
  if (unexpected > dueIn(BEHIND_MS_MAX)) {
    return `${number(unexpected)} of ${number(sent)} requests were refused`;
  }
  const leastMs = (spans.find(({ name }) => name === 'ack')?.minUs ?? 0) / 1_000;
  const afterwards = acknowledged - (counts.acknowledgedInTime ?? acknowledged);
  if (afterwards <= dueIn(BEHIND_MS_MAX + Math.min(leastMs, measuredMs / 2))) return undefined;
  return `${number(afterwards)} of ${number(sent)} requests were acknowledged after the measured part only`;
}

/** Cancels that came too late are the flow's own doing; of the others, as many may be as an objective lets be. */
function unexpectedRefusals(
  { refused, cancelsTooLate = 0 }: RequestCounts,
  objectives: readonly Objective[],
): number {
  const all = Object.values(refused).reduce((sum, count) => sum + count, 0);
  const subjects = objectives.map(({ subject }) => subject);
  const isAnyBounded = subjects.some(
    (subject) =>
      subject.kind === 'requests' && (subject.which === 'errors' || subject.which === 'refused'),
  );
  if (isAnyBounded) return 0;
  const named = new Set(
    subjects.flatMap((subject) => (subject.kind === 'refused' ? [subject.code] : [])),
  );
  const bounded = [...named].reduce((sum, code) => sum + (refused[code] ?? 0), 0);
  return Math.max(0, all - bounded - cancelsTooLate);
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}
