import { type Objective, parseObjective } from '../objectives/objective.ts';
import type { Figure, ScenarioResult } from '../result/run-result.ts';
import { runLoad } from '../run/load-run.ts';
import type { RunServices } from '../run/services.ts';
import { type CapacitySearch, searchCapacity } from './capacity-search.ts';
import { commonParameters, commonPlan, steadySchedule } from './common-parameters.ts';
import { echoCapacity, echoFigures } from './echo-capacity.ts';
import { fraction, type Parameters, whole } from './parameters.ts';
import { whyRateNotKept } from './rate-kept.ts';
import type { Scenario } from './scenario.ts';
import { MIX_PARAMETERS, mixOf } from './steady-mix.ts';

const NAME = 'find-capacity';
const DESCRIPTION =
  'The highest rate of the mix that keeps the objectives, found by steps and confirmed by a longer run at that rate.';
/**
 * When none is asked for. Not a single error is allowed: a venue that refuses what it cannot do at once answers the
 * rest as quickly as ever, so a rate with refusals in it is beyond the capacity, however small their share.
 */
export const DEFAULT_OBJECTIVES = ['ack.p99<20ms', 'errors=0'];

const COMMON = commonParameters({ rate: 2_000, seconds: 5 });

export const findCapacity: Scenario = {
  name: NAME,
  description: DESCRIPTION,
  parameters: {
    ...COMMON,
    rate: { ...COMMON.rate!, help: 'of the first step, requests a second' },
    seconds: { ...COMMON.seconds!, help: 'of a step; the confirmation takes twice as long' },
    ...MIX_PARAMETERS,
    growth: fraction(1.5, 1.05, 10, 'from a step that held to the next one'),
    precision: fraction(0.1, 0.01, 1, 'between the rate that held and the one that did not'),
    steps: whole(
      30,
      1,
      1_000,
      'at most, second tries included; what they find is confirmed by more',
    ),
    echo: {
      kind: 'choice',
      default: 'no',
      choices: ['yes', 'no'],
      help: 'what a durable echo does of the same requests is found, too: the least that a venue must do',
    },
  },
  objectives: [],
  async run(parameters, services) {
    const { objectives: asked } = services;
    const objectives = asked.length > 0 ? asked : DEFAULT_OBJECTIVES.map(parseObjective);
    const probes: Probed[] = [];
    const probe = async (rate: number, seconds: number): Promise<boolean> => {
      const result = await runAt(parameters, rate, seconds, { ...services, objectives });
      // One that was cut short says nothing of its rate; it is told when there is nothing else.
      const isWhole = services.interruption.warnings.length === 0;
      const whyNot = whyNotHeld(result, objectives);
      if (isWhole || probes.length === 0) probes.push({ result, whyNot });
      services.keep([brokenOffResult(parameters, probes)]);
      services.interruption.check();
      return whyNot === undefined;
    };
    const search: CapacitySearch = {
      rate: parameters.number('rate'),
      seconds: parameters.number('seconds'),
      growth: parameters.number('growth'),
      precision: parameters.number('precision'),
      steps: parameters.number('steps'),
    };
    const capacity = await searchCapacity(search, probe);
    const venue = endedResult(parameters, capacity, probes);
    if (parameters.text('echo') === 'no') return [venue];
    services.keep([venue]);
    const echo = await echoCapacity(search, objectives, parameters, services);
    return [{ ...venue, figures: [...echoFigures(capacity ?? 0, echo), ...venue.figures] }];
  },
};

/** A step, and why it did not hold; undefined when it did. */
interface Probed {
  readonly result: ScenarioResult;
  readonly whyNot: string | undefined;
}

/**
 * Why a step does not count as one that held; undefined when it does.
 *
 * A generator that is late with some requests makes latency look worse, never better, so objectives that held in spite
 * of it have held; in the result it is told, and fails the run. One that did not offer the rate has shown nothing.
 */
export function whyNotHeld(
  result: ScenarioResult,
  objectives: readonly Objective[],
): string | undefined {
  if (!result.audit.clean) return 'the audit was not clean';
  const missed = result.objectives.find(({ held }) => !held);
  if (missed !== undefined) return `${missed.text} was ${missed.actual}`;
  return whyRateNotKept(result, objectives);
}

function runAt(
  parameters: Parameters,
  rate: number,
  seconds: number,
  services: RunServices,
): Promise<ScenarioResult> {
  const chosen = parameters.with({ rate, seconds });
  const plan = {
    ...commonPlan(NAME, DESCRIPTION, chosen),
    schedule: steadySchedule(chosen),
    work: mixOf(chosen),
  };
  return runLoad(plan, services);
}

/** The confirming run, with what the steps found. */
function endedResult(
  parameters: Parameters,
  capacity: number | undefined,
  probes: readonly Probed[],
): ScenarioResult {
  const last = probes.findLast(({ whyNot }) => whyNot !== undefined);
  const name = last === undefined ? 'capacity, at least: no step failed' : 'capacity';
  const warnings = capacity === undefined ? [`no rate kept the objectives: ${last?.whyNot}`] : [];
  return resultOf(parameters, { name, rate: capacity }, probes, warnings);
}

/** The best of the steps that were made, when the search came to no end. */
function brokenOffResult(parameters: Parameters, probes: readonly Probed[]): ScenarioResult {
  const rates = probes
    .filter(({ whyNot }) => whyNot === undefined)
    .map(({ result }) => result.schedule.offeredPerSecond);
  const rate = rates.length === 0 ? undefined : Math.max(...rates);
  const name = 'highest rate that held, not confirmed';
  return resultOf(parameters, { name, rate }, probes, ['the search was not ended']);
}

/**
 * A step, with what all of them found.
 *
 * @param found undefined `rate` when none held
 */
function resultOf(
  parameters: Parameters,
  found: { readonly name: string; readonly rate: number | undefined },
  probes: readonly Probed[],
  why: readonly string[],
): ScenarioResult {
  const { rate } = found;
  const { result: shown } =
    probes.findLast(({ whyNot }) => (whyNot === undefined) === (rate !== undefined)) ??
    probes.at(-1)!;
  const steps = probes.map(
    ({ result, whyNot }, index): Figure => ({
      name: `step ${index + 1} ${whyNot === undefined ? 'held' : 'did not hold'} at`,
      value: Math.round(result.schedule.offeredPerSecond),
      unit: 'requests/s',
    }),
  );
  const dirty = probes.filter(({ result }) => !result.audit.clean).length;
  const limited = probes.filter(({ result, whyNot }) => {
    const isBottleneck = result.generators.some(({ bottleneck }) => bottleneck !== undefined);
    return whyNot !== undefined && isBottleneck;
  }).length;
  const warnings = [...(dirty === 0 ? [] : [`the audit of ${dirty} steps was not clean`]), ...why];
  // A rate that the generator could not offer says nothing of the venue: what is found is then the capacity of both
  // together.
  const note: Figure[] =
    limited === 0
      ? []
      : [
          {
            name: 'steps at which the generator was the bottleneck',
            value: limited,
            unit: 'steps',
          },
        ];
  return {
    ...shown,
    parameters: { ...parameters.all, 'rate found': Math.round(rate ?? 0) },
    figures: [
      { name: found.name, value: Math.round(rate ?? 0), unit: 'requests/s' },
      ...note,
      ...steps,
      ...shown.figures,
    ],
    warnings: [...warnings, ...shown.warnings],
    passed: rate !== undefined && warnings.length === 0 && shown.passed,
  };
}
