import { cpus, totalmem } from 'node:os';
import { ENGINE_THROUGH_RINGS, runEngineThroughRings } from './engine-through-rings.ts';

/** `make bench`: runs each benchmark several times and prints medians with what they do and leave out. */

const RUNS = 5;
const COMMANDS = 1_000_000;
const WARM_UP_COMMANDS = 250_000;

const cpu = cpus();
console.log(`${cpu.length} × ${cpu[0]!.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB`);
console.log(`Node ${process.version}, ${process.platform} ${process.arch}\n`);

const { name, mix, durability, leavesOut } = ENGINE_THROUGH_RINGS;
console.log(name);
console.log(`  mix: ${mix}`);
console.log(`  durability: ${durability}`);
console.log(`  leaves out: ${leavesOut}`);
console.log(
  `  each run: a new shard thread, ${WARM_UP_COMMANDS} commands to warm up, ${COMMANDS} timed`,
);
const rates: number[] = [];
for (let run = 0; run < RUNS; run++) {
  const result = await runEngineThroughRings(1, COMMANDS, WARM_UP_COMMANDS);
  const rate = result.commands / result.seconds;
  rates.push(rate);
  console.log(
    `  run ${run + 1}: ${Math.round(rate).toLocaleString('en')} orders/s, ` +
      `${result.trades} trades, ${result.refusals} refused, result ${result.resultHash}`,
  );
}
rates.sort((a, b) => a - b);
console.log(`  median: ${Math.round(rates[RUNS >> 1]!).toLocaleString('en')} orders/s`);
