import type { WorkSpec } from '../generator/messages.ts';
import type { Encoding } from '../generator/request-encoder.ts';
import type { BadClientsPlan } from '../neighbours/messages.ts';
import type { ScheduleSpec } from '../schedule/schedule.ts';

/** One load of order entry: what a scenario makes of its parameters. */
export interface LoadPlan {
  readonly name: string;
  readonly description: string;
  /** As it runs, defaults included. */
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
  readonly schedule: ScheduleSpec;
  readonly work: WorkSpec;
  readonly markets: number;
  /** One account each. */
  readonly connections: number;
  /** Processes that share schedule and connections. */
  readonly generators: number;
  readonly encoding: Encoding;
  readonly seed: number;
  /** At the schedule's first rate, before the measured part. */
  readonly warmUpSeconds: number;
  /** The accounts' private streams are listened to. */
  readonly hearsAccounts: boolean;
  /** Sockets that listen to market data. */
  readonly subscribers: number;
  /** Of these, how many stop reading now and then. */
  readonly slowSubscribers: number;
  /** For how long they do. */
  readonly slowPauseMs: number;
  /** Clients that misbehave in every second phase; absent when there are none. */
  readonly badClients?: BadClientsPlan;
}
