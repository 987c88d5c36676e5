import assert from 'node:assert/strict';
import { readdirSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { identityOf } from './embedded/processes.ts';
import { serverPid, serverProcesses } from './testing/cluster-processes.ts';
import { MarketModel } from './testing/market-model.ts';
import { Random } from './testing/random.ts';
import { TcpProxy } from './testing/tcp-proxy.ts';
import { useTestServer } from './testing/test-server.ts';
import { until } from './testing/until.ts';
import { assertTablesEqual, startVenue, untilCommitted, untilFailed } from './testing/venue.ts';

const server = useTestServer();

test('a database that stops and comes back loses nothing and gets nothing twice', async (context) => {
  const proxy = await TcpProxy.start(server.port);
  context.after(() => proxy.close());
  const memoryBudgetBytes = 2 ** 20;
  const databaseUrl = proxy.through(server.url);
  const venue = await startVenue(context, server, { databaseUrl, memoryBudgetBytes });
  const { feed, writer } = venue;
  const model = new MarketModel(feed, new Random(1));
  feed.recordListings();
  model.recordTrades(500);
  await feed.flush();
  await untilCommitted(venue);

  model.recordTrades(1000);
  await feed.flush();
  await server.stop();
  await until('the loss is noticed', () => !writer.status().connected);
  assert.match(venue.lines.at(-1) ?? '', /^persistence: .*(lost|not written|reached)/);
  for (let round = 0; round < 30; round++) {
    model.recordTrades(500);
    await feed.flush();
  }
  await until('the rings are empty', () => {
    const { lagEvents, committedSequences } = writer.status();
    return lagEvents === feed.sequences[0]! - committedSequences[0]!;
  });
  const { queuedBytes, spooledBytes, lastError } = writer.status();
  assert.ok(spooledBytes > 2 * memoryBudgetBytes, 'the spool was not used');
  assert.ok(queuedBytes - spooledBytes < 2 * memoryBudgetBytes, 'memory is beyond its budget');
  assert.notEqual(lastError, null);

  await server.start();
  proxy.targetPort = server.port;
  await untilCommitted(venue);
  assert.equal(writer.status().spooledBytes, 0);
  assert.equal(writer.status().lagEvents, 0);
  assert.equal(venue.lines.at(-1), 'persistence: the database is connected again');
  assert.deepEqual(readdirSync(join(server.dataDir, 'spool')), []);
  model.recordTrades(100);
  await feed.flush();
  await untilCommitted(venue);
  await assertTablesEqual(server, model);
});

test('an embedded server that is killed again and again comes back, and every row arrives once', async (context) => {
  const venue = await startVenue(context, server);
  const { feed, writer } = venue;
  const model = new MarketModel(feed, new Random(11));
  feed.recordListings();
  const processes: number[] = [];
  const { url } = server;
  for (let round = 0; round < 3; round++) {
    await until('the writer is connected', () => writer.status().connected);
    model.recordTrades(1000);
    await feed.flush();
    // The first kill comes while the rows are written.
    if (round > 0) await untilCommitted(venue);
    processes.push(...serverProcesses(server.dataDir));
    process.kill(serverPid(server.dataDir)!, 'SIGKILL');
    await until('the loss is noticed', () => !writer.status().connected);
    model.recordTrades(1000);
    await feed.flush();
  }
  await untilCommitted(venue);
  assert.equal(server.url, url);
  await assertTablesEqual(server, model);
  processes.push(...serverProcesses(server.dataDir));
  await server.stop();
  assert.deepEqual(
    processes.filter((pid) => identityOf(pid) !== null),
    [],
  );
  await server.start();
});

test('connections cut at any byte lose nothing and write nothing twice', async (context) => {
  const proxy = await TcpProxy.start(server.port);
  context.after(() => proxy.close());
  const venue = await startVenue(context, server, { databaseUrl: proxy.through(server.url) });
  const { feed } = venue;
  const random = new Random(4);
  const model = new MarketModel(feed, random);
  feed.recordListings();
  let cuts = 0;
  let bytesLeft = 100_000;
  const pass = (bytes: Buffer) => {
    bytesLeft -= bytes.length;
    if (bytesLeft > 0 || cuts === 25) return true;
    cuts++;
    bytesLeft = 2000 + random.below(80_000);
    return false;
  };
  proxy.rules = { toServer: pass, toClient: pass };
  for (let round = 0; round < 40; round++) {
    model.recordTrades(80);
    await feed.flush();
    await untilCommitted(venue);
  }
  assert.ok(cuts > 10, `only ${cuts} cuts`);
  await assertTablesEqual(server, model);
});

test('a session that the server ends is replaced without harm', async (context) => {
  const venue = await startVenue(context, server);
  const model = new MarketModel(venue.feed, new Random(6));
  venue.feed.recordListings();
  for (let round = 0; round < 5; round++) {
    model.recordTrades(300);
    await venue.feed.flush();
    await until('the writer is connected', () => venue.writer.status().connected);
    const killed = await server.query(`select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'ringside writer'`);
    assert.ok(killed.length <= 1);
  }
  await untilCommitted(venue);
  await assertTablesEqual(server, model);
});

test('a database that has lost committed rows stops the projection', async (context) => {
  const venue = await startVenue(context, server);
  const model = new MarketModel(venue.feed, new Random(9));
  venue.feed.recordListings();
  model.recordTrades(10);
  await venue.feed.flush();
  await untilCommitted(venue);
  await server.query('update projection_positions set sequence = sequence - 3');
  model.recordTrades(10);
  await venue.feed.flush();
  assert.match(await untilFailed(venue), /not where it was left/);
});

test('stop gives up in time when the database stays away', async (context) => {
  const venue = await startVenue(context, server, { databaseUrl: 'postgres://u:p@127.0.0.1:1/x' });
  new MarketModel(venue.feed, new Random(3)).recordTrades(10);
  await venue.feed.flush();
  await until('events wait', () => venue.writer.status().lagEvents > 0);
  assert.deepEqual(await venue.writer.stop(100), { drained: false });
});

test('stop ends the thread in time when the database takes connections and says nothing', async (context) => {
  const sockets: Socket[] = [];
  const silent = createServer((socket) => void sockets.push(socket));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
  const { port } = silent.address() as AddressInfo;
  const databaseUrl = `postgres://u:p@127.0.0.1:${port}/x`;
  const venue = await startVenue(context, server, { databaseUrl });
  venue.feed.recordListings();
  await venue.feed.flush();
  await until('the writer waits', () => sockets.length > 0 && venue.writer.status().lagEvents > 0);
  const begin = performance.now();
  assert.deepEqual(await venue.writer.stop(600), { drained: false });
  const tookMs = performance.now() - begin;
  assert.ok(tookMs < 5000, `${tookMs} ms`);
  await venue.writer.ended;
});

test('a spool that cannot be written stops the projection, not the draining', async (context) => {
  const memoryBudgetBytes = 2 ** 18;
  const databaseUrl = 'postgres://u:p@127.0.0.1:1/x';
  const venue = await startVenue(context, server, { databaseUrl, memoryBudgetBytes });
  const { feed, writer } = venue;
  rmSync(join(server.dataDir, 'spool'), { recursive: true });
  const model = new MarketModel(feed, new Random(3));
  for (let round = 0; round < 100; round++) {
    model.recordTrades(500);
    await feed.flush();
  }
  assert.match(await untilFailed(venue), /the spool cannot be used: ENOENT/);
  assert.deepEqual(await writer.stop(), { drained: false });
});

test('the death of the thread is told', async (context) => {
  const venue = await startVenue(context, server);
  venue.feed.recordListings();
  // A hole in the sequence is a bug of a shard, and never passed over.
  venue.feed.sequences[0]! += 1;
  venue.feed.recordListings();
  await venue.feed.flush();
  await assert.rejects(venue.writer.ended, /event \d+ after \d+/);
});
