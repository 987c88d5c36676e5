import { readFileSync } from 'node:fs';
import { Hash64 } from '../../engine/collections/hash64.ts';
import { ownThreadId } from '../../engine/ring/this-thread.ts';
import { makeSignedRequests } from '../signatures/signed-requests.ts';
import { onThePool, onThisThread, onThreads, type Way } from '../signatures/ways.ts';
import {
  type About,
  type Benchmark,
  Checks,
  grouped,
  type Metric,
  type Outcome,
  type Size,
} from '../suite.ts';

const REQUESTS: Record<Size, number> = { full: 20_000, quick: 4_000, test: 200 };
const ROUNDS: Record<Size, number> = { full: 5, quick: 3, test: 1 };
const KEYS = 64;
const SEED = 1;
const BATCH_SIZE = 64;

/** Time that the calling thread has spent on processors, µs: see `schedstat` in proc(5). */
function ownCpuUs(): number {
  const text = readFileSync(`/proc/self/task/${ownThreadId()}/schedstat`, 'utf8');
  return Number(text.split(' ', 1)[0]) / 1000;
}

interface Figures {
  readonly ratePerSecond: number[];
  /** CPU of the thread that asks, per request. */
  readonly ownUs: number[];
}

async function run(size: Size): Promise<Outcome> {
  const checks = new Checks();
  const hash = new Hash64();
  const count = REQUESTS[size];
  const requests = makeSignedRequests(SEED, count, KEYS);
  const { expected } = requests;
  const ways: Way[] = [
    onThisThread(requests),
    onThePool(requests),
    onThreads(requests, 'node:crypto', 1, BATCH_SIZE),
    onThreads(requests, 'libsodium', 1, BATCH_SIZE),
    onThreads(requests, 'libsodium', 2, BATCH_SIZE),
  ];
  const figures = ways.map((): Figures => ({ ratePerSecond: [], ownUs: [] }));
  // Round 0 warms all of them up.
  for (let round = 0; round <= ROUNDS[size]; round++) {
    for (const [index, way] of ways.entries()) {
      const cpuUs = ownCpuUs();
      const start = performance.now();
      const answers = await way.run();
      const seconds = (performance.now() - start) / 1000;
      const ownUs = (ownCpuUs() - cpuUs) / count;
      const isRight = Buffer.compare(answers, expected) === 0;
      checks.expect(`${way.name}: each is found authentic or not, as it is`, isRight);
      if (round === 0) continue;
      figures[index]!.ratePerSecond.push(count / seconds);
      figures[index]!.ownUs.push(ownUs);
    }
  }
  for (const way of ways) await way.close();
  for (const answer of expected) hash.add(answer);
  for (const signature of requests.signatures) for (const byte of signature) hash.add(byte);
  const metrics = ways.flatMap(({ name }, index): Metric[] => [
    { name, unit: 'checks/s', values: figures[index]!.ratePerSecond },
    { name: `${name}: of the asking thread`, unit: 'µs CPU', values: figures[index]!.ownUs },
  ]);
  const [, pool, thread, sodium] = figures;
  metrics.unshift(
    {
      name: 'rate of libsodium over that of node:crypto, one thread',
      unit: 'times',
      values: ratios(sodium!.ratePerSecond, thread!.ratePerSecond),
    },
    {
      name: 'CPU of the asking thread with the pool over that with batches',
      unit: 'times',
      values: ratios(pool!.ownUs, thread!.ownUs),
    },
  );
  return { metrics, resultHash: hash.digest(), ok: checks.ok, checks: [...new Set(checks.lines)] };
}

function ratios(one: readonly number[], other: readonly number[]): number[] {
  return one.map((value, round) => value / other[round]!);
}

function about(size: Size): About {
  return {
    description:
      'Ed25519 signatures of order requests, checked by node:crypto on the thread that asks and on the pool of libuv, ' +
      'and by it or libsodium on one or two threads that are given batches; in turns in one process',
    work: `${grouped(REQUESTS[size])} requests a round, ${KEYS} keys; ${ROUNDS[size]} rounds after one to warm up`,
    mix: `one in 16 signatures has a wrong bit; texts of some 150 characters; batches of ${BATCH_SIZE}`,
    leavesOut:
      'the building of the texts, keeping the order of requests, and everything else a gateway does',
    hashOf: 'the signatures and which of them are right',
  };
}

export const signatures: Benchmark = { name: 'signatures', about, run };
