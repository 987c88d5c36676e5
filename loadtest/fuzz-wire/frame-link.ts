import { once } from 'node:events';
import { Packr } from 'msgpackr';
import WebSocket from 'ws';
import { type KeyPair, websocketSignature } from '../client/signing.ts';
import type { Answers, FrameCase } from './wire-case.ts';

const ANSWER_TIMEOUT_MS = 10_000;
const packr = new Packr({ useRecords: false, int64AsType: 'number' });

type Frame = Record<string, unknown>;

/**
 * A logged-in websocket that sends one frame at a time and tells all that came back for it. Behind each frame goes a
 * question whose answer is known to come last, since requests of a session are executed in order: what is heard before
 * it answers the frame.
 */
export class FrameLink {
  readonly #socket: WebSocket;
  readonly #heard: Frame[] = [];
  #closed: Answers['closed'] = null;
  #fences = 0;
  #wake: () => void = () => {};

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer, isBinary) => {
      const frame = (isBinary ? packr.unpack(data) : JSON.parse(data.toString())) as Frame;
      if (!('stream' in frame)) this.#heard.push(frame);
      this.#wake();
    });
    socket.on('error', () => {});
    socket.on('close', (code, reason) => {
      this.#closed = { code, reason: reason.toString() };
      this.#wake();
    });
  }

  static async open(url: string, keyPair: KeyPair): Promise<FrameLink> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, { perMessageDeflate: false });
    const link = new FrameLink(socket);
    await once(socket, 'open');
    const login = { id: 0, method: 'session.login', signature: websocketSignature(keyPair) };
    const { frames } = await link.#ask(Buffer.from(JSON.stringify(login)), false);
    if (frames[0]?.status !== 200) throw new Error(`login refused: ${JSON.stringify(frames)}`);
    return link;
  }

  get isOpen(): boolean {
    return this.#closed === null;
  }

  send({ channel, bytes }: FrameCase): Promise<Answers> {
    return this.#ask(bytes, channel === 'msgpack');
  }

  close(): void {
    this.#closed ??= { code: 1006, reason: '' };
    this.#socket.terminate();
  }

  async #ask(bytes: Buffer, isBinary: boolean): Promise<Answers> {
    this.#heard.length = 0;
    const id = `fence ${++this.#fences} of the fuzzer`;
    // A list, since lists are answered behind single orders.
    const params = { symbol: 'BBB_USD' };
    this.#socket.send(bytes, { binary: isBinary });
    this.#socket.send(JSON.stringify({ id, method: 'order.query', params }));
    const timeout = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
    timeout.addEventListener('abort', () => this.#wake());
    for (;;) {
      const at = this.#heard.findIndex((frame) => frame.id === id);
      if (at >= 0 || this.#closed !== null) {
        const frames = this.#heard.splice(0, at < 0 ? this.#heard.length : at);
        const answers = { frames, closed: this.#closed, http: null };
        // Logged out.
        if (this.#heard[0]?.status === 401) this.close();
        this.#heard.length = 0;
        return answers;
      }
      if (timeout.aborted) throw new Error('the venue answers nothing any more');
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
