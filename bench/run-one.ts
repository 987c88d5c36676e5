import { setFlagsFromString } from 'node:v8';
import { INLINING_OPTION } from '../engine/shard/inlining.ts';
import { BENCHMARKS } from './benchmarks/index.ts';
import type { Size } from './suite.ts';

/**
 * Runs the benchmark named by the first argument at the size named by the second and sends its outcome to
 * the parent process. A process of its own each: what one benchmark taught the compiler, or left on the heap,
 * must not help or harm the next. V8 is set as a shard's thread sets it.
 */
setFlagsFromString(INLINING_OPTION);
const [name, size] = process.argv.slice(2);
const benchmark = BENCHMARKS.find((one) => one.name === name);
if (benchmark === undefined || process.send === undefined) {
  throw new Error(`no benchmark ${name}, or not started by bench/main`);
}
const outcome = await benchmark.run(size as Size);
process.send(outcome, () => process.disconnect());
