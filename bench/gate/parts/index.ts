import type { Part } from '../part.ts';
import { allocation } from './allocation.ts';
import { book } from './book.ts';
import { codecDecode, codecEncode } from './codec.ts';
import { journalRead, journalWrite } from './journal.ts';
import { ledger } from './ledger.ts';
import { projection } from './projection.ts';
import { ring } from './ring.ts';
import { core, shard } from './shard.ts';

/** All that the gate measures, in the order of its table. */
export const PARTS: readonly Part[] = [
  book,
  codecDecode,
  codecEncode,
  ring,
  ledger,
  core,
  shard,
  journalWrite,
  journalRead,
  projection,
  allocation,
];
