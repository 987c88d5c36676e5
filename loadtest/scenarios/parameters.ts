/** A parameter of a scenario: an option of the command line, and a line of its help. */
export type ParameterSpec =
  | {
      readonly kind: 'number';
      readonly default: number;
      readonly min: number;
      readonly max: number;
      /** False allows fractions. */
      readonly isWhole?: boolean;
      readonly help: string;
    }
  | {
      readonly kind: 'choice';
      readonly default: string;
      readonly choices: readonly string[];
      readonly help: string;
    }
  | {
      readonly kind: 'text';
      readonly default: string;
      readonly pattern: RegExp;
      /** What the pattern lets through, in words. */
      readonly allowed: string;
      readonly help: string;
    };

/** By name, as it stands on the command line without its dashes. */
export type ParameterSpecs = Readonly<Record<string, ParameterSpec>>;

/** The values of a scenario's parameters. */
export class Parameters {
  readonly #specs: ParameterSpecs;
  readonly #values: Readonly<Record<string, string | number>>;

  private constructor(specs: ParameterSpecs, values: Readonly<Record<string, string | number>>) {
    this.#specs = specs;
    this.#values = values;
  }

  /** Reads what was given and takes the default of what was not. Throws `ParameterError`. */
  static read(
    specs: ParameterSpecs,
    given: Readonly<Record<string, string | undefined>>,
  ): Parameters {
    for (const name of Object.keys(given)) {
      if (given[name] !== undefined && specs[name] === undefined) {
        throw new ParameterError(`this scenario has no --${name}`);
      }
    }
    const values: Record<string, string | number> = {};
    for (const [name, spec] of Object.entries(specs)) {
      const text = given[name];
      values[name] = text === undefined ? spec.default : readValue(name, spec, text);
    }
    return new Parameters(specs, values);
  }

  /** All of them, defaults included. */
  get all(): Readonly<Record<string, string | number>> {
    return this.#values;
  }

  has(name: string): boolean {
    return this.#values[name] !== undefined;
  }

  number(name: string): number {
    const value = this.#values[name];
    if (typeof value !== 'number') throw new TypeError(`no parameter ${name} of kind number`);
    return value;
  }

  text(name: string): string {
    const value = this.#values[name];
    if (typeof value !== 'string') throw new TypeError(`no parameter ${name} of kind text`);
    return value;
  }

  /** The same with other values for some, unchecked: for a scenario that runs another one. */
  with(values: Readonly<Record<string, string | number>>): Parameters {
    return new Parameters(this.#specs, { ...this.#values, ...values });
  }
}

/** A parameter is unknown or out of range; the message is the one line for the user. */
export class ParameterError extends Error {
  override name = 'ParameterError';
}

function readValue(name: string, spec: ParameterSpec, text: string): string | number {
  if (spec.kind === 'text') {
    if (spec.pattern.test(text)) return text;
    throw new ParameterError(`--${name} must be ${spec.allowed}, not "${text}"`);
  }
  if (spec.kind === 'choice') {
    if (spec.choices.includes(text)) return text;
    throw new ParameterError(`--${name} must be one of ${spec.choices.join(', ')}, not "${text}"`);
  }
  const { min, max, isWhole = true } = spec;
  const value = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max && (!isWhole || Number.isInteger(value))) return value;
  const sort = isWhole ? 'a whole number' : 'a number';
  throw new ParameterError(`--${name} must be ${sort} from ${min} to ${max}, not "${text}"`);
}

/** A whole number with a default. */
export function whole(value: number, min: number, max: number, help: string): ParameterSpec {
  return { kind: 'number', default: value, min, max, help };
}

/** A number with a default that may have a fraction. */
export function fraction(value: number, min: number, max: number, help: string): ParameterSpec {
  return { kind: 'number', default: value, min, max, isWhole: false, help };
}
