import { invalidRequest } from '../api-error.ts';

/** The index that some clients put behind a repeated name: `marketType[0]=SPOT`. */
const INDEX_SUFFIX = /\[\d*\]$/;

/**
 * The parameters of a query string, decoded. A name may be repeated or carry an index, `a=1&a=2` or
 * `a[0]=1&a[1]=2`. Names nobody asks for are ignored. The readers throw an `ApiError` for a value
 * that is missing or not of its kind.
 */
export class QueryParameters {
  readonly #values = new Map<string, string[]>();

  /** `query` is the raw string without `?`. */
  constructor(query: string) {
    for (const [rawName, value] of new URLSearchParams(query)) {
      const name = rawName.replace(INDEX_SUFFIX, '');
      const values = this.#values.get(name);
      if (values === undefined) this.#values.set(name, [value]);
      else values.push(value);
    }
  }

  all(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  /** The first value of `name`; undefined when absent. */
  text(name: string): string | undefined {
    return this.#values.get(name)?.[0];
  }

  requiredText(name: string): string {
    const value = this.text(name);
    if (value === undefined || value === '') throw unparsable(name, 'a value is required');
    return value;
  }

  /** `typeName` is what the exchange calls the set of values in its refusals. */
  oneOf<Value extends string>(
    name: string,
    typeName: string,
    allowed: readonly Value[],
  ): Value | undefined {
    const value = this.text(name);
    return value === undefined ? undefined : checked(name, typeName, allowed, value);
  }

  manyOf<Value extends string>(
    name: string,
    typeName: string,
    allowed: readonly Value[],
  ): readonly Value[] {
    return this.all(name).map((value) => checked(name, typeName, allowed, value));
  }

  /** A plain whole number in [min, max], both at most 2^53 − 1. */
  integer(name: string, min: number, max: number): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const number = /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN;
    if (!(number >= min && number <= max)) {
      throw unparsable(name, `expected a whole number from ${min} to ${max}`);
    }
    return number;
  }
}

function checked<Value extends string>(
  name: string,
  typeName: string,
  allowed: readonly Value[],
  value: string,
): Value {
  const found = allowed.find((candidate) => candidate === value);
  if (found !== undefined) return found;
  throw unparsable(name, `failed to parse "${typeName}": Expect a valid enumeration value.`);
}

function unparsable(name: string, reason: string): Error {
  return invalidRequest(`failed to parse parameter \`${name}\`: ${reason}`);
}
