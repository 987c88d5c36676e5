import { sumOfOrders } from '../../engine/book/book-hash.ts';
import { Hash64 } from '../../engine/collections/hash64.ts';
import { balanceRecords, openOrderRecords, sumOfRecords } from '../../engine/ledger/ledger-hash.ts';
import { ReportState } from '../../engine/protocol/commands.ts';
import { MarketReport, ShardReport } from '../../engine/protocol/events.ts';
import { FrameReader } from '../../engine/protocol/frame-reader.ts';
import { FrameWriter } from '../../engine/protocol/frame-writer.ts';
import {
  type About,
  type Benchmark,
  Checks,
  grouped,
  type Outcome,
  type Size,
  secondsOf,
} from '../suite.ts';
import { CommandEncoder } from '../venue/commands.ts';
import { dropped, LoneVenue } from '../venue/lone-venue.ts';
import type { CommandFlow } from '../workloads/command-flow.ts';
import { makeZipfFlow, ZIPF_ACCOUNTS, ZIPF_MARKETS, zipfMix } from '../workloads/zipf-flow.ts';

const COMMANDS: Record<Size, number> = { full: 500_000, quick: 200_000, test: 10_000 };
const ACCOUNTS: Record<Size, number> = { full: ZIPF_ACCOUNTS, quick: ZIPF_ACCOUNTS, test: 2_000 };
const ROUNDS: Record<Size, number> = { full: 5, quick: 3, test: 1 };
const SEED = 1;
const ASK_EVERY = [1_000, 10_000] as const;

/** The hashes a shard reports, as one text. */
class HashReader {
  text = '';
  readonly #reader = new FrameReader();

  readonly take = (bytes: Uint8Array, start: number, end: number): void => {
    this.text = '';
    this.#reader.reset(bytes, start, end);
    while (this.#reader.next()) {
      const { type } = this.#reader;
      if (type === MarketReport.type) {
        this.text += MarketReport.decode(this.#reader, MarketReport.create()).marketHash;
      } else if (type === ShardReport.type) {
        this.text += ShardReport.decode(this.#reader, ShardReport.create()).stateHash;
      }
    }
  };
}

/** The flow in runs of so many commands, each as frames. */
function encodeRuns(flow: CommandFlow, length: number): Uint8Array[] {
  const runs: Uint8Array[] = [];
  const encoder = new CommandEncoder();
  for (let at = 0; at < flow.count; at += length) {
    const frames = new FrameWriter();
    const end = Math.min(at + length, flow.count);
    for (let command = at; command < end; command++)
      encoder.encode(frames, flow, command, command + 1);
    runs.push(frames.bytes.slice(frames.start, frames.end));
  }
  return runs;
}

function reportCommand(): Uint8Array {
  const frames = new FrameWriter();
  ReportState.encode(frames, 0, { requestId: 1 });
  return frames.bytes.slice(frames.start, frames.end);
}

/** Every sum that the hashes are made of, as the shard kept them up. */
function keptSums({ shard }: LoneVenue): string {
  const { ledger, orders, markets } = shard.state;
  const books = markets.values().map(({ book }) => book!.hash());
  const balances = ledger.digest.update(balanceRecords(ledger)).text();
  return `${books} ${balances} ${orders.digest.update(openOrderRecords(orders)).text()}`;
}

/** The same by reading everything. */
function readSums({ shard }: LoneVenue): string {
  const { ledger, orders, markets } = shard.state;
  const books = markets.values().map(({ book }) => sumOfOrders(book!).text());
  const balances = sumOfRecords(balanceRecords(ledger)).text();
  return `${books} ${balances} ${sumOfRecords(openOrderRecords(orders)).text()}`;
}

/** Nanoseconds per command of a flow: its commands alone, and the asking in between. */
interface Cost {
  readonly commandsNs: number;
  readonly asksNs: number;
  readonly hashes: string;
}

/** `ask` is called on the venue after every run. */
function costOf(flow: CommandFlow, runs: readonly Uint8Array[], ask: (venue: LoneVenue) => string) {
  const venue = new LoneVenue(flow);
  // Of no run: the first time, everything is read.
  ask(venue);
  let commands = 0;
  let asks = 0;
  const hash = new Hash64();
  for (const run of runs) {
    commands += secondsOf(() => venue.applyFrames(run, dropped));
    let answer = '';
    asks += secondsOf(() => {
      answer = ask(venue);
    });
    hash.addText(answer);
  }
  const perCommand = 1e9 / flow.count;
  const cost: Cost = {
    commandsNs: commands * perCommand,
    asksNs: asks * perCommand,
    hashes: hash.digest(),
  };
  return { cost, venue };
}

async function run(size: Size): Promise<Outcome> {
  const checks = new Checks();
  const hash = new Hash64();
  const flow = makeZipfFlow(SEED, COMMANDS[size], ZIPF_MARKETS, ACCOUNTS[size]);
  const report = reportCommand();
  const heard = new HashReader();
  const askKept = (venue: LoneVenue): string => {
    venue.applyFrames(report, heard.take);
    return heard.text;
  };
  const askNothing = () => '';
  const metrics: { name: string; unit: string; values: number[] }[] = [];
  const take = (name: string, values: number[]) => metrics.push({ name, unit: 'ns', values });
  for (const askEvery of ASK_EVERY) {
    const runs = encodeRuns(flow, askEvery);
    const never: number[] = [];
    const commands: number[] = [];
    const asks: number[] = [];
    const whole: number[] = [];
    for (let round = 0; round < ROUNDS[size]; round++) {
      never.push(costOf(flow, runs, askNothing).cost.commandsNs);
      const { cost, venue } = costOf(flow, runs, askKept);
      commands.push(cost.commandsNs);
      asks.push(cost.asksNs);
      let sums = '';
      whole.push((secondsOf(() => (sums = readSums(venue))) * 1e9) / askEvery);
      checks.expect('orders rest', venue.shard.state.orders.size > flow.count / 50);
      checks.expect('what was kept up is what is read', keptSums(venue) === sums);
      if (round === 0) hash.addText(cost.hashes);
    }
    const every = `every ${grouped(askEvery)} commands, per command`;
    take(`never asked, in runs of ${grouped(askEvery)}: commands`, never);
    take(`${every}: commands`, commands);
    take(`${every}: asking`, asks);
    take(`${every}: reading everything instead`, whole);
  }
  return { metrics, resultHash: hash.digest(), ok: checks.ok, checks: checks.lines };
}

function about(size: Size): About {
  return {
    description:
      `the hashes of ${ZIPF_MARKETS} markets and a ledger partition with ${grouped(ACCOUNTS[size])} accounts, asked ` +
      `for every ${ASK_EVERY.map(grouped).join(' and ')} commands`,
    work: `${grouped(COMMANDS[size])} commands, a fresh shard each time; ${ROUNDS[size]} rounds of each`,
    mix: zipfMix(ACCOUNTS[size]),
    leavesOut:
      'encoding of the commands, rings and threads, sockets; the first time, which reads everything',
    hashOf: 'every hash that the shard reported, of all books, balances and open orders',
  };
}

export const stateHash: Benchmark = { name: 'state-hash', about, run };
