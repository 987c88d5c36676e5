import { KNOWN_COUNTERS } from '../gate/known-counters.ts';
import { changedFiles, type Revision } from './git.ts';

const NAMED_MAX = 5;

/**
 * What of the working tree is in a comparison and what is not: both sides run its benchmarks, whatever is committed;
 * of everything else, and of the known counters, the head has only what its commit has.
 */
export async function notesOnWorkingTree(
  repository: string,
  head: Revision,
  isOfWorkingTree: boolean,
): Promise<string[]> {
  const notes: string[] = [];
  const isBenchmark = (file: string): boolean =>
    file.startsWith('bench/') && file !== KNOWN_COUNTERS;
  const benchmarks = (await changedFiles(repository, head.commit)).filter(isBenchmark);
  if (benchmarks.length > 0 && !isOfWorkingTree) {
    notes.push(
      `both sides run the benchmarks of the working tree, which are not the head's: ${named(benchmarks)}`,
    );
  }
  const others = (await changedFiles(repository)).filter((file) => !isBenchmark(file));
  if (others.length > 0 && !isOfWorkingTree) {
    notes.push(`uncommitted changes are left out (CHANGES=1 takes them in): ${named(others)}`);
  }
  return notes;
}

function named(files: readonly string[]): string {
  const more = files.length - NAMED_MAX;
  return files.slice(0, NAMED_MAX).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
