/** `units / 10^decimals` as a decimal string without trailing zeros; of any size and either sign. */
export function formatUnits(units: bigint, decimals: number): string {
  const negative = units < 0n;
  const digits = String(negative ? -units : units).padStart(decimals + 1, '0');
  const point = digits.length - decimals;
  const fraction = digits.slice(point).replace(/0+$/, '');
  return `${negative ? '-' : ''}${digits.slice(0, point)}${fraction === '' ? '' : `.${fraction}`}`;
}
