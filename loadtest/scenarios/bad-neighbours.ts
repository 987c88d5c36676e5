import type { LoadPlan } from '../run/load-plan.ts';
import { commonParameters, commonPlan } from './common-parameters.ts';
import { fraction, whole } from './parameters.ts';
import { loadScenario } from './scenario.ts';
import { MIX_PARAMETERS, mixOf } from './steady-mix.ts';

const NAME = 'bad-neighbours';
const DESCRIPTION =
  'A thousand subscribers and a few traders, and, in every second phase, clients that do not read, send malformed frames or forge logins: what the others notice of them.';
/** Another address of this machine, which a venue does not let do what it likes. */
const STRANGER = '127.0.0.2';
const SAME = 'same';
const SETTLE_MS = 1_000;

const {
  arrivals: _arrivals,
  seconds: _seconds,
  ...COMMON
} = commonParameters({ rate: 100, seconds: 1, subscribers: 1_000 });

export const badNeighbours = loadScenario({
  name: NAME,
  description: DESCRIPTION,
  parameters: {
    ...COMMON,
    ...MIX_PARAMETERS,
    'take-share': fraction(0.8, 0, 1, 'of the requests: orders at the touch and orders that take'),
    rounds: whole(4, 1, 10_000, 'of a quiet phase and one with bad clients'),
    'phase-seconds': whole(5, 2, 3_600, 'length of a phase; its first second does not count'),
    'not-reading': whole(2, 0, 1_000, 'clients that ask for lists of orders and read nothing'),
    malformed: whole(1, 0, 1_000, 'clients that send frames that are no requests'),
    forged: whole(1, 0, 1_000, 'clients that log in with signatures that are not theirs'),
    lists: fraction(100, 1, 1_000_000, 'a second that each of those asks for who do not read'),
    'bad-frames': fraction(1_000, 1, 1_000_000, 'a second, of each that sends bad frames'),
    'bad-address': {
      kind: 'text',
      default: STRANGER,
      pattern: /^(?:same|[\da-fA-F.:]{3,45})$/,
      allowed: 'an address of this machine, or same',
      help: 'where the bad clients connect from; same: where all do, which of a venue on loopback has no limits',
    },
  },
  plan: (parameters): LoadPlan => {
    const phaseSeconds = parameters.number('phase-seconds');
    const seconds = 2 * parameters.number('rounds') * phaseSeconds;
    const address = parameters.text('bad-address');
    return {
      ...commonPlan(NAME, DESCRIPTION, parameters),
      schedule: { kind: 'constant', rate: parameters.number('rate'), seconds },
      work: mixOf(parameters),
      badClients: {
        phases: { lengthMs: phaseSeconds * 1_000, settleMs: SETTLE_MS },
        clients: {
          'not-reading': parameters.number('not-reading'),
          malformed: parameters.number('malformed'),
          forged: parameters.number('forged'),
        },
        listsPerSecond: parameters.number('lists'),
        framesPerSecond: parameters.number('bad-frames'),
        address: address === SAME ? undefined : address,
      },
    };
  },
});
