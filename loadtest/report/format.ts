/** How figures are written, the same on the terminal and in the page. */

/** Three digits in the unit that fits: `872 µs`, `1.43 ms`, `12.0 s`. */
export function formatDuration(us: number): string {
  if (us < 999.5) return `${threeDigits(us)} µs`;
  if (us < 999_500) return `${threeDigits(us / 1e3)} ms`;
  return `${threeDigits(us / 1e6)} s`;
}

/** Every digit, in groups: `1,234,567`. */
export function formatCount(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

/** Three digits of a number of any size: `0.04`, `87.5`, `12,400`. */
export function formatNumber(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en-US', { maximumFractionDigits: 12 });
}

/** A share of one as a percentage: `12.3%`; what is more than nothing is never written as `0%`. */
export function formatShare(share: number): string {
  const percent = share * 100;
  if (percent === 0) return '0%';
  if (percent < 0.001) return '<0.001%';
  return `${percent >= 99.95 ? Math.round(percent) : Number(percent.toPrecision(percent < 0.1 ? 1 : 3))}%`;
}

/** `1.5 MiB`; binary units. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  let value = bytes;
  while (value >= 1_023.5 && unit < units.length - 1) {
    value /= 1_024;
    unit += 1;
  }
  return `${Number(value.toPrecision(3))} ${units[unit]}`;
}

/** Minutes and seconds: `0:07`, `12:30`, `1:02:03`. */
export function formatElapsed(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60];
  const hours = Math.floor(seconds / 3_600);
  if (hours > 0) parts.unshift(hours);
  return parts
    .map((part, index) => (index === 0 ? `${part}` : `${part}`.padStart(2, '0')))
    .join(':');
}

/** `2026-03-14 09:26:53 UTC` */
export function formatMoment(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** Twelve digits of a commit, and what else its name says: `3f9c2d17ab04-dirty`. */
export function formatCommit(commit: string): string {
  return commit.replace(/^([0-9a-f]{12})[0-9a-f]{28}(?![0-9a-f])/, '$1');
}

/** Digits behind the point so that three are shown in all: figures in a column keep their width. */
function threeDigits(value: number): string {
  if (value === 0) return '0';
  return value.toFixed(value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2);
}
