import { createHash } from 'node:crypto';
import { Redis } from 'ioredis';

/**
 * A process of its own that knows the venue from Redis alone: it subscribes to one depth channel,
 * says so, rebuilds the book up to an update id, prints it with a hash of all bytes heard, and ends.
 * Exit code 2 means a gap in the update ids.
 */
const [socketPath, channel, lastUpdateId] = process.argv.slice(2);
if (socketPath === undefined || channel === undefined) {
  throw new Error('usage: redis-listener.fixture.js SOCKET CHANNEL LAST_UPDATE_ID');
}

const bids = new Map<string, string>();
const asks = new Map<string, string>();
const hash = createHash('sha256');
let updateId = 0;

const redis = new Redis(socketPath);
redis.on('message', (_channel, frame) => {
  hash.update(frame);
  const { data, stream } = JSON.parse(frame);
  if (stream !== channel || data.U !== updateId + 1) process.exit(2);
  updateId = data.u;
  take(bids, data.b);
  take(asks, data.a);
  if (updateId < Number(lastUpdateId)) return;
  const book = { updateId, bids: [...bids], asks: [...asks], hash: hash.digest('hex') };
  process.stdout.write(`${JSON.stringify(book)}\n`, () => process.exit(0));
});
await redis.subscribe(channel);
process.stdout.write('subscribed\n');

function take(side: Map<string, string>, levels: [string, string][]): void {
  for (const [price, quantity] of levels) {
    if (Number(quantity) === 0) side.delete(price);
    else side.set(price, quantity);
  }
}
