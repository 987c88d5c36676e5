import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { resetDatabase } from './migrations.ts';
import { MarketModel } from './testing/market-model.ts';
import { Random } from './testing/random.ts';
import { TcpProxy } from './testing/tcp-proxy.ts';
import { useTestServer } from './testing/test-server.ts';
import { until } from './testing/until.ts';
import { assertTablesEqual, resumeVenue, untilCommitted } from './testing/venue.ts';
import type { WriterStatus } from './writer-status.ts';

const server = useTestServer();
const SEED = 41;
const MEMORY_BUDGET_BYTES = 2 ** 20;

/** Starts a `writer-holder`; `feed` has it take trades and answers its status after that. */
async function startHolder(context: TestContext, databaseUrl: string) {
  const holder = join(import.meta.dirname, 'testing/writer-holder.js');
  const args = [databaseUrl, server.dataDir, SEED, MEMORY_BUDGET_BYTES].map(String);
  const child = spawn(process.execPath, [holder, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  context.after(() => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async feed(trades: number): Promise<WriterStatus> {
      child.stdin.write(`${trades}\n`);
      const { value } = await lines.next();
      return JSON.parse(value) as WriterStatus;
    },
    async kill(): Promise<void> {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

const spoolFiles = () => readdirSync(join(server.dataDir, 'spool'));

function assertBounded({ queuedBytes, spooledBytes }: WriterStatus): void {
  assert.ok(spooledBytes > 2 * MEMORY_BUDGET_BYTES, 'the spool was not used');
  assert.ok(queuedBytes - spooledBytes < 2 * MEMORY_BUDGET_BYTES, 'memory is beyond its budget');
}

test('a spool that a killed process left is dropped, and its events come again from the shard', async (context) => {
  await resetDatabase(server.url);
  const proxy = await TcpProxy.start(server.port);
  context.after(() => proxy.close());
  const databaseUrl = proxy.through(server.url);
  const holder = await startHolder(context, databaseUrl);
  let status = await holder.feed(500);
  await until('some are committed', async () => {
    status = await holder.feed(0);
    return status.lagEvents === 0 && status.committedSequences[0]! > 0;
  });
  const position = status.committedSequences[0]!;
  // The outage begins before the crash and lasts beyond the next start.
  proxy.rules = { toServer: () => false };
  await until('the loss is noticed', async () => !(await holder.feed(20)).connected);
  assertBounded(await holder.feed(12_000));
  await holder.kill();
  const left = spoolFiles();
  assert.ok(left.length > 0, 'no spool was left');

  const next = await resumeVenue(context, server, {
    ...{ databaseUrl, memoryBudgetBytes: MEMORY_BUDGET_BYTES },
  });
  assert.deepEqual(spoolFiles(), []);
  const model = new MarketModel(next.feed, new Random(SEED));
  next.feed.recordListings();
  for (let round = 0; round < 30; round++) {
    model.recordTrades(500);
    await next.feed.flush();
  }
  await until('the rings are empty', () => {
    return next.writer.status().lagEvents === next.feed.sequences[0];
  });
  assertBounded(next.writer.status());
  proxy.rules = {};
  await untilCommitted(next);
  const { skippedEvents, lagEvents } = next.writer.status();
  assert.ok(skippedEvents >= position, `${skippedEvents} of ${position} events passed over`);
  assert.equal(lagEvents, 0);
  await assertTablesEqual(server, model);
  assert.deepEqual(spoolFiles(), []);
});
