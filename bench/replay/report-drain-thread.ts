import { workerData } from 'node:worker_threads';
import { ByteRing } from '../../engine/ring/byte-ring.ts';
import { Doorbell } from '../../engine/ring/doorbell.ts';
import { DIGEST_HIGH, DIGEST_LOW, DRAINED, type DrainTask, STOP } from './report-drain.ts';
import { ReportHash } from './report-hash.ts';
import { ReportReader } from './report-records.ts';

/** Empty looks at the ring before the thread sleeps: some tens of microseconds. */
const SPINS = 2000;
const SLEEP_MS = 10;

const task = workerData as DrainTask;
const answer = new Int32Array(task.answer);
const reader = new ReportReader(new ByteRing(task.ring));
const bell = new Doorbell(task.bell);
let reports = new ReportHash();
let idle = 0;
while (Atomics.load(answer, STOP) === 0) {
  const seen = bell.value;
  const records = reader.poll(reports);
  if (records === -1) {
    const digest = reports.digest();
    answer[DIGEST_HIGH] = Number.parseInt(digest.slice(0, 8), 16);
    answer[DIGEST_LOW] = Number.parseInt(digest.slice(8), 16);
    reports = new ReportHash();
    Atomics.add(answer, DRAINED, 1);
  }
  idle = records === 0 ? idle + 1 : 0;
  if (idle > SPINS) bell.sleep(seen, SLEEP_MS);
}
