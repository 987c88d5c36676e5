import { GateFailure } from './git.ts';
import { Trees } from './trees.ts';

const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Runs work that needs temporary trees and removes them, at its end as on Ctrl-C. Answers the exit code: that of the
 * work, or 3 when it could not be done, for a reason that is then printed in one line.
 */
export async function withTrees(
  repository: string,
  work: (trees: Trees) => Promise<number>,
): Promise<number> {
  const trees = new Trees(repository);
  for (const [signal, code] of Object.entries(SIGNALS)) {
    process.once(signal, () => {
      // The processes of parts end by themselves when this one is gone.
      void trees.remove().finally(() => process.exit(code));
    });
  }
  try {
    return await work(trees);
  } catch (error) {
    if (!(error instanceof GateFailure)) throw error;
    console.error(error.message);
    return 3;
  } finally {
    await trees.remove();
  }
}
