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

/** Scripts of threads: shards run on a Piscina pool, so theirs is the pool's own. */
export const THREADS = { shard: /\/piscina\//, persistence: /\/writer-thread\.js$/ } as const;

const ATTACH_TIMEOUT_MS = 5_000;

/**
 * Ends one thread of a process through its inspector, wherever its code is at this moment: the process needs no
 * door of its own for it. Uses the NodeWorker domain, which Node has beside the protocol
 * (https://chromedevtools.github.io/devtools-protocol/v8/).
 *
 * @param script of the threads that are meant
 * @param url what a process says that it listens on after SIGUSR1
 * @param choose picks one of as many threads, from 0
 */
export async function endThread(
  url: string,
  script: RegExp,
  choose: (count: number) => number,
): Promise<void> {
  const socket = new WebSocket(url);
  try {
    await once(socket, 'open', { signal: AbortSignal.timeout(ATTACH_TIMEOUT_MS) });
    const workers = await threadsOf(socket, script);
    if (workers.length === 0) throw new Error('the process has no such threads');
    const { sessionId } = workers[choose(workers.length)]!;
    const gone = detached(socket, sessionId);
    const evaluate = { method: 'Runtime.evaluate', params: { expression: 'process.exit(1)' } };
    const message = JSON.stringify({ id: 1, ...evaluate });
    send(socket, 3, 'NodeWorker.sendMessageToWorker', { sessionId, message });
    await gone;
  } finally {
    socket.terminate();
  }
}

/** The threads that run when the inspector attaches; it tells of all of them before it answers. */
async function threadsOf(socket: WebSocket, script: RegExp): Promise<Worker[]> {
  const workers: Worker[] = [];
  const answered = until(socket, (message) => {
    if (message.method !== 'NodeWorker.attachedToWorker') return 'id' in message;
    if (script.test(message.params!.workerInfo.url)) workers.push(message.params!);
    return false;
  });
  send(socket, 1, 'NodeWorker.enable', { waitForDebuggerOnStart: false });
  await answered;
  return workers;
}

function detached(socket: WebSocket, sessionId: string): Promise<void> {
  return until(
    socket,
    ({ method, params }) =>
      method === 'NodeWorker.detachedFromWorker' && params?.sessionId === sessionId,
  );
}

/** Resolves with the first message that `isLast` says yes to, or when the process has gone. */
function until(socket: WebSocket, isLast: (message: Message) => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error('the inspector does not answer')),
      ATTACH_TIMEOUT_MS,
    );
    const end = (): void => {
      clearTimeout(timer);
      socket.off('message', hear);
      resolve();
    };
    const hear = (data: Buffer): void => {
      if (isLast(JSON.parse(data.toString('utf8')))) end();
    };
    socket.on('message', hear);
    socket.once('close', end);
  });
}

function send(socket: WebSocket, id: number, method: string, params: object): void {
  socket.send(JSON.stringify({ id, method, params }));
}
