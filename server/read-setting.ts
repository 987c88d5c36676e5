import { StartError } from './start-error.ts';

/** The variables that settings are in. */
export type Environment = Readonly<Record<string, string | undefined>>;

const WHOLE_NUMBER = /^(?:0|[1-9]\d{0,8})$/;

/** Null when unset, as an empty variable is. */
export function readValue(environment: Environment, name: string): string | null {
  const value = environment[name];
  return value === undefined || value === '' ? null : value;
}

/** @throws StartError always */
export function refuse(name: string, value: string, allowed: string): never {
  throw new StartError(`${name} is ${JSON.stringify(value)}, but must be ${allowed}`);
}

export function readText(
  environment: Environment,
  name: string,
  pattern: RegExp,
  allowed: string,
): string | null {
  const value = readValue(environment, name);
  if (value !== null && !pattern.test(value)) refuse(name, value, allowed);
  return value;
}

export function readInteger(
  environment: Environment,
  name: string,
  unset: number,
  min: number,
  max: number,
): number {
  const value = readValue(environment, name);
  if (value === null) return unset;
  const number = WHOLE_NUMBER.test(value) ? Number(value) : Number.NaN;
  if (number >= min && number <= max) return number;
  return refuse(name, value, max - min === 1 ? `${min} or ${max}` : `an integer ${min} to ${max}`);
}
