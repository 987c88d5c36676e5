import uWebSockets, {
  type HttpRequest,
  type HttpResponse,
  type TemplatedApp,
  type WebSocket,
  type WebSocketBehavior,
} from 'uWebSockets.js';
import type { OrderEvent } from '../../engine/protocol/events.ts';
import { ApiError, busyError } from '../api-error.ts';
import type { AllowedAddresses } from '../auth/allowed-addresses.ts';
import type { Authenticator } from '../auth/authenticate.ts';
import { nowUs } from '../clock.ts';
import type { AllowedOrigins } from '../http/allowed-origins.ts';
import { remoteAddressOf } from '../http/remote-address.ts';
import { json } from '../http/route.ts';
import { writeLastReply } from '../http/write-reply.ts';
import type { Limits } from '../limits/limits.ts';
import { SocketMeter } from '../limits/socket-meter.ts';
import type { BalanceAfter } from '../orders/balance-update-frame.ts';
import type { OrderGateway } from '../orders/order-gateway.ts';
import type { RequestFields } from '../orders/request-fields.ts';
import type { Protections } from '../protection/protections.ts';
import type { Registry } from '../registry/registry.ts';
import { decodeFrame, readRequestId } from './decode-frame.ts';
import { FrameOrder, type HeldFrame } from './frame-order.ts';
import { JsonReplies } from './json-replies.ts';
import { MsgpackReplies } from './msgpack-replies.ts';
import { OrderEntry } from './order-entry.ts';
import { PrivateStreams } from './private-streams.ts';
import type { AcknowledgementLevel, Replies } from './replies.ts';
import { type Closing, type Frame, Session, type SocketData } from './session.ts';
import { SessionMethods } from './session-methods.ts';
import {
  MAX_BACKPRESSURE_BYTES,
  POLICY_VIOLATION,
  Sessions,
  type SocketCounts,
} from './sessions.ts';
import {
  PARSE_ERROR,
  type StreamError,
  TOO_MANY_STREAMS,
  TOO_MANY_SUBSCRIPTIONS,
  VENUE_BUSY,
} from './stream-names.ts';
import { type OnSubscribed, Subscriptions } from './subscriptions.ts';

const MAX_PAYLOAD_BYTES = 64 * 1024;
/** Clients ping every 119 s, we every 60 s: one that answers neither is gone. */
const DEFAULT_IDLE_SECONDS = 120;

const BUSY = busyError();
const FOREIGN_ORIGIN = new ApiError(403, 'FORBIDDEN', 'Pages of this origin may not connect');
const TOO_MANY_SOCKETS = new ApiError(
  429,
  'TOO_MANY_REQUESTS',
  'Too many open websockets from this address',
);

/** Clients that are given no path dial the root. */
const PATHS = ['/ws', '/'];

/** About as many as a shard takes in one turn: it has the next ones when it is through with these. */
const FRAMES_BETWEEN_BREATHS = 128;

interface WebsocketDependencies {
  readonly app: TemplatedApp;
  readonly registry: Registry;
  readonly authenticator: Authenticator;
  readonly gateway: OrderGateway;
  readonly protections: Protections;
  /** What the replies to orders promise. */
  readonly acknowledgement: AcknowledgementLevel;
  /** When what is being answered was committed to a journal, µs; 0 without one. */
  readonly journaledUs: () => number;
  /** Called when a socket was newly subscribed to a public stream. */
  readonly onSubscribed: OnSubscribed;
  /** What clients may do how often; nothing is limited unless given. */
  readonly limits?: Limits | undefined;
  /** The sites whose pages may connect; any unless given. */
  readonly origins?: AllowedOrigins | undefined;
  /** The client that a request is from; the other end of its connection unless given. */
  readonly clientAddressOf?: (response: HttpResponse, request: HttpRequest) => string;
  /** Called when a connection that was a websocket has ended. */
  readonly onDisconnected?: () => void;
}

/**
 * The websocket side of the venue: streams and order entry on one socket. Public frames are published
 * with `app.publish(streamName, frame)`; everything else goes through here.
 */
export class WebsocketServer {
  readonly #sessions: Sessions;
  readonly #privateStreams: PrivateStreams;
  readonly #subscriptions: Subscriptions;
  readonly #frames = new FrameOrder((session, frame) => this.#take(session, frame));
  readonly #orderEntry: OrderEntry;
  readonly #protections: Protections;
  readonly #json: JsonReplies;
  readonly #msgpack: MsgpackReplies;
  readonly #limits: Limits | undefined;
  readonly #origins: AllowedOrigins | undefined;
  readonly #app: TemplatedApp;
  readonly #clientAddressOf: (response: HttpResponse, request: HttpRequest) => string;
  readonly #onDisconnected: () => void;
  readonly #gateway: OrderGateway;
  #framesOfTurn = 0;

  constructor(dependencies: WebsocketDependencies) {
    const { app, registry, authenticator, gateway, onSubscribed } = dependencies;
    const { acknowledgement, journaledUs, protections } = dependencies;
    this.#json = new JsonReplies(registry, acknowledgement, journaledUs);
    this.#msgpack = new MsgpackReplies(registry, acknowledgement, journaledUs);
    const { limits, origins, clientAddressOf, onDisconnected } = dependencies;
    this.#limits = limits;
    this.#origins = origins;
    this.#app = app;
    this.#clientAddressOf = clientAddressOf ?? remoteAddressOf;
    this.#onDisconnected = onDisconnected ?? (() => {});
    this.#gateway = gateway;
    this.#protections = protections;
    this.#sessions = new Sessions(
      () => this.#msgpack.endTurn(),
      (session) => protections.cancelOnDisconnect.onGone(session),
      limits?.settings,
    );
    this.#privateStreams = new PrivateStreams(this, registry);
    this.#subscriptions = new Subscriptions(
      registry,
      authenticator,
      this.#privateStreams,
      onSubscribed,
    );
    const sessionMethods = new SessionMethods({
      ...{ registry, authenticator, protections },
      ...{ sessions: this.#sessions, privateStreams: this.#privateStreams, frames: this.#frames },
    });
    this.#orderEntry = new OrderEntry(gateway, this.#sessions, sessionMethods, registry);
    for (const path of PATHS) app.ws(path, this.#behavior());
  }

  get connectionCount(): number {
    return this.#sessions.size;
  }

  get counts(): SocketCounts {
    return this.#sessions.counts;
  }

  /** Sends a frame to every socket that is subscribed to the topic. */
  publish(topic: string, frame: string): void {
    this.#sessions.onPublish(frame.length, this.#app.numSubscribers(topic));
    this.#app.publish(topic, frame);
  }

  /** Sockets that are subscribed to the topic. */
  numSubscribers(topic: string): number {
    return this.#app.numSubscribers(topic);
  }

  /** Of the engine's listener: publishes the event to its account's private streams. */
  onOrderEvent(event: Readonly<OrderEvent>): void {
    this.#privateStreams.onOrderEvent(event);
  }

  /** Of the engine's listener: the same of a balance that changed without an event of an order. */
  onBalance(balance: BalanceAfter): void {
    this.#privateStreams.onBalance(balance);
  }

  /** Of the engine's listener: sends the replies gathered from a batch of events. */
  onBatchEnd(): void {
    this.#sessions.flush();
  }

  /**
   * Of the engine's listener: the sockets that used this key take nothing more, hear its account no more, and are
   * closed once what is under way on them has been answered.
   */
  onApiKeyRevoked(publicKey: string): void {
    this.#close(publicKey, () => true, { code: POLICY_VIOLATION, reason: 'API key revoked' });
  }

  /** Of the engine's listener: the same of the sockets from where this key may not be used any more. */
  onAllowedAddressesSet(publicKey: string, allowed: AllowedAddresses): void {
    const isOutside = ({ remoteAddress }: Session) => !allowed.allows(remoteAddress);
    const reason = 'API key not allowed from this address';
    this.#close(publicKey, isOutside, { code: POLICY_VIOLATION, reason });
  }

  /** Sends what is gathered and ends every socket, for example `closeAll(1001, 'server_shutdown')`. */
  closeAll(code: number, reason: string): void {
    this.#sessions.closeAll(code, reason);
  }

  #behavior(): WebSocketBehavior<SocketData> {
    return {
      compression: uWebSockets.DISABLED,
      maxPayloadLength: MAX_PAYLOAD_BYTES,
      maxBackpressure: MAX_BACKPRESSURE_BYTES,
      idleTimeout: this.#limits?.settings.idleSeconds ?? DEFAULT_IDLE_SECONDS,
      sendPingsAutomatically: true,
      upgrade: (response, request, context) => {
        const session = new Session(this.#clientAddressOf(response, request));
        const refusal = this.#admit(request, session);
        if (refusal !== undefined) {
          writeLastReply(
            response,
            json({ code: refusal.code, message: refusal.message }, refusal.status),
            [],
          );
          return;
        }
        response.upgrade<SocketData>(
          { session },
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
      ping: (socket) => this.#onPing(socket.getUserData().session),
      dropped: (socket) => this.#sessions.onDropped(socket.getUserData().session),
      close: (socket) => this.#onClose(socket.getUserData().session),
    };
  }

  #close(publicKey: string, isMeant: (session: Session) => boolean, closing: Closing): void {
    for (const session of this.#sessions.ofApiKey(publicKey)) {
      if (!isMeant(session)) continue;
      this.#privateStreams.unsubscribeAll(session);
      this.#sessions.closeWhenAnswered(session, closing);
    }
  }

  /** Looks at who wants a websocket; answers the refusal. */
  #admit(request: HttpRequest, session: Session): ApiError | undefined {
    const origins = this.#origins;
    if (
      origins !== undefined &&
      !origins.allows(request.getHeader('origin'), request.getHeader('host'))
    ) {
      return FOREIGN_ORIGIN;
    }
    if (this.#limits === undefined) return undefined;
    session.meter = new SocketMeter(this.#limits, session.remoteAddress);
    return session.meter.hasRoom ? session.meter.chargeAddress() : TOO_MANY_SOCKETS;
  }

  #onOpen(socket: WebSocket<SocketData>): void {
    const { session } = socket.getUserData();
    session.socket = socket;
    session.meter?.opened();
    this.#sessions.add(session);
  }

  #onClose(session: Session): void {
    session.socket = null;
    session.meter?.closed();
    this.#frames.drop(session);
    this.#onDisconnected();
    this.#sessions.remove(session);
    this.#privateStreams.onClosed(session);
    this.#protections.cancelOnDisconnect.onGone(session);
  }

  /** The library has answered it; it counts like a request, since it costs as much. */
  #onPing(session: Session): void {
    if (session.meter?.chargeAddress() !== undefined && session.meter.isOverdone) {
      this.#sessions.closeOverdone(session);
    }
  }

  #onMessage(session: Session, message: ArrayBuffer, isBinary: boolean): void {
    this.#breathe();
    if (session.closing !== null || session.socket === null) return;
    const frame = { message, isBinary, receivedUs: nowUs() };
    if (this.#frames.onFrame(session, frame)) return;
    if (isBinary) this.#refuseUnread(session, frame, this.#msgpack);
    else this.#refuseUnread(session, frame, this.#json);
  }

  /** A turn reads whatever the kernel has of every socket, which may be many thousand frames. */
  #breathe(): void {
    if (this.#framesOfTurn === 0) setImmediate(this.#endTurn);
    if (++this.#framesOfTurn % FRAMES_BETWEEN_BREATHS === 0) this.#gateway.breathe();
  }

  #endTurn = (): void => {
    this.#framesOfTurn = 0;
  };

  #take(session: Session, frame: HeldFrame): void {
    if (frame.isBinary) this.#onFrame(session, frame, this.#msgpack);
    else this.#onFrame(session, frame, this.#json);
  }

  /** Answers a frame for which there is no room behind those that wait. */
  #refuseUnread<T extends Frame>(session: Session, frame: HeldFrame, replies: Replies<T>): void {
    session.meter?.chargeAddress();
    const { id, method } = decodeFrame(frame.message, frame.isBinary) ?? {};
    const requestId = readRequestId(id);
    const reply = isStreamMethod(method)
      ? replies.streamRefused(requestId, VENUE_BUSY)
      : replies.refused(requestId, frame.receivedUs, BUSY);
    this.#refuse(session, reply);
  }

  #onFrame<T extends Frame>(session: Session, frame: HeldFrame, replies: Replies<T>): void {
    const { message, isBinary, receivedUs } = frame;
    const fields = decodeFrame(message, isBinary);
    if (fields === undefined || typeof fields.method !== 'string') {
      session.meter?.chargeUnreadable(message.byteLength);
      this.#refuse(session, replies.streamRefused(null, PARSE_ERROR));
      return;
    }
    session.firstRequestDueMs = Number.POSITIVE_INFINITY;
    const { method } = fields;
    if (isStreamMethod(method)) {
      const changed = this.#changeStreams(session, fields, method === 'SUBSCRIBE');
      const answer = (error: StreamError | undefined): void => {
        if (error === undefined) countStreams(session);
        this.#answerStreamRequest(session, fields, error, replies);
      };
      if (changed instanceof Promise) this.#frames.holdWhile(session, changed.then(answer));
      else answer(changed);
      return;
    }
    const id = readRequestId(fields.id);
    const refusal = session.meter?.charge(session.grant?.key ?? null, method, fields.params);
    if (refusal === undefined) {
      this.#orderEntry.handle(session, method, fields, id, receivedUs, replies);
    } else this.#refuse(session, replies.refused(id, receivedUs, refusal));
  }

  /** Answers with a refusal; closes the socket when it goes on and on beyond its limits. */
  #refuse(session: Session, reply: Frame): void {
    this.#sessions.send(session, reply);
    if (session.meter?.isOverdone === true) this.#sessions.closeOverdone(session);
  }

  /** SUBSCRIBE or UNSUBSCRIBE, within the limits; a promise when a signature has to be checked. */
  #changeStreams(
    session: Session,
    fields: RequestFields,
    isSubscribing: boolean,
  ): StreamError | undefined | Promise<StreamError | undefined> {
    const { meter } = session;
    const names: readonly unknown[] = Array.isArray(fields.params) ? fields.params : [];
    if (meter?.chargeSubscription(names.length) !== undefined) return TOO_MANY_SUBSCRIPTIONS;
    if (!isSubscribing) return this.#subscriptions.unsubscribe(session, fields);
    const hasRoom = (): boolean => meter?.hasRoomForStreams(newStreams(session, names)) !== false;
    return hasRoom() ? this.#subscriptions.subscribe(session, fields, hasRoom) : TOO_MANY_STREAMS;
  }

  /** Silent on success, unless the request carried an id. */
  #answerStreamRequest<T extends Frame>(
    session: Session,
    fields: RequestFields,
    error: StreamError | undefined,
    replies: Replies<T>,
  ): void {
    const id = readRequestId(fields.id);
    if (error !== undefined) this.#refuse(session, replies.streamRefused(id, error));
    else if (id !== null) this.#sessions.send(session, replies.subscribed(id));
  }
}

function isStreamMethod(method: unknown): method is 'SUBSCRIBE' | 'UNSUBSCRIBE' {
  return method === 'SUBSCRIBE' || method === 'UNSUBSCRIBE';
}

/** At most so many of the names are streams that the socket does not hear yet. */
function newStreams({ socket }: Session, names: readonly unknown[]): number {
  const isNew = (name: unknown): boolean => typeof name !== 'string' || !socket?.isSubscribed(name);
  return names.filter(isNew).length;
}

function countStreams({ socket, meter }: Session): void {
  if (socket !== null && meter !== null) meter.streamsAre(socket.getTopics().length);
}
