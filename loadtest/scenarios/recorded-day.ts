import { sharedPath } from '../client/shared-data.ts';
import type { Encoding } from '../generator/request-encoder.ts';
import { commandsOf } from '../replay/commands.ts';
import { findDayFiles } from '../replay/day-files.ts';
import { loadDay } from '../replay/day-parser.ts';
import { runLoad } from '../run/load-run.ts';
import { replayAsFastAsItGoes } from '../run/replay-run.ts';
import { listeningParameters } from './common-parameters.ts';
import { fraction, whole } from './parameters.ts';
import { recordedRequests } from './recorded-commands.ts';
import type { Scenario } from './scenario.ts';

const NAME = 'recorded-day';
const DESCRIPTION =
  'The order flow of a stock on NASDAQ (GOOG, 21 June 2012) from its opening on, as it was recorded, faster, or as fast as it goes.';
const FOLDER = 'lobster-goog';

export const recordedDay: Scenario = {
  name: NAME,
  description: DESCRIPTION,
  parameters: {
    speed: {
      kind: 'text',
      default: '10',
      pattern: /^(?:max|[1-9]\d{0,3}(?:\.\d+)?|0\.[1-9]\d*)$/,
      allowed: 'max or a number from 0.1 to 9999',
      help: 'recorded seconds in one second, or max: as fast as it is answered, all of it, each command compared with the recording',
    },
    seconds: fraction(20, 0.5, 86_400, 'length of the run; with speed max the whole day is sent'),
    encoding: {
      kind: 'choice',
      default: 'msgpack',
      choices: ['msgpack', 'json'],
      help: 'of requests and replies',
    },
    ...listeningParameters({ subscribers: 2 }),
    messages: whole(1_000_000, 1, 100_000_000, 'of the recording at most'),
  },
  objectives: [],
  missing: (isForeign) => {
    if (isForeign) return 'it trades the stock in a market of its own, which --keys cannot list';
    return sharedPath('data', FOLDER) === undefined
      ? `the recorded day is not there (${FOLDER} in ../shared/data, or under RINGSIDE_SHARED)`
      : undefined;
  },
  async run(parameters, services) {
    const speed = parameters.text('speed');
    const seconds = parameters.number('seconds');
    const files = findDayFiles(sharedPath('data', FOLDER)!);
    const day = loadDay(files, parameters.number('messages'));
    const list = commandsOf(day);
    const about = { name: NAME, description: DESCRIPTION, parameters: parameters.all };
    if (speed === 'max') return [await replayAsFastAsItGoes(about, day, list, services)];
    const { flow, timesMs } = recordedRequests(day, list, seconds * Number(speed));
    const plan = {
      ...about,
      schedule: { kind: 'recorded', timesMs, speed: Number(speed) } as const,
      work: flow,
      markets: 1,
      connections: list.accounts,
      generators: 1,
      encoding: parameters.text('encoding') as Encoding,
      seed: 0,
      warmUpSeconds: 0,
      subscribers: parameters.number('subscribers'),
      hearsAccounts: parameters.text('private-streams') === 'yes',
      slowSubscribers: parameters.number('slow-subscribers'),
      slowPauseMs: parameters.number('slow-pause-ms'),
    };
    return [await runLoad(plan, services)];
  },
};
