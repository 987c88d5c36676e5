import assert from 'node:assert/strict';
import { readFileSync, rmSync, truncateSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { awaitRest } from '../client/at-rest.ts';
import { makeDataDirectory } from '../client/venue-process.ts';
import { ChaosRun } from './chaos-run.ts';
import { withWritableDatabase } from './database.fixture.ts';
import { DISK_FAULTS } from './faults/disk-faults.ts';
import type { Fault } from './faults/fault.ts';
import { JOURNAL_FAULTS } from './faults/journal-faults.ts';
import { PROCESS_FAULTS } from './faults/process-faults.ts';
import { THREAD_FAULTS } from './faults/thread-faults.ts';
import type { FindingKind } from './findings.ts';
import { ImageDisk, SmallDisk, whyNot } from './journal-disks.ts';
import { batchesOf, newestSegments } from './journal-files.ts';
import { type ChaosOptions, parseOptions } from './options.ts';
import { PostgresProcess } from './postgres-process.ts';
import type { Stage } from './stage.ts';

function runOf(context: TestContext, faults: readonly Fault[], arguments_: string): ChaosRun {
  const dataDirectory = makeDataDirectory('ringside-chaos-');
  context.after(() => rmSync(dataDirectory, { recursive: true, force: true }));
  const options: ChaosOptions = parseOptions(arguments_.split(' '), () => 1);
  return new ChaosRun(options, dataDirectory, faults);
}

test('nothing acknowledged is lost by kills, stops and torn journals', async (context) => {
  const faults = [...PROCESS_FAULTS, ...JOURNAL_FAULTS];
  const run = runOf(context, faults, '--kills 4 --minutes 2 --seed 5 --accounts 4');
  const outcome = await run.run();
  assert.deepEqual(outcome.findings.details, []);
  assert.ok(outcome.kills >= 4, `${outcome.kills} kills`);
  assert.ok(outcome.acknowledged > 50, `${outcome.acknowledged} acknowledged`);
  assert.equal(outcome.checked, outcome.acknowledged);
});

/** The findings of a run whose only fault does this to a venue that has traded. */
async function findingsOf(
  context: TestContext,
  shards: number,
  harm: (stage: Stage) => Promise<void>,
): Promise<ReadonlyMap<FindingKind, string>> {
  const run = async (stage: Stage): Promise<void> => {
    stage.load.start('full');
    while (stage.shared.acknowledged < 1_000) await stage.runLoad(0.1);
    await stage.load.stop();
    await harm(stage);
  };
  const fault: Fault = { name: 'harm', weight: 1, run };
  const outcome = await runOf(context, [fault], `--minutes 0.001 --shards ${shards}`).run();
  return new Map(
    outcome.findings.details.map((detail) => {
      const [kind, ...rest] = detail.split(': ');
      return [kind as FindingKind, rest.join(': ')];
    }),
  );
}

test('a venue that forgets the end of its journal is found out', async (context) => {
  const findings = await findingsOf(context, 1, async (stage) => {
    await stage.kill();
    const { dataDirectory } = stage.venue.settings;
    const [segment] = newestSegments(dataDirectory);
    const batches = batchesOf(readFileSync(segment!));
    truncateSync(segment!, batches[batches.length >> 1]!.end);
    // Its database would give it away at once.
    await new PostgresProcess(dataDirectory).destroy();
    await stage.recover();
  });
  assert.ok(findings.has('lost'), JSON.stringify([...findings]));
  assert.ok(findings.has('sequence'), JSON.stringify([...findings]));
});

test('a power cut takes what was not synced, and the venue says so', {
  skip: whyNot(ImageDisk) ?? false,
}, async (context) => {
  const faults = DISK_FAULTS.filter(({ name }) => name === 'power cut');
  const outcome = await runOf(context, faults, '--minutes 0.001 --durability os').run();
  assert.match(outcome.findings.details.join(), /VenueNotReady.*the database holds \d+ events/s);
});

test('a shard whose thread ends comes back, and nothing acknowledged is lost', async (context) => {
  const faults = THREAD_FAULTS.filter(({ name }) => name === 'shard ended');
  const run = runOf(context, faults, '--minutes 0.05 --seed 7 --accounts 4');
  const outcome = await run.run();
  assert.deepEqual(outcome.findings.details, []);
  assert.deepEqual([outcome.lives, outcome.kills], [1, 0]);
  assert.ok(outcome.acknowledged > 50, `${outcome.acknowledged} acknowledged`);
  assert.equal(outcome.checked, outcome.acknowledged);
});

test('a full disk is told, and nothing acknowledged is lost by it', {
  skip: whyNot(SmallDisk) ?? false,
}, async (context) => {
  const faults = DISK_FAULTS.filter(({ name }) => name === 'disk full');
  const outcome = await runOf(context, faults, '--minutes 0.001 --seed 1 --accounts 4').run();
  assert.deepEqual(outcome.findings.details, []);
  assert.equal(outcome.checked, outcome.acknowledged);
});

test('a database that is not as the engine is found out', async (context) => {
  const findings = await findingsOf(context, 2, async (stage) => {
    await stage.audit();
    assert.deepEqual(stage.findings.details, []);
    stage.load.start('full');
    await stage.runLoad(0.1);
    await stage.load.stop();
    await awaitRest(stage.operator.admin);
    await withWritableDatabase(stage.venue.databaseUrl, async (query) => {
      await query(
        // One whole is a number of steps in every market.
        `update orders set executed_quantity = executed_quantity + 1 where order_id in
           (select order_id from orders where status in ('New', 'PartiallyFilled') limit 1)`,
      );
      await query(
        `update balances set available = available + 0.0001
          where (account_id, asset_id) in (select account_id, asset_id from balances limit 1)`,
      );
      await query(`update klines set trades = trades + 1 where interval = '1h' and market_id = 1`);
    });
    await stage.audit();
  });
  const kinds = ['half applied', 'database', 'book'] as const;
  for (const kind of kinds) assert.ok(findings.has(kind), JSON.stringify([...findings]));
});
