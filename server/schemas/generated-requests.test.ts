import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Compile } from 'typebox/compile';
import { Random } from '../../engine/collections/random.ts';
import { useTestServer } from '../../persistence/testing/test-server.ts';
import type { RestartingVenue } from '../recovery/restarting-venue.fixture.ts';
import { openTrading, type Trader } from '../recovery/trading-venue.fixture.ts';
import { perhapsSpoiled, valueFor } from './generate.fixture.ts';
import { heldFetch } from './held-answers.fixture.ts';
import type { Operation } from './operation.ts';
import { OPERATIONS } from './operations.ts';

const server = useTestServer();
const SEED = 0x9e5;
const REQUESTS_OF_EACH = 25;

const KNOWN = {
  symbol: ['SOL_USDC', 'BTC_USDC', 'SOL'],
  price: ['100', '99.95'],
  quantity: ['1', '0.5'],
  interval: ['1m', '1h'],
  startTime: [1795358905],
  orderId: ['64', '65', '128'],
};

/** Each order of a batch is refused on its own, in an answer of 200. */
const REFUSED_IN_PARTS: ReadonlySet<string> = new Set(['placeOrders']);

/**
 * Every answer is held against its description as it comes; besides, no request makes a fault of the venue, and none
 * that its schema refuses is done.
 */
test('generated requests, good and bad, are answered as described', async (context) => {
  const { venue, traders } = await openTrading(context, server);
  const random = new Random(SEED);
  const counts = { done: 0, refused: 0 };
  const asked = OPERATIONS.filter(({ query, body }) => query !== undefined || body !== undefined);
  for (let round = 0; round < REQUESTS_OF_EACH; round++) {
    for (const operation of asked) {
      const { status, what, isFit } = await ask(venue, traders[round % 2]!, operation, random);
      assert.ok(status < 500 || status === 501, what);
      if (status === 200) counts.done++;
      else counts.refused++;
      const mayBeDone = isFit || REFUSED_IN_PARTS.has(operation.operationId);
      assert.ok(mayBeDone || status !== 200, `against its schema: ${what}`);
    }
  }
  for (const count of Object.values(counts)) {
    assert.ok(count > (REQUESTS_OF_EACH * asked.length) / 10, JSON.stringify(counts));
  }
});

interface Asked {
  readonly status: number;
  readonly what: string;
  /** Whether the schema of the request accepts it. */
  readonly isFit: boolean;
}

async function ask(
  venue: RestartingVenue,
  { signer }: Trader,
  operation: Operation,
  random: Random,
): Promise<Asked> {
  const { method, path, instruction, body, query } = operation;
  const schema = body ?? query!;
  const plain = JSON.parse(JSON.stringify(schema)) as object;
  const value = perhapsSpoiled(valueFor(plain, random, KNOWN), random);
  const content = body === undefined ? queryOf(value) : JSON.stringify(value);
  const verb = method === 'del' ? 'DELETE' : (method.toUpperCase() as 'GET' | 'POST' | 'PATCH');
  const reply =
    instruction === undefined
      ? await heldFetch(`${venue.url}${path}?${content}`)
      : await venue.signed(signer, verb, path, instruction, content);
  const what = `seed ${SEED}: ${verb} ${path} ${content} → ${reply.status} ${await reply.text()}`;
  // Of a query everything is text, and what that means is the business of its reader and that one's tests.
  const isFit = body === undefined || Compile(schema).Check(value);
  return { status: reply.status, what, isFit };
}

/** Lone halves of characters cannot be in a query. */
function queryOf(value: unknown): string {
  const members = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const query = new URLSearchParams();
  for (const [name, member] of members) {
    for (const item of Array.isArray(member) ? member : [member]) {
      query.append(name, String(item).toWellFormed());
    }
  }
  return query.toString();
}
