import { firstLine } from './log.ts';

/**
 * The death of a thread that the venue cannot do without, as a promise that rejects with it and never
 * resolves. An orderly end is no death.
 */
export function failureOf(
  shardsStopped: readonly Promise<void>[],
  writerEnded: Promise<void>,
): Promise<never> {
  const failed = new Promise<never>((_resolve, reject) => {
    const watch = (name: string, end: Promise<void>): void => {
      end.catch((cause: unknown) =>
        reject(new Error(`${name} died: ${firstLine(cause)}`, { cause })),
      );
    };
    for (const [shard, stopped] of shardsStopped.entries()) watch(`shard ${shard}`, stopped);
    watch('the persistence thread', writerEnded);
  });
  // Whoever awaits it hears of it; until then it is not unhandled.
  failed.catch(() => {});
  return failed;
}
