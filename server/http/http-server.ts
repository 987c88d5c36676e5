import uWS, {
  type HttpResponse,
  type TemplatedApp,
  type HttpRequest as UwsRequest,
  type us_listen_socket,
} from 'uWebSockets.js';
import { ApiError } from '../api-error.ts';
import { nowUs } from '../clock.ts';
import type { Limits } from '../limits/limits.ts';
import { RequestMeter } from '../limits/request-meter.ts';
import { describeError, type Log } from '../log.ts';
import type { AllowedOrigins } from './allowed-origins.ts';
import { collectBody } from './body-collector.ts';
import { cannotListen } from './check-ports.ts';
import { ClientAddresses } from './client-addresses.ts';
import { type HttpMethod, type HttpReply, type HttpRequest, json, type Route } from './route.ts';
import { writeLastReply, writeReply, writeReplyHead } from './write-reply.ts';

/** The library's option (its type says otherwise) without which two venues could share a port. */
const LISTEN_EXCLUSIVELY = 1;

interface ExclusiveListener {
  listen(
    host: string,
    port: number,
    options: number,
    listening: (socket: us_listen_socket | false) => void,
  ): unknown;
}

interface HttpServerOptions {
  readonly log: Log;
  /** Asked before each route runs: a refusal to answer instead, or null. */
  readonly refuse?: (route: Route) => ApiError | null;
  /** What clients may do how often; nothing is limited unless given. */
  readonly limits?: Limits;
  /** The sites whose pages may read the answers; none but the server's own unless given. */
  readonly origins?: AllowedOrigins;
}

const METHODS_WITH_BODY: ReadonlySet<HttpMethod> = new Set<HttpMethod>(['post', 'del', 'patch']);

/** Serves routes, and whatever websocket endpoints are added to `app` before `listen`. */
export class HttpServer {
  readonly app: TemplatedApp = uWS.App();
  readonly #log: Log;
  readonly #refuse: (route: Route) => ApiError | null;
  readonly #limits: Limits | null;
  readonly #origins: AllowedOrigins | null;
  readonly #clientAddresses: ClientAddresses;
  #socket: us_listen_socket | null = null;
  /** What is served. */
  routes: readonly Route[] = [];

  constructor(options: HttpServerOptions) {
    this.#log = options.log;
    this.#refuse = options.refuse ?? (() => null);
    this.#limits = options.limits ?? null;
    this.#origins = options.origins ?? null;
    this.#clientAddresses = new ClientAddresses(this.#limits, this.#log);
  }

  /** Takes all routes at once, before `listen`; every other path is answered 404. */
  serve(routes: readonly Route[]): void {
    this.routes = routes;
    for (const route of routes) this.#add(route);
    for (const [path, methods] of methodsByPath(routes)) {
      const refusal = { ...replyOf(METHOD_NOT_ALLOWED), headers: { allow: methods.join(', ') } };
      this.app.any(path, (response, request) => {
        this.#answerOtherMethod(response, request, refusal);
      });
    }
    this.app.any('/*', (response, request) => {
      const connection = this.#connect(response, request);
      this.#answerAtOnce(response, request, connection, replyOf(UNKNOWN_PATH));
    });
  }

  /** Of the client that a request is from, or of the one that a trusted proxy passes it on for. */
  clientAddressOf(response: HttpResponse, request: UwsRequest): string {
    return this.#clientAddresses.of(response, request);
  }

  /**
   * @param port 0 for any free one
   * @returns the port in use
   * @throws StartError when the address cannot be had.
   */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      const listener = this.app as unknown as ExclusiveListener;
      listener.listen(host, port, LISTEN_EXCLUSIVELY, (socket) => {
        if (socket === false) {
          reject(cannotListen(host, port));
          return;
        }
        this.#socket = socket;
        resolve(uWS.us_socket_local_port(socket));
      });
    });
  }

  /** Takes no more connections; those that are open stay. */
  stopListening(): void {
    if (this.#socket !== null) uWS.us_listen_socket_close(this.#socket);
    this.#socket = null;
  }

  /** Closes every connection at once. */
  close(): void {
    this.#socket = null;
    this.app.close();
  }

  #add(route: Route): void {
    const parameterNames = [...route.path.matchAll(/:(\w+)/g)].map((match) => match[1]!);
    this.app[route.method](route.path, (response, request) => {
      const connection = this.#connect(response, request);
      const refusal = connection.meter?.admit();
      if (refusal !== undefined) {
        send(response, replyOf(refusal), connection);
        return;
      }
      const { headers, isTooLong } = readHead(request);
      if (isTooLong) {
        writeLastReply(response, replyOf(HEAD_TOO_LARGE), []);
        return;
      }
      const parameters: Record<string, string> = {};
      for (const [index, name] of parameterNames.entries()) {
        parameters[name] = decodeSegment(request.getParameter(index));
      }
      const path = request.getUrl();
      // Undefined without a `?`, whatever its declaration says.
      const query = request.getQuery() ?? '';
      const received = (body: string): HttpRequest => ({
        method: route.method,
        path,
        query,
        header: (name) => headers.get(name) ?? '',
        body,
        remoteAddress: connection.remoteAddress,
        receivedUs: nowUs(),
        meter: connection.meter ?? undefined,
      });
      if (!METHODS_WITH_BODY.has(route.method)) {
        this.#run(route, response, received(''), parameters, connection);
        return;
      }
      listen(response, connection);
      collectBody(response, (body) => {
        if (connection.aborted) return;
        if (body === null) response.cork(() => writeLastReply(response, replyOf(TOO_LARGE), []));
        else this.#run(route, response, received(body), parameters, connection);
      });
    });
  }

  #connect(response: HttpResponse, request: UwsRequest): Connection {
    const limits = this.#limits;
    const remoteAddress = this.clientAddressOf(response, request);
    return {
      aborted: false,
      listened: false,
      remoteAddress,
      meter: limits && new RequestMeter(limits, limits.ofAddress(remoteAddress)),
      originHeaders: this.#origins?.headers(request.getHeader('origin')) ?? null,
    };
  }

  /** Also browsers' question whether a page of another site may send what it wants to send. */
  #answerOtherMethod(response: HttpResponse, request: UwsRequest, refusal: HttpReply): void {
    const connection = this.#connect(response, request);
    const asked = request.getHeader('access-control-request-method');
    if (request.getMethod() !== 'options' || asked === '' || this.#origins === null) {
      this.#answerAtOnce(response, request, connection, refusal);
      return;
    }
    const headers = this.#origins.preflightHeaders(request.getHeader('origin'));
    const reply =
      headers === null
        ? replyOf(FOREIGN_ORIGIN)
        : { status: 204, contentType: '', body: '', headers };
    this.#answerAtOnce(response, request, { ...connection, originHeaders: null }, reply);
  }

  #answerAtOnce(
    response: HttpResponse,
    request: UwsRequest,
    connection: Connection,
    reply: HttpReply,
  ): void {
    const refusal = connection.meter?.admit();
    const answer = refusal === undefined ? reply : replyOf(refusal);
    if (request.getMethod() === 'head') writeReplyHead(response, answer, headersOf(connection));
    else send(response, answer, connection);
  }

  #run(
    route: Route,
    response: HttpResponse,
    request: HttpRequest,
    parameters: Readonly<Record<string, string>>,
    connection: Connection,
  ): void {
    let reply: HttpReply | Promise<HttpReply>;
    try {
      const refusal = this.#refuse(route);
      reply = refusal === null ? route.handle(request, parameters) : replyOf(refusal);
    } catch (error) {
      reply = this.#replyOfError(route, error);
    }
    if (!(reply instanceof Promise)) {
      const ready = reply;
      response.cork(() => send(response, ready, connection));
      return;
    }
    if (!connection.listened) listen(response, connection);
    const answer = (late: HttpReply): void => {
      if (!connection.aborted) response.cork(() => send(response, late, connection));
    };
    reply.then(answer, (error: unknown) => answer(this.#replyOfError(route, error)));
  }

  #replyOfError(route: Route, error: unknown): HttpReply {
    if (error instanceof ApiError) return replyOf(error);
    this.#log.error(`${route.method} ${route.path} failed: ${describeError(error)}`);
    return replyOf(INTERNAL);
  }
}

/** One request's way back to its client. */
interface Connection {
  /** Whether the client has gone, and whether anybody listens for that. */
  aborted: boolean;
  listened: boolean;
  /** Of the client. */
  readonly remoteAddress: string;
  /** Null where nothing is limited. */
  readonly meter: RequestMeter | null;
  /** For a page of another site; null for all else. */
  readonly originHeaders: Readonly<Record<string, string>> | null;
}

const UNKNOWN_PATH = new ApiError(404, 'RESOURCE_NOT_FOUND', 'Unknown path');
const METHOD_NOT_ALLOWED = new ApiError(405, 'METHOD_NOT_ALLOWED', 'Method not allowed');
const FOREIGN_ORIGIN = new ApiError(403, 'FORBIDDEN', 'Pages of this origin may not use the API');
const TOO_LARGE = new ApiError(413, 'PAYLOAD_TOO_LARGE', 'Request body is over 64 KiB');
const HEAD_TOO_LARGE = new ApiError(
  431,
  'REQUEST_HEADER_FIELDS_TOO_LARGE',
  'Request line and headers are over 16 KiB',
);
const INTERNAL = new ApiError(500, 'SERVER_ERROR', 'Internal error');

/** Characters in the request line and all headers. The library has a limit only for what comes in several pieces. */
const HEAD_LENGTH_MAX = 16 * 1024;

function readHead(request: UwsRequest): { headers: Map<string, string>; isTooLong: boolean } {
  const headers = new Map<string, string>();
  let length = request.getUrl().length + (request.getQuery() ?? '').length;
  request.forEach((name, value) => {
    length += name.length + value.length;
    headers.set(name, value);
  });
  return { headers, isTooLong: length > HEAD_LENGTH_MAX };
}

/** The methods that each path has, as requests write them. */
function methodsByPath(routes: readonly Route[]): Map<string, string[]> {
  const methods = new Map<string, string[]>();
  for (const { path, method } of routes) {
    const name = method === 'del' ? 'DELETE' : method.toUpperCase();
    methods.set(path, [...(methods.get(path) ?? []), name]);
  }
  return methods;
}

function listen(response: HttpResponse, connection: Connection): void {
  connection.listened = true;
  response.onAborted(() => {
    connection.aborted = true;
  });
}

/** A refusal as its JSON reply. */
function replyOf(error: ApiError): HttpReply {
  const { code, message, status, retryAfterSeconds } = error;
  const reply = json({ code, message }, status);
  if (retryAfterSeconds === undefined) return reply;
  return { ...reply, headers: { 'retry-after': String(retryAfterSeconds) } };
}

/** A segment that is not valid percent-encoding names nothing; as it stands it will not be found. */
function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function headersOf({
  meter,
  originHeaders,
}: Connection): (Readonly<Record<string, string>> | null)[] {
  return [meter?.headers() ?? null, originHeaders];
}

/** The caller has corked or is in the library's own callback. */
function send(response: HttpResponse, reply: HttpReply, connection: Connection): void {
  writeReply(response, reply, headersOf(connection));
}
