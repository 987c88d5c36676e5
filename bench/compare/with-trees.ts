import { GateFailure } from './git.ts';
import { Trees } from './trees.ts';

const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Runs work that needs temporary trees and removes them, at its end as when it is interrupted, by however many
 * signals. Answers the exit code: that of the work, or 3 when it could not be done, for a reason that is then printed
 * in one line.
 */
export async function withTrees(
  repository: string,
  work: (trees: Trees) => Promise<number>,
): Promise<number> {
  const trees = new Trees(repository);
  for (const [signal, code] of Object.entries(SIGNALS)) {
    process.on(signal, () => {
      if (trees.interrupted.aborted) return;
      void trees.interrupt().finally(() => process.exit(code));
    });
  }
  try {
    await trees.removeLeftBehind();
    return await work(trees);
  } catch (error) {
    if (trees.interrupted.aborted) return await forever();
    if (!(error instanceof GateFailure)) throw error;
    console.error(error.message);
    return 3;
  } finally {
    if (!trees.interrupted.aborted) await trees.remove();
    if (trees.interrupted.aborted) await forever();
  }
}

/** What was interrupted has nothing more to say: the signal ends the program. */
function forever(): Promise<never> {
  return new Promise(() => {});
}
