import { badNeighbours } from './bad-neighbours.ts';
import { cancelStorm } from './cancel-storm.ts';
import { connectStorm } from './connect-storm.ts';
import { deepBook } from './deep-book.ts';
import { fanOut } from './fan-out.ts';
import { findCapacity } from './find-capacity.ts';
import { manyMarkets } from './many-markets.ts';
import { marketData } from './market-data.ts';
import { marketMaker } from './market-maker.ts';
import { microburst } from './microburst.ts';
import { privateStreams } from './private-streams.ts';
import { ramp } from './ramp.ts';
import { reach } from './reach.ts';
import { recordedDay } from './recorded-day.ts';
import { rest } from './rest.ts';
import type { Scenario } from './scenario.ts';
import { slowConsumers } from './slow-consumers.ts';
import { soak } from './soak.ts';
import { steadyMix } from './steady-mix.ts';
import { steps } from './steps.ts';
import { tour } from './tour.ts';

/** Every scenario there is, in the order of `--list`. */
export const SCENARIOS: readonly Scenario[] = [
  tour,
  steadyMix,
  marketMaker,
  microburst,
  ramp,
  steps,
  cancelStorm,
  deepBook,
  manyMarkets,
  privateStreams,
  fanOut,
  slowConsumers,
  badNeighbours,
  marketData,
  connectStorm,
  rest,
  recordedDay,
  findCapacity,
  soak,
  reach,
];
