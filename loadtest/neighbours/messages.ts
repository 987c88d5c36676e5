import type { AccountKey } from '../generator/messages.ts';
import type { Phases } from './phases.ts';

/** What a bad client does as long as it is there. */
export type Misbehaviour =
  /** Logs in, asks for its open orders again and again, and reads nothing of the answers. */
  | 'not-reading'
  /** Sends frames that are no requests, in text and binary. */
  | 'malformed'
  /** Logs in by the key of another, with signatures that are not that key's. */
  | 'forged';

export interface BadClientsPlan {
  readonly phases: Phases;
  /** How many of each are there in a bad phase. */
  readonly clients: Readonly<Record<Misbehaviour, number>>;
  /** Asked for by each that does not read. */
  readonly listsPerSecond: number;
  /** Of each that sends bad frames. */
  readonly framesPerSecond: number;
  /** Where they connect from; undefined: where everybody else does. */
  readonly address: string | undefined;
}

/** All that the process of the bad clients must know. */
export interface BadClientsSetup extends BadClientsPlan {
  readonly streamUrl: string;
  /** Whose orders those that do not read ask for, and in whose name others forge logins. */
  readonly account: AccountKey;
  readonly victim: AccountKey;
}

export type BadClientsReport = Readonly<Record<Misbehaviour, MisbehaviourCounts>>;

/** Of all clients of one kind, over all phases. */
export interface MisbehaviourCounts {
  framesSent: number;
  connections: number;
  /** The venue took no connection, or no websocket. */
  refusedConnections: number;
  /** Connections that the venue ended, by close code; 1006 is an end without one. */
  closed: Record<string, number>;
  /** Frames that were heard. */
  answers: number;
}
