import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ShrinkBudget } from '../engine/shard/shrink.fixture.ts';
import { CANARIES, type Catch, catchCanary } from '../engine/simulation/canaries.ts';
import type { FuzzResult } from '../engine/simulation/fuzz-one.ts';
import { forMs } from './deadline.ts';
import type { FuzzAnswer, FuzzTask } from './fuzz-messages.ts';
import { saveCase } from './saved-cases.ts';

/** `make fuzz`: simulations of one seed after another until the time is up. */

const WORKER = fileURLToPath(new URL('./fuzz-worker.js', import.meta.url));
const WORKERS_MAX = 2;
const CANARY_SEEDS_MAX = 60;
const CANARY_COMMANDS = 300;
/** A canary is there to be found, not to be read. */
const CANARY_SHRINK_RUNS_MAX = 200;
const CANARY_SHRINK_MS = 2_000;
/** How long a run may take beyond the end before it counts as hanging. */
const GRACE_MS = 180_000;
const PROGRESS_EVERY_MS = 30_000;
const MISSING_SHOWN = 10;

const { values: given } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string' },
    workers: { type: 'string', default: String(WORKERS_MAX) },
    'keep-going': { type: 'boolean', default: false },
  },
});
const minutes = Number(given.minutes);
const workerCount = Math.min(WORKERS_MAX, Number(given.workers));
const firstSeed = given.seed === undefined ? Date.now() % 2 ** 31 : Number(given.seed);
if (!(minutes > 0) || !(workerCount >= 1) || !Number.isSafeInteger(firstSeed)) {
  console.error('make fuzz MINUTES=<above 0>, optional SEED=<whole number> and KEEP_GOING=1');
  process.exit(2);
}

/** Without the steps that are given. */
function lengthOf({ shrunk }: Catch): number {
  return shrunk.steps.length - shrunk.fixedSteps;
}

/** False when one is missed: then nothing that the session says proves anything. */
function areCanariesCaught(): boolean {
  let caught = 0;
  for (const canary of CANARIES) {
    const budget = () => new ShrinkBudget(CANARY_SHRINK_RUNS_MAX, forMs(CANARY_SHRINK_MS));
    const wishes = { commands: CANARY_COMMANDS };
    const found = catchCanary(canary, CANARY_SEEDS_MAX, wishes, budget);
    if (found !== null) caught++;
    const how =
      found === null
        ? `NOT CAUGHT in ${CANARY_SEEDS_MAX} seeds`
        : `caught by seed ${found.seeds}, shrunk to ${lengthOf(found)} commands`;
    console.log(`  ${canary.name}: ${how}`);
  }
  console.log(`canaries caught ${caught}/${CANARIES.length}`);
  return caught === CANARIES.length;
}

/** The totals, and whether to go on. */
class Session {
  readonly #endMs: number;
  readonly #startMs = Date.now();
  readonly #runsByMode = new Map<string, number>();
  #nextSeed = firstSeed;
  #runs = 0;
  #commands = 0;
  #trades = 0;
  #deaths = 0;
  failures = 0;
  /** Null until a worker has told what it missed. */
  #missing: Set<string> | null = null;
  #possible = 0;

  constructor(durationMs: number) {
    this.#endMs = this.#startMs + durationMs;
  }

  get leftMs(): number {
    return this.#endMs - Date.now();
  }

  takeSeed(): number | null {
    const isOver = this.leftMs <= 0 || (this.failures > 0 && !given['keep-going']);
    return isOver ? null : this.#nextSeed++;
  }

  take({ seed, mode, commands, trades, deaths, failure }: FuzzResult): void {
    this.#runs++;
    this.#commands += commands;
    this.#trades += trades;
    this.#deaths += deaths;
    this.#runsByMode.set(mode, (this.#runsByMode.get(mode) ?? 0) + 1);
    if (failure === null) return;
    this.failures++;
    const path = saveCase(`${mode}-${seed}`, failure);
    console.log(`\nFAILED: seed ${seed}, ${mode}: ${failure.message}`);
    console.log(`shrunk to ${failure.case.steps.length} commands: ${path}`);
    console.log(`again: make sim SEED=${seed}\n`);
  }

  takeMissing(missing: readonly string[], possible: number): void {
    const known = this.#missing;
    this.#missing = new Set(missing.filter((name) => known === null || known.has(name)));
    this.#possible = possible;
  }

  get progress(): string {
    const seconds = Math.round((Date.now() - this.#startMs) / 1000);
    const commands = this.#commands.toLocaleString('en');
    return `${seconds} s: ${this.#runs} runs, ${commands} commands, ${this.failures} failures`;
  }

  print(): void {
    const modes = [...this.#runsByMode].sort().map(([mode, runs]) => `${runs} ${mode}`);
    const [trades, deaths] = [this.#trades, this.#deaths].map((count) =>
      count.toLocaleString('en'),
    );
    console.log(`${this.progress}, ${trades} trades, ${deaths} deaths of a process`);
    console.log(`  runs: ${modes.join(', ')}; seeds ${firstSeed} to ${this.#nextSeed - 1}`);
    const reached = this.#possible - (this.#missing?.size ?? 0);
    const share = ((100 * reached) / Math.max(1, this.#possible)).toFixed(1);
    console.log(`  combinations reached: ${reached} of ${this.#possible}, ${share} %`);
    for (const name of [...(this.#missing ?? [])].slice(0, MISSING_SHOWN)) {
      console.log(`  not reached: ${name}`);
    }
  }
}

/** Keeps one worker busy; resolves when it has ended, whatever ended it. */
function employ(session: Session): Promise<void> {
  const worker: ChildProcess = fork(WORKER);
  let seed: number | null = null;
  const assign = () => {
    seed = session.takeSeed();
    const task: FuzzTask = { seed };
    worker.send(task);
  };
  return new Promise((resolve) => {
    const hanging = setTimeout(() => {
      console.log(`\nFAILED: seed ${seed} does not end`);
      worker.kill('SIGKILL');
    }, session.leftMs + GRACE_MS);
    worker.on('message', (answer: FuzzAnswer) => {
      if ('result' in answer) {
        session.take(answer.result);
        assign();
      } else session.takeMissing(answer.missing, answer.possible);
    });
    worker.on('exit', (code, signal) => {
      clearTimeout(hanging);
      if (code !== 0) {
        session.failures++;
        console.log(`\nFAILED: a worker ended with ${code ?? signal} at seed ${seed}`);
      }
      // What it said last may still be in the pipe.
      if (worker.connected) worker.once('disconnect', resolve);
      else resolve();
    });
    assign();
  });
}

console.log('canaries first: venues with a deliberate fault, which the simulation must find');
const areCaught = areCanariesCaught();
const session = new Session(minutes * 60_000);
console.log(`${minutes} minutes, ${workerCount} processes, from seed ${firstSeed}`);
const ticker = setInterval(() => console.log(session.progress), PROGRESS_EVERY_MS);
await Promise.all(Array.from({ length: workerCount }, () => employ(session)));
clearInterval(ticker);
session.print();
if (!areCaught) console.log('FAILED: a fault that was put there on purpose was missed');
process.exit(areCaught && session.failures === 0 ? 0 : 1);
