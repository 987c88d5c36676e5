/** More places than any asset or step has. */
const PLACES = 18;

/** A decimal as a whole number of 10^-18, which sums and differences keep exact. */
export function exact(text: string): bigint {
  const match = /^(-?)(\d+)(?:\.(\d{1,18}))?$/.exec(text);
  if (match === null) throw new RangeError(`not a decimal of at most ${PLACES} places: ${text}`);
  const units = BigInt(match[2]! + (match[3] ?? '').padEnd(PLACES, '0'));
  return match[1] === '-' ? -units : units;
}

/** The inverse, without trailing zeros. */
export function decimalOf(units: bigint): string {
  const digits = String(units < 0n ? -units : units).padStart(PLACES + 1, '0');
  const fraction = digits.slice(-PLACES).replace(/0+$/, '');
  const whole = digits.slice(0, -PLACES);
  return `${units < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

const POINT = 0x2e;
const ZERO = 0x30;

/** A decimal that is not negative: `units` times 10^-`places`, where `units` is a safe integer. */
export class Decimal {
  units = 0;
  places = 0;

  /**
   * The bytes of a text from `from` to `to`; zeros at the end of its fraction do not count. Throws `RangeError` of what
   * is no decimal, or has more digits than a double keeps.
   */
  read(bytes: Uint8Array, from: number, to: number): this {
    let units = 0;
    let places = 0;
    let zeros = 0;
    let isFraction = false;
    for (let at = from; at < to; at++) {
      const byte = bytes[at]!;
      const digit = byte - ZERO;
      if (byte === POINT && !isFraction && at > from && at < to - 1) isFraction = true;
      else if (digit < 0 || digit > 9) return this.#refuse(bytes, from, to);
      else if (isFraction && digit === 0) zeros++;
      else {
        units = units * 10 ** (zeros + 1) + digit;
        if (isFraction) places += zeros + 1;
        zeros = 0;
      }
    }
    const isExact = Number.isSafeInteger(units) && places <= PLACES && to > from;
    if (!isExact) return this.#refuse(bytes, from, to);
    this.units = units;
    this.places = places;
    return this;
  }

  #refuse(bytes: Uint8Array, from: number, to: number): never {
    const text = Buffer.from(bytes.subarray(from, to)).toString('latin1');
    throw new RangeError(`not a decimal of at most ${PLACES} places that a double keeps: ${text}`);
  }
}

/**
 * An exact sum of decimals and products of two: doubles, one for each number of places, while these are exact; what is
 * beyond goes into a `bigint`.
 */
export class DecimalSum {
  readonly #units = new Float64Array(2 * PLACES + 1);
  #beyond = 0n;

  add({ units, places }: Readonly<Decimal>, sign: 1 | -1): void {
    this.#add(sign * units, places);
  }

  addProduct(one: Readonly<Decimal>, other: Readonly<Decimal>, sign: 1 | -1): void {
    const places = one.places + other.places;
    const product = sign * one.units * other.units;
    if (Number.isSafeInteger(product)) this.#add(product, places);
    else this.#beyond += BigInt(sign * one.units) * BigInt(other.units) * scale(places);
  }

  /** In 10^-36. */
  get total(): bigint {
    return this.#units.reduce(
      (sum, units, places) => sum + BigInt(units) * scale(places),
      this.#beyond,
    );
  }

  #add(units: number, places: number): void {
    const before = this.#units[places]!;
    if (Number.isSafeInteger(before + units)) {
      this.#units[places] = before + units;
      return;
    }
    this.#beyond += BigInt(before) * scale(places);
    this.#units[places] = units;
  }
}

function scale(places: number): bigint {
  return 10n ** BigInt(2 * PLACES - places);
}
