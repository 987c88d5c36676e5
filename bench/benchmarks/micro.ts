import { Hash64 } from '../../engine/collections/hash64.ts';
import { codecTasks } from '../micro/codec-tasks.ts';
import { bookTasks, ledgerKeepsTheSum, ledgerTasks, ringTasks } from '../micro/core-tasks.ts';
import { type MicroTask, timeTasks } from '../micro/task.ts';
import { type About, type Benchmark, Checks, type Outcome, type Size } from '../suite.ts';

const ROUNDS: Record<Size, number> = { full: 3, quick: 2, test: 1 };
const TIME_MS: Record<Size, number> = { full: 300, quick: 100, test: 5 };

const FIRST_CALLS = 10;

/** What each task answers to its first calls: it must be the same on every machine. */
function answersOf(tasks: readonly MicroTask[]): number[] {
  return tasks.map((task) => task.work(FIRST_CALLS));
}

async function run(size: Size): Promise<Outcome> {
  const checks = new Checks();
  const hash = new Hash64();
  const tasks = [...ringTasks(), ...codecTasks(checks), ...bookTasks(), ...ledgerTasks()];
  const answers = answersOf(tasks);
  for (const answer of answers) hash.add(answer);
  const answerTo = (name: string): number =>
    answers[tasks.findIndex((task) => task.name.startsWith(name))]!;
  checks.equal('the ring gives back what went in', answerTo('ring: write and read 64'), 640);
  checks.equal('what rested is what was cancelled', answerTo('book: rest and cancel'), 50);
  checks.equal('each match filled one order whole', answerTo('book: rest, and match'), 10);
  checks.expect('the ledger keeps the sum', ledgerKeepsTheSum());
  const { nanoseconds, sink } = await timeTasks(tasks, ROUNDS[size], TIME_MS[size]);
  checks.expect('every call answered', Number.isFinite(sink) && sink > 0);
  const metrics = tasks.map(({ name }, index) => ({
    name,
    unit: 'ns',
    values: nanoseconds[index]!,
  }));
  return { metrics, resultHash: hash.digest(), ok: checks.ok, checks: checks.lines };
}

function about(size: Size): About {
  return {
    description: 'single operations by tinybench, median of samples of 1,000 calls each',
    work: `${TIME_MS[size]} ms of samples of each operation a round; ${ROUNDS[size]} rounds`,
    mix: 'one operation at a time, warm, on small data',
    leavesOut: 'cold caches and everything around the operation',
    hashOf: `a sum over what each operation answered to its first ${FIRST_CALLS} calls, before the clock`,
  };
}

export const micro: Benchmark = { name: 'micro', about, run };
