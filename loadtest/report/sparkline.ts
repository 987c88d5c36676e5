const BARS = '▁▂▃▄▅▆▇█';

/** One character a value, on a logarithmic scale between the least and the greatest; a gap where there is none. */
export function sparkline(values: readonly (number | undefined)[]): string {
  const known = values.filter((value) => value !== undefined && value > 0) as number[];
  const low = Math.log(Math.min(...known));
  const range = Math.log(Math.max(...known)) - low;
  return values
    .map((value) => {
      if (value === undefined || value <= 0) return ' ';
      const height = range === 0 ? 0 : (Math.log(value) - low) / range;
      return BARS[Math.round(height * (BARS.length - 1))]!;
    })
    .join('');
}
