import { dropped, encodeFlow, LoneVenue } from '../../venue/lone-venue.ts';
import { sliceOf } from '../../workloads/command-flow.ts';
import { makeExchangeCoreFlow } from '../../workloads/exchange-core-flow.ts';
import { counter, type LoadedPart, type Part } from '../part.ts';

/** With less, some of the code is not optimized yet, and allocates 110 bytes a command. */
const WARM_UP = 300_000;
const COMMANDS = 200_000;
/** Commands between two readings of the heap: few enough that most spans see no collection. */
const SPAN = 10_000;
const SEED = 1;

/**
 * The least object takes 16 bytes, so one more on every fourth command shows; the same code differs by up to 2 bytes a
 * command from process to process.
 */
const TOLERANCE_BYTES = 4;

function load(): LoadedPart {
  const flow = makeExchangeCoreFlow(SEED, WARM_UP + COMMANDS);
  const spans: Uint8Array[] = [];
  for (let at = 0; at < flow.count; at += SPAN)
    spans.push(encodeFlow(sliceOf(flow, at, at + SPAN)));
  let grownBytes = 0;
  let measured = 0;
  return {
    operations: COMMANDS,
    isTimed: false,
    prepare() {},
    work() {
      const venue = new LoneVenue(flow);
      for (const frames of spans.slice(0, WARM_UP / SPAN)) venue.applyFrames(frames, dropped);
      globalThis.gc!();
      for (const frames of spans.slice(WARM_UP / SPAN)) {
        const before = process.memoryUsage().heapUsed;
        venue.applyFrames(frames, dropped);
        const grown = process.memoryUsage().heapUsed - before;
        // A collection within the span has taken some of it.
        if (grown < 0) continue;
        grownBytes += grown;
        measured += SPAN;
      }
    },
    counters: () => [
      counter('heap allocated', 'bytes per command', grownBytes / measured, TOLERANCE_BYTES),
    ],
  };
}

/**
 * What a command leaves on the heap. V8 compiles and collects beside the program; `--predictable` makes it do both
 * within it, so that a busy machine does not delay the optimized code, and fixed seeds make its hash tables the same.
 * Even so it is nearly the same only: on a busy machine it was 19.4 to 20.6 bytes in twelve processes.
 */
export const allocation: Part = {
  name: 'allocation',
  about: `heap that ${COMMANDS} commands allocate in one shard, decoded, applied and answered, after ${WARM_UP} to warm up`,
  operation: 'command',
  nodeOptions: ['--expose-gc', '--predictable', '--hash-seed=1', '--random-seed=1'],
  load,
};
