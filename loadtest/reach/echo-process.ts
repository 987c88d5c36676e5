import uWebSockets, { type WebSocket } from 'uWebSockets.js';
import { fdatasync, mkdtempSync, openSync, rmSync, write } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cannedReply, epochUs, requestIdOf } from './canned-replies.ts';
import { listen } from './listen.ts';

/**
 * A durable echo: it writes every message to a file, syncs that, and then answers. What has come while a sync ran is
 * written by the next one. It is the least that any venue must do whose acknowledgement means "on disk", and so the
 * rival that a venue's order entry is held against.
 */
interface Waiting {
  readonly socket: WebSocket<unknown>;
  readonly id: number;
  readonly isBinary: boolean;
  readonly receivedUs: number;
}

/** On the file system where a load test's own venue has its journal. */
const folder = mkdtempSync(join(tmpdir(), 'ringside-echo-'));
const file = openSync(join(folder, 'journal'), 'w');
// An open file lives on; so nothing is left behind, however this process ends.
rmSync(folder, { recursive: true });

let waiting: Waiting[] = [];
let bytes: Uint8Array[] = [];
let isWriting = false;
let position = 0;

function writeBatch(): void {
  if (isWriting || waiting.length === 0) return;
  isWriting = true;
  const batch = waiting;
  const data = Buffer.concat(bytes);
  waiting = [];
  bytes = [];
  writeAll(data, 0, () => {
    fdatasync(file, (error) => {
      if (error !== null) throw error;
      answer(batch, epochUs());
      isWriting = false;
      writeBatch();
    });
  });
}

function writeAll(data: Buffer, from: number, then: () => void): void {
  write(file, data, from, data.length - from, position, (error, written) => {
    if (error !== null) throw error;
    position += written;
    if (from + written < data.length) writeAll(data, from + written, then);
    else then();
  });
}

/** To each socket in one piece, as the venue does. */
function answer(batch: readonly Waiting[], journaledUs: number): void {
  const bySocket = new Map<WebSocket<unknown>, Waiting[]>();
  for (const entry of batch) {
    const entries = bySocket.get(entry.socket);
    if (entries === undefined) bySocket.set(entry.socket, [entry]);
    else entries.push(entry);
  }
  for (const [socket, entries] of bySocket) {
    if (!isOpen.has(socket)) continue;
    socket.cork(() => {
      for (const { id, isBinary, receivedUs } of entries) {
        const times = [receivedUs, receivedUs, journaledUs, epochUs()];
        socket.send(cannedReply(id, isBinary, times), isBinary);
      }
    });
  }
}

const isOpen = new Set<WebSocket<unknown>>();
const app = uWebSockets.App();
app.ws<unknown>('/ws', {
  compression: uWebSockets.DISABLED,
  maxBackpressure: 256 * 1024 * 1024,
  open: (socket) => void isOpen.add(socket),
  close: (socket) => void isOpen.delete(socket),
  message(socket, message, isBinary) {
    const receivedUs = epochUs();
    waiting.push({ socket, id: requestIdOf(message, isBinary), isBinary, receivedUs });
    // The library takes its buffer back after this call.
    bytes.push(new Uint8Array(message.slice(0)));
    if (waiting.length === 1 && !isWriting) setImmediate(writeBatch);
  },
});
listen(app);
