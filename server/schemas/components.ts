import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';

/** A part of a JSON document. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

/** What makes an object with a `title` a schema, which the head of a document is not. */
const SCHEMA_MEMBERS = ['type', 'anyOf', 'enum', 'const'] as const;

/**
 * Takes the named schemas out of a document: whatever has a `title` becomes a component under that name, and a
 * reference to it stands in its place. Two schemas of one name have to be equal.
 */
export class Components {
  readonly #schemas = new Map<string, JsonObject>();

  /** The part with references; anything that JSON has no word for, such as undefined members, is left out. */
  hoist(part: unknown): Json {
    return this.#visit(JSON.parse(JSON.stringify(part)) as Json);
  }

  /** What was taken out so far, by name. */
  get schemas(): JsonObject {
    const sorted = [...this.#schemas].sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(sorted);
  }

  #visit(part: Json): Json {
    if (part === null || typeof part !== 'object') return part;
    if (isList(part)) return part.map((item) => this.#visit(item));
    const entries = Object.entries(part);
    const visited = Object.fromEntries(entries.map(([name, value]) => [name, this.#visit(value)]));
    const { title, ...schema } = visited;
    if (typeof title !== 'string' || !SCHEMA_MEMBERS.some((name) => name in schema)) return visited;
    const known = this.#schemas.get(title);
    assert(known === undefined || isDeepStrictEqual(known, schema), `two schemas named ${title}`);
    this.#schemas.set(title, schema);
    return { $ref: `#/components/schemas/${title}` };
  }
}

function isList(part: Json): part is readonly Json[] {
  return Array.isArray(part);
}
