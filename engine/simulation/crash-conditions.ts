import type { Random } from '../collections/random.ts';
import { keepHistory } from '../journal/history-keeping.ts';
import type { JournalDurability, JournalOptions } from '../journal/journal-writer.ts';
import { openJournal, readJournal, replayJournal } from '../shard/recovery.ts';
import { ShardLoop } from '../shard/shard-loop.ts';
import { DEATHS, type Death } from './perilous-disk.ts';

/** What a process keeps its journal and recovers with. */
export interface RecoveryParts {
  readonly Loop: typeof ShardLoop;
  readonly readJournal: typeof readJournal;
  readonly replayJournal: typeof replayJournal;
  readonly openJournal: typeof openJournal;
  readonly keepHistory: typeof keepHistory;
}

/** What every venue runs on. */
export const RECOVERY_PARTS: RecoveryParts = {
  Loop: ShardLoop,
  readJournal,
  replayJournal,
  openJournal,
  keepHistory,
};

/** How a simulated venue keeps its journals, and how often it dies of what. */
export interface CrashConditions {
  readonly journal: JournalOptions;
  /** What reaches the disk by itself. */
  readonly pageBytes: number;
  readonly writeBytesMax: number;
  /** One command in so many is followed by a death, as far as none is coming already. */
  readonly crashOneIn: number;
  /** As in `Conditions`; enough that most commands are answered before the process dies. */
  readonly gapStepsMax: number;
  /** Before one step in so many a shard gets a snapshot, if it has news. */
  readonly snapshotOneIn: number;
  /** Without syncs no power may be cut. */
  readonly deaths: readonly Death[];
}

export function drawCrashConditions(random: Random): CrashConditions {
  const durability = random.below(8) === 0 ? 'os' : 'fsync';
  const powerOfTwo = (lowest: number, highest: number): number =>
    2 ** (lowest + random.below(highest - lowest + 1));
  return {
    journal: {
      durability,
      segmentBytes: powerOfTwo(9, 14),
      growthBytes: random.below(3) === 0 ? 0 : powerOfTwo(7, 12),
    },
    // Mostly smaller than a batch: a page that the next batch begins in is written again with it.
    pageBytes: powerOfTwo(4, 9),
    writeBytesMax: random.below(2) === 0 ? powerOfTwo(5, 12) : 2 ** 30,
    crashOneIn: powerOfTwo(3, 6),
    gapStepsMax: powerOfTwo(5, 8),
    snapshotOneIn: powerOfTwo(6, 12),
    deaths: drawDeaths(random, durability),
  };
}

/** All, or a power cut and one other, so that what takes both comes about; all but power cuts without syncs. */
function drawDeaths(random: Random, durability: JournalDurability): readonly Death[] {
  const others = DEATHS.filter((death) => death !== 'power');
  if (durability === 'os') return others;
  return random.below(2) === 0 ? DEATHS : ['power', others[random.below(others.length)]!];
}
