import type { Json, JsonObject } from './components.ts';
import { marked, notationOf, textOf } from './page-text.ts';

const STYLE = `
:root{color-scheme:light dark;--line:#8884;--soft:#8881;--link:#2a6fdb}
body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:62rem;padding:1rem 1.5rem 6rem}
code,.path{font:13px/1.5 ui-monospace,monospace}
code{background:var(--soft);padding:0 .2em;border-radius:3px}
a{color:var(--link);text-decoration:none}a:hover{text-decoration:underline}
nav ul{columns:3 14rem;list-style:none;padding:0}nav li{break-inside:avoid}
section{border-top:1px solid var(--line);padding:.2rem 0 .8rem}h2{margin-top:3rem}h3{margin:.8rem 0 .2rem;
font-size:1.05rem}
.method{display:inline-block;min-width:4.5em;font-weight:700}
table{border-collapse:collapse;width:100%;margin:.4rem 0}
td,th{text-align:left;vertical-align:top;
padding:.2rem .8rem .2rem 0;border-bottom:1px solid var(--line)}
pre{white-space:pre-wrap;margin:.3rem 0}.soft{opacity:.7}`;

/** Both documents as one page of plain HTML: nothing is loaded, nothing runs. */
export function docsPage(openApi: JsonObject, asyncApi: JsonObject): string {
  const requests = requestsOf(openApi);
  const messages = messagesOf(asyncApi);
  const schemas = { ...schemasOf(openApi), ...schemasOf(asyncApi) };
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Ringside: the API</title><style>${STYLE}</style></head><body>
<h1>Ringside: the API</h1>
<p>The same for programs: <a href="/openapi.json">OpenAPI 3.1</a>, <a href="/asyncapi.json">AsyncAPI 3</a>.</p>
<nav><h2>Contents</h2><p><a href="#http">HTTP</a> ·
<a href="#websocket">Websocket</a> · <a href="#schemas">Schemas</a></p>
<ul>${requests.map(({ id, name }) => `<li><a href="#${id}" class="path">${name}</a></li>`).join('\n')}</ul></nav>
<h2 id="http">HTTP</h2>${introductionOf(openApi)}
${requests.map(({ html }) => html).join('\n')}
<h2 id="websocket">Websocket</h2>${introductionOf(asyncApi)}
${messages.join('\n')}
<h2 id="schemas">Schemas</h2>
${Object.entries(schemas)
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([name, schema]) => schemaSection(name, schema))
  .join('\n')}
</body></html>
`;
}

interface Entry {
  readonly id: string;
  readonly name: string;
  readonly html: string;
}

function requestsOf({ paths }: JsonObject): Entry[] {
  return Object.entries(paths as JsonObject).flatMap(([path, item]) =>
    Object.entries(item as JsonObject).map(([method, operation]) =>
      requestEntry(path, method, operation as JsonObject),
    ),
  );
}

function requestEntry(path: string, method: string, operation: JsonObject): Entry {
  const id = textOf(operation.operationId);
  const name = `<span class="method">${method.toUpperCase()}</span> ${textOf(path)}`;
  const { summary, description = '', parameters = [], requestBody } = operation;
  const instruction = operation['x-instruction'];
  const lines = [
    `<section id="${id}"><h3 class="path">${name}</h3><p>${marked(`${summary}. ${description}`)}</p>`,
    instruction === undefined ? '' : `<p>Signed as <code>${textOf(instruction)}</code>.</p>`,
    parameterTable(parameters as readonly JsonObject[]),
    requestBody === undefined ? '' : `<p>Body: ${contentOf(requestBody as JsonObject)}</p>`,
    ...answersOf(operation.responses as JsonObject),
    '</section>',
  ];
  return { id, name, html: lines.filter((line) => line !== '').join('\n') };
}

function parameterTable(parameters: readonly JsonObject[]): string {
  if (parameters.length === 0) return '';
  const rows = parameters.map(({ name, required, schema }) => {
    const { description = '' } = schema as JsonObject;
    const need = required === true ? 'required' : '';
    return `<tr><td class="path">${textOf(name)}</td><td>${notationOf(schema!)}</td><td>${need}</td><td>${marked(description)}</td></tr>`;
  });
  return `<table>${rows.join('')}</table>`;
}

function answersOf(responses: JsonObject): string[] {
  const { 200: done, ...refusals } = responses;
  const statuses = Object.keys(refusals).join(', ');
  return [
    `<p>Answer: ${contentOf(done as JsonObject)}</p>`,
    `<p class="soft">Refusals: ${statuses}, as <a href="#schema-Refusal">Refusal</a>.</p>`,
  ];
}

function contentOf({ content }: JsonObject): string {
  if (content === undefined) return 'nothing';
  const [type, media] = Object.entries(content as JsonObject)[0]!;
  return type === 'application/json' ? notationOf((media as JsonObject).schema!) : textOf(type);
}

function messagesOf({ channels, operations }: JsonObject): string[] {
  const { messages } = (channels as JsonObject).socket as JsonObject;
  const payloadOf = (reference: Json): string => {
    const name = textOf((reference as JsonObject).$ref)
      .split('/')
      .at(-1)!;
    return notationOf(((messages as JsonObject)[name] as JsonObject).payload!);
  };
  return Object.entries(operations as JsonObject).map(([name, operation]) => {
    const { summary, description = '', messages: sent, reply } = operation as JsonObject;
    const answers = ((reply as JsonObject | undefined)?.messages ?? []) as readonly Json[];
    const notations = [...(sent as readonly Json[]), ...answers].map(payloadOf);
    return `<section><h3>${textOf(name)}</h3><p>${marked(`${summary}. ${description}`)}</p><p>${notations.join(' → ')}</p></section>`;
  });
}

function schemasOf({ components }: JsonObject): JsonObject {
  return (components as JsonObject).schemas as JsonObject;
}

function schemaSection(name: string, schema: Json): string {
  const { description = '', properties, required = [] } = schema as JsonObject;
  const needed = new Set(required as readonly string[]);
  const rows = Object.entries((properties ?? {}) as JsonObject).map(([member, value]) => {
    const { description: said = '' } = value as JsonObject;
    const mark = needed.has(member) ? '' : '?';
    return `<tr><td class="path">${textOf(member)}${mark}</td><td>${notationOf(value)}</td><td>${marked(said)}</td></tr>`;
  });
  const body =
    properties === undefined ? `<p>${notationOf(schema)}</p>` : `<table>${rows.join('')}</table>`;
  return `<section id="schema-${name}"><h3>${name}</h3><p>${marked(description)}</p>${body}</section>`;
}

function introductionOf({ info }: JsonObject): string {
  const paragraphs = String((info as JsonObject).description).split('\n\n');
  return paragraphs.map((paragraph) => `<p>${marked(paragraph)}</p>`).join('');
}
