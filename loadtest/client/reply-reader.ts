/** What is read of an order entry result. */
export interface OrderResult {
  readonly id: string;
  readonly quantity: string;
  readonly executedQuantity: string;
  readonly executedQuoteQuantity: string;
  readonly fills: readonly WireFill[];
  /** The market's depth update id once the command was applied. */
  readonly depthUpdateId: number;
}

export interface WireFill {
  readonly tradeId: number;
  readonly price: string;
  readonly quantity: string;
  readonly fee: string;
}

/** The frame is not a msgpack reply. */
export class ReplyFormatError extends Error {
  override name = 'ReplyFormatError';
}

const key = (name: string): Uint8Array => Buffer.from(name, 'latin1');

const ID = key('id');
const STATUS = key('status');
const RESULT = key('result');
const ERROR = key('error');
const QUANTITY = key('quantity');
const EXECUTED_QUANTITY = key('executedQuantity');
const EXECUTED_QUOTE_QUANTITY = key('executedQuoteQuantity');
const FEE = key('fee');
const DEPTH_UPDATE_ID = key('depthUpdateId');
const FILLS = key('fills');
const TRADE_ID = key('tradeId');
const PRICE = key('price');
const CODE = key('code');
const MESSAGE = key('message');
const TIMES = key('times');
const RECEIVED = key('received');
const MATCHED = key('matched');
const JOURNALED = key('journaled');
const PUBLISHED = key('published');

/**
 * Reads order entry replies in msgpack (https://github.com/msgpack/msgpack/blob/master/spec.md) and
 * skips what the replay does not look at: an order has some thirty members, the checker needs five, and
 * making objects of all of them costs more than everything else on this side.
 */
export class ReplyReader {
  requestId = 0;
  status = 0;
  /** The order of the last reply, valid until the next `read`; only when `hasResult`. */
  readonly result = new ReadResult();
  hasResult = false;
  errorCode = '';
  errorMessage = '';
  /** When the venue received, matched, journaled and answered it, µs of the epoch; 0 where it does not say. */
  receivedUs = 0;
  matchedUs = 0;
  journaledUs = 0;
  /** When its gateway wrote the reply, likewise. */
  publishedUs = 0;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;

  /** Reads one whole frame; throws `ReplyFormatError`. */
  read(frame: Buffer): void {
    this.#bytes = frame;
    this.#at = 0;
    this.requestId = -1;
    this.status = 0;
    this.hasResult = false;
    this.errorCode = this.errorMessage = '';
    this.receivedUs = this.matchedUs = this.journaledUs = this.publishedUs = 0;
    for (let members = this.#mapLength(); members > 0; members--) this.#member();
    if (this.#at !== frame.length) throw new ReplyFormatError('bytes behind the reply');
  }

  #member(): void {
    const length = this.#keyLength();
    if (this.#isKey(ID, length)) this.requestId = this.#number();
    else if (this.#isKey(STATUS, length)) this.status = this.#number();
    else if (this.#isKey(RESULT, length)) this.#readResult();
    else if (this.#isKey(ERROR, length)) this.#readError();
    else if (this.#isKey(TIMES, length)) this.#readTimes();
    else this.#skipMember(length);
  }

  #readResult(): void {
    const { result } = this;
    result.clear();
    if (!this.#isMap()) {
      this.#skip();
      return;
    }
    this.hasResult = true;
    for (let members = this.#mapLength(); members > 0; members--) {
      const length = this.#keyLength();
      if (this.#isKey(ID, length)) result.id = this.#text();
      else if (this.#isKey(QUANTITY, length)) result.quantity = this.#text();
      else if (this.#isKey(EXECUTED_QUANTITY, length)) result.executedQuantity = this.#text();
      else if (this.#isKey(EXECUTED_QUOTE_QUANTITY, length)) {
        result.executedQuoteQuantity = this.#text();
      } else if (this.#isKey(DEPTH_UPDATE_ID, length)) result.depthUpdateId = this.#number();
      else if (this.#isKey(FILLS, length)) this.#readFills(result);
      else this.#skipMember(length);
    }
  }

  #readFills(result: ReadResult): void {
    const count = this.#arrayLength();
    if (count === 0) return;
    const fills: WireFill[] = [];
    for (let index = 0; index < count; index++) {
      const fill = { tradeId: -1, price: '', quantity: '', fee: '' };
      for (let members = this.#mapLength(); members > 0; members--) {
        const length = this.#keyLength();
        if (this.#isKey(TRADE_ID, length)) fill.tradeId = this.#number();
        else if (this.#isKey(PRICE, length)) fill.price = this.#text();
        else if (this.#isKey(QUANTITY, length)) fill.quantity = this.#text();
        else if (this.#isKey(FEE, length)) fill.fee = this.#text();
        else this.#skipMember(length);
      }
      fills.push(fill);
    }
    result.fills = fills;
  }

  #readError(): void {
    for (let members = this.#mapLength(); members > 0; members--) {
      const length = this.#keyLength();
      if (this.#isKey(CODE, length)) this.errorCode = this.#text();
      else if (this.#isKey(MESSAGE, length)) this.errorMessage = this.#text();
      else this.#skipMember(length);
    }
  }

  #readTimes(): void {
    for (let members = this.#mapLength(); members > 0; members--) {
      const length = this.#keyLength();
      if (this.#isKey(RECEIVED, length)) this.receivedUs = this.#number();
      else if (this.#isKey(MATCHED, length)) this.matchedUs = this.#number();
      else if (this.#isKey(JOURNALED, length)) this.journaledUs = this.#number();
      else if (this.#isKey(PUBLISHED, length)) this.publishedUs = this.#number();
      else this.#skipMember(length);
    }
  }

  #isMap(): boolean {
    const byte = this.#bytes[this.#at]!;
    return (byte & 0xf0) === 0x80 || byte === 0xde || byte === 0xdf;
  }

  #mapLength(): number {
    const byte = this.#bytes[this.#at++]!;
    if ((byte & 0xf0) === 0x80) return byte & 0x0f;
    if (byte === 0xde) return this.#unsigned(2);
    if (byte === 0xdf) return this.#unsigned(4);
    throw new ReplyFormatError(`expected a map, found byte ${byte}`);
  }

  #arrayLength(): number {
    const byte = this.#bytes[this.#at++]!;
    if ((byte & 0xf0) === 0x90) return byte & 0x0f;
    if (byte === 0xdc) return this.#unsigned(2);
    if (byte === 0xdd) return this.#unsigned(4);
    throw new ReplyFormatError(`expected an array, found byte ${byte}`);
  }

  /** Length of the text that starts here, which is left unread. */
  #keyLength(): number {
    const byte = this.#bytes[this.#at++]!;
    if ((byte & 0xe0) === 0xa0) return byte & 0x1f;
    if (byte === 0xd9) return this.#unsigned(1);
    if (byte === 0xda) return this.#unsigned(2);
    throw new ReplyFormatError(`expected a text, found byte ${byte}`);
  }

  /** True, and the key read, when the `length` bytes from here are `expected`. */
  #isKey(expected: Uint8Array, length: number): boolean {
    if (expected.length !== length) return false;
    const bytes = this.#bytes;
    const at = this.#at;
    for (let index = 0; index < length; index++) {
      if (bytes[at + index] !== expected[index]) return false;
    }
    this.#at = at + length;
    return true;
  }

  #skipMember(keyLength: number): void {
    this.#at += keyLength;
    this.#skip();
  }

  #text(): string {
    const length = this.#keyLength();
    const start = this.#at;
    this.#at += length;
    if (this.#at > this.#bytes.length) throw new ReplyFormatError('text cut short');
    return this.#bytes.toString('latin1', start, this.#at);
  }

  #number(): number {
    const byte = this.#bytes[this.#at++]!;
    if (byte < 0x80) return byte;
    switch (byte) {
      case 0xcc:
        return this.#unsigned(1);
      case 0xcd:
        return this.#unsigned(2);
      case 0xce:
        return this.#unsigned(4);
      case 0xcf:
        return this.#unsigned(4) * 0x1_0000_0000 + this.#unsigned(4);
      case 0xcb:
        this.#at += 8;
        if (this.#at > this.#bytes.length) throw new ReplyFormatError('number cut short');
        return this.#bytes.readDoubleBE(this.#at - 8);
      default:
        throw new ReplyFormatError(`expected a number, found byte ${byte}`);
    }
  }

  #unsigned(byteCount: number): number {
    let value = 0;
    for (let index = 0; index < byteCount; index++) value = value * 256 + this.#bytes[this.#at++]!;
    if (this.#at > this.#bytes.length) throw new ReplyFormatError('number cut short');
    return value;
  }

  /** Steps over one value of any type. */
  #skip(): void {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new ReplyFormatError('reply cut short');
    if (byte < 0x80 || byte >= 0xe0 || (byte >= 0xc0 && byte <= 0xc3 && byte !== 0xc1)) return;
    if (byte < 0x90) this.#skipValues(2 * (byte & 0x0f));
    else if (byte < 0xa0) this.#skipValues(byte & 0x0f);
    else if (byte < 0xc0) this.#at += byte & 0x1f;
    else this.#skipSized(byte);
  }

  #skipSized(byte: number): void {
    const fixed = SIZE_OF_FIXED[byte];
    if (fixed !== undefined) {
      this.#at += fixed;
      return;
    }
    const lengthBytes = LENGTH_BYTES[byte];
    if (lengthBytes === undefined) {
      throw new ReplyFormatError(`a value that starts with byte ${byte}`);
    }
    const length = this.#unsigned(lengthBytes);
    if (byte === 0xdc || byte === 0xdd) this.#skipValues(length);
    else if (byte === 0xde || byte === 0xdf) this.#skipValues(2 * length);
    else this.#at += length;
  }

  #skipValues(count: number): void {
    for (let index = 0; index < count; index++) this.#skip();
  }
}

/** Numbers: bytes behind the first. */
const SIZE_OF_FIXED: Readonly<Record<number, number>> = {
  202: 4,
  203: 8,
  204: 1,
  205: 2,
  206: 4,
  207: 8,
  208: 1,
  209: 2,
  210: 4,
  211: 8,
};

/** Byte strings, texts, arrays and maps: bytes of the length behind the first. */
const LENGTH_BYTES: Readonly<Record<number, number>> = {
  196: 1,
  197: 2,
  198: 4,
  217: 1,
  218: 2,
  219: 4,
  220: 2,
  221: 4,
  222: 2,
  223: 4,
};

const NO_FILLS: readonly WireFill[] = [];

class ReadResult implements OrderResult {
  id = '';
  quantity = '';
  executedQuantity = '';
  executedQuoteQuantity = '';
  depthUpdateId = -1;
  fills: readonly WireFill[] = NO_FILLS;

  clear(): void {
    this.id = this.quantity = this.executedQuantity = this.executedQuoteQuantity = '';
    this.depthUpdateId = -1;
    this.fills = NO_FILLS;
  }
}
