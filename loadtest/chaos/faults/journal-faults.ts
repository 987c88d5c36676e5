import { basename, dirname } from 'node:path';
import { VenueNotReady } from '../../client/venue-child.ts';
import { digestOfFolder, flipBit, newestSegments, tearTail } from '../journal-files.ts';
import type { Stage } from '../stage.ts';
import type { Fault } from './fault.ts';

/**
 * Power is cut while a batch is being written: what is there of it never counted and is cut off. What had been
 * committed cannot be told from what had not by looking at real files, so this adds to their ends and takes nothing.
 */
const tornTail: Fault = {
  name: 'torn tail',
  weight: 6,
  async run(stage) {
    await stage.runLoad(0.5);
    await stage.kill();
    const { dataDirectory } = stage.venue.settings;
    for (const segment of newestSegments(dataDirectory)) {
      stage.note(tearTail(segment, stage.random));
    }
    await stage.recover();
  },
};

/** A bit flips in the middle of a journal: the venue names the file, changes nothing and does not start. */
const flippedBit: Fault = {
  name: 'flipped bit',
  weight: 3,
  async run(stage) {
    await stage.runLoad(0.5);
    await stage.kill();
    const { dataDirectory } = stage.venue.settings;
    const segments = newestSegments(dataDirectory);
    const segment = segments[stage.random.integer(0, segments.length - 1)]!;
    const flipped = flipBit(segment, stage.random);
    if (flipped !== null) {
      const journals = dirname(dirname(segment));
      const damaged = digestOfFolder(journals);
      await startInVain(stage, segment);
      if (digestOfFolder(journals) !== damaged) {
        stage.findings.add('venue', () => 'a start that stopped at damage changed a journal');
      }
      flipped.undo();
    }
    await stage.recover();
  },
};

async function startInVain(stage: Stage, segment: string): Promise<void> {
  try {
    await stage.venue.start();
  } catch (error) {
    if (!(error instanceof VenueNotReady)) throw error;
    if (error.message.includes(basename(segment))) return;
    stage.findings.add('venue', () => `damage in ${segment} is not named: ${error.message}`);
    return;
  }
  stage.findings.add('venue', () => `it started with damage in ${segment}`);
  await stage.venue.kill();
}

export const JOURNAL_FAULTS: readonly Fault[] = [tornTail, flippedBit];
