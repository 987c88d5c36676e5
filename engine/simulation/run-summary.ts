import { Hash64 } from '../collections/hash64.ts';
import { nameOf, OrderEventKind } from '../protocol/enums.ts';
import * as events from '../protocol/events.ts';
import type { Message } from '../protocol/message.ts';
import { RejectCode } from '../protocol/reject-codes.ts';
import type { Heard } from '../shard/shard-harness.fixture.ts';
import type { EventTally } from './event-tally.ts';

const EVENT_NAMES = new Map(
  (Object.values(events) as unknown[])
    .filter((value): value is Message => typeof value === 'object' && value !== null)
    .filter((value) => 'decode' in value)
    .map(({ type, name }) => [type, name]),
);

/** The hashes that a whole engine reported at one moment, when nothing was under way. */
export interface StateReport {
  readonly shardCount: number;
  /** Commands of the run before it. */
  readonly commands: number;
  /** Hash of each market, by its id. */
  readonly markets: ReadonlyMap<number, string>;
  /** Hash of each shard's ledger and open orders, by shard. */
  readonly ledgers: readonly string[];
}

/** What happened in one run of a case. */
export class RunSummary {
  /** By kind of command, event type, kind of order event, and name of the refusal. */
  readonly commands = new Map<string, number>();
  readonly events = new Map<string, number>();
  readonly orderEvents = new Map<string, number>();
  readonly refusals = new Map<string, number>();
  /** By what ended a process. */
  readonly deaths = new Map<string, number>();
  /** By what came of them. */
  readonly snapshots = new Map<string, number>();
  readonly reports: StateReport[] = [];
  /** How often a full ring held a shard up. */
  heldUpCount = 0;
  /** The most commands that waited for their answer at once. */
  underWayMax = 0;
  /** Steps of the case that the engine under way was given. */
  appliedSteps = 0;
  /** Over every byte that every shard of every engine said, and every hash reported. */
  readonly #digest = new Hash64();

  takeCommand(kind: string, underWay: number): void {
    count(this.commands, kind, 1);
    this.underWayMax = Math.max(this.underWayMax, underWay);
  }

  takeHeard(heard: readonly Heard[]): void {
    for (const { orders, refusals } of heard) {
      for (const { kind } of orders) count(this.orderEvents, nameOf(OrderEventKind, kind), 1);
      for (const { code } of refusals) count(this.refusals, nameOf(RejectCode, code), 1);
    }
  }

  takeReport(report: StateReport): void {
    this.reports.push(report);
    for (const hash of [...report.markets.values(), ...report.ledgers]) this.#addHash(hash);
  }

  /** At the end of an engine. */
  takeTallies(tallies: readonly EventTally[], heldUpCount: number): void {
    this.heldUpCount += heldUpCount;
    for (const tally of tallies) {
      this.#addHash(tally.digest());
      for (const [type, times] of tally.counts) count(this.events, EVENT_NAMES.get(type)!, times);
    }
  }

  takeSnapshots(counts: ReadonlyMap<string, number>): void {
    for (const [name, times] of counts) count(this.snapshots, name, times);
  }

  takeDeaths(deaths: ReadonlyMap<string, number>): void {
    for (const [name, times] of deaths) count(this.deaths, name, times);
  }

  /** 16 hex digits: equal runs give equal digests. */
  digest(): string {
    return this.#digest.digest();
  }

  #addHash(hash: string): void {
    for (let at = 0; at < hash.length; at += 8) {
      this.#digest.add(Number.parseInt(hash.slice(at, at + 8), 16));
    }
  }
}

function count(counts: Map<string, number>, name: string, times: number): void {
  counts.set(name, (counts.get(name) ?? 0) + times);
}
