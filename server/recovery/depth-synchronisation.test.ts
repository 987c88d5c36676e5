import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { useTestServer } from '../../persistence/testing/test-server.ts';
import { until } from '../../persistence/testing/until.ts';
import { TestSocket } from '../ws/socket.fixture.ts';
import { done, type RestartingVenue } from './restarting-venue.fixture.ts';
import { openTrading, type Trader } from './trading-venue.fixture.ts';

const server = useTestServer();

/** Events after which a client that waits for eleven has had its snapshot. */
const YOUNG_EVENTS = 12;

interface DepthData {
  readonly U: number;
  readonly u: number;
  readonly a: readonly [string, string][];
  readonly b: readonly [string, string][];
}

interface RestDepth {
  readonly bids: readonly [string, string][];
  readonly asks: readonly [string, string][];
  readonly lastUpdateId: string;
}

async function depthOf(venue: RestartingVenue, symbol: string): Promise<RestDepth> {
  const { timestamp: _, ...depth } = await done(venue.get(`/api/v1/depth?symbol=${symbol}`));
  return depth as unknown as RestDepth;
}

/** A client that hears one depth stream, and insists on contiguous ids. */
class DepthClient {
  readonly #socket: TestSocket;
  readonly #stream: string;
  readonly events: DepthData[] = [];

  private constructor(socket: TestSocket, stream: string) {
    this.#socket = socket;
    this.#stream = stream;
  }

  static async open(context: TestContext, venue: RestartingVenue, stream: string) {
    const socket = await TestSocket.open(`${venue.url.replace('http', 'ws')}/ws`);
    context.after(() => socket.raw.terminate());
    socket.send({ method: 'SUBSCRIBE', params: [stream] });
    return new DepthClient(socket, stream);
  }

  async take(count: number): Promise<readonly DepthData[]> {
    for (; count > 0; count--) await this.next();
    return this.events;
  }

  async next(): Promise<DepthData> {
    const frame = await this.#socket.frame(({ stream }) => stream === this.#stream);
    const data = frame.data as DepthData;
    const last = this.events.at(-1);
    if (last !== undefined) assert.equal(data.U, last.u + 1, this.#stream);
    this.events.push(data);
    return data;
  }

  close(): void {
    this.#socket.raw.terminate();
  }

  /** The book that a snapshot and the events after it make, as REST shows books. */
  async bookUpTo(snapshot: RestDepth, updateId: number): Promise<RestDepth> {
    const bids = new Map(
      snapshot.bids.map(([price, quantity]) => [Number(price), Number(quantity)]),
    );
    const asks = new Map(
      snapshot.asks.map(([price, quantity]) => [Number(price), Number(quantity)]),
    );
    let at = Number(snapshot.lastUpdateId);
    while ((this.events.at(-1)?.u ?? 0) < updateId) await this.next();
    for (const { U, u, a, b } of this.events) {
      if (u <= at) continue;
      assert.ok(U <= at + 1, 'the events go on where the snapshot ends');
      for (const [side, levels] of [
        [bids, b],
        [asks, a],
      ] as const) {
        for (const [price, quantity] of levels) {
          if (Number(quantity) === 0) side.delete(Number(price));
          else side.set(Number(price), Number(quantity));
        }
      }
      at = u;
    }
    const shown = (side: Map<number, number>): [string, string][] =>
      [...side]
        .sort(([one], [other]) => one - other)
        .map(([price, lots]) => [`${price}`, `${lots}`]);
    return { bids: shown(bids), asks: shown(asks), lastUpdateId: String(at) };
  }
}

async function place(
  venue: RestartingVenue,
  { accountId }: Trader,
  symbol: string,
  price: string,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const params = { symbol, side: 'Bid', orderType: 'Limit', price, quantity: '1' };
    const refusal = venue.gateway.orders.place(accountId, params, {
      answered: () => resolve(),
      refused: (code) => reject(new Error(`refused with ${code}`)),
    });
    if (refusal !== undefined) reject(refusal);
  });
}

test('a client synchronises on a market that nobody trades, and the next one, and in a later life', async (context) => {
  const { venue, traders } = await openTrading(context, server);
  let last = 0;
  for (let life = 1; life <= 2; life++) {
    for (const stream of ['depth.SOL_USDC', 'depth.200ms.SOL_USDC']) {
      const client = await DepthClient.open(context, venue, 'depth.SOL_USDC');
      const other = await DepthClient.open(context, venue, stream);
      const events = await client.take(YOUNG_EVENTS);
      assert.equal(events[0]!.U, last + 1, 'ids go on where they stood, in every life');
      assert.ok(events.every(({ U, u, a, b }) => U === u && a.length + b.length === 0));
      const snapshot = await depthOf(venue, 'SOL_USDC');
      const updateId = Number(snapshot.lastUpdateId);
      assert.ok(updateId >= events.at(-1)!.u);
      await place(
        venue,
        traders[0]!,
        'SOL_USDC',
        stream === 'depth.SOL_USDC' ? `${90 + life}` : `${90 + life}.5`,
      );
      const now = await depthOf(venue, 'SOL_USDC');
      assert.deepEqual(await client.bookUpTo(snapshot, Number(now.lastUpdateId)), now);
      if (stream !== 'depth.SOL_USDC') {
        assert.deepEqual(await other.bookUpTo(snapshot, Number(now.lastUpdateId)), now);
      }
      client.close();
      other.close();
      const { websocket } = venue.gateway;
      await until('the sockets are closed', () => websocket.connectionCount === 0);
      await venue.rest();
      last = venue.gateway.marketData.book(1).updateId;
    }
    await venue.settle();
    await venue.restartGateway();
    assert.equal(venue.gateway.marketData.book(1).updateId, last);
  }
});

test('a market with a few events has them in one sequence with the heartbeats, for all who come and go', async (context) => {
  const { venue, traders } = await openTrading(context, server);
  const stays = await DepthClient.open(context, venue, 'depth.BTC_USDC');
  const snapshot = await depthOf(venue, 'BTC_USDC');
  for (let visit = 0; visit < 6; visit++) {
    const visitor = await DepthClient.open(context, venue, 'depth.BTC_USDC');
    await visitor.take(1 + visit);
    await place(venue, traders[visit % 2]!, 'BTC_USDC', `${100 + visit}`);
    if (visit % 2 === 0) visitor.close();
  }
  const young = await DepthClient.open(context, venue, 'depth.BTC_USDC');
  await young.take(YOUNG_EVENTS);
  const now = await depthOf(venue, 'BTC_USDC');
  assert.equal(now.bids.length, 6);
  assert.deepEqual(await stays.bookUpTo(snapshot, Number(now.lastUpdateId)), now);
  const changes = stays.events.filter(({ b }) => b.length > 0);
  assert.equal(changes.length, 6);
  assert.ok(stays.events.length > YOUNG_EVENTS + 6);
});
