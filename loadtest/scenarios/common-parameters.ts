import type { Encoding } from '../generator/request-encoder.ts';
import type { LoadPlan } from '../run/load-plan.ts';
import type { ScheduleSpec } from '../schedule/schedule.ts';
import { fraction, type ParameterSpecs, type Parameters, whole } from './parameters.ts';

interface ListeningDefaults {
  readonly subscribers?: number;
  readonly 'slow-subscribers'?: number;
  readonly 'slow-pause-ms'?: number;
}

interface Defaults extends ListeningDefaults {
  readonly rate: number;
  readonly seconds: number;
  readonly connections?: number;
  readonly markets?: number;
}

/** The parameters of everything that listens while a scenario runs. */
export function listeningParameters(defaults: ListeningDefaults): ParameterSpecs {
  return {
    subscribers: whole(
      defaults.subscribers ?? 2,
      0,
      10_000,
      'websockets that listen to market data',
    ),
    'slow-subscribers': whole(
      defaults['slow-subscribers'] ?? 0,
      0,
      10_000,
      'of these, how many stop reading now and then',
    ),
    'slow-pause-ms': whole(
      defaults['slow-pause-ms'] ?? 2_000,
      1,
      86_400_000,
      'for how long they do, and read for as long after it',
    ),
    'private-streams': {
      kind: 'choice',
      default: 'no',
      choices: ['yes', 'no'],
      help: 'are listened to: first fills of orders that rest, fills and balances held against them; takes processor from what is measured',
    },
  };
}

/** The parameters of every scenario that sends orders over websockets. */
export function commonParameters(defaults: Defaults): ParameterSpecs {
  return {
    rate: fraction(defaults.rate, 0.1, 5_000_000, 'requests a second'),
    seconds: fraction(defaults.seconds, 0.5, 86_400, 'length of the measured part'),
    'warm-up': fraction(2, 0, 600, 'seconds at the first rate before the measured part'),
    arrivals: {
      kind: 'choice',
      default: 'constant',
      choices: ['constant', 'poisson'],
      help: 'evenly spaced, or independent of each other',
    },
    connections: whole(defaults.connections ?? 8, 1, 10_000, 'websockets, each of its own account'),
    generators: whole(1, 1, 64, 'processes that share the load'),
    encoding: {
      kind: 'choice',
      default: 'msgpack',
      choices: ['msgpack', 'json'],
      help: 'of requests and replies',
    },
    markets: whole(defaults.markets ?? 1, 1, 1000, 'markets that are traded in'),
    ...listeningParameters(defaults),
    seed: whole(1, 0, 2 ** 32 - 1, 'of all that is random'),
  };
}

/** A rate that does not change. */
export function steadySchedule(parameters: Parameters): ScheduleSpec {
  const rate = parameters.number('rate');
  const seconds = parameters.number('seconds');
  return parameters.text('arrivals') === 'poisson'
    ? { kind: 'poisson', rate, seconds, seed: parameters.number('seed') }
    : { kind: 'constant', rate, seconds };
}

/** What every scenario of orders over websockets has in common. */
export function commonPlan(
  name: string,
  description: string,
  parameters: Parameters,
): Omit<LoadPlan, 'work' | 'schedule'> {
  return {
    name,
    description,
    parameters: parameters.all,
    markets: parameters.has('markets') ? parameters.number('markets') : 1,
    connections: parameters.number('connections'),
    generators: parameters.number('generators'),
    encoding: parameters.has('encoding') ? (parameters.text('encoding') as Encoding) : 'msgpack',
    seed: parameters.number('seed'),
    warmUpSeconds: parameters.number('warm-up'),
    subscribers: parameters.number('subscribers'),
    slowSubscribers: parameters.number('slow-subscribers'),
    slowPauseMs: parameters.number('slow-pause-ms'),
    hearsAccounts:
      parameters.has('private-streams') && parameters.text('private-streams') === 'yes',
  };
}
