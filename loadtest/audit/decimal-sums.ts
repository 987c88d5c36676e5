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
