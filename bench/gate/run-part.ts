import type { PartMessage, PartRequest, SliceTime } from './messages.ts';
import type { LoadedPart } from './part.ts';
import { PARTS } from './parts/index.ts';

/*
 * The process of one part of one commit: loads the part named by the first argument, warms up for as many
 * milliseconds of processor time as the second says, and then does a slice whenever it is asked. A process of its own
 * each: what one part taught the compiler, or left on the heap, must not help or harm the next.
 */

/** However fast they are: that many slices make all code of a part hot. */
const WARM_UP_SLICES_MIN = 5;

const [name, warmUpMs] = process.argv.slice(2);

function tell(message: PartMessage): void {
  process.send!(message);
}

function timeSlice(part: LoadedPart): SliceTime {
  part.prepare();
  const startMs = performance.now();
  const before = process.cpuUsage();
  part.work();
  const { user, system } = process.cpuUsage(before);
  return { cpuUs: user + system, wallUs: (performance.now() - startMs) * 1000 };
}

function serve(part: LoadedPart, operation: string): void {
  timeSlice(part);
  const counters = part.counters();
  let leftUs = 1000 * Number(warmUpMs);
  for (let slice = 0; part.isTimed && (slice < WARM_UP_SLICES_MIN || leftUs > 0); slice++) {
    leftUs -= timeSlice(part).cpuUs;
  }
  process.on('message', (request: PartRequest) => {
    if (request === 'slice') tell({ type: 'slice', ...timeSlice(part) });
    else tell({ type: 'end', counters: part.counters() });
  });
  const { operations, isTimed } = part;
  tell({ type: 'ready', operation, operations, isTimed, counters });
}

if (process.send === undefined) throw new Error('to be started by the gate');
const part = PARTS.find((one) => one.name === name);
if (part === undefined) tell({ type: 'unknown', parts: PARTS.map((one) => one.name) });
else serve(part.load(), part.operation);
