/**
 * `text` as a whole number of 10^-decimals. Accepts what the venue sends: digits, a point, digits,
 * with zeros beyond `decimals`. Throws on anything else, so that a wrong frame cannot pass as a number.
 */
export function unitsOf(text: string, decimals: number): number {
  let units = 0;
  let fraction = -1;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 46 && fraction < 0 && index > 0) {
      fraction = 0;
    } else if (code >= 48 && code <= 57 && fraction < decimals) {
      units = units * 10 + code - 48;
      if (fraction >= 0) fraction++;
    } else if (code !== 48) {
      throw new RangeError(`not a decimal of at most ${decimals} places: ${text}`);
    }
  }
  if (text === '' || text.endsWith('.')) throw new RangeError(`not a decimal: ${text}`);
  for (let place = Math.max(fraction, 0); place < decimals; place++) units *= 10;
  if (!Number.isSafeInteger(units)) throw new RangeError(`decimal too large: ${text}`);
  return units;
}

/** The inverse: a decimal string without trailing zeros. `units` is a safe integer, not negative. */
export function textOf(units: number, decimals: number): string {
  const digits = String(units).padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '');
  return fraction === '' ? whole : `${whole}.${fraction}`;
}
