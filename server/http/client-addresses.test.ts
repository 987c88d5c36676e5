import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { DEFAULT_LIMITS, type LimitSettings } from '../limits/limit-settings.ts';
import { Limits } from '../limits/limits.ts';
import { HttpServer } from './http-server.ts';
import { text as textReply } from './route.ts';

type Headers = Readonly<Record<string, string | readonly string[]>>;

/** Asks a server of its own from which client each request is; answers that, and what the server has logged. */
async function ask(
  settings: Partial<LimitSettings>,
  requests: readonly [from: string, headers: Headers][],
): Promise<{ clients: string[]; logged: string[] }> {
  const logged: string[] = [];
  const log = { info() {}, error: (line: string) => void logged.push(line) };
  const server = new HttpServer({ log, limits: new Limits({ ...DEFAULT_LIMITS, ...settings }) });
  server.serve([
    { method: 'get', path: '/who', handle: ({ remoteAddress }) => textReply(remoteAddress) },
  ]);
  const port = await server.listen('127.0.0.1', 0);
  const clients: string[] = [];
  for (const [localAddress, headers] of requests) {
    const from = { host: '127.0.0.1', localAddress, agent: false };
    const options = { port, path: '/who', headers: headers as OutgoingHttpHeaders, ...from };
    const [response] = (await once(request(options).end(), 'response')) as [IncomingMessage];
    clients.push(await text(response));
  }
  server.close();
  return { clients, logged };
}

const FORWARDED_FOR = { 'X-Forwarded-For': '192.0.2.1' };
const FORWARDED = { Forwarded: 'for=192.0.2.1' };

test('a proxy on an unlimited address that is not trusted is told of, once', async () => {
  for (const headers of [FORWARDED_FOR, FORWARDED]) {
    const { clients, logged } = await ask({}, [
      ['127.0.0.1', {}],
      ['127.0.0.1', headers],
      ['127.0.0.1', headers],
    ]);
    assert.deepEqual(new Set(clients), new Set(['127.0.0.1']));
    assert.equal(logged.length, 1);
    assert.match(logged[0]!, /^PROXY_NOT_TRUSTED: .*127\.0\.0\.1.*RINGSIDE_TRUST_PROXY=1/);
    assert.equal(logged[0]!.includes('192.0.2.1'), false, 'nothing that a client wrote is logged');
  }
});

test('nobody is told of what a client that is limited says, nor of a proxy that is trusted', async () => {
  const stranger = await ask({}, [
    ['127.0.0.1', {}],
    ['127.0.0.2', FORWARDED_FOR],
  ]);
  assert.deepEqual(stranger, { clients: ['127.0.0.1', '127.0.0.2'], logged: [] });
  const limited = await ask({ unlimitedAddresses: new Set() }, [['127.0.0.1', FORWARDED_FOR]]);
  assert.deepEqual(limited, { clients: ['127.0.0.1'], logged: [] });
  const trusted = await ask({ trustsProxy: true }, [
    ['127.0.0.1', FORWARDED_FOR],
    ['127.0.0.2', FORWARDED_FOR],
  ]);
  assert.deepEqual(trusted, { clients: ['192.0.2.1', '127.0.0.2'], logged: [] });
});

test('a trusted proxy may spell its client in any way, and say it in a line behind those of the client', async () => {
  const { clients } = await ask({ trustsProxy: true }, [
    ['127.0.0.1', { 'X-Forwarded-For': '::ffff:192.0.2.1' }],
    ['127.0.0.1', { 'X-Forwarded-For': '192.0.2.1:4000' }],
    ['127.0.0.1', { 'X-Forwarded-For': ['6.6.6.6', '192.0.2.1'] }],
    ['127.0.0.1', { 'X-Forwarded-For': '[2001:DB8:0::1]:4000' }],
    ['127.0.0.1', { 'X-Forwarded-For': 'nobody' }],
    ['127.0.0.1', { 'X-Forwarded-For': '' }],
  ]);
  const [mapped, withPort, twoLines, ...others] = clients;
  assert.deepEqual([mapped, withPort, twoLines], ['192.0.2.1', '192.0.2.1', '192.0.2.1']);
  assert.deepEqual(others, ['2001:db8::1', 'unknown', '127.0.0.1']);
});
