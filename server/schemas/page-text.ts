import type { Json, JsonObject } from './components.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** A value of a document as text of a page. */
export function textOf(value: Json | undefined): string {
  return String(value).replace(/[&<>"]/g, (character) => ENTITIES[character]!);
}

/** The same, with code between backticks. */
export function marked(value: Json): string {
  return textOf(value).replace(/`([^`]+)`/g, '<code>$1</code>');
}

/** A schema in a line, its named parts as links. */
export function notationOf(schema: Json): string {
  const { $ref, anyOf, enum: values, type, items, properties, prefixItems } = schema as JsonObject;
  if (typeof $ref === 'string') {
    const name = textOf($ref.split('/').at(-1));
    return `<a href="#schema-${name}">${name}</a>`;
  }
  if (anyOf !== undefined) return listOf(anyOf).map(notationOf).join(' | ');
  if (values !== undefined) return listOf(values).map(constant).join(' | ');
  if ('const' in (schema as JsonObject)) return constant((schema as JsonObject).const!);
  if (prefixItems !== undefined) return `[${listOf(prefixItems).map(notationOf).join(', ')}]`;
  if (type === 'array') return `list of ${notationOf(items!)}`;
  if (properties !== undefined) return `{ ${members(schema as JsonObject)} }`;
  const { patternProperties } = schema as JsonObject;
  if (patternProperties !== undefined) {
    return `map of ${Object.values(patternProperties as JsonObject)
      .map(notationOf)
      .join('')}`;
  }
  return `${textOf(type ?? 'anything')}${rangeOf(schema as JsonObject)}`;
}

function members({ properties, required = [] }: JsonObject): string {
  const needed = new Set(listOf(required));
  const entries = Object.entries(properties as JsonObject);
  const texts = entries.map(([name, schema]) => {
    return `${textOf(name)}${needed.has(name) ? '' : '?'}: ${notationOf(schema)}`;
  });
  return texts.join(', ');
}

function rangeOf({ minimum, maximum, pattern, maxLength }: JsonObject): string {
  const isRange = minimum !== undefined || maximum !== undefined;
  const isUnbounded = maximum === undefined || maximum === Number.MAX_SAFE_INTEGER;
  const range = isRange ? ` ${textOf(minimum ?? '')}…${isUnbounded ? '' : textOf(maximum)}` : '';
  const length = maxLength === undefined ? '' : `, ${textOf(maxLength)} characters at most`;
  return range + (pattern === undefined ? '' : ` <code>${textOf(pattern)}</code>`) + length;
}

function constant(value: Json): string {
  return `<code>${textOf(typeof value === 'string' ? value : JSON.stringify(value))}</code>`;
}

function listOf(value: Json): readonly Json[] {
  return value as readonly Json[];
}
