const text = (value: string): Uint8Array => Buffer.from(value, 'latin1');

const EMITTED = text('{"data":{"E":');
const ENGINE_TIME = text(',"T":');
const TRADE = text(',"a":"');
const DEPTH = text(',"U":');
const TRADE_ID = text(',"t":');
const DIGIT_0 = 48;
/** A trade's id is within so many bytes of the end: the symbol twice, at most. */
const TAIL_BYTES = 160;

/**
 * Reads of a frame of a public stream (JSON) which event it is, when the engine caused it, and its number. Hundreds of
 * subscribers each hear every frame, so one laid out as our own venue does it is not parsed; any other one is.
 */
export class MarketFrame {
  kind: 'trade' | 'depth' | 'other' = 'other';
  /** µs of the epoch; 0 where there is none. */
  engineTimeUs = 0;
  /** Id of a trade; first update id of a depth frame, and its last one. */
  first = 0;
  last = 0;
  #at = 0;

  read(buffer: Buffer, start: number, end: number): void {
    this.kind = 'other';
    this.engineTimeUs = this.first = this.last = 0;
    if (!this.#readLayout(buffer, start, end)) this.#parse(buffer.toString('utf8', start, end));
  }

  #readLayout(buffer: Buffer, start: number, end: number): boolean {
    // A book ticker begins with its quantities; nobody looks at it but to count it.
    if (buffer[start + 10] === 0x41 && buffer[start + 2] === 0x64) return true;
    if (!stands(buffer, start, EMITTED)) return false;
    this.#number(buffer, start + EMITTED.length, end);
    if (!stands(buffer, this.#at, ENGINE_TIME)) return false;
    const timeUs = this.#number(buffer, this.#at + ENGINE_TIME.length, end);
    if (stands(buffer, this.#at, DEPTH)) {
      this.kind = 'depth';
      this.engineTimeUs = timeUs;
      this.first = this.last = this.#number(buffer, this.#at + DEPTH.length, end);
      return true;
    }
    if (!stands(buffer, this.#at, TRADE)) return false;
    for (let at = end - TRADE_ID.length; at > Math.max(start, end - TAIL_BYTES); at--) {
      if (!stands(buffer, at, TRADE_ID)) continue;
      this.kind = 'trade';
      this.engineTimeUs = timeUs;
      this.first = this.last = this.#number(buffer, at + TRADE_ID.length, end);
      return true;
    }
    return false;
  }

  /** Reads digits and leaves `#at` behind them. */
  #number(buffer: Buffer, from: number, end: number): number {
    let value = 0;
    let at = from;
    for (; at < end; at++) {
      const digit = buffer[at]! - DIGIT_0;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    this.#at = at;
    return value;
  }

  #parse(json: string): void {
    const { data } = JSON.parse(json) as {
      data?: { e?: string; T?: number; t?: number; U?: number; u?: number };
    };
    this.engineTimeUs = data?.T ?? 0;
    if (data?.e === 'trade') {
      this.kind = 'trade';
      this.first = this.last = data.t ?? 0;
    } else if (data?.e === 'depth') {
      this.kind = 'depth';
      this.first = data.U ?? 0;
      this.last = data.u ?? 0;
    }
  }
}

function stands(buffer: Buffer, at: number, expected: Uint8Array): boolean {
  for (let index = 0; index < expected.length; index++) {
    if (buffer[at + index] !== expected[index]) return false;
  }
  return true;
}
