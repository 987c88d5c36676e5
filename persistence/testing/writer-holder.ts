import { createInterface } from 'node:readline';
import { allocateTopology } from '../../engine/ring/topology.ts';
import { startWriter } from '../writer-client.ts';
import { EventFeed } from './event-feed.ts';
import { MarketModel } from './market-model.ts';
import { Random } from './random.ts';

/**
 * A process with a writer, to be killed. Arguments: the database's URL, a data dir, a seed and the bytes
 * of events to keep in memory. Every line on stdin is a number of trades to feed; it is answered with the
 * writer's status as soon as the rings are empty.
 */
const [databaseUrl, dataDir, seed, memoryBudgetBytes] = process.argv.slice(2);
const topology = allocateTopology(1);
const writer = await startWriter({
  ...{ topology, databaseUrl: databaseUrl!, dataDir: dataDir!, log: () => {} },
  memoryBudgetBytes: Number(memoryBudgetBytes),
});
const feed = new EventFeed(topology);
const model = new MarketModel(feed, new Random(Number(seed)));
feed.recordListings();
for await (const line of createInterface({ input: process.stdin })) {
  for (let left = Number(line); left > 0; left -= 500) {
    model.recordTrades(Math.min(left, 500));
    await feed.flush();
  }
  const isTaken = () => {
    const { lagEvents, committedSequences } = writer.status();
    return lagEvents === feed.sequences[0]! - committedSequences[0]!;
  };
  while (!isTaken()) await new Promise((resolve) => setTimeout(resolve, 5));
  process.stdout.write(`${JSON.stringify(writer.status())}\n`);
}
