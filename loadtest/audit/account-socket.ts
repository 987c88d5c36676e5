import { FrameSocket } from '../client/frame-socket.ts';
import { type KeyPair, websocketSignature } from '../client/signing.ts';
import { compactFrame, EventFrame, type HeardEvent } from './event-frame.ts';

const ORDERS = 'account.orderUpdate';
const BALANCES = 'account.balanceUpdate';
const ORDERS_ID = 1;
const BALANCES_ID = 2;
/** A venue that does not acknowledge subscriptions has made one by then. */
const ACKNOWLEDGEMENT_MS = 2000;

/** Sees an event, valid during the call only. */
type Hear = (event: EventFrame) => void;

/**
 * A websocket that listens to the private streams of one account: to its fills, to its balances, and to how its orders
 * began and ended. What else comes is not looked at.
 */
export class AccountSocket {
  readonly #onFill: Hear;
  readonly #onBalance: Hear;
  readonly #onOrder: Hear;
  readonly #event = new EventFrame();
  #socket: FrameSocket | undefined;
  #onAnswer: ((id: number | null, error: string | undefined) => void) | undefined;

  constructor(onFill: Hear, onBalance: Hear, onOrder: Hear) {
    this.#onFill = onFill;
    this.#onBalance = onBalance;
    this.#onOrder = onOrder;
  }

  get isOpen(): boolean {
    return this.#socket?.isOpen === true;
  }

  /**
   * Opens and subscribes it. Rejects when the venue refuses the stream of orders; balances are heard if it has them.
   */
  async listen(streamUrl: string, keyPair: KeyPair): Promise<void> {
    this.#socket = await FrameSocket.connect(streamUrl, (buffer, start, end) =>
      this.#hear(buffer, start, end),
    );
    const refusal = await this.#subscribe(ORDERS_ID, ORDERS, keyPair);
    if (refusal !== undefined) throw new Error(`${ORDERS} was refused: ${refusal}`);
    await this.#subscribe(BALANCES_ID, BALANCES, keyPair);
  }

  async close(): Promise<void> {
    await this.#socket?.close();
  }

  /** Answers why it was refused; undefined when it was not. */
  #subscribe(id: number, stream: string, keyPair: KeyPair): Promise<string | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(undefined), ACKNOWLEDGEMENT_MS);
      this.#onAnswer = (answered, error) => {
        // An error may come without the id of what it is about.
        if (answered !== id && (answered !== null || error === undefined)) return;
        clearTimeout(timer);
        this.#onAnswer = undefined;
        resolve(error);
      };
      const signature = websocketSignature(keyPair);
      const request = { id, method: 'SUBSCRIBE', params: [stream], signature };
      this.#socket!.sendText(JSON.stringify(request));
    });
  }

  #hear(buffer: Buffer, start: number, end: number): void {
    const event = this.#event.read(buffer, start, end);
    if (event === undefined) this.#hearOtherwise(buffer.toString('utf8', start, end));
    else this.#handOn(event);
  }

  /** The answer to a subscription, or an event of a venue that writes its frames another way. */
  #hearOtherwise(text: string): void {
    const compact = compactFrame(text);
    if (compact === undefined) {
      this.#answer(text);
      return;
    }
    const event = this.#event.read(compact, 0, compact.length);
    if (event === undefined) throw new Error(`an event that cannot be read: ${text}`);
    this.#handOn(event);
  }

  #handOn(event: HeardEvent): void {
    if (event === 'fill') this.#onFill(this.#event);
    else if (event === 'balance') this.#onBalance(this.#event);
    else if (event === 'order') this.#onOrder(this.#event);
  }

  #answer(text: string): void {
    const { id = null, error } = JSON.parse(text) as {
      id?: number | null;
      error?: { code: string | number; message?: string };
    };
    const refusal =
      error && `${error.code}${error.message === undefined ? '' : `: ${error.message}`}`;
    this.#onAnswer?.(id, refusal);
  }
}
