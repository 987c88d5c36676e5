import { setTimeout as delay } from 'node:timers/promises';

/** The entry of a thread that does as it is told. */
export default async function runTask(
  task: 'answer' | 'throw' | 'throw later' | 'exit' | 'wait',
): Promise<string> {
  if (task === 'throw') throw new Error('thrown by the task');
  if (task === 'exit') process.exit(7);
  if (task === 'throw later') {
    setImmediate(() => {
      throw new Error('thrown beside the task');
    });
  }
  if (task !== 'answer') await delay(2 ** 30);
  return 'answered';
}
