import assert from 'node:assert/strict';
import { compileClosed, type FindFaults } from './closed-schema.fixture.ts';
import { Refusal } from './errors.ts';
import { isJson, type Operation, refusalStatuses } from './operation.ts';
import { OPERATIONS } from './operations.ts';

/** An answer of the public server as a client has it. */
export interface HeardAnswer {
  /** In any case. */
  readonly method: string;
  /** With or without host and query. */
  readonly url: string;
  readonly status: number;
  readonly header: (name: string) => string | null;
  readonly body: string;
}

const PAGE_HEADERS = ['x-page-count', 'x-current-page', 'x-page-size', 'x-total'];
const CONTENT_TYPES = {
  json: 'application/json; charset=utf-8',
  text: 'text/plain; charset=utf-8',
  html: 'text/html; charset=utf-8',
} as const;

const findRefusalFaults = compileClosed(Refusal);
const findFaultsByOperation = new Map<Operation, FindFaults>();

/** Those that were answered 200 in this process. */
export const answeredOperations = new Set<string>();

/** Fails when an answer is not as the description of its request says. What has none is not looked at. */
export function holdAnswer(answer: HeardAnswer): void {
  const operation = operationOf(answer);
  if (operation === undefined) return;
  const { status, body } = answer;
  const what = `${answer.method} ${answer.url} → ${status} ${body.slice(0, 2000)}`;
  if (status === 200) {
    holdSuccess(operation, answer, what);
    answeredOperations.add(operation.operationId);
    return;
  }
  assert.ok(refusalStatuses(operation).includes(status), `the status is not described: ${what}`);
  assert.equal(answer.header('content-type'), CONTENT_TYPES.json, what);
  assert.deepEqual(findRefusalFaults(JSON.parse(body)), [], what);
}

function holdSuccess(operation: Operation, answer: HeardAnswer, what: string): void {
  const { answer: described, isPaged } = operation;
  const { header, body } = answer;
  if (isPaged === true)
    for (const name of PAGE_HEADERS) assert.match(`${header(name)}`, /^\d+$/, what);
  if (isJson(described)) {
    assert.equal(header('content-type'), CONTENT_TYPES.json, what);
    let findFaults = findFaultsByOperation.get(operation);
    if (findFaults === undefined) {
      findFaults = compileClosed(described);
      findFaultsByOperation.set(operation, findFaults);
    }
    assert.deepEqual(findFaults(JSON.parse(body)), [], what);
  } else if (described === 'nothing') {
    assert.equal(body, '', what);
  } else {
    assert.equal(header('content-type'), CONTENT_TYPES[described], what);
  }
}

function operationOf({ method, url }: HeardAnswer): Operation | undefined {
  const path = new URL(url, 'http://venue').pathname;
  const short = method.toLowerCase() === 'delete' ? 'del' : method.toLowerCase();
  return OPERATIONS.find((operation) => operation.path === path && operation.method === short);
}

/** `fetch`, with the answer held. */
export async function heldFetch(url: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(url, init);
  const body = await response.clone().text();
  const { method = 'GET' } = init;
  const header = (name: string): string | null => response.headers.get(name);
  holdAnswer({ method, url, status: response.status, header, body });
  return response;
}
