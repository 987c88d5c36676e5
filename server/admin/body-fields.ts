import { invalidRequest } from '../api-error.ts';

/**
 * The fields of an admin request's JSON body. Unknown fields are ignored; a missing one or one of
 * another type is refused by name. A null counts as missing.
 */
export class BodyFields {
  readonly #fields: Readonly<Record<string, unknown>>;

  /** @throws ApiError when the body is not a JSON object. */
  constructor(body: string) {
    let parsed: unknown;
    try {
      parsed = JSON.parse(body);
    } catch {
      throw invalidRequest('body is not JSON');
    }
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
      throw invalidRequest('body must be a JSON object');
    }
    this.#fields = parsed as Record<string, unknown>;
  }

  /**
   * A string of 1 to `lengthMax` characters: no control character, which Postgres or a terminal might
   * choke on, and no half of a surrogate pair, which UTF-8 would turn into another text.
   */
  text(name: string, lengthMax: number): string {
    return this.optionalText(name, lengthMax) ?? missing(name);
  }

  optionalText(name: string, lengthMax: number): string | null {
    const value = this.#value(name);
    return value === null ? null : printable(name, value, lengthMax);
  }

  /** At most `countMax` strings, each as in `text`; null when absent. */
  optionalTexts(name: string, countMax: number, lengthMax: number): string[] | null {
    const value = this.#value(name);
    if (value === null) return null;
    if (!Array.isArray(value) || value.length > countMax) {
      throw invalidRequest(`${name} must be a list of at most ${countMax} strings`);
    }
    return value.map((item: unknown) => printable(name, item, lengthMax));
  }

  boolean(name: string): boolean {
    const value = this.#value(name) ?? missing(name);
    if (typeof value === 'boolean') return value;
    throw invalidRequest(`${name} must be true or false`);
  }

  /** A whole number, or a text as `text` takes it. */
  textOrInteger(name: string, lengthMax: number): string | number {
    const value = this.#value(name);
    if (typeof value === 'number') return this.integer(name, 0, Number.MAX_SAFE_INTEGER);
    return this.text(name, lengthMax);
  }

  isPresent(name: string): boolean {
    return this.#value(name) !== null;
  }

  integer(name: string, min: number, max: number): number {
    return this.optionalInteger(name, min, max) ?? missing(name);
  }

  optionalInteger(name: string, min: number, max: number): number | null {
    const value = this.#value(name);
    if (value === null) return null;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
      throw invalidRequest(`${name} must be an integer ${min} to ${max}`);
    }
    return value;
  }

  /** One of the names of a closed set, as its number. */
  choice(name: string, values: Readonly<Record<string, number>>): number {
    const value = this.#value(name) ?? missing(name);
    if (typeof value === 'string' && Object.hasOwn(values, value)) return values[value]!;
    throw invalidRequest(`${name} must be one of ${Object.keys(values).join(', ')}`);
  }

  /** A non-empty list of names of a set, as the sum of their bits; null when absent. */
  optionalBits(name: string, bits: Readonly<Record<string, number>>): number | null {
    const value = this.#value(name);
    if (value === null) return null;
    const items: unknown[] = Array.isArray(value) ? value : [];
    let sum = 0;
    for (const item of items) {
      if (typeof item === 'string' && Object.hasOwn(bits, item)) sum |= bits[item]!;
      else sum = Number.NaN;
    }
    if (sum > 0) return sum;
    throw invalidRequest(`${name} must be a list of ${Object.keys(bits).join(', ')}`);
  }

  #value(name: string): unknown {
    return Object.hasOwn(this.#fields, name) ? (this.#fields[name] ?? null) : null;
  }
}

function printable(name: string, value: unknown, lengthMax: number): string {
  if (typeof value !== 'string') throw invalidRequest(`${name} must be a string`);
  if (value === '' || value.length > lengthMax || /[\p{Cc}\p{Cs}]/u.test(value)) {
    throw invalidRequest(`${name} must be 1 to ${lengthMax} printable characters`);
  }
  return value;
}

function missing(name: string): never {
  throw invalidRequest(`${name} is missing`);
}
