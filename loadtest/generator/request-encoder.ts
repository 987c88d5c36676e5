import { Packr } from 'msgpackr';
import { type RequestDraft, RequestKind } from './request-draft.ts';
import type { TradedMarket } from './traded-market.ts';

/** Turns drafts into the payloads of order entry requests. */
export interface RequestEncoder {
  readonly isBinary: boolean;
  /** The payload is in the first bytes of this, until the next `encode`. */
  readonly payload: Buffer;
  /** Answers the payload's length. `id` is a whole number below 2^32. */
  encode(draft: Readonly<RequestDraft>, id: number): number;
}

export type Encoding = 'msgpack' | 'json';

export function encoderOf(encoding: Encoding, markets: readonly TradedMarket[]): RequestEncoder {
  return encoding === 'msgpack' ? new MsgpackEncoder(markets) : new JsonEncoder(markets);
}

const PAYLOAD_BYTES = 1024;
const DIGIT_0 = 48;
const POINT = 46;
const QUOTE = 34;

/** Everything of an encoding that stands between the values. */
interface Pieces {
  readonly id: Uint8Array;
  readonly clientId: Uint8Array;
  readonly price: Uint8Array;
  readonly quantity: Uint8Array;
  readonly bid: Uint8Array;
  readonly ask: Uint8Array;
  readonly goodTillCancelled: Uint8Array;
  readonly immediateOrCancel: Uint8Array;
  readonly close: Uint8Array;
  readonly markets: readonly MarketPieces[];
}

interface MarketPieces {
  readonly place: Uint8Array;
  readonly cancel: Uint8Array;
  readonly replace: Uint8Array;
  readonly reduce: Uint8Array;
}

/**
 * What both encodings share: the order of the members, constant pieces that are copied, numbers written digit by
 * digit. Packing an object by the library takes four times as long, and 250,000 are to be made in a second.
 */
abstract class PieceEncoder implements RequestEncoder {
  abstract readonly isBinary: boolean;
  readonly payload = Buffer.alloc(PAYLOAD_BYTES);
  protected end = 0;
  readonly #digits = new Uint8Array(24);
  readonly #markets: readonly TradedMarket[];
  readonly #pieces: Pieces;

  constructor(markets: readonly TradedMarket[], pieces: Pieces) {
    this.#markets = markets;
    this.#pieces = pieces;
  }

  encode(draft: Readonly<RequestDraft>, id: number): number {
    const pieces = this.#pieces;
    const market = pieces.markets[draft.market]!;
    this.end = 0;
    this.piece(pieces.id);
    this.whole(id);
    if (draft.kind === RequestKind.Place) {
      this.piece(market.place);
      this.piece(draft.isBid ? pieces.bid : pieces.ask);
      this.piece(draft.isImmediateOrCancel ? pieces.immediateOrCancel : pieces.goodTillCancelled);
      this.#amounts(draft);
    } else if (draft.kind === RequestKind.Cancel) {
      this.piece(market.cancel);
    } else if (draft.kind === RequestKind.Reduce) {
      this.piece(market.reduce);
      this.piece(pieces.quantity);
      this.#quantity(draft);
    } else {
      this.piece(market.replace);
      this.#amounts(draft);
    }
    this.piece(pieces.clientId);
    this.whole(draft.clientId);
    this.piece(pieces.close);
    return this.end;
  }

  /** A number from 0 to 2^32 − 1. */
  protected abstract whole(value: number): void;

  /** A decimal text. */
  protected abstract text(units: number, decimals: number): void;

  protected piece(bytes: Uint8Array): void {
    this.payload.set(bytes, this.end);
    this.end += bytes.length;
  }

  /** Writes `units` of 10^-decimals as a plain decimal and answers how many characters that took. */
  protected decimal(units: number, decimals: number): number {
    const digits = this.#digits;
    let count = 0;
    let rest = units;
    while (rest > 0 || count <= decimals) {
      const next = Math.floor(rest / 10);
      digits[count++] = DIGIT_0 + rest - next * 10;
      rest = next;
    }
    const { payload } = this;
    const start = this.end;
    let end = start;
    for (let index = count - 1; index >= 0; index--) {
      payload[end++] = digits[index]!;
      if (index === decimals && decimals > 0) payload[end++] = POINT;
    }
    this.end = end;
    return end - start;
  }

  #amounts(draft: Readonly<RequestDraft>): void {
    const market = this.#markets[draft.market]!;
    this.piece(this.#pieces.price);
    this.text(draft.priceTicks * market.tickUnits, market.priceDecimals);
    this.piece(this.#pieces.quantity);
    this.#quantity(draft);
  }

  #quantity(draft: Readonly<RequestDraft>): void {
    const { lotUnits, quantityDecimals } = this.#markets[draft.market]!;
    this.text(draft.quantityLots * lotUnits, quantityDecimals);
  }
}

const packr = new Packr({ useRecords: false });
const packed = (...values: readonly unknown[]): Uint8Array =>
  Buffer.concat(values.map((value) => packr.pack(value)));
const mapOf = (members: number): Uint8Array => Uint8Array.of(0x80 | members);
const joined = (...pieces: readonly Uint8Array[]): Uint8Array => Buffer.concat(pieces);

/** https://github.com/msgpack/msgpack/blob/master/spec.md */
class MsgpackEncoder extends PieceEncoder {
  readonly isBinary = true;

  constructor(markets: readonly TradedMarket[]) {
    super(markets, {
      id: joined(mapOf(3), packed('id')),
      clientId: packed('clientId'),
      price: packed('price'),
      quantity: packed('quantity'),
      bid: packed('side', 'Bid'),
      ask: packed('side', 'Ask'),
      goodTillCancelled: packed('timeInForce', 'GTC'),
      immediateOrCancel: packed('timeInForce', 'IOC'),
      close: Buffer.alloc(0),
      markets: markets.map(({ symbol }) => {
        const start = (method: string, members: number): Uint8Array =>
          joined(packed('method', method, 'params'), mapOf(members), packed('symbol', symbol));
        return {
          place: joined(start('order.place', 7), packed('orderType', 'Limit')),
          cancel: start('order.cancel', 2),
          replace: start('order.replace', 4),
          reduce: start('order.reduce', 3),
        };
      }),
    });
  }

  /** Always in five bytes: no branch, and the length of a frame does not grow with the run. */
  protected override whole(value: number): void {
    this.payload[this.end] = 0xce;
    this.end = this.payload.writeUInt32BE(value, this.end + 1);
  }

  /** A text of at most 31 characters has one byte in front. */
  protected override text(units: number, decimals: number): void {
    const header = this.end++;
    this.payload[header] = 0xa0 | this.decimal(units, decimals);
  }
}

const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');

class JsonEncoder extends PieceEncoder {
  readonly isBinary = false;

  constructor(markets: readonly TradedMarket[]) {
    super(markets, {
      id: latin1('{"id":'),
      clientId: latin1(',"clientId":'),
      price: latin1(',"price":'),
      quantity: latin1(',"quantity":'),
      bid: latin1(',"side":"Bid"'),
      ask: latin1(',"side":"Ask"'),
      goodTillCancelled: latin1(',"timeInForce":"GTC"'),
      immediateOrCancel: latin1(',"timeInForce":"IOC"'),
      close: latin1('}}'),
      markets: markets.map(({ symbol }) => {
        const start = (method: string, more = ''): Uint8Array =>
          latin1(`,"method":"${method}","params":{"symbol":${JSON.stringify(symbol)}${more}`);
        return {
          place: start('order.place', ',"orderType":"Limit"'),
          cancel: start('order.cancel'),
          replace: start('order.replace'),
          reduce: start('order.reduce'),
        };
      }),
    });
  }

  protected override whole(value: number): void {
    this.decimal(value, 0);
  }

  protected override text(units: number, decimals: number): void {
    this.payload[this.end++] = QUOTE;
    this.decimal(units, decimals);
    this.payload[this.end++] = QUOTE;
  }
}
