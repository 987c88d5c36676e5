import type { Benchmark } from '../suite.ts';
import { allocation } from './allocation.ts';
import { bookAgainstRival } from './book-against-rival.ts';
import { bookAlone } from './book-alone.ts';
import { bookThroughRing } from './book-through-ring.ts';
import { deepBook } from './deep-book.ts';
import { deepShard } from './deep-shard.ts';
import { engineThroughRings } from './engine-through-rings.ts';
import { journalFile } from './journal-file.ts';
import { journaledEngine } from './journaled-engine.ts';
import { latency } from './latency.ts';
import { manyMarkets } from './many-markets.ts';
import { micro } from './micro.ts';
import { projection } from './projection.ts';
import { recovery } from './recovery.ts';
import { recoveryFromSnapshot } from './recovery-from-snapshot.ts';
import { coreInProcess, shardInProcess } from './shard-in-process.ts';
import { signatures } from './signatures.ts';
import { snapshot } from './snapshot.ts';
import { snapshotLatency } from './snapshot-latency.ts';
import { stateHash } from './state-hash.ts';
import { storedHistory } from './stored-history.ts';
import { transfers } from './transfers.ts';

/** All of the suite, in the order they run and are printed. */
export const BENCHMARKS: readonly Benchmark[] = [
  bookAlone,
  bookThroughRing,
  bookAgainstRival,
  coreInProcess,
  shardInProcess,
  manyMarkets,
  engineThroughRings,
  latency,
  deepBook,
  deepShard,
  transfers,
  stateHash,
  snapshot,
  journalFile,
  journaledEngine,
  recovery,
  recoveryFromSnapshot,
  snapshotLatency,
  projection,
  storedHistory,
  allocation,
  micro,
  signatures,
];
