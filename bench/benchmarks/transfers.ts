import { MoveFunds } from '../../engine/protocol/commands.ts';
import { TransferKind } from '../../engine/protocol/enums.ts';
import { FrameWriter } from '../../engine/protocol/frame-writer.ts';
import { requestedTransferId } from '../../engine/protocol/transfer-id.ts';
import { Shard } from '../../engine/shard/shard.ts';
import { SnapshotReader } from '../../engine/snapshot/snapshot-reader.ts';
import { SnapshotWriter } from '../../engine/snapshot/snapshot-writer.ts';
import { memoryInUse } from '../memory.ts';
import {
  type About,
  type Benchmark,
  Checks,
  grouped,
  type Outcome,
  type Size,
  secondsOf,
} from '../suite.ts';
import { dropped, LoneVenue } from '../venue/lone-venue.ts';
import { allocateCommands } from '../workloads/command-flow.ts';

const TRANSFERS: Record<Size, number> = { full: 1_000_000, quick: 100_000, test: 2_000 };
const TRANSFERS_PER_ACCOUNT = 100;
const TRANSFERS_AT_A_TIME = 10_000;
const ASSET_ID = 1;

/** As long as a UUID and as an address of Solana. */
const PAYMENT = '0f8fad5b-d9cb-469f-a165-';
const DESTINATION = {
  ...{ blockchain: 'Solana', address: '7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU' },
};

type Transfer = Parameters<typeof MoveFunds.encode>[2];

/** The transfer of this number: a deposit of the operator's, then a withdrawal of a part of it by the account. */
function transferAt(at: number, accountCount: number): Transfer {
  const isDeposit = at % 2 === 0;
  const number = String(at).padStart(12, '0');
  return {
    requestId: at + 1,
    kind: isDeposit ? TransferKind.Deposit : TransferKind.Withdrawal,
    accountId: 1 + ((at >> 1) % accountCount),
    transferId: isDeposit ? PAYMENT + number : requestedTransferId(DESTINATION, number, ''),
    assetId: ASSET_ID,
    amountUnits: isDeposit ? 1000 : 999,
  };
}

/** Makes all transfers, or all once more. */
function move(venue: LoneVenue, count: number, accountCount: number): void {
  const frames = new FrameWriter();
  for (let at = 0; at < count; at++) {
    MoveFunds.encode(frames, 0, transferAt(at, accountCount));
    if ((at + 1) % TRANSFERS_AT_A_TIME !== 0 && at + 1 < count) continue;
    venue.applyFrames(frames.bytes.subarray(frames.start, frames.end), dropped);
    frames.consume(frames.pendingBytes);
  }
}

/** A shard's payload. */
function payloadOf(shard: Shard): Uint8Array {
  const chunks: Uint8Array[] = [];
  const writer = new SnapshotWriter((chunk) => chunks.push(chunk.slice()));
  shard.save(writer);
  writer.finish();
  return Buffer.concat(chunks);
}

/** Of a `SnapshotReader`. */
function sourceOf(payload: Uint8Array): (target: Uint8Array) => number {
  let read = 0;
  return (target) => {
    const piece = payload.subarray(read, read + target.length);
    target.set(piece);
    read += piece.length;
    return piece.length;
  };
}

async function run(size: Size): Promise<Outcome> {
  const checks = new Checks();
  const count = TRANSFERS[size];
  const accountCount = count / TRANSFERS_PER_ACCOUNT;
  const venue = new LoneVenue(allocateCommands(0, 1, accountCount));
  const { shard } = venue;
  const emptyBytes = payloadOf(shard).length;
  const before = memoryInUse();
  const seconds = secondsOf(() => move(venue, count, accountCount));
  const after = memoryInUse();
  const hash = shard.hash();
  const events = shard.outputs.eventSequence;
  move(venue, count, accountCount);
  checks.equal('a transfer that is sent again moves nothing', shard.hash(), hash);
  checks.equal('nor does it make an event', shard.outputs.eventSequence, events);
  checks.expect('every asset adds up to the unit', venue.isAudited());
  const payload = payloadOf(shard);
  const loaded = new Shard(0, 1, 0);
  const loadSeconds = secondsOf(() => loaded.load(new SnapshotReader(sourceOf(payload))));
  checks.equal('what was loaded is what was saved', loaded.hash(), hash);
  const bytes = (name: string, total: number) => ({
    ...{ name, unit: 'bytes/transfer', values: [total / count] },
  });
  const metrics = [
    bytes(`${grouped(count)} transfers, the whole shard`, after.usedBytes - before.usedBytes),
    bytes('  as pages of the process', after.residentBytes - before.residentBytes),
    bytes('  in a snapshot', payload.length - emptyBytes),
    { name: '  loading it', unit: 's', values: [loadSeconds] },
    {
      name: '  making them, encoding included',
      unit: 'k transfers/s',
      values: [count / seconds / 1000],
    },
  ];
  return { metrics, resultHash: hash, ok: checks.ok, checks: checks.lines };
}

function about(size: Size): About {
  return {
    description:
      'what a deposit or withdrawal costs for ever: a shard keeps the id and the answer of each, so that one that is ' +
      'sent again, whenever, moves nothing',
    work: `${grouped(TRANSFERS[size])} transfers of accounts with ${TRANSFERS_PER_ACCOUNT} each, made and sent once more`,
    mix: 'half deposits with a UUID as their id, half withdrawals with client id, blockchain and address',
    leavesOut: 'their rows in the database, and the journal',
    hashOf: 'the whole shard',
  };
}

export const transfers: Benchmark = {
  name: 'transfers',
  nodeOptions: ['--expose-gc'],
  about,
  run,
};
