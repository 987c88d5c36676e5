import assert from 'node:assert/strict';
import { ApiError } from '../api-error.ts';
import { holdAnswer } from '../schemas/held-answers.fixture.ts';
import type { HttpReply, Route } from './route.ts';

/** Calls the GET route of `target`'s path as the server would. */
export async function get(routes: readonly Route[], target: string): Promise<HttpReply> {
  const [path = '', query = ''] = target.split('?');
  const route = routes.find((candidate) => candidate.method === 'get' && candidate.path === path);
  assert.ok(route !== undefined, `no route for ${path}`);
  const request = {
    method: 'get' as const,
    path,
    query,
    header: () => '',
    body: '',
    remoteAddress: '127.0.0.1',
    receivedUs: 0,
  };
  const reply = await route.handle(request, {});
  const headers: Record<string, string> = { ...reply.headers, 'content-type': reply.contentType };
  const names = new Map(Object.entries(headers).map(([name, v]) => [name.toLowerCase(), v]));
  const header = (name: string): string | null => names.get(name) ?? null;
  holdAnswer({ method: 'get', url: target, status: reply.status, header, body: reply.body });
  return reply;
}

export async function getJson(routes: readonly Route[], target: string) {
  const reply = await get(routes, target);
  assert.equal(reply.status, 200, target);
  assert.equal(reply.contentType, 'application/json; charset=utf-8', target);
  return JSON.parse(reply.body);
}

/** Status, code and message of a refused request. */
export async function refusalOf(
  routes: readonly Route[],
  target: string,
): Promise<[status: number, code: string, message: string]> {
  try {
    const reply = await get(routes, target);
    assert.fail(`${target} was answered ${reply.status} ${reply.body}`);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return [error.status, error.code, error.message];
  }
}
