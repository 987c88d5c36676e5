import assert from 'node:assert/strict';
import { test } from 'node:test';
import Type from 'typebox';
import Schema from 'typebox/schema';
import { Components, type Json, type JsonObject } from './components.ts';
import { docsPage } from './docs-page.ts';
import { asyncApi, openApi } from './documents.ts';
import { OPERATIONS } from './operations.ts';
import { SOCKET_METHODS } from './socket-methods.ts';
import { STREAMS } from './streams.ts';

const DOCUMENTS = { openApi: openApi(), asyncApi: asyncApi() };

/** Every object of a document. */
function* objectsOf(part: Json): Generator<JsonObject> {
  if (typeof part !== 'object' || part === null) return;
  if (!Array.isArray(part)) yield part as JsonObject;
  for (const item of Object.values(part)) yield* objectsOf(item as Json);
}

function resolve(document: JsonObject, reference: string): Json | undefined {
  const [start, ...names] = reference.split('/');
  assert.equal(start, '#', reference);
  return names.reduce<Json | undefined>((part, name) => (part as JsonObject)?.[name], document);
}

test('every reference leads somewhere, and every component is referred to', () => {
  for (const document of Object.values(DOCUMENTS)) {
    const objects = [...objectsOf(document)];
    const references = new Set(objects.map(({ $ref }) => $ref).filter((ref) => ref !== undefined));
    for (const reference of references) {
      assert.ok(resolve(document, String(reference)) !== undefined, String(reference));
    }
    const { schemas } = document.components as JsonObject;
    for (const name of Object.keys(schemas as JsonObject)) {
      assert.ok(references.has(`#/components/schemas/${name}`), `${name} is of no use`);
    }
  }
});

test('every component is a schema whose examples it accepts', () => {
  for (const document of Object.values(DOCUMENTS)) {
    const { schemas } = document.components as JsonObject;
    for (const [name, schema] of Object.entries(schemas as JsonObject)) {
      // References are looked up from the root of what is compiled.
      const whole = { ...(schema as JsonObject), components: { schemas: schemas! } };
      const validator = Schema.Compile(whole);
      for (const example of ((schema as JsonObject).examples ?? []) as Json[]) {
        assert.ok(validator.Check(example), `${name}: ${JSON.stringify(example)}`);
      }
    }
  }
});

test('each request, method and stream is in its document and on the page', () => {
  const { openApi: http, asyncApi: socket } = DOCUMENTS;
  const page = docsPage(http, socket);
  for (const { method, path, summary } of OPERATIONS) {
    const item = (http.paths as JsonObject)[path] as JsonObject;
    assert.ok(item[method === 'del' ? 'delete' : method] !== undefined, path);
    assert.ok(page.includes(path) && page.includes(summary), path);
  }
  const operations = Object.keys(socket.operations as JsonObject);
  assert.equal(operations.length, 2 + SOCKET_METHODS.length + STREAMS.length);
  for (const name of operations) assert.ok(page.includes(`<h3>${name}</h3>`), name);
});

test('the page loads nothing, and has a place for each of its links', () => {
  const page = docsPage(DOCUMENTS.openApi, DOCUMENTS.asyncApi);
  assert.doesNotMatch(page, /&amp;(?:lt|gt|amp|quot);/, 'nothing is escaped twice');
  assert.doesNotMatch(page, /<script|<link|<img|src=|url\(|https?:/i);
  const targets = [...page.matchAll(/href="#([^"]+)"/g)].map((match) => match[1]!);
  assert.ok(targets.length > OPERATIONS.length);
  for (const target of new Set(targets)) assert.ok(page.includes(`id="${target}"`), target);
});

test('two schemas of one name have to be equal', () => {
  const components = new Components();
  const one = Type.String({ title: 'Thing', description: 'a' });
  const reference = { $ref: '#/components/schemas/Thing' };
  assert.deepEqual(components.hoist({ a: one, list: [Type.Optional(one)] }), {
    ...{ a: reference, list: [reference] },
  });
  assert.deepEqual(components.schemas, { Thing: { type: 'string', description: 'a' } });
  assert.throws(
    () => components.hoist(Type.Integer({ title: 'Thing' })),
    /two schemas named Thing/,
  );
});
