import { CreateAccount } from '../protocol/commands.ts';
import { FrameReader } from '../protocol/frame-reader.ts';
import { LinkReader, LinkWriter } from '../ring/link.ts';
import { allocateTopology } from '../ring/topology.ts';
import type { ShardFailure } from './shard-failure.ts';
import { startShards } from './shard-pool.ts';

/*
 * A process of its own, for a small heap: opens accounts with long names until their shard has no memory for more, and
 * prints the code of its failure.
 */

const topology = allocateTopology(1);
const pool = startShards(topology);
const commands = new LinkWriter(topology.gatewayToShard[0]!);
const readers = [topology.shardToGateway[0]!, topology.shardToPersistence[0]!].map(
  (link) => new LinkReader(link),
);
const frame = new FrameReader();
let failure: ShardFailure | null = null;
pool.stopped[0]!.catch((error: ShardFailure) => {
  failure = error;
});
for (let accountId = 1; failure === null; ) {
  while (commands.roomBytes > 4096) {
    const name = 'x'.repeat(1500) + accountId;
    CreateAccount.encode(commands.frames, 0, { requestId: 1, accountId: accountId++, name });
  }
  commands.flush();
  for (const reader of readers) while (reader.poll(frame, () => {}) > 0);
  await new Promise((resolve) => setImmediate(resolve));
}
console.log((failure as ShardFailure).code);
await pool.close();
