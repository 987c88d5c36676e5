import { Agent, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { AdminClient } from '../client/admin-client.ts';
import { generateKeyPair, type KeyPair } from '../client/signing.ts';
import { VenueProcess } from '../client/venue-process.ts';
import { WsClient } from '../client/ws-client.ts';
import { FrameLink } from './frame-link.ts';
import { SYMBOLS } from './valid-requests.ts';
import type { Answers, HttpAnswer, RestCase, WireCase } from './wire-case.ts';

const MAKER_ORDERS = 10;
/** Lines of the venue that tell of what it did not expect; clients never cause one. */
const TROUBLE = /failed:|unexpected|fatal/;

/** A venue of our own, an account to send from, and another whose money must not move by accident. */
export class WireVenue {
  readonly keyPair: KeyPair = generateKeyPair();
  /** Orders of the other account. */
  readonly foreignOrderIds: string[] = [];
  readonly #process: VenueProcess;
  readonly #admin: AdminClient;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #trouble: string[];
  #link: FrameLink | null = null;

  private constructor(process: VenueProcess, trouble: string[]) {
    this.#process = process;
    this.#trouble = trouble;
    this.#admin = new AdminClient(process.ready.adminUrl, process.adminToken);
  }

  static async open(): Promise<WireVenue> {
    const trouble: string[] = [];
    const process = await VenueProcess.start({
      shards: 1,
      environment: { RINGSIDE_DURABILITY: 'none' },
      onLogLine: (line) => {
        if (TROUBLE.test(line)) trouble.push(line);
      },
    });
    const venue = new WireVenue(process, trouble);
    await venue.#setUp();
    return venue;
  }

  async close(): Promise<void> {
    this.#link?.close();
    this.#agent.destroy();
    await this.#process.stop();
  }

  async send(wireCase: WireCase): Promise<Answers> {
    if (wireCase.channel === 'raw') {
      return { frames: [], closed: null, http: await this.#converse(wireCase.parts) };
    }
    if (wireCase.channel === 'rest') {
      return { frames: [], closed: null, http: await this.#request(wireCase) };
    }
    if (this.#link === null || !this.#link.isOpen) {
      this.#link = await FrameLink.open(this.#process.ready.url, this.keyPair);
    }
    return this.#link.send(wireCase);
  }

  /** A text that is the same as long as no order and no balance has changed. */
  async state(): Promise<string> {
    const { shards, markets } = await this.#admin.state();
    const hashes = shards.map(({ stateHash }) => stateHash);
    return [...hashes, ...markets.map(({ bookHash }) => bookHash)].join(' ');
  }

  /** What is wrong with the venue as a whole; null when nothing is. */
  async findTrouble(): Promise<string | null> {
    if (this.#trouble.length > 0) return `the venue's log: ${this.#trouble.join('\n')}`;
    const audit = await this.#admin.audit();
    if (!audit.balanced) return `the audit: ${JSON.stringify(audit)}`;
    const { restarts, halted } = (await this.#admin.health()).components.shards;
    return restarts > 0 || halted.length > 0 ? 'a shard has failed' : null;
  }

  async #setUp(): Promise<void> {
    const admin = this.#admin;
    for (const symbol of ['AAA', 'BBB', 'USD']) await admin.createAsset(symbol, 4);
    for (const symbol of SYMBOLS) {
      const [baseSymbol = '', quoteSymbol = ''] = symbol.split('_');
      const steps = { tickSize: '0.01', stepSize: '0.01' };
      await admin.listMarket({ symbol, baseSymbol, quoteSymbol, ...steps });
    }
    const other = generateKeyPair();
    for (const [name, { apiKey }] of [
      ['fuzzer', this.keyPair] as const,
      ['other', other] as const,
    ]) {
      const account = await admin.createAccount(name);
      await admin.createKey(account, apiKey);
      for (const asset of ['AAA', 'BBB', 'USD']) {
        await admin.deposit(account, asset, asset, '1000000');
      }
    }
    const maker = await WsClient.connect(this.#process.ready.url);
    await maker.login(other);
    for (let order = 0; order < MAKER_ORDERS; order++) {
      const isBid = order % 2 === 0;
      const { result } = await maker.request<{ id: string }>('order.place', {
        ...{ symbol: SYMBOLS[0], side: isBid ? 'Bid' : 'Ask', orderType: 'Limit' },
        ...{ price: isBid ? String(99 - order) : String(101 + order), quantity: '1000' },
      });
      this.foreignOrderIds.push(result!.id);
    }
    await maker.close();
  }

  /** Sends bytes on a connection of their own, ends it, and answers what was heard; a status when that is HTTP. */
  #converse(parts: readonly Buffer[]): Promise<HttpAnswer> {
    const { hostname, port } = new URL(this.#process.ready.url);
    return new Promise((resolve) => {
      let text = '';
      const socket = connect(Number(port), hostname, async () => {
        for (const part of parts) {
          await new Promise((sent) => socket.write(part, sent));
          await setImmediate();
        }
        socket.end();
      });
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString('latin1');
      });
      socket.on('error', () => {});
      socket.on('close', () => {
        resolve({ status: Number(/^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1] ?? 0), text });
      });
    });
  }

  #request({ method, path, headers, body }: RestCase): Promise<HttpAnswer> {
    const length = body.length > 0 ? { 'Content-Length': String(body.length) } : {};
    const options = { method, agent: this.#agent, headers: { ...headers, ...length } };
    return new Promise((resolve) => {
      const ended = (): void => resolve({ status: 0, text: '' });
      const request = httpRequest(this.#process.ready.url + path, options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', ended);
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
        });
      });
      request.on('error', ended);
      request.end(body);
    });
  }
}
