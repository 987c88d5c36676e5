import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect, type Socket } from 'node:net';
import { Signer } from './orders/venue.fixture.ts';
import { holdAnswer } from './schemas/held-answers.fixture.ts';
import type { Json } from './venue-client.fixture.ts';
import { VenueClient } from './venue-client.fixture.ts';
import { VenueUnderTest } from './venue-process.fixture.ts';
import { TestSocket } from './ws/socket.fixture.ts';

/** Another address of this machine: one that the venue does limit. */
export const STRANGER = '127.0.0.2';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Of the JSON body, if it is one with a code. */
  readonly code: string | undefined;
}

interface HttpSent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly localAddress?: string;
}

/** A real venue in a process of its own, and whoever wants to harm it. */
export class BesiegedVenue {
  readonly process: VenueUnderTest;
  readonly operator: VenueClient;
  readonly url: string;
  readonly port: number;
  readonly #adminUrl: string;

  private constructor(process: VenueUnderTest, ready: Json) {
    this.process = process;
    this.operator = new VenueClient(process, ready);
    this.url = String(ready.url);
    this.port = Number(new URL(this.url).port);
    this.#adminUrl = String(ready.adminUrl);
  }

  /** With a market AAA_USD. */
  static async open(settings: Readonly<Record<string, string>> = {}): Promise<BesiegedVenue> {
    const process = new VenueUnderTest({ RINGSIDE_DURABILITY: 'none', ...settings });
    try {
      const venue = new BesiegedVenue(process, await process.ready());
      await venue.operator.setUp();
      return venue;
    } catch (error) {
      await process.cleanUp();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.process.cleanUp();
  }

  /** An account with 1000 AAA and 1000 USD. */
  async addTrader(name: string): Promise<Signer> {
    const path = await this.operator.beTrader(name, ['AAA', 'USD']);
    const signer = new Signer();
    await this.operator.admin('POST', `${path}/keys`, { publicKey: signer.apiKey });
    return signer;
  }

  /** The value of a metric line that begins with `name`. */
  async metric(name: string): Promise<number> {
    const reply = await fetch(`${this.#adminUrl}/metrics`, {
      headers: { Authorization: `Bearer ${this.process.read('admin-token')}` },
    });
    const line = (await reply.text()).split('\n').find((text) => text.startsWith(`${name} `));
    if (line === undefined) throw new Error(`no metric ${name}`);
    return Number(line.slice(name.length + 1));
  }

  /** Everything the venue has said on its two outputs. */
  get log(): string {
    return this.process.stdout + this.process.stderr;
  }

  /** One request on a connection of its own. */
  http(path: string, sent: HttpSent = {}): Promise<HttpAnswer> {
    const { method = 'GET', headers = {}, body, localAddress } = sent;
    return new Promise((resolve, reject) => {
      // Node says it of itself for POST only.
      const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
      const options = { method, headers: { ...length, ...headers }, agent: false as const };
      const from = localAddress === undefined ? {} : { localAddress };
      const request = httpRequest(this.url + path, { ...options, ...from }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const { statusCode: status = 0, headers } = response;
          const header = (name: string): string | null => String(headers[name] ?? '') || null;
          holdAnswer({ method, url: path, status, header, body: text });
          resolve({ status, headers, text, code: codeOf(text) });
        });
      });
      request.on('error', reject);
      request.end(body);
    });
  }

  /** A signed request with a JSON body. */
  signed(
    signer: Signer,
    method: string,
    path: string,
    instruction: string,
    fields: Readonly<Record<string, string | number>>,
    localAddress?: string,
  ): Promise<HttpAnswer> {
    const headers = signedHeaders(signer, instruction, fields);
    const isGet = method === 'GET';
    const query = new URLSearchParams(fields as Record<string, string>).toString();
    return this.http(isGet && query !== '' ? `${path}?${query}` : path, {
      ...{ method, headers },
      ...(isGet ? {} : { body: JSON.stringify(fields) }),
      ...(localAddress === undefined ? {} : { localAddress }),
    });
  }

  socket(options: { localAddress?: string; origin?: string } = {}): Promise<TestSocket> {
    return TestSocket.open(`${this.url.replace('http', 'ws')}/ws`, options);
  }

  /** A connection that speaks no protocol but the test's. */
  raw(localAddress?: string): Promise<RawConnection> {
    const from = localAddress === undefined ? {} : { localAddress };
    return RawConnection.open({ port: this.port, host: '127.0.0.1', ...from });
  }
}

/** The headers of a request signed now. */
export function signedHeaders(
  signer: Signer,
  instruction: string,
  fields: Readonly<Record<string, unknown>>,
  timestamp = String(Date.now()),
): Record<string, string> {
  const parameters = Object.keys(fields)
    .sort()
    .map((name) => `&${name}=${textOf(fields[name])}`)
    .join('');
  const text = `instruction=${instruction}${parameters}&timestamp=${timestamp}&window=5000`;
  return {
    'Content-Type': 'application/json',
    'X-API-Key': signer.apiKey,
    'X-Signature': signer.sign(text),
    'X-Timestamp': timestamp,
    'X-Window': '5000',
  };
}

function textOf(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function codeOf(text: string): string | undefined {
  try {
    return (JSON.parse(text) as { code?: string }).code;
  } catch {
    return undefined;
  }
}

export class RawConnection {
  readonly socket: Socket;
  /** All that was heard when the other side, or an error, ended the connection. */
  readonly ended: Promise<string>;
  /** Something was heard, or the connection has ended. */
  readonly answered: Promise<void>;
  heard = '';

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.heard += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    this.ended = new Promise((resolve) => socket.on('close', () => resolve(this.heard)));
    this.answered = new Promise((resolve) => {
      socket.once('data', () => resolve());
      socket.once('close', () => resolve());
    });
  }

  static open(options: {
    port: number;
    host: string;
    localAddress?: string;
  }): Promise<RawConnection> {
    return new Promise((resolve) => {
      const socket = connect(options);
      const connection = new RawConnection(socket);
      socket.once('connect', () => resolve(connection));
      socket.once('close', () => resolve(connection));
    });
  }

  send(bytes: string | Buffer): this {
    this.socket.write(bytes);
    return this;
  }
}

/** The request that asks for a websocket, without the empty line at its end. */
export const UPGRADE = [
  'GET /ws HTTP/1.1',
  'Host: 127.0.0.1',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
  '',
].join('\r\n');

/** Of up to 125 bytes, as clients send them: masked, here with zeros. */
export function textFrame(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
}
