/** Microseconds since the epoch, from the monotonic clock: never steps back while the process lives. */
export function nowUs(): number {
  return Math.floor((performance.timeOrigin + performance.now()) * 1000);
}
