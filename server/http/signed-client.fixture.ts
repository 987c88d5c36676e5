import assert from 'node:assert/strict';
import type { RestartingVenue } from '../recovery/restarting-venue.fixture.ts';
import type { Trader } from '../recovery/trading-venue.fixture.ts';

export type Item = Record<string, unknown>;

const ATTEMPTS_MAX = 10;

interface Reply<Body> {
  readonly status: number;
  readonly body: Body;
  readonly headers: Headers;
}

/** One trader's way into a venue's REST API. */
export class SignedClient {
  readonly #venue: RestartingVenue;
  readonly trader: Trader;

  constructor(venue: RestartingVenue, trader: Trader) {
    this.#venue = venue;
    this.trader = trader;
  }

  /** @param content the query of a GET, the fields of the body of anything else */
  async send<Body = Item>(
    method: 'GET' | 'POST' | 'DELETE' | 'PATCH',
    path: string,
    instruction: string,
    content: string | Item = '',
  ): Promise<Reply<Body>> {
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    const reply = await this.#venue.signed(this.trader.signer, method, path, instruction, text);
    const answer = await reply.text();
    const isJson = reply.headers.get('content-type')?.startsWith('application/json');
    const body = isJson ? JSON.parse(answer) : answer;
    return { status: reply.status, body, headers: reply.headers };
  }

  /** The body of an answer of 200. History that a busy machine has not got yet is asked for again, as clients do. */
  async done<Body = Item>(...request: Parameters<SignedClient['send']>): Promise<Body> {
    for (let attempt = 1; ; attempt++) {
      const { status, body } = await this.send<Body>(...request);
      const isLate = status === 503 && /^HISTORY_/.test(String((body as Item).code));
      if (isLate && attempt < ATTEMPTS_MAX) continue;
      assert.equal(status, 200, JSON.stringify(body));
      return body;
    }
  }

  /** Places an order of SOL_USDC, a limit bid unless its fields say otherwise. */
  place(fields: Item): Promise<Item> {
    const usual = { orderType: 'Limit', side: 'Bid', symbol: 'SOL_USDC' };
    return this.done('POST', '/api/v1/order', 'orderExecute', { ...usual, ...fields });
  }

  cancel(orderId: unknown): Promise<Item> {
    const body = { orderId, symbol: 'SOL_USDC' };
    return this.done('DELETE', '/api/v1/order', 'orderCancel', body);
  }

  orders(query = ''): Promise<Item[]> {
    return this.done('GET', '/wapi/v1/history/orders', 'orderHistoryQueryAll', query);
  }

  fills(query = ''): Promise<Item[]> {
    return this.done('GET', '/wapi/v1/history/fills', 'fillHistoryQueryAll', query);
  }

  /** Status and code of a refusal, with what its message says. */
  async refusal(
    ...request: Parameters<SignedClient['send']>
  ): Promise<[status: number, code: unknown, message: unknown]> {
    const { status, body } = await this.send(...request);
    return [status, body.code, body.message];
  }
}

/** The paging headers of a reply: page count, current page, page size and total. */
export function pagingOf({ headers }: { readonly headers: Headers }): (string | null)[] {
  const names = ['X-Page-Count', 'X-Current-Page', 'X-Page-Size', 'X-Total'];
  return names.map((name) => headers.get(name));
}
