import type { RequestMeter } from '../limits/request-meter.ts';

/** One HTTP request, complete and copied out of the socket: handlers may await. */
export interface HttpRequest {
  /** `get`, `post`, `del`, `patch`. */
  readonly method: HttpMethod;
  readonly path: string;
  /** The raw query string without `?`; empty when there is none. */
  readonly query: string;
  /** Header by lower-case name; empty string when absent. */
  header(name: string): string;
  /** The raw body; empty for GET. */
  readonly body: string;
  /** Of the client, as `normalAddress` has it. */
  readonly remoteAddress: string;
  /** Microseconds since the epoch at which the request was complete. */
  readonly receivedUs: number;
  /** Counts what the request costs its sender; absent where nothing is limited. */
  readonly meter?: RequestMeter | undefined;
}

export type HttpMethod = 'get' | 'post' | 'del' | 'patch';

export interface HttpReply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One endpoint. A thrown `ApiError` becomes its JSON refusal; anything else thrown is a 500. */
export interface Route {
  readonly method: HttpMethod;
  /** Exact path, or with `:name` segments as uWebSockets.js has them. */
  readonly path: string;
  handle(
    request: HttpRequest,
    parameters: Readonly<Record<string, string>>,
  ): HttpReply | Promise<HttpReply>;
}

export function json(value: unknown, status = 200): HttpReply {
  return {
    status,
    contentType: 'application/json; charset=utf-8',
    body: JSON.stringify(value),
  };
}

export function text(body: string, status = 200): HttpReply {
  return { status, contentType: 'text/plain; charset=utf-8', body };
}
