import type { Scale } from '../engine/protocol/decimal.ts';

/** Microseconds from the Unix epoch to 2000-01-01, where Postgres counts from. */
const POSTGRES_EPOCH_US = 946_684_800_000_000;
const POWERS_OF_TEN = Array.from({ length: 16 }, (_, exponent) => 10 ** exponent);
const NUMERIC_BASE = 10_000n;

/**
 * Writes column values in Postgres's binary format, each with its length before it: so they stand in
 * a COPY row and in a binary array alike
 * (https://www.postgresql.org/docs/18/sql-copy.html, src/backend/utils/adt/{numeric,timestamp}.c).
 * Binary, because the integers of the venue become exact numerics without a decimal string between.
 */
export class ValueWriter {
  bytes: Buffer;
  length = 0;

  constructor(initialBytes = 4096) {
    this.bytes = Buffer.allocUnsafe(initialBytes);
  }

  ensure(byteCount: number): void {
    if (this.length + byteCount <= this.bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.length + byteCount));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }

  int16(value: number): void {
    const { bytes, length } = this;
    bytes[length] = value >>> 8;
    bytes[length + 1] = value;
    this.length = length + 2;
  }

  int32(value: number): void {
    const { bytes, length } = this;
    bytes[length] = value >>> 24;
    bytes[length + 1] = value >>> 16;
    bytes[length + 2] = value >>> 8;
    bytes[length + 3] = value;
    this.length = length + 4;
  }

  null(): void {
    this.ensure(4);
    this.int32(-1);
  }

  bool(value: boolean): void {
    this.ensure(5);
    this.int32(1);
    this.bytes[this.length++] = value ? 1 : 0;
  }

  integer(value: number): void {
    this.ensure(8);
    this.int32(4);
    this.int32(value);
  }

  /** A safe integer of either sign. */
  bigint(value: number): void {
    this.ensure(12);
    this.int32(8);
    this.int32(Math.floor(value / 0x100000000));
    this.int32(value >>> 0);
  }

  timestamp(timeUs: number): void {
    this.bigint(timeUs - POSTGRES_EPOCH_US);
  }

  /** 0 = not known, which is null. */
  timestampOrNull(timeUs: number): void {
    if (timeUs === 0) this.null();
    else this.timestamp(timeUs);
  }

  text(value: string): void {
    const byteCount = Buffer.byteLength(value);
    this.ensure(4 + byteCount);
    this.int32(byteCount);
    this.length += this.bytes.write(value, this.length);
  }

  textOrNull(value: string | null): void {
    if (value === null) this.null();
    else this.text(value);
  }

  /** Text that was encoded before. */
  encodedText(value: Buffer): void {
    this.ensure(4 + value.length);
    this.int32(value.length);
    this.length += value.copy(this.bytes, this.length);
  }

  bytea(value: Uint8Array): void {
    this.ensure(4 + value.length);
    this.int32(value.length);
    this.bytes.set(value, this.length);
    this.length += value.length;
  }

  /** `steps` ≥ 0 as a numeric with all decimals of the scale. */
  numeric(steps: number, scale: Scale): void {
    const units = steps * scale.stepUnits;
    if (units > Number.MAX_SAFE_INTEGER || scale.decimals > 15) {
      this.bigNumeric(BigInt(steps) * BigInt(scale.stepUnits), scale.decimals);
      return;
    }
    const { decimals } = scale;
    const fraction = units % POWERS_OF_TEN[decimals]!;
    const whole = (units - fraction) / POWERS_OF_TEN[decimals]!;
    // A safe integer has at most four groups of four digits.
    const groups = whole === 0 ? 0 : whole < 1e4 ? 1 : whole < 1e8 ? 2 : whole < 1e12 ? 3 : 4;
    this.#numericHeader(groups, decimals);
    for (let group = groups - 1; group >= 0; group--) {
      this.int16(Math.floor(whole / POWERS_OF_TEN[group * 4]!) % 10_000);
    }
    let rest = fraction;
    let left = decimals;
    for (; left >= 4; left -= 4) {
      const below = rest % POWERS_OF_TEN[left - 4]!;
      this.int16((rest - below) / POWERS_OF_TEN[left - 4]!);
      rest = below;
    }
    if (left > 0) this.int16(rest * POWERS_OF_TEN[4 - left]!);
  }

  /** `units` × 10^-decimals, `units` ≥ 0, of any size. */
  bigNumeric(units: bigint, decimals: number): void {
    const padding = (4 - (decimals % 4)) % 4;
    let rest = units * 10n ** BigInt(padding);
    const digits: number[] = [];
    for (; rest > 0n; rest /= NUMERIC_BASE) digits.push(Number(rest % NUMERIC_BASE));
    const fractionGroups = (decimals + padding) / 4;
    while (digits.length < fractionGroups) digits.push(0);
    this.#numericHeader(digits.length - fractionGroups, decimals);
    for (let index = digits.length - 1; index >= 0; index--) this.int16(digits[index]!);
  }

  /** The server strips zero groups at either end itself. */
  #numericHeader(wholeGroups: number, decimals: number): void {
    const groups = wholeGroups + Math.ceil(decimals / 4);
    this.ensure(12 + groups * 2);
    this.int32(8 + groups * 2);
    this.int16(groups);
    this.int16(wholeGroups - 1);
    this.int16(0);
    this.int16(decimals);
  }
}
