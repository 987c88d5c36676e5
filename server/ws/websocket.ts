import uWebSockets, {
  type TemplatedApp,
  type WebSocket,
  type WebSocketBehavior,
} from 'uWebSockets.js';
import type { OrderEvent } from '../../engine/protocol/events.ts';
import type { Authenticator } from '../auth/authenticate.ts';
import { nowUs } from '../clock.ts';
import type { OrderGateway } from '../orders/order-gateway.ts';
import type { RequestFields } from '../orders/request-fields.ts';
import type { Registry } from '../registry/registry.ts';
import { decodeFrame, readRequestId } from './decode-frame.ts';
import { JsonReplies } from './json-replies.ts';
import { MsgpackReplies } from './msgpack-replies.ts';
import { OrderEntry } from './order-entry.ts';
import { PrivateStreams } from './private-streams.ts';
import type { AcknowledgementLevel, Replies } from './replies.ts';
import { type Frame, Session, type SocketData } from './session.ts';
import { MAX_BACKPRESSURE_BYTES, Sessions } from './sessions.ts';
import { PARSE_ERROR, type StreamError } from './stream-names.ts';
import { type OnSubscribed, Subscriptions } from './subscriptions.ts';

const MAX_PAYLOAD_BYTES = 64 * 1024;
/** Clients ping every 119 s; ours go out by themselves before the time is up. */
const IDLE_TIMEOUT_SECONDS = 120;

/** Clients that are given no path dial the root. */
const PATHS = ['/ws', '/'];

interface WebsocketDependencies {
  readonly app: TemplatedApp;
  readonly registry: Registry;
  readonly authenticator: Authenticator;
  readonly gateway: OrderGateway;
  /** What the replies to orders promise. */
  readonly acknowledgement: AcknowledgementLevel;
  /** When what is being answered was committed to a journal, µs; 0 without one. */
  readonly journaledUs: () => number;
  /** Called when a socket was newly subscribed to a public stream. */
  readonly onSubscribed: OnSubscribed;
}

/**
 * The websocket side of the venue: streams and order entry on one socket. Public frames are published
 * with `app.publish(streamName, frame)`; everything else goes through here.
 */
export class WebsocketServer {
  readonly #sessions: Sessions;
  readonly #privateStreams: PrivateStreams;
  readonly #subscriptions: Subscriptions;
  readonly #orderEntry: OrderEntry;
  readonly #json: JsonReplies;
  readonly #msgpack: MsgpackReplies;

  constructor(dependencies: WebsocketDependencies) {
    const { app, registry, authenticator, gateway, onSubscribed } = dependencies;
    const { acknowledgement, journaledUs } = dependencies;
    this.#json = new JsonReplies(registry, acknowledgement, journaledUs);
    this.#msgpack = new MsgpackReplies(registry, acknowledgement, journaledUs);
    this.#sessions = new Sessions(() => this.#msgpack.endTurn());
    this.#privateStreams = new PrivateStreams(app, registry);
    this.#subscriptions = new Subscriptions(
      registry,
      authenticator,
      this.#privateStreams,
      onSubscribed,
    );
    this.#orderEntry = new OrderEntry(gateway, authenticator, this.#sessions);
    for (const path of PATHS) app.ws(path, this.#behavior());
  }

  get connectionCount(): number {
    return this.#sessions.size;
  }

  /** Of the engine's listener: publishes the event to its account's private streams. */
  onOrderEvent(event: Readonly<OrderEvent>): void {
    this.#privateStreams.onOrderEvent(event);
  }

  /** Of the engine's listener: sends the replies gathered from a batch of events. */
  onBatchEnd(): void {
    this.#sessions.flush();
  }

  /** Of the engine's listener: closes the sockets that this key opened or subscribed. */
  onApiKeyRevoked(publicKey: string): void {
    this.#sessions.closeOfApiKey(publicKey);
  }

  /** Sends what is gathered and ends every socket, for example `closeAll(1001, 'server shutdown')`. */
  closeAll(code: number, reason: string): void {
    this.#sessions.closeAll(code, reason);
  }

  #behavior(): WebSocketBehavior<SocketData> {
    return {
      compression: uWebSockets.DISABLED,
      maxPayloadLength: MAX_PAYLOAD_BYTES,
      maxBackpressure: MAX_BACKPRESSURE_BYTES,
      idleTimeout: IDLE_TIMEOUT_SECONDS,
      sendPingsAutomatically: true,
      upgrade: (response, request, context) => {
        response.upgrade<SocketData>(
          { session: new Session() },
          request.getHeader('sec-websocket-key'),
          request.getHeader('sec-websocket-protocol'),
          request.getHeader('sec-websocket-extensions'),
          context,
        );
      },
      open: (socket) => this.#onOpen(socket),
      message: (socket, message, isBinary) => {
        this.#onMessage(socket.getUserData().session, message, isBinary);
      },
      dropped: (socket) => this.#sessions.onDropped(socket.getUserData().session),
      close: (socket) => this.#onClose(socket.getUserData().session),
    };
  }

  #onOpen(socket: WebSocket<SocketData>): void {
    const { session } = socket.getUserData();
    session.socket = socket;
    this.#sessions.add(session);
  }

  #onClose(session: Session): void {
    session.socket = null;
    this.#sessions.remove(session);
    this.#privateStreams.onClosed(session);
  }

  #onMessage(session: Session, message: ArrayBuffer, isBinary: boolean): void {
    const receivedUs = nowUs();
    if (isBinary) this.#onFrame(session, message, isBinary, receivedUs, this.#msgpack);
    else this.#onFrame(session, message, isBinary, receivedUs, this.#json);
  }

  #onFrame<T extends Frame>(
    session: Session,
    message: ArrayBuffer,
    isBinary: boolean,
    receivedUs: number,
    replies: Replies<T>,
  ): void {
    const fields = decodeFrame(message, isBinary);
    if (fields === undefined || typeof fields.method !== 'string') {
      this.#sessions.send(session, replies.streamRefused(null, PARSE_ERROR));
      return;
    }
    const { method } = fields;
    const id = readRequestId(fields.id);
    if (method === 'SUBSCRIBE') {
      const error = this.#subscriptions.subscribe(session, fields);
      this.#answerStreamRequest(session, fields, error, replies);
    } else if (method === 'UNSUBSCRIBE') {
      const error = this.#subscriptions.unsubscribe(session, fields);
      this.#answerStreamRequest(session, fields, error, replies);
    } else {
      this.#orderEntry.handle(session, method, fields, id, receivedUs, replies);
    }
  }

  /** Silent on success, unless the request carried an id. */
  #answerStreamRequest<T extends Frame>(
    session: Session,
    fields: RequestFields,
    error: StreamError | undefined,
    replies: Replies<T>,
  ): void {
    const id = readRequestId(fields.id);
    if (error !== undefined) this.#sessions.send(session, replies.streamRefused(id, error));
    else if (id !== null) this.#sessions.send(session, replies.subscribed(id));
  }
}
