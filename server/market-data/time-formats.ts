/** `2025-01-21T06:34:54.691858`: UTC without zone, of microseconds since the epoch. */
export function naiveIsoUs(timeUs: number): string {
  const micros = String(timeUs % 1_000_000).padStart(6, '0');
  return `${naiveIsoSeconds(Math.floor(timeUs / 1_000_000))}.${micros}`;
}

/** `2025-08-06T22:00:00`: UTC without zone, as in candle frames. */
export function naiveIsoSeconds(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19);
}

/** `2025-07-19 13:09:00`: UTC without zone, as in the candles of REST. */
export function naiveSpacedSeconds(seconds: number): string {
  return naiveIsoSeconds(seconds).replace('T', ' ');
}
