import uWS, { type HttpResponse, type TemplatedApp, type us_listen_socket } from 'uWebSockets.js';
import { ApiError } from '../api-error.ts';
import { nowUs } from '../clock.ts';
import { describeError, type Log } from '../log.ts';
import { collectBody } from './body-collector.ts';
import { cannotListen } from './check-ports.ts';
import { type HttpMethod, type HttpReply, type HttpRequest, json, type Route } from './route.ts';
import { statusLine } from './status-line.ts';

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
}

const METHODS_WITH_BODY: ReadonlySet<HttpMethod> = new Set<HttpMethod>(['post', 'del', 'patch']);

/** Serves routes, and whatever websocket endpoints are added to `app` before `listen`. */
export class HttpServer {
  readonly app: TemplatedApp = uWS.App();
  readonly #log: Log;
  readonly #refuse: (route: Route) => ApiError | null;
  #socket: us_listen_socket | null = null;

  constructor(options: HttpServerOptions) {
    this.#log = options.log;
    this.#refuse = options.refuse ?? (() => null);
  }

  /** Takes all routes at once, before `listen`; every other path is answered 404. */
  serve(routes: readonly Route[]): void {
    for (const route of routes) this.#add(route);
    for (const path of new Set(routes.map((route) => route.path))) {
      this.app.any(path, (response, request) => {
        const refusal = new ApiError(405, 'METHOD_NOT_ALLOWED', 'Method not allowed');
        send(response, replyOf(refusal), request.getMethod() === 'head');
      });
    }
    this.app.any('/*', (response, request) => {
      send(response, NOT_FOUND, request.getMethod() === 'head');
    });
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
      const headers = new Map<string, string>();
      request.forEach((name, value) => void headers.set(name, value));
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
        receivedUs: nowUs(),
      });
      if (!METHODS_WITH_BODY.has(route.method)) {
        this.#run(route, response, received(''), parameters, { aborted: false, listened: false });
        return;
      }
      const connection = { aborted: false, listened: true };
      response.onAborted(() => {
        connection.aborted = true;
      });
      collectBody(response, (body) => {
        if (connection.aborted) return;
        if (body === null) response.cork(() => send(response, replyOf(TOO_LARGE), false, true));
        else this.#run(route, response, received(body), parameters, connection);
      });
    });
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
      response.cork(() => send(response, ready));
      return;
    }
    if (!connection.listened) {
      response.onAborted(() => {
        connection.aborted = true;
      });
    }
    const answer = (late: HttpReply): void => {
      if (!connection.aborted) response.cork(() => send(response, late));
    };
    reply.then(answer, (error: unknown) => answer(this.#replyOfError(route, error)));
  }

  #replyOfError(route: Route, error: unknown): HttpReply {
    if (error instanceof ApiError) return replyOf(error);
    this.#log.error(`${route.method} ${route.path} failed: ${describeError(error)}`);
    return replyOf(INTERNAL);
  }
}

/** Whether the client has gone, and whether anybody listens for that. */
interface Connection {
  aborted: boolean;
  listened: boolean;
}

const NOT_FOUND: HttpReply = {
  status: 404,
  contentType: 'text/plain; charset=utf-8',
  body: 'not found',
};
const TOO_LARGE = new ApiError(413, 'PAYLOAD_TOO_LARGE', 'Request body is over 64 KiB');
const INTERNAL = new ApiError(500, 'SERVER_ERROR', 'Internal error');

/** A refusal as its JSON reply. */
function replyOf(error: ApiError): HttpReply {
  return json({ code: error.code, message: error.message }, error.status);
}

/** A segment that is not valid percent-encoding names nothing; as it stands it will not be found. */
function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** Writes the reply in one piece; the caller has corked or is in the library's own callback. */
function send(response: HttpResponse, reply: HttpReply, headOnly = false, close = false): void {
  response.writeStatus(statusLine(reply.status));
  response.writeHeader('content-type', reply.contentType);
  if (reply.headers !== undefined) {
    for (const name in reply.headers) response.writeHeader(name, reply.headers[name]!);
  }
  response.end(headOnly ? '' : reply.body, close);
}
