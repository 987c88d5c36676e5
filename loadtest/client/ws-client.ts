import { once } from 'node:events';
import { type NetConnectOpts, connect as netConnect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as tlsConnect } from 'node:tls';
import { Packr } from 'msgpackr';
import WebSocket from 'ws';
import { type KeyPair, websocketSignature } from './signing.ts';
import { streamAddress } from './stream-address.ts';

/** An order entry reply, with the moments at which its request left and it was read (ms). */
export interface Reply<Result = unknown> {
  readonly id: number;
  readonly status: number;
  readonly ack?: string;
  readonly result?: Result;
  readonly error?: { readonly code: string; readonly message: string };
  readonly times?: {
    readonly received: number;
    readonly matched: number;
    readonly journaled: number;
    /** When the venue's gateway wrote the reply. */
    readonly published: number;
  };
  readonly sentAtMs: number;
  readonly receivedAtMs: number;
}

type ReplyCallback = (reply: Reply) => void;
type StreamCallback = (data: Record<string, unknown>, stream: string) => void;

/** Sees every frame before it is decoded; true means it took the frame. */
type FrameHandler = (frame: Buffer, isBinary: boolean) => boolean;

interface PendingRequest {
  readonly sentAtMs: number;
  readonly callback: ReplyCallback;
}

const packr = new Packr({ useRecords: false, int64AsType: 'number' });

/**
 * One websocket of the venue: order entry after `login`, and streams. Requests are pipelined; each
 * reply finds its request by id. Requests still open when the socket closes get status 0.
 */
export class WsClient {
  readonly #webSocket: WebSocket;
  readonly #socket: Socket;
  readonly #binary: boolean;
  readonly #pending = new Map<number, PendingRequest>();
  readonly #streams = new Map<string, StreamCallback>();
  #nextId = 1;
  #frameHandler: FrameHandler | undefined;
  #closed = false;
  /** Called once when the socket is gone, with the close code and reason. */
  onClose: ((code: number, reason: string) => void) | undefined;
  /** Called on a frame that is neither a reply nor of a subscribed stream. */
  onUnknownFrame: ((frame: unknown) => void) | undefined;

  private constructor(webSocket: WebSocket, socket: Socket, binary: boolean) {
    this.#webSocket = webSocket;
    this.#socket = socket;
    this.#binary = binary;
    webSocket.on('message', (data, isBinary) => this.#receive(data as Buffer, isBinary));
    webSocket.on('close', (code, reason) => this.#ended(code, reason.toString('utf8')));
    webSocket.on('error', () => {
      // A `close` event always follows and carries the reason.
    });
  }

  /** Opens a websocket of the venue at `url` (`streamAddress`). Requests go as msgpack unless `json` is asked for. */
  static async connect(url: string, encoding: 'msgpack' | 'json' = 'msgpack'): Promise<WsClient> {
    let socket: Socket | undefined;
    const address = streamAddress(url);
    const isSecure = address.protocol === 'wss:';
    const webSocket = new WebSocket(address, {
      perMessageDeflate: false,
      skipUTF8Validation: true,
      // Our own socket, so that `sendFrames` can put many small frames into one write.
      createConnection: ((options: NetConnectOpts & ConnectionOptions) => {
        socket = isSecure ? tlsConnect(options) : netConnect(options);
        socket.setNoDelay(true);
        return socket;
      }) as typeof netConnect,
    });
    await once(webSocket, 'open');
    return new WsClient(webSocket, socket!, encoding === 'msgpack');
  }

  get isOpen(): boolean {
    return !this.#closed;
  }

  /** Starts the session of the key's account; requests may follow once it is answered. */
  async login(keyPair: KeyPair): Promise<void> {
    const reply = await new Promise<Reply>((resolve) => {
      const id = this.#register(resolve);
      const signature = websocketSignature(keyPair);
      this.#webSocket.send(JSON.stringify({ id, method: 'session.login', signature }));
    });
    if (reply.status !== 200) throw new Error(`login refused: ${errorText(reply)}`);
  }

  /** Sends a request and hands its reply to `callback`. */
  send(method: string, params: unknown, callback: ReplyCallback): void {
    const id = this.#register(callback);
    const request = { id, method, params };
    this.#webSocket.send(this.#binary ? packr.pack(request) : JSON.stringify(request));
  }

  /** Sends a request and awaits its reply, refusals included. */
  request<Result = unknown>(method: string, params: unknown): Promise<Reply<Result>> {
    return new Promise((resolve) => {
      this.send(method, params, (reply) => resolve(reply as Reply<Result>));
    });
  }

  /**
   * Subscribes public streams, or private ones when a key is given; resolves when the venue has
   * acknowledged, so that nothing that happens later is missed.
   *
   * @param acknowledgementMs after so long a venue that acknowledges nothing has done it; for ever when absent
   */
  async subscribe(
    streams: readonly string[],
    callback: StreamCallback,
    keyPair?: KeyPair,
    acknowledgementMs?: number,
  ): Promise<void> {
    for (const stream of streams) this.#streams.set(stream, callback);
    const signature = keyPair === undefined ? {} : { signature: websocketSignature(keyPair) };
    let timer: NodeJS.Timeout | undefined;
    const reply = await new Promise<Pick<Reply, 'status' | 'error'>>((resolve) => {
      const id = this.#register(resolve);
      if (acknowledgementMs !== undefined) {
        timer = setTimeout(() => resolve({ status: 200 }), acknowledgementMs);
      }
      const request = { id, method: 'SUBSCRIBE', params: streams, ...signature };
      this.#webSocket.send(JSON.stringify(request));
    });
    clearTimeout(timer);
    if (reply.error !== undefined) throw new Error(`subscription refused: ${errorText(reply)}`);
  }

  unsubscribe(streams: readonly string[]): void {
    for (const stream of streams) this.#streams.delete(stream);
    this.#webSocket.send(JSON.stringify({ method: 'UNSUBSCRIBE', params: streams }));
  }

  /** Lets `handler` see every frame first: for a caller that must not pay for general decoding. */
  setFrameHandler(handler: FrameHandler | undefined): void {
    this.#frameHandler = handler;
  }

  /**
   * Sends finished websocket frames (see `writeClientFrame`), any number of them in one piece; their
   * replies, too, are the frame handler's business. The frames go to the socket as they are: without
   * compression the library keeps no state between frames that this could upset.
   */
  sendFrames(frames: Uint8Array): void {
    if (!this.#closed) this.#socket.write(frames);
  }

  /** Closes and waits until the socket is gone. */
  async close(): Promise<void> {
    if (this.#closed) return;
    const gone = once(this.#webSocket, 'close');
    this.#webSocket.close(1000);
    await gone;
  }

  #register(callback: ReplyCallback): number {
    const id = this.#nextId++;
    this.#pending.set(id, { sentAtMs: performance.now(), callback });
    return id;
  }

  #receive(frame: Buffer, isBinary: boolean): void {
    if (this.#frameHandler?.(frame, isBinary) === true) return;
    const message: unknown = isBinary ? packr.unpack(frame) : JSON.parse(frame.toString('utf8'));
    const { id, stream, data } = message as {
      id?: number;
      stream?: string;
      data?: Record<string, unknown>;
    };
    if (stream !== undefined && data !== undefined) {
      this.#streams.get(stream)?.(data, stream);
      return;
    }
    const pending = typeof id === 'number' ? this.#pending.get(id) : undefined;
    if (pending === undefined) {
      this.onUnknownFrame?.(message);
      return;
    }
    this.#pending.delete(id!);
    const { sentAtMs } = pending;
    pending.callback({ ...(message as Reply), sentAtMs, receivedAtMs: performance.now() });
  }

  #ended(code: number, reason: string): void {
    this.#closed = true;
    const error = { code: 'DISCONNECTED', message: `socket closed (${code} ${reason})` };
    const open = [...this.#pending];
    this.#pending.clear();
    for (const [id, { sentAtMs, callback }] of open) {
      callback({ id, status: 0, error, sentAtMs, receivedAtMs: performance.now() });
    }
    this.onClose?.(code, reason);
  }
}

/** Code and message of a refused request, for a human. */
function errorText(reply: Pick<Reply, 'status' | 'error'>): string {
  return reply.error === undefined
    ? `status ${reply.status}`
    : `${reply.error.code} (${reply.error.message})`;
}
