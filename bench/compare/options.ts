import { parseArgs } from 'node:util';
import type { Part } from '../gate/part.ts';
import { PARTS } from '../gate/parts/index.ts';

/** Ends the program: it was not called right. */
export function refuse(why: string): never {
  console.error(why);
  process.exit(2);
}

/** A program's arguments, each with a value, or without for those that are named so; an empty value is none. */
export function givenOptions<Name extends string, Flag extends string>(
  names: readonly Name[],
  flags: readonly Flag[],
): Partial<Record<Name, string>> & Partial<Record<Flag, boolean>> {
  const options = Object.fromEntries([
    ...names.map((name) => [name, { type: 'string' }] as const),
    ...flags.map((flag) => [flag, { type: 'boolean' }] as const),
  ]);
  try {
    const { values } = parseArgs({ options });
    const given = Object.entries(values).filter(([, value]) => value !== '');
    return Object.fromEntries(given) as ReturnType<typeof givenOptions<Name, Flag>>;
  } catch (error) {
    return refuse((error as Error).message);
  }
}

export function positiveNumber(name: string, text: string | undefined, otherwise: number): number {
  const value = text === undefined ? otherwise : Number(text);
  return value > 0 && Number.isFinite(value) ? value : refuse(`${name} is a number above 0`);
}

/** The parts named in a list with commas; all without one. */
export function selectedParts(only: string | undefined): readonly Part[] {
  if (only === undefined) return PARTS;
  const names = only.split(',').map((name) => name.trim());
  const unknown = names.find((name) => PARTS.every((part) => part.name !== name));
  if (unknown !== undefined) {
    refuse(`no part ${unknown}: there are ${PARTS.map(({ name }) => name).join(', ')}`);
  }
  return PARTS.filter(({ name }) => names.includes(name));
}
