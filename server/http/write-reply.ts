import type { HttpResponse } from 'uWebSockets.js';
import type { HttpReply } from './route.ts';
import { statusLine } from './status-line.ts';

/** A reply that was not taken by then is given up, and its connection with it. */
const REPLY_TIMEOUT_MS = 30_000;

type Headers = Readonly<Record<string, string>>;

/**
 * Writes the reply as far as the client takes it, and the rest when it has taken that: so a connection holds one
 * reply at most, and one that asks on without reading is closed by the library, which serves one request at a
 * time. The caller has corked, or is in the library's own callback.
 */
export function writeReply(
  response: HttpResponse,
  reply: HttpReply,
  more: readonly (Headers | null)[],
): void {
  writeHead(response, reply, more);
  const { body } = reply;
  if (reply.status === 204) {
    response.endWithoutBody();
    return;
  }
  const bytes = Buffer.byteLength(body);
  if (bytes === 0) {
    response.end();
    return;
  }
  if (response.tryEnd(body, bytes)[0]) return;
  writeRest(response, Buffer.from(body));
}

/** The library closes a client that takes nothing for 10 s; this one takes a byte now and then. */
function writeRest(response: HttpResponse, body: Buffer): void {
  const timer = setTimeout(() => response.close(), REPLY_TIMEOUT_MS);
  response.onAborted(() => clearTimeout(timer));
  response.onWritable((offset) => {
    const [ok, isDone] = response.tryEnd(body.subarray(offset), body.length);
    if (isDone) clearTimeout(timer);
    return ok;
  });
}

/** Writes the reply's head alone, for HEAD. */
export function writeReplyHead(
  response: HttpResponse,
  reply: HttpReply,
  more: readonly (Headers | null)[],
): void {
  writeHead(response, reply, more);
  response.end();
}

/** Writes a reply after which the connection is closed: to a request that is not read to its end. */
export function writeLastReply(
  response: HttpResponse,
  reply: HttpReply,
  more: readonly (Headers | null)[],
): void {
  writeHead(response, reply, more);
  response.end(reply.body, true);
}

function writeHead(
  response: HttpResponse,
  reply: HttpReply,
  more: readonly (Headers | null)[],
): void {
  response.writeStatus(statusLine(reply.status));
  if (reply.contentType !== '') response.writeHeader('content-type', reply.contentType);
  for (const headers of [reply.headers, ...more]) {
    for (const name in headers) response.writeHeader(name, headers[name]!);
  }
}
