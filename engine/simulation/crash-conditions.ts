import type { Random } from '../collections/random.ts';
import type { JournalOptions } from '../journal/journal-writer.ts';
import { openJournal, replayJournal } from '../shard/recovery.ts';
import { ShardLoop } from '../shard/shard-loop.ts';
import { DEATHS, type Death } from './perilous-disk.ts';

/** What a process keeps its journal and recovers with. */
export interface RecoveryParts {
  readonly Loop: typeof ShardLoop;
  readonly openJournal: typeof openJournal;
  readonly replayJournal: typeof replayJournal;
}

/** What every venue runs on. */
export const RECOVERY_PARTS: RecoveryParts = { Loop: ShardLoop, openJournal, replayJournal };

const WITHOUT_POWER_CUTS = DEATHS.filter((death) => death !== 'power');

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
  /** Drawn from. Without syncs no power may be cut. */
  readonly deaths: readonly Death[];
}

export function drawCrashConditions(random: Random): CrashConditions {
  const durability = random.below(4) === 0 ? 'os' : 'fsync';
  const powerOfTwo = (lowest: number, highest: number): number =>
    2 ** (lowest + random.below(highest - lowest + 1));
  return {
    journal: {
      durability,
      segmentBytes: powerOfTwo(9, 16),
      growthBytes: random.below(3) === 0 ? 0 : powerOfTwo(7, 12),
    },
    pageBytes: powerOfTwo(5, 12),
    writeBytesMax: random.below(2) === 0 ? powerOfTwo(5, 12) : 2 ** 30,
    crashOneIn: powerOfTwo(3, 6),
    gapStepsMax: powerOfTwo(5, 8),
    deaths: durability === 'fsync' ? [...DEATHS, 'power', 'error'] : WITHOUT_POWER_CUTS,
  };
}
