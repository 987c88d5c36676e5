import type { HttpResponse } from 'uWebSockets.js';

/** The longest body that is read. */
const BODY_BYTES_MAX = 64 * 1024;

/** A body over the limit is read on and thrown away up to here, so that its sender hears why. */
const DISCARD_BYTES_MAX = 1024 * 1024;

/**
 * Collects a request's body and calls `done` once with its text, or with null when it is over the
 * limit. Chunks are copied: their memory goes back to the socket when the callback returns.
 */
export function collectBody(response: HttpResponse, done: (body: string | null) => void): void {
  let chunks: Buffer[] = [];
  let bytes = 0;
  let isDone = false;
  response.onData((chunk, isLast) => {
    if (isDone) return;
    bytes += chunk.byteLength;
    if (bytes <= BODY_BYTES_MAX) chunks.push(Buffer.from(chunk.slice(0)));
    else chunks = [];
    if (!isLast && bytes <= DISCARD_BYTES_MAX) return;
    isDone = true;
    if (bytes > BODY_BYTES_MAX) done(null);
    else done(chunks.length === 1 ? chunks[0]!.toString('utf8') : Buffer.concat(chunks).toString());
  });
}
