import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { readPositions } from './history.ts';
import { MarketModel } from './testing/market-model.ts';
import { Random } from './testing/random.ts';
import { TcpProxy } from './testing/tcp-proxy.ts';
import { useTestServer } from './testing/test-server.ts';
import { until } from './testing/until.ts';
import { assertTablesEqual, resumeVenue, startVenue, untilCommitted } from './testing/venue.ts';

const server = useTestServer();
const COMMIT_QUERY = Buffer.from('commit\0');

/** Where the connection is cut, and what becomes of the transaction. */
const MOMENTS = {
  'before the server has it': 'undone',
  'as soon as the server has it': 'either',
  'before its answer': 'committed',
} as const;
type Moment = keyof typeof MOMENTS;

/** Cuts the connection at the next COMMIT, and every connection from then on. */
function cutAtCommit(proxy: TcpProxy, moment: Moment): void {
  let isSent = false;
  proxy.rules = {
    toServer: (bytes) => {
      if (isSent) return false;
      isSent = bytes.includes(COMMIT_QUERY);
      if (!isSent || moment === 'before its answer') return true;
      return moment === 'as soon as the server has it' ? 'last' : false;
    },
    toClient: () => !isSent,
  };
}

/** What the cut has left: the database's position, when it is known which it must be. */
async function assertLeft(moment: Moment, before: number, fed: number): Promise<void> {
  const outcome = MOMENTS[moment];
  if (outcome === 'either') return;
  const expected = outcome === 'committed' ? fed : before;
  await until(`the position is ${expected}`, async () => {
    const { positions } = await readPositions(server.url, 1);
    return positions[0] === expected;
  });
}

async function startCut(context: TestContext) {
  const proxy = await TcpProxy.start(server.port);
  context.after(() => proxy.close());
  const databaseUrl = proxy.through(server.url);
  return { proxy, databaseUrl, venue: await startVenue(context, server, { databaseUrl }) };
}

for (const moment of Object.keys(MOMENTS) as Moment[]) {
  test(`COMMIT sent, connection lost ${moment}: the writer goes on by what the database says`, async (context) => {
    const { proxy, venue } = await startCut(context);
    const { feed, writer } = venue;
    const model = new MarketModel(feed, new Random(2));
    feed.recordListings();
    await feed.flush();
    await untilCommitted(venue);
    for (let round = 0; round < 5; round++) {
      const before = feed.sequences[0]!;
      cutAtCommit(proxy, moment);
      model.recordTrades(100);
      await feed.flush();
      await until('the connection is lost', () => !writer.status().connected);
      // The writer has no answer, whatever the database has done.
      assert.deepEqual(writer.status().committedSequences, [before]);
      await assertLeft(moment, before, feed.sequences[0]!);
      proxy.rules = {};
      await untilCommitted(venue);
    }
    await assertTablesEqual(server, model);
  });

  test(`COMMIT sent, venue killed ${moment}: the next one goes on by what the database says`, async (context) => {
    const { proxy, databaseUrl, venue } = await startCut(context);
    venue.feed.recordListings();
    await venue.feed.flush();
    await untilCommitted(venue);
    const before = venue.feed.sequences[0]!;
    cutAtCommit(proxy, moment);
    new MarketModel(venue.feed, new Random(6)).recordTrades(150);
    await venue.feed.flush();
    await until('the connection is lost', () => !venue.writer.status().connected);
    assert.deepEqual(await venue.writer.stop(0), { drained: false });
    await assertLeft(moment, before, venue.feed.sequences[0]!);

    proxy.rules = {};
    const next = await resumeVenue(context, server, { databaseUrl });
    const model = new MarketModel(next.feed, new Random(6));
    next.feed.recordListings();
    model.recordTrades(200);
    await next.feed.flush();
    await untilCommitted(next);
    assert.ok(next.writer.status().skippedEvents >= before);
    await assertTablesEqual(server, model);
  });
}
