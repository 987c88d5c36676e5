import Schema from 'typebox/schema';

/** Says what is wrong with a value, in one line each; nothing when it is as its schema says. */
export type FindFaults = (value: unknown) => string[];

/** Compiles a schema that allows no member which it does not name: what an answer says beyond it is a fault, too. */
export function compileClosed(schema: unknown): FindFaults {
  const validator = Schema.Compile(closed(JSON.parse(JSON.stringify(schema))) as object);
  return (value) => {
    if (validator.Check(value)) return [];
    return validator.Errors(value)[1].map(({ instancePath, message, params }) => {
      return `${instancePath}: ${message} ${JSON.stringify(params)}`;
    });
  };
}

function closed(part: unknown): unknown {
  if (typeof part !== 'object' || part === null) return part;
  if (Array.isArray(part)) return part.map(closed);
  const entries = Object.entries(part).map(([name, value]) => [name, closed(value)]);
  const copy: Record<string, unknown> = Object.fromEntries(entries);
  const isObject = copy.type === 'object' && copy.properties !== undefined;
  return isObject ? { additionalProperties: false, ...copy } : copy;
}
