/** One frame on a logged-in websocket. */
export interface FrameCase {
  readonly channel: 'json' | 'msgpack';
  readonly bytes: Buffer;
}

/** One HTTP request. */
export interface RestCase {
  readonly channel: 'rest';
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What a connection sends from its first byte on, before it is ended from our side. */
export interface RawCase {
  readonly channel: 'raw';
  /** Sent one after the other. */
  readonly parts: readonly Buffer[];
}

export type WireCase = FrameCase | RestCase | RawCase;

/** What came back: the replies to a frame, or how its socket was closed; or the one answer over HTTP. */
export interface Answers {
  /** Decoded; streams excluded. */
  readonly frames: readonly Readonly<Record<string, unknown>>[];
  /** Null while the socket is open. */
  readonly closed: { readonly code: number; readonly reason: string } | null;
  /** Null for frames. */
  readonly http: HttpAnswer | null;
}

export interface HttpAnswer {
  /** 0: the connection ended without an answer. */
  readonly status: number;
  readonly text: string;
}

/** A case as somebody can send it again: its bytes, and as text where they are. */
export function describeCase(wireCase: WireCase): string {
  if (wireCase.channel === 'raw')
    return `raw ${wireCase.parts.map(describeBytes).join('\n  then ')}`;
  if (wireCase.channel !== 'rest')
    return `${wireCase.channel} frame ${describeBytes(wireCase.bytes)}`;
  const { method, path, headers, body } = wireCase;
  const lines = Object.entries(headers).map(([name, value]) => `\n    ${name}: ${value}`);
  return `${method} ${path}${lines.join('')}\n    body ${describeBytes(body)}`;
}

function describeBytes(bytes: Buffer): string {
  const isText = bytes.every((byte) => byte >= 32 && byte < 127);
  const hex = bytes.toString('hex');
  return isText ? `${bytes.toString('latin1')}\n    hex ${hex}` : `hex ${hex}`;
}
