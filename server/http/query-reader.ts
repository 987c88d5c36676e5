import type { Static, TObject, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { invalidRequest } from '../api-error.ts';
import { queryValues } from './query.ts';

/** What a schema of a query says, of which a refusal tells. */
interface ParameterSchema {
  readonly type?: string;
  readonly title?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: ParameterSchema;
}

/** Up to as many digits as safe integers have. */
const WHOLE_NUMBER = /^\d{1,16}$/;

/** Whole refusals, by the names of parameters that do not have the usual one. */
type Texts = Readonly<Record<string, string>>;

/**
 * Makes the reader of queries of a schema: texts become whole numbers and lists where it says so, then the compiled
 * schema checks them all. A query that it does not fit is refused for the first of its parameters that is wrong, in
 * the order of the schema. Names that the schema does not have are ignored. A repeated one that is no list is refused:
 * whoever reads the query on its way, or signs it, need not take the same of the values as we. An empty one that is
 * required is missing.
 *
 * @returns a function of the raw query without `?`, which throws ApiError 400 INVALID_CLIENT_REQUEST
 */
export function queryReader<Schema extends TObject>(
  schema: Schema,
  texts: Texts = {},
): (query: string) => Static<Schema> {
  const validator = Compile(schema as TObject);
  const properties = Object.entries(schema.properties) as [string, TSchema & ParameterSchema][];
  const required = new Set(schema.required ?? []);
  return (query) => {
    const sent = queryValues(query);
    const values: Record<string, unknown> = {};
    for (const [name, property] of properties) {
      if (property.type !== 'array' && sent.get(name)?.[1] !== undefined) {
        throw invalidRequest(`failed to parse parameter \`${name}\`: it is given more than once`);
      }
      const value = readingOf(sent.get(name), property);
      const isMissing = value === undefined || (value === '' && required.has(name));
      if (!isMissing) values[name] = value;
    }
    if (validator.Check(values)) return values as Static<Schema>;
    const names = properties.map(([name]) => name);
    const faults = new Set(validator.Errors(values).map(nameOfFault));
    const wrong = names.find((name) => {
      return faults.has(name) || (required.has(name) && values[name] === undefined);
    })!;
    const reason = reasonOf(schema.properties[wrong]!, values[wrong] === undefined);
    throw invalidRequest(texts[wrong] ?? `failed to parse parameter \`${wrong}\`: ${reason}`);
  };
}

/** A text that is no whole number stays one, for the schema to refuse. */
function readingOf(texts: readonly string[] | undefined, { type }: ParameterSchema): unknown {
  if (type === 'array') return texts;
  const text = texts?.[0];
  return type === 'integer' && text !== undefined && WHOLE_NUMBER.test(text) ? Number(text) : text;
}

/** The parameter that an error is in. */
function nameOfFault({ instancePath }: { readonly instancePath: string }): string | undefined {
  return instancePath.split('/')[1];
}

function reasonOf(schema: ParameterSchema, isMissing: boolean): string {
  const { type, minimum, maximum } = schema;
  const names = schema.items ?? schema;
  if (isMissing) return 'a value is required';
  if (names.enum !== undefined) {
    return `failed to parse "${names.title}": Expect a valid enumeration value.`;
  }
  if (type === 'integer') return `expected a whole number from ${minimum} to ${maximum}`;
  return 'the value is malformed';
}
