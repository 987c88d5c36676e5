import { FrameSocket } from '../client/frame-socket.ts';
import { type KeyPair, websocketSignature } from '../client/signing.ts';

const ORDERS = 'account.orderUpdate';
const BALANCES = 'account.balanceUpdate';
const ORDERS_ID = 1;
const BALANCES_ID = 2;
/** A venue that does not acknowledge subscriptions has made one by then. */
const ACKNOWLEDGEMENT_MS = 2000;

const FILL = Buffer.from('"e":"orderFill"', 'latin1');
const BALANCE = Buffer.from('"e":"balanceUpdate"', 'latin1');
const DATA = Buffer.from('{"data":', 'latin1');

/** Sees an event, or the answer to a subscription, as a JSON text. */
type Hear = (frame: string) => void;

/**
 * A websocket that listens to the private streams of one account. Most of what comes are orders that were accepted or
 * cancelled, which nobody looks at: only fills and balances are made text of.
 */
export class AccountSocket {
  readonly #onFill: Hear;
  readonly #onBalance: Hear;
  #socket: FrameSocket | undefined;
  #onAnswer: ((id: number | null, error: string | undefined) => void) | undefined;

  constructor(onFill: Hear, onBalance: Hear) {
    this.#onFill = onFill;
    this.#onBalance = onBalance;
  }

  get isOpen(): boolean {
    return this.#socket?.isOpen === true;
  }

  /**
   * Opens and subscribes it. Rejects when the venue refuses the stream of orders; balances are heard if it has them.
   */
  async listen(streamUrl: string, keyPair: KeyPair): Promise<void> {
    this.#socket = await FrameSocket.connect(streamUrl, (buffer, start, end) =>
      this.#hear(buffer.subarray(start, end)),
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

  #hear(frame: Buffer): void {
    if (frame.includes(FILL)) this.#onFill(frame.toString('utf8'));
    else if (frame.includes(BALANCE)) this.#onBalance(frame.toString('utf8'));
    else if (!frame.subarray(0, DATA.length).equals(DATA)) this.#answer(frame.toString('utf8'));
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
