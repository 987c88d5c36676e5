import uWebSockets from 'uWebSockets.js';
import { Packr, Unpackr } from 'msgpackr';
import { type ClientOptions, WebSocket } from 'ws';
import { Authenticator } from '../auth/authenticate.ts';
import { SignatureChecks } from '../auth/signature-checks.ts';
import { CLOCKS } from '../clock.ts';
import { TestVenue, type Trader } from '../orders/venue.fixture.ts';
import { makeProtections } from '../protection/protections.ts';
import { HeldFrames } from '../schemas/held-frames.fixture.ts';
import { WebsocketServer } from './websocket.ts';

type SignatureChecking = Pick<SignatureChecks, 'check'>;

/** What every reply says of a journal. */
export const JOURNALED_US = 1_700_000_000_123_456;

/** Of what a test does not look at. */
const QUIET = { info() {}, error() {} };

const packr = new Packr({ useRecords: false });
const unpackr = new Unpackr({ useRecords: false, int64AsType: 'number' });

/** A reply or stream frame, decoded. */
export type Received = Record<string, unknown> & {
  readonly id?: number | string | null;
  readonly status?: number;
  readonly result?: never;
};

/** A real client of the websocket: collects every frame, and waits for the ones a test needs. */
export class TestSocket {
  readonly frames: Received[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly raw: WebSocket;
  readonly #held: HeldFrames;
  #nextId = 1;
  #waiting: (() => void)[] = [];

  private constructor(url: string, options: ClientOptions, hasMarketData: boolean) {
    this.#held = new HeldFrames(hasMarketData);
    this.raw = new WebSocket(url, options);
    this.raw.on('message', (data: Buffer, isBinary: boolean) => {
      const frame: unknown = isBinary ? unpackr.unpack(data) : JSON.parse(data.toString());
      this.#held.received(frame as Received);
      this.frames.push(frame as Received);
      for (const wake of this.#waiting.splice(0)) wake();
    });
    this.closed = new Promise((resolve) => {
      this.raw.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
  }

  /** @param hasMarketData else the frames of public streams are of the tests' own making */
  static async open(
    url: string,
    options: ClientOptions = {},
    hasMarketData = true,
  ): Promise<TestSocket> {
    const socket = new TestSocket(url, options, hasMarketData);
    await new Promise((resolve, reject) => {
      socket.raw.once('open', resolve);
      socket.raw.once('error', reject);
    });
    return socket;
  }

  send(frame: object | string): void {
    this.#held.sending(typeof frame === 'string' ? null : frame);
    this.raw.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  sendBinary(frame: object | Buffer): void {
    this.#held.sending(Buffer.isBuffer(frame) ? null : frame);
    this.raw.send(Buffer.isBuffer(frame) ? frame : packr.pack(frame));
  }

  /** Sends one request and waits for its reply. */
  async request(method: string, fields: object, isBinary = false): Promise<Received> {
    const id = this.#nextId++;
    const frame = { id, method, ...fields };
    if (isBinary) this.sendBinary(frame);
    else this.send(frame);
    return this.frame((reply) => reply.id === id);
  }

  async logIn(trader: Trader, isBinary = false): Promise<void> {
    const reply = await this.request(
      'session.login',
      { signature: trader.signer.frameSignature() },
      isBinary,
    );
    if (reply.status !== 200) throw new Error(JSON.stringify(reply));
  }

  /** The first frame that is as wanted, already here or still to come; it is taken out. */
  async frame(isWanted: (frame: Received) => boolean): Promise<Received> {
    for (;;) {
      const index = this.frames.findIndex(isWanted);
      if (index >= 0) return this.frames.splice(index, 1)[0]!;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  close(): Promise<unknown> {
    this.raw.close();
    return this.closed;
  }
}

/** A venue with real shards behind a real websocket server on a free port. */
export class SocketVenue {
  readonly venue: TestVenue;
  readonly app = uWebSockets.App();
  readonly server: WebsocketServer;
  readonly subscribed: string[] = [];
  #listenSocket: uWebSockets.us_listen_socket | null = null;
  url = '';

  private constructor(venue: TestVenue, checks: SignatureChecking) {
    this.venue = venue;
    this.server = new WebsocketServer({
      app: this.app,
      registry: venue.registry,
      authenticator: new Authenticator(venue.keys, CLOCKS, checks),
      gateway: venue.gateway,
      protections: makeProtections(venue.engine, QUIET),
      acknowledgement: 'accepted',
      journaledUs: () => JOURNALED_US,
      onSubscribed: (stream) => this.subscribed.push(stream),
    });
    venue.listener = {
      onFundsMoved: (event) => this.server.onBalance(event),
      onBalanceChanged: (event) => this.server.onBalance(event),
      onOrderEvent: (event) => this.server.onOrderEvent(event),
      onApiKeyRevoked: (event) => this.server.onApiKeyRevoked(event.publicKey),
      onAllowedAddressesSet: ({ publicKey }) => {
        const { allowedAddresses } = venue.keys.get(publicKey)!;
        this.server.onAllowedAddressesSet(publicKey, allowedAddresses);
      },
      onBatchEnd: () => this.server.onBatchEnd(),
    };
  }

  static async open(
    shardCount = 1,
    checks: SignatureChecking = new SignatureChecks(),
  ): Promise<SocketVenue> {
    const socketVenue = new SocketVenue(await TestVenue.open(shardCount), checks);
    await new Promise<void>((resolve, reject) => {
      socketVenue.app.listen('127.0.0.1', 0, (listenSocket) => {
        if (listenSocket === false) {
          reject(new Error('no port'));
          return;
        }
        socketVenue.#listenSocket = listenSocket;
        socketVenue.url = `ws://127.0.0.1:${uWebSockets.us_socket_local_port(listenSocket)}`;
        resolve();
      });
    });
    return socketVenue;
  }

  connect(path = '/ws'): Promise<TestSocket> {
    return TestSocket.open(this.url + path, {}, false);
  }

  async close(): Promise<void> {
    this.server.closeAll(1001, 'server_shutdown');
    if (this.#listenSocket !== null) uWebSockets.us_listen_socket_close(this.#listenSocket);
    await this.venue.close();
  }
}
