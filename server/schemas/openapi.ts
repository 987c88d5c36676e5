import type { TSchema } from 'typebox';
import { Components, type Json, type JsonObject } from './components.ts';
import { REFUSALS, Refusal } from './errors.ts';
import { isJson, type Operation, refusalStatuses } from './operation.ts';

const INTRODUCTION = `Spot trading over HTTP; \`/asyncapi.json\` has the streams and order entry over a websocket.

Requests that change or tell an account's state are signed with Ed25519 (\`x-instruction\` says what as). The signed
text is \`instruction=<x-instruction>&<parameters>&timestamp=<X-Timestamp>&window=<X-Window or 5000>\`: the parameters
of the query, or the members of the JSON body, sorted by name. In a batch the instruction and the sorted members of each
order follow each other, and timestamp and window come once at the end. Unknown parameters and members are ignored.`;

/** Of the paths' `v1`; grows by what is added to it. */
export const API_VERSION = '1.0';

/** What a signed request carries. The window may be left out. */
const SECURITY_SCHEMES = {
  apiKey: header('X-API-Key', 'The Ed25519 public key, base64.'),
  signature: header(
    'X-Signature',
    'The signature of the text that the introduction describes, base64.',
  ),
  timestamp: header('X-Timestamp', 'Milliseconds since the epoch; at most 1 s ahead.'),
  window: header(
    'X-Window',
    'For how many milliseconds the request is good, 60000 at most; 5000 unless given.',
  ),
};

const SIGNED = { apiKey: [], signature: [], timestamp: [] };
const SECURITY = [{ ...SIGNED, window: [] }, SIGNED];

const digits = (description: string) => ({
  description,
  schema: { type: 'string', pattern: '^[0-9]+$' },
});

/** By the names under which the components have them. */
const HEADERS = {
  'RateLimit-Policy': {
    description:
      'The burst of the limit that was counted last, and the seconds in which it fills: `200;w=10`.',
    schema: { type: 'string', pattern: '^[0-9]+;w=[0-9]+$' },
  },
  'RateLimit-Limit': digits('The burst.'),
  'RateLimit-Remaining': digits('What is left of it.'),
  'RateLimit-Reset': digits('Seconds until it is full again.'),
  'Retry-After': digits('Seconds to wait before another try.'),
  'X-Page-Count': digits('How many pages there are.'),
  'X-Current-Page': digits('Which one this is, from 1.'),
  'X-Page-Size': digits('The limit of a page.'),
  'X-Total': digits('How many items there are.'),
};
type HeaderName = keyof typeof HEADERS;

const RATE_HEADERS: readonly HeaderName[] = [
  ...(['RateLimit-Policy', 'RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset'] as const),
];
const PAGE_HEADERS: readonly HeaderName[] = [
  ...(['X-Page-Count', 'X-Current-Page', 'X-Page-Size', 'X-Total'] as const),
];

const CONTENT_TYPES = { text: 'text/plain', html: 'text/html' } as const;

/** The OpenAPI 3.1 document of the operations. */
export function openApiDocument(operations: readonly Operation[]): JsonObject {
  const components = new Components();
  const paths: Record<string, Record<string, Json>> = {};
  for (const operation of operations) {
    const method = operation.method === 'del' ? 'delete' : operation.method;
    const described = components.hoist(describe(operation));
    paths[operation.path] = { ...paths[operation.path], [method]: described };
  }
  components.hoist(Refusal);
  const tags = [...new Set(operations.map(({ tag }) => tag))].map((name) => ({ name }));
  return {
    openapi: '3.1.1',
    info: {
      title: 'Ringside',
      version: API_VERSION,
      description: INTRODUCTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    tags,
    paths,
    components: {
      schemas: components.schemas,
      headers: HEADERS,
      responses: components.hoist(refusalResponses()) as JsonObject,
      securitySchemes: SECURITY_SCHEMES,
    },
  };
}

function describe(operation: Operation): object {
  const { operationId, tag, summary, description, instruction, query, body } = operation;
  const refusals = refusalStatuses(operation);
  const references = refusals.map((status) => [status, reference('responses', nameOf(status))]);
  return {
    operationId,
    tags: [tag],
    summary,
    description,
    security: instruction === undefined ? [] : SECURITY,
    'x-instruction': instruction,
    parameters: query && parametersOf(query.properties, query.required ?? []),
    requestBody: body && { required: true, content: { 'application/json': { schema: body } } },
    responses: { 200: answerOf(operation), ...Object.fromEntries(references) },
  };
}

function parametersOf(properties: Readonly<Record<string, TSchema>>, required: readonly string[]) {
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}

function answerOf({ answer, isPaged }: Operation): object {
  const headers = headersOf(isPaged === true ? [...RATE_HEADERS, ...PAGE_HEADERS] : RATE_HEADERS);
  if (answer === 'nothing') return { description: 'Done.', headers };
  const content = isJson(answer)
    ? { 'application/json': { schema: answer } }
    : { [CONTENT_TYPES[answer]]: { schema: { type: 'string' } } };
  return { description: 'Done.', headers, content };
}

/** One response per status of a refusal. */
function refusalResponses(): object {
  const content = { 'application/json': { schema: Refusal } };
  const entries = Object.entries(REFUSALS).map(([status, description]) => {
    const names: HeaderName[] = [...RATE_HEADERS, 'Retry-After'];
    return [nameOf(Number(status)), { description, headers: headersOf(names), content }];
  });
  return Object.fromEntries(entries);
}

const nameOf = (status: number): string => `Refusal${status}`;

function headersOf(names: readonly HeaderName[]): object {
  return Object.fromEntries(names.map((name) => [name, reference('headers', name)]));
}

function reference(kind: 'headers' | 'responses', name: string): JsonObject {
  return { $ref: `#/components/${kind}/${name}` };
}

function header(name: string, description: string) {
  return { type: 'apiKey', in: 'header', name, description };
}
