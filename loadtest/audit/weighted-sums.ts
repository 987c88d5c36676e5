/** Sums are modulo the greatest prime below 2^26: the product of two remainders is an exact double. */
const MODULUS = 2 ** 26 - 5;
/** Decimals are whole numbers of 10^-18. */
const PLACES = 18;
const POWERS = Array.from({ length: PLACES + 1 }, (_, power) => powerOfTen(power));
const POINT = 0x2e;
const ZERO = 0x30;
const MINUS = 0x2d;

/** What is summed of each trade of a market's public stream. */
export const TRADE_FIGURES = [
  ...(['trade ids', 'prices', 'quantities'] as const),
  ...(['maker sides', 'buyers’ order ids', 'sellers’ order ids'] as const),
] as const;
/** What is summed of each fill of one party. */
export const FILL_FIGURES = ['trade ids', 'prices', 'quantities', 'fees', 'order ids'] as const;
/** What is summed of each order: that it was accepted, and how it ended (see `END_CODES`). */
export const ORDER_FIGURES = ['order ids', 'statuses'] as const;

/** By the name of an order's last status; an order that is open has none. */
export const END_CODES: Readonly<Record<string, number>> = { Filled: 1, Cancelled: 2, Expired: 3 };

export type Sums<Figure extends string> = Readonly<Record<Figure, number>>;
export type TradeSums = Sums<(typeof TRADE_FIGURES)[number]>;
export type FillSums = Sums<(typeof FILL_FIGURES)[number]>;
export type OrderSums = Sums<(typeof ORDER_FIGURES)[number]>;

/**
 * Sums over records, each weighted by the cube of the record's id (which is one to one modulo this prime): two tellings
 * of the same records have the same sums in whatever order they came, and a value that is told of another record, or
 * otherwise, or twice, changes them but for one case in 67 million. Takes no room for a record, and allocates nothing.
 */
export class WeightedSums<Figure extends string> {
  readonly #figures: readonly Figure[];
  readonly #sums: Float64Array;
  #weight = 0;

  constructor(figures: readonly Figure[]) {
    this.#figures = figures;
    this.#sums = new Float64Array(figures.length);
  }

  /** What is added next is of the record of this id. */
  begin(id: number): void {
    const rest = id % MODULUS;
    this.#weight = (((rest * rest) % MODULUS) * rest) % MODULUS;
  }

  /** @param figure its index; @param remainder see `wholeRemainder` and `decimalRemainder` */
  add(figure: number, remainder: number): void {
    this.#sums[figure] = (this.#sums[figure]! + this.#weight * remainder) % MODULUS;
  }

  get sums(): Sums<Figure> {
    return Object.fromEntries(
      this.#figures.map((figure, index) => [figure, this.#sums[index]!]),
    ) as Record<Figure, number>;
  }
}

export function noSums<Figure extends string>(figures: readonly Figure[]): Sums<Figure> {
  return new WeightedSums(figures).sums;
}

/** Over the records of both. */
export function sumsTogether<Figure extends string>(
  one: Sums<Figure>,
  other: Sums<Figure>,
): Sums<Figure> {
  return mapped(one, (value, figure) => (value + other[figure]) % MODULUS);
}

/** Over the records that have come since `before`. */
export function sumsSince<Figure extends string>(
  now: Sums<Figure>,
  before: Sums<Figure> | undefined,
): Sums<Figure> {
  if (before === undefined) return now;
  return mapped(now, (value, figure) => (value - before[figure] + MODULUS) % MODULUS);
}

/** The figures that are not told alike. */
export function differing<Figure extends string>(one: Sums<Figure>, other: Sums<Figure>): Figure[] {
  return (Object.keys(one) as Figure[]).filter((figure) => one[figure] !== other[figure]);
}

/** Of a whole number that is safe and not negative. */
export function wholeRemainder(value: number): number {
  return value % MODULUS;
}

/** Of the decimal from `from` to `to`, in 10^-18; `NaN`, which makes a sum that equals none, of what is no such. */
export function decimalRemainder(bytes: Uint8Array, from: number, to: number): number {
  const isNegative = bytes[from] === MINUS;
  let value = 0;
  let places = 0;
  let isFraction = false;
  for (let at = isNegative ? from + 1 : from; at < to; at++) {
    const byte = bytes[at]!;
    const digit = byte - ZERO;
    if (byte === POINT && !isFraction) isFraction = true;
    else if (digit < 0 || digit > 9) return Number.NaN;
    else {
      value = (value * 10 + digit) % MODULUS;
      if (isFraction) places++;
    }
  }
  if (places > PLACES) return Number.NaN;
  const units = (value * POWERS[PLACES - places]!) % MODULUS;
  return isNegative ? (MODULUS - units) % MODULUS : units;
}

/** Of the sum of two. */
export function sumRemainder(one: number, other: number): number {
  return (one + other) % MODULUS;
}

/** Of the product of two; that of decimals is in 10^-36. */
export function productRemainder(one: number, other: number): number {
  return (one * other) % MODULUS;
}

const SCRATCH = Buffer.alloc(128);

/** As `decimalRemainder`, of a text. */
export function remainderOfText(text: string): number {
  return decimalRemainder(SCRATCH, 0, SCRATCH.write(text, 'latin1'));
}

/** The same sums of rows, as columns of a `select`: `expressions` in the order of the figures. */
export function sumColumns<Figure extends string>(
  figures: readonly Figure[],
  id: string,
  expressions: readonly string[],
): string {
  const rest = `(${id} % ${MODULUS})`;
  const weight = `(${rest} * ${rest} % ${MODULUS} * ${rest} % ${MODULUS})`;
  return figures
    .map((figure, index) => {
      const sum = `sum(${weight} * (${expressions[index]!} % ${MODULUS})::bigint)`;
      return `mod(mod(${sum}, ${MODULUS}) + ${MODULUS}, ${MODULUS})::float8 as "${figure}"`;
    })
    .join(', ');
}

/** For `sumColumns`: a column of decimals. */
export function decimalColumn(column: string): string {
  return `(${column} * 1000000000000000000)`;
}

function mapped<Figure extends string>(
  sums: Sums<Figure>,
  change: (value: number, figure: Figure) => number,
): Sums<Figure> {
  return Object.fromEntries(
    (Object.keys(sums) as Figure[]).map((figure) => [figure, change(sums[figure], figure)]),
  ) as Record<Figure, number>;
}

function powerOfTen(power: number): number {
  let value = 1;
  for (let count = 0; count < power; count++) value = (value * 10) % MODULUS;
  return value;
}
