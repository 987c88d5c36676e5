import { Bench, type FnReturnedObject } from 'tinybench';

/** One operation to be timed; `work` does it `CALLS` times and answers something that depends on every call. */
export interface MicroTask {
  readonly name: string;
  work(calls: number): number;
}

/** Calls within one sample: an operation of nanoseconds is far below what a timer resolves. */
const CALLS = 1000;

/** Times tasks with tinybench, `rounds` times in turn; answers each task's median time of a call, in ns, per round. */
export async function timeTasks(
  tasks: readonly MicroTask[],
  rounds: number,
  timeMs: number,
): Promise<{ nanoseconds: number[][]; sink: number }> {
  const nanoseconds = tasks.map((): number[] => []);
  let sink = 0;
  for (let round = 0; round < rounds; round++) {
    const bench = new Bench({ time: timeMs, warmupTime: timeMs / 4 });
    for (const task of tasks) {
      bench.add(
        task.name,
        (): FnReturnedObject => {
          const start = performance.now();
          sink += task.work(CALLS);
          const elapsedMs = performance.now() - start;
          return { overriddenDuration: elapsedMs / CALLS, overriddenIterationCost: elapsedMs };
        },
        { async: false },
      );
    }
    await bench.run();
    bench.tasks.forEach(({ result }, index) => {
      if (result.state !== 'completed') throw new Error(`${tasks[index]!.name}: ${result.state}`);
      nanoseconds[index]!.push(result.latency.p50 * 1e6);
    });
  }
  return { nanoseconds, sink };
}
