import { SHARD_PARTS } from '../../../engine/shard/shard-parts.ts';
import { SILENT_PARTS } from '../../../engine/shard/silent-outputs.ts';
import { HeardTrades } from '../../venue/heard-trades.ts';
import { dropped, encodeFlow, LoneVenue } from '../../venue/lone-venue.ts';
import { commandsOf } from '../../workloads/message-commands.ts';
import { makeUsEquityFlow, US_EQUITY_ACCOUNTS } from '../../workloads/us-equity-flow.ts';
import { counter, type LoadedPart, type Part } from '../part.ts';

const MESSAGES = 50_000;
const SEED = 1;

function makeFlow() {
  return commandsOf(makeUsEquityFlow('collapse', SEED, MESSAGES), US_EQUITY_ACCOUNTS).commands;
}

function loadShard(): LoadedPart {
  const flow = makeFlow();
  const frames = encodeFlow(flow);
  const { digest, eventBytes } = hear();
  let venue = new LoneVenue(flow, SHARD_PARTS);
  let eventsBefore = 0;

  function hear() {
    const heard = new HeardTrades();
    let bytes = 0;
    new LoneVenue(flow).applyFrames(frames, (...run) => {
      heard.take(...run);
      bytes += run[2] - run[1];
    });
    return { digest: heard.digest, eventBytes: bytes };
  }

  return {
    operations: flow.count,
    isTimed: true,
    prepare() {
      venue = new LoneVenue(flow, SHARD_PARTS);
      eventsBefore = venue.shard.outputs.eventSequence;
    },
    work: () => venue.applyFrames(frames, dropped),
    counters: () => [
      counter('command bytes', 'per command', frames.length / flow.count),
      counter(
        'events',
        'per command',
        (venue.shard.outputs.eventSequence - eventsBefore) / flow.count,
      ),
      counter('event bytes', 'per command', eventBytes / flow.count),
      counter('trades', 'per command', digest.trades / flow.count),
      counter('refusals', 'per command', digest.refusals / flow.count),
      counter('trades with their ids', 'hash', digest.text()),
      counter('balances, orders and book', 'hash', venue.stateDigest()),
    ],
  };
}

function loadCore(): LoadedPart {
  const flow = makeFlow();
  let venue = new LoneVenue(flow, SILENT_PARTS);
  return {
    operations: flow.count,
    isTimed: true,
    prepare() {
      venue = new LoneVenue(flow, SILENT_PARTS);
    },
    work: () => venue.applyCalls(flow),
    counters: () => [counter('balances, orders and book', 'hash', venue.stateDigest())],
  };
}

export const shard: Part = {
  name: 'shard',
  about: `one shard in process: ${MESSAGES} commands decoded, funds reserved, matched, settled, events encoded`,
  operation: 'command',
  load: loadShard,
};

export const core: Part = {
  name: 'core',
  about: `book and ledger of one shard: ${MESSAGES} commands by call, no codec`,
  operation: 'command',
  load: loadCore,
};
