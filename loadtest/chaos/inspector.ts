import { once } from 'node:events';
import WebSocket from 'ws';

/** A worker thread as Node's inspector shows it. */
interface Worker {
  readonly sessionId: string;
  readonly workerInfo: { readonly url: string };
}

interface Message {
  readonly method?: string;
  readonly params?: Worker;
}

/** Threads that can be ended: by their script, and by what one is made to evaluate. */
export interface EndableThreads {
  readonly script: RegExp;
  readonly expression: string;
}

/**
 * Shards run on threads of Piscina pools, so their script is the pool's own. They sleep in `Atomics.wait`, and V8 does not stand
 * a thread that exits while it does, so one is made to exit when it looks at its clock the next time, amid a turn. The
 * snapshots' thread, which is of such a pool, too, needs no time of day.
 */
export const THREADS = {
  shard: {
    script: /\/piscina\//,
    expression: `Object.defineProperty(performance, 'timeOrigin', { get: () => process.exit(1) }); 1`,
  },
  persistence: { script: /\/writer-thread\.js$/, expression: 'process.exit(1)' },
} as const satisfies Record<string, EndableThreads>;

const ATTACH_TIMEOUT_MS = 5_000;
/** For a thread that has something to do. */
const END_TIMEOUT_MS = 1_000;

/**
 * Ends one thread of a process through its inspector, wherever its code is at this moment: the process needs no
 * door of its own for it. Uses the NodeWorker domain, which Node has beside the protocol
 * (https://chromedevtools.github.io/devtools-protocol/v8/).
 *
 * @param threads those that are meant; of one that is idle the end may be long in coming, so another is tried
 * @param url what a process says that it listens on after SIGUSR1
 * @param choose picks one of as many threads, from 0
 */
export async function endThread(
  url: string,
  { script, expression }: EndableThreads,
  choose: (count: number) => number,
): Promise<void> {
  const socket = new WebSocket(url);
  try {
    await once(socket, 'open', { signal: AbortSignal.timeout(ATTACH_TIMEOUT_MS) });
    const workers = await threadsOf(socket, script);
    const message = JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression } });
    while (workers.length > 0) {
      const [{ sessionId } = { sessionId: '' }] = workers.splice(choose(workers.length), 1);
      const gone = detached(socket, sessionId);
      send(socket, 3, 'NodeWorker.sendMessageToWorker', { sessionId, message });
      if (await gone) return;
    }
    throw new Error('the process has no such threads, or they do not end');
  } finally {
    socket.terminate();
  }
}

/** The threads that run when the inspector attaches; it tells of all of them before it answers. */
async function threadsOf(socket: WebSocket, script: RegExp): Promise<Worker[]> {
  const workers: Worker[] = [];
  const answered = until(
    socket,
    (message) => {
      if (message.method !== 'NodeWorker.attachedToWorker') return 'id' in message;
      if (script.test(message.params!.workerInfo.url)) workers.push(message.params!);
      return false;
    },
    ATTACH_TIMEOUT_MS,
  );
  send(socket, 1, 'NodeWorker.enable', { waitForDebuggerOnStart: false });
  if (!(await answered)) throw new Error('the inspector does not answer');
  return workers;
}

function detached(socket: WebSocket, sessionId: string): Promise<boolean> {
  return until(
    socket,
    ({ method, params }) =>
      method === 'NodeWorker.detachedFromWorker' && params?.sessionId === sessionId,
    END_TIMEOUT_MS,
  );
}

/** True with the first message that `isLast` says yes to, or when the process has gone; false when the time is over. */
function until(
  socket: WebSocket,
  isLast: (message: Message) => boolean,
  timeoutMs: number,
): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (isOver: boolean): void => {
      clearTimeout(timer);
      socket.off('message', hear);
      resolve(isOver);
    };
    const timer = setTimeout(() => end(false), timeoutMs);
    const hear = (data: Buffer): void => {
      if (isLast(JSON.parse(data.toString('utf8')))) end(true);
    };
    socket.on('message', hear);
    socket.once('close', () => end(true));
  });
}

function send(socket: WebSocket, id: number, method: string, params: object): void {
  socket.send(JSON.stringify({ id, method, params }));
}
