import type { Request } from 'autocannon';
import { canonicalParameters, type SignedParameters, signedHeaders } from '../client/signing.ts';
import type { ConnectionCounts } from '../generator/messages.ts';
import { noOutcomes } from '../generator/recorder.ts';
import { priceText, quantityText, type TradedMarket } from '../generator/traded-market.ts';
import type { TradingAccount } from '../run/trading-setup.ts';
import { RestAccount } from './rest-account.ts';

/** A resting order is so far from the middle that nothing meets it. */
const DISTANCE_TICKS = 1_000;
const QUANTITY_LOTS = 1;
/** In the answer to a cancel, and of the refusal of one whose order is over. */
const CANCELLED = '"status":"Cancelled"';
const NO_SUCH_ORDER = 'RESOURCE_NOT_FOUND';

/** What one connection remembers of its round. */
interface Round {
  account?: RestAccount;
  clientId?: number;
  isPlaced?: boolean;
}

/**
 * The requests that every connection sends one after the other, again and again: public reads, and an order that is
 * placed, asked for and cancelled, each signed anew. Counts what becomes of them.
 */
export class RestRequests {
  readonly outcomes = noOutcomes();
  readonly #market: TradedMarket;
  readonly #accounts: readonly RestAccount[];
  #rounds = 0;

  constructor(market: TradedMarket, accounts: readonly TradingAccount[]) {
    this.#market = market;
    this.#accounts = accounts.map((account) => new RestAccount(account));
  }

  /** What is known of the accounts, in their order, when `unknown` requests were never answered. */
  accounts(unknown: number): ConnectionCounts[] {
    const terms = { priceTicks: this.#priceTicks, quantityLots: QUANTITY_LOTS };
    return this.#accounts.map((account) => account.counts(unknown, terms));
  }

  get #priceTicks(): number {
    const { midTicks, reachTicks } = this.#market;
    return midTicks - Math.min(DISTANCE_TICKS, reachTicks);
  }

  all(): Request[] {
    const { symbol } = this.#market;
    return [
      this.#read('/api/v1/depth', { symbol, limit: 20 }),
      this.#place(),
      this.#query(),
      this.#read('/api/v1/ticker', { symbol }),
      this.#cancel(),
      this.#capital(),
    ];
  }

  #read(path: string, parameters: SignedParameters): Request {
    const whole = `${path}?${canonicalParameters(parameters)}`;
    return this.#counted({ method: 'GET', path: whole }, (request) => request);
  }

  #place(): Request {
    const market = this.#market;
    const { symbol } = market;
    const order = {
      symbol,
      side: 'Bid',
      orderType: 'Limit',
      price: priceText(market, this.#priceTicks),
      quantity: quantityText(market, QUANTITY_LOTS),
    };
    const start = { method: 'POST', path: '/api/v1/order' } as const;
    return this.#counted(start, (request, round) => {
      this.outcomes.orders++;
      round.clientId = ++this.#rounds;
      round.isPlaced = false;
      round.account = this.#accounts[this.#rounds % this.#accounts.length]!;
      round.account.placing(round.clientId);
      return withBody(request, round, 'orderExecute', { ...order, clientId: round.clientId });
    });
  }

  #query(): Request {
    const { symbol } = this.#market;
    return this.#counted({ method: 'GET' }, (request, round) => {
      const parameters = { symbol, clientId: round.clientId };
      return withQuery(request, round, '/api/v1/order', 'orderQuery', parameters);
    });
  }

  #cancel(): Request {
    const { symbol } = this.#market;
    return this.#counted({ method: 'DELETE', path: '/api/v1/order' }, (request, round) => {
      this.outcomes.cancels++;
      round.account!.cancelling(round.clientId!);
      return withBody(request, round, 'orderCancel', { symbol, clientId: round.clientId });
    });
  }

  #capital(): Request {
    return this.#counted({ method: 'GET' }, (request, round) =>
      withQuery(request, round, '/api/v1/capital', 'balanceQuery', {}),
    );
  }

  #counted(start: Request, setUp: (request: Request, round: Round) => Request): Request {
    const { outcomes } = this;
    return {
      ...start,
      setupRequest: (request: Request, context: object) => {
        outcomes.sent++;
        return setUp(request, context as Round);
      },
      onResponse: (status: number, body: string, context: object) => {
        const round = context as Round;
        if (status >= 200 && status < 300) {
          outcomes.acknowledged++;
          this.#done(start.method, round, status, body);
          return;
        }
        const code = refusalCode(status, body);
        outcomes.refused[code] = (outcomes.refused[code] ?? 0) + 1;
        if (start.method === 'DELETE' && code === NO_SUCH_ORDER && round.isPlaced === true) {
          outcomes.cancelsTooLate++;
        }
      },
    };
  }

  #done(method: Request['method'], round: Round, status: number, body: string): void {
    const { account, clientId } = round;
    if (method === 'POST') {
      round.isPlaced = true;
      account!.placed(clientId!, status);
    } else if (method === 'DELETE') {
      account!.cancelled(clientId!, status);
      if (body.includes(CANCELLED)) this.outcomes.cancelled++;
    }
  }
}

function withBody(
  request: Request,
  { account }: Round,
  instruction: string,
  body: SignedParameters,
): Request {
  const headers = signedHeaders(account!.keyPair, instruction, [body]);
  return {
    ...request,
    headers: { ...headers, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  };
}

function withQuery(
  request: Request,
  { account }: Round,
  path: string,
  instruction: string,
  parameters: SignedParameters,
): Request {
  const query = canonicalParameters(parameters);
  const headers = signedHeaders(account!.keyPair, instruction, [parameters]);
  return { ...request, path: query === '' ? path : `${path}?${query}`, headers };
}

function refusalCode(status: number, body: string): string {
  try {
    return (JSON.parse(body) as { code?: string }).code ?? `HTTP_${status}`;
  } catch {
    return `HTTP_${status}`;
  }
}
