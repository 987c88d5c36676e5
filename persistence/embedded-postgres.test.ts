import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, type TestContext, test } from 'node:test';
import pg from 'pg';
import { identityOf, isServerOf, stopForeignServer } from './embedded/processes.ts';
import { startEmbeddedPostgres } from './embedded-postgres.ts';
import { clusterOf, serverPid, serverProcesses } from './testing/cluster-processes.ts';
import { makeDataDir as makeTemporaryDataDir } from './testing/test-server.ts';
import { until } from './testing/until.ts';

const HOLDER = join(import.meta.dirname, 'testing', 'server-holder.js');
const isRoot = process.getuid?.() === 0;
const log = () => {};

/** A data dir with a stopped server, to be copied: initdb is what takes the time. */
let template = '';
before(async () => {
  template = makeTemporaryDataDir();
  const server = await startEmbeddedPostgres({ dataDir: template, log });
  await server.stop();
});
after(() => rmSync(template, { recursive: true, force: true }));

function makeDataDir(context: TestContext): string {
  const dataDir = makeTemporaryDataDir();
  execFileSync('cp', ['-a', join(template, 'postgres'), dataDir]);
  context.after(async () => {
    const pid = serverPid(dataDir);
    const cluster = clusterOf(dataDir);
    if (pid !== null && isServerOf(pid, cluster)) await stopForeignServer(pid, cluster);
    rmSync(dataDir, { recursive: true, force: true });
  });
  return dataDir;
}

async function ask(url: string, sql: string): Promise<Record<string, unknown>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows[0];
  } finally {
    await client.end();
  }
}

/** A process that runs a server, in a process group of its own as a shell would put it. */
async function startHolder(
  context: TestContext,
  dataDir: string,
): Promise<{ holder: ChildProcess; pid: number; lines: AsyncIterator<string> }> {
  const holder = spawn(process.execPath, [HOLDER, dataDir], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  context.after(() => holder.kill('SIGKILL'));
  const lines = createInterface(holder.stdout)[Symbol.asyncIterator]();
  assert.equal((await lines.next()).value, 'started');
  return { holder, pid: serverPid(dataDir)!, lines };
}

test('the server keeps its data over a restart, on loopback only, with fsync', async (context) => {
  const dataDir = makeDataDir(context);
  const first = await startEmbeddedPostgres({ dataDir, log });
  await ask(first.url, 'create table kept as select 7 as value');
  await Promise.all([first.stop(), first.stop()]);
  const second = await startEmbeddedPostgres({ dataDir, log });
  context.after(() => second.stop());
  assert.deepEqual(await ask(second.url, 'select value from kept'), { value: 7 });
  const settings = `select current_setting('listen_addresses') as address,
    current_setting('fsync') as fsync, current_setting('synchronous_commit') as sync`;
  const expected = { address: '127.0.0.1', fsync: 'on', sync: 'on' };
  assert.deepEqual(await ask(second.url, settings), expected);
  const wrong = second.url.replace(/:[^:@]+@/, ':wrong@');
  await assert.rejects(ask(wrong, 'select 1'), /password/);
});

test('two venues cannot use one data dir at a time', async (context) => {
  const dataDir = makeDataDir(context);
  const { pid } = await startHolder(context, dataDir);
  await assert.rejects(startEmbeddedPostgres({ dataDir, log }), /in use by the running venue \d+/);
  assert.ok(isServerOf(pid, clusterOf(dataDir)), 'the other venue has lost its server');
});

test('an interrupt of the process group leaves the server to stop(), and stop() leaves no process', async (context) => {
  const dataDir = makeDataDir(context);
  const { holder, pid, lines } = await startHolder(context, dataDir);
  process.kill(-holder.pid!, 'SIGINT');
  assert.equal((await lines.next()).value, 'interrupted');
  // The holder asks its server after the interrupt.
  assert.equal((await lines.next()).value, 'answered');
  assert.ok(isServerOf(pid, clusterOf(dataDir)));
  const exit = once(holder, 'exit');
  holder.kill('SIGTERM');
  assert.deepEqual(await exit, [0, null]);
  assert.equal(identityOf(pid), null);
  assert.equal(serverPid(dataDir), null);
});

test('the server of a killed venue is stopped and its data taken over', async (context) => {
  const dataDir = makeDataDir(context);
  const { holder, pid } = await startHolder(context, dataDir);
  const exit = once(holder, 'exit');
  holder.kill('SIGKILL');
  await exit;
  assert.ok(isServerOf(pid, clusterOf(dataDir)), 'the left-over is what this test is about');
  const server = await startEmbeddedPostgres({ dataDir, log });
  context.after(() => server.stop());
  assert.ok(!isServerOf(pid, clusterOf(dataDir)));
  assert.deepEqual(await ask(server.url, 'select 1 as one'), { one: 1 });
});

test('a venue that ends without stop() takes its server along', async (context) => {
  const dataDir = makeDataDir(context);
  const { holder, pid } = await startHolder(context, dataDir);
  holder.kill('SIGHUP');
  await once(holder, 'exit');
  await until('the server is gone', () => !isServerOf(pid, clusterOf(dataDir)));
});

test('a killed server comes back at its URL as soon as its last child is gone, and stop() leaves no process', async (context) => {
  const dataDir = makeDataDir(context);
  const lines: string[] = [];
  const server = await startEmbeddedPostgres({ dataDir, log: (line) => lines.push(line) });
  context.after(() => server.stop());
  const client = new pg.Client({ connectionString: server.url });
  client.on('error', () => {});
  await client.connect();
  await client.query('create table kept as select 7 as value');
  const backend = (await client.query('select pg_backend_pid() as pid')).rows[0].pid as number;
  const processes = serverProcesses(dataDir);
  assert.ok(processes.includes(backend));

  // A child that holds the shared memory makes the first attempts fail.
  process.kill(backend, 'SIGSTOP');
  try {
    process.kill(processes[0]!, 'SIGKILL');
    const logFile = join(dataDir, 'postgres', 'server.log');
    await until('an attempt fails', () => readFileSync(logFile, 'utf8').includes('still in use'));
  } finally {
    process.kill(backend, 'SIGCONT');
  }
  await until('the server is back', () => lines.length > 1);
  assert.equal(lines.length, 2);
  assert.match(
    lines[0]!,
    /^embedded Postgres has ended \(SIGKILL\) and is being started again; see /,
  );
  assert.equal(lines[1], 'embedded Postgres is running again');
  assert.deepEqual(await ask(server.url, 'select value from kept'), { value: 7 });

  processes.push(...serverProcesses(dataDir));
  await server.stop();
  assert.deepEqual(
    processes.filter((pid) => identityOf(pid) !== null),
    [],
  );
  assert.equal(lines.length, 2, 'a server that was stopped is not missed');
});

test('stop() ends a server at any moment of its return', async (context) => {
  const dataDir = makeDataDir(context);
  const moments: [string, (pid: number) => boolean][] = [
    ['before the attempt', () => true],
    ['at the attempt', (pid) => ![null, pid].includes(serverPid(dataDir))],
  ];
  for (const [name, hasCome] of moments) {
    const lines: string[] = [];
    const server = await startEmbeddedPostgres({ dataDir, log: (line) => lines.push(line) });
    const processes = serverProcesses(dataDir);
    process.kill(processes[0]!, 'SIGKILL');
    await until('the loss is told', () => lines.length > 0);
    await until(name, () => hasCome(processes[0]!));
    processes.push(...serverProcesses(dataDir));
    await server.stop();
    await until('no process is left', () => processes.every((pid) => identityOf(pid) === null));
    assert.ok(!existsSync(join(dataDir, 'postgres', 'venue')), 'the data dir is still claimed');
  }
  const server = await startEmbeddedPostgres({ dataDir, log });
  assert.deepEqual(await ask(server.url, 'select 1 as one'), { one: 1 });
  await server.stop();
});

test('a stale pid file is no obstacle, even when its number lives again', async (context) => {
  const dataDir = makeDataDir(context);
  const bystander = spawn('sleep', ['60']);
  context.after(() => bystander.kill());
  for (const pid of [bystander.pid, 2 ** 22 + 1]) {
    const lines = [pid, clusterOf(dataDir), 1, 5432, '', '127.0.0.1', '', 'ready', ''];
    writeFileSync(join(clusterOf(dataDir), 'postmaster.pid'), lines.join('\n'));
    const server = await startEmbeddedPostgres({ dataDir, log });
    assert.deepEqual(await ask(server.url, 'select 1 as one'), { one: 1 });
    await server.stop();
  }
  assert.equal(bystander.exitCode ?? bystander.signalCode, null);
});

test('a server that cannot start says why in one line', async (context) => {
  const dataDir = makeDataDir(context);
  writeFileSync(join(clusterOf(dataDir), 'PG_VERSION'), '9\n');
  await assert.rejects(startEmbeddedPostgres({ dataDir, log }), (error) => {
    assert.ok(error instanceof Error);
    assert.match(error.message, /Postgres did not start: .*incompatible/);
    assert.ok(!error.message.includes('\n'));
    return true;
  });
});

test('a server directory of another user is left alone', {
  skip: isRoot ? false : 'only root can make a file of another user',
}, async (context) => {
  const dataDir = makeDataDir(context);
  chownSync(join(dataDir, 'postgres'), 12_345, 12_345);
  await assert.rejects(startEmbeddedPostgres({ dataDir, log }), /belongs to another user/);
  assert.ok(existsSync(join(clusterOf(dataDir), 'PG_VERSION')));
});

test('as root, a data dir that the server’s user cannot reach gets its cluster elsewhere', {
  skip: isRoot ? false : 'only root lends the server another user',
}, async (context) => {
  const closed = mkdtempSync(join(tmpdir(), 'ringside-closed-'));
  context.after(() => rmSync(closed, { recursive: true, force: true }));
  const lines: string[] = [];
  const run = async (dataDir: string, sql: string) => {
    const server = await startEmbeddedPostgres({ dataDir, log: (line) => lines.push(line) });
    await ask(server.url, sql);
    const { cluster } = await ask(
      server.url,
      `select current_setting('data_directory') as cluster`,
    );
    await server.stop();
    const home = dirname(String(cluster));
    context.after(() => rmSync(home, { recursive: true, force: true }));
    return home;
  };
  const dataDir = join(closed, 'data');
  const home = await run(dataDir, 'create table kept as select 1');
  assert.ok(!home.startsWith(closed));
  assert.ok(lines.length === 1 && lines[0]!.includes(home));
  assert.equal(await run(dataDir, 'select * from kept'), home);

  rmSync(dataDir, { recursive: true });
  await run(join(closed, 'other'), 'select 1');
  assert.ok(!existsSync(home), 'a deleted data dir leaves its cluster behind');
});
