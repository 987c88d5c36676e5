import type { Request } from 'autocannon';
import {
  canonicalParameters,
  type KeyPair,
  type SignedParameters,
  signedHeaders,
} from '../client/signing.ts';
import type { ConnectionCounts } from '../generator/messages.ts';
import { noOutcomes } from '../generator/recorder.ts';
import { priceText, quantityText, type TradedMarket } from '../generator/traded-market.ts';
import type { TradingAccount } from '../run/trading-setup.ts';
import { RestAccount } from './rest-account.ts';

/**
 * What a connection sends again and again: an order that is placed, asked for and cancelled, balances and public reads;
 * orders that are placed and cancelled; or one public read.
 */
export const REST_MIXES = ['all', 'orders', 'depth', 'tickers'] as const;
export type RestMix = (typeof REST_MIXES)[number];

/** A resting order is so far from the middle that nothing meets it. */
const DISTANCE_TICKS = 1_000;
const QUANTITY_LOTS = 1;
/** Of each side that is shown by a depth request. */
const DEPTH_LEVELS = 20;
/** As long as a venue allows. */
const SIGNED_AHEAD_WINDOW_MS = 60_000;
/** In the answer to a cancel, and of the refusal of one whose order is over. */
const CANCELLED = '"status":"Cancelled"';
const NO_SUCH_ORDER = 'RESOURCE_NOT_FOUND';

interface Terms {
  readonly side: 'Bid' | 'Ask';
  readonly priceTicks: number;
}

/** What one connection remembers of its round. */
interface Round {
  account?: RestAccount;
  clientId?: number;
  terms?: Terms;
  isPlaced?: boolean;
}

/** What is signed of a request that has a body, and the body. */
interface SignedBody {
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** Of one round, made before it. */
interface SignedRound {
  readonly place: SignedBody;
  readonly cancel: SignedBody;
}

/** The requests of a mix, and what becomes of them. */
export class RestRequests {
  readonly outcomes = noOutcomes();
  readonly #market: TradedMarket;
  readonly #accounts: readonly RestAccount[];
  readonly #signed = new Map<number, SignedRound>();
  #rounds = 0;

  constructor(market: TradedMarket, accounts: readonly TradingAccount[]) {
    this.#market = market;
    this.#accounts = accounts.map((account) => new RestAccount(account));
  }

  /** What is known of the accounts, in their order, when `unknown` requests were never answered. */
  accounts(unknown: number): ConnectionCounts[] {
    return this.#accounts.map((account) => account.counts(unknown, QUANTITY_LOTS));
  }

  /** Of a mix, in the order of a connection's round. */
  of(mix: RestMix): Request[] {
    const { symbol } = this.#market;
    const depth = () => this.#read('/api/v1/depth', { symbol, limit: DEPTH_LEVELS });
    const away = (): Terms => this.#termsAt(2 * DEPTH_LEVELS);
    switch (mix) {
      case 'all': {
        const ticker = this.#read('/api/v1/ticker', { symbol });
        return [depth(), this.#place(away), this.#query(), ticker, this.#cancel(), this.#capital()];
      }
      case 'orders':
        return [this.#place(away), this.#cancel()];
      case 'depth':
        return [depth()];
      case 'tickers':
        return [this.#read('/api/v1/tickers', {})];
    }
  }

  /** Orders that stay, one on each level that a depth request shows: one request, to be sent `amount` times. */
  levels(): { readonly requests: Request[]; readonly amount: number } {
    let level = 0;
    return { requests: [this.#place(() => this.#termsAt(level++))], amount: 2 * DEPTH_LEVELS };
  }

  /** Signs the orders and cancels of the next rounds: then it takes no time while they are sent, for a minute. */
  signAhead(rounds: number): void {
    for (let clientId = this.#rounds + 1; clientId <= this.#rounds + rounds; clientId++) {
      const { keyPair } = this.#accountOf(clientId);
      const terms = this.#termsAt(2 * DEPTH_LEVELS);
      this.#signed.set(clientId, {
        place: this.#signedPlace(keyPair, clientId, terms, SIGNED_AHEAD_WINDOW_MS),
        cancel: this.#signedCancel(keyPair, clientId, SIGNED_AHEAD_WINDOW_MS),
      });
    }
  }

  #accountOf(clientId: number): RestAccount {
    return this.#accounts[clientId % this.#accounts.length]!;
  }

  /** Of level after level, bids and asks in turn, from the touch on. */
  #termsAt(level: number): Terms {
    const { midTicks, reachTicks } = this.#market;
    const nearest = Math.min(DISTANCE_TICKS, reachTicks - DEPTH_LEVELS);
    const distance = nearest + Math.floor(level / 2);
    return level % 2 === 0
      ? { side: 'Bid', priceTicks: midTicks - distance }
      : { side: 'Ask', priceTicks: midTicks + distance };
  }

  #read(path: string, parameters: SignedParameters): Request {
    const query = canonicalParameters(parameters);
    const whole = query === '' ? path : `${path}?${query}`;
    return this.#counted({ method: 'GET', path: whole }, (request) => request);
  }

  #place(nextTerms: () => Terms): Request {
    const start = { method: 'POST', path: '/api/v1/order' } as const;
    return this.#counted(start, (request, round) => {
      this.outcomes.orders++;
      const clientId = ++this.#rounds;
      const account = this.#accountOf(clientId);
      const terms = nextTerms();
      Object.assign(round, { account, clientId, terms, isPlaced: false });
      account.placing(clientId);
      const ahead = this.#signed.get(clientId)?.place;
      return withBody(request, ahead ?? this.#signedPlace(account.keyPair, clientId, terms));
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
    return this.#counted({ method: 'DELETE', path: '/api/v1/order' }, (request, round) => {
      this.outcomes.cancels++;
      const { account, clientId } = round;
      account!.cancelling(clientId!);
      const ahead = this.#signed.get(clientId!)?.cancel;
      this.#signed.delete(clientId!);
      return withBody(request, ahead ?? this.#signedCancel(account!.keyPair, clientId!));
    });
  }

  #capital(): Request {
    return this.#counted({ method: 'GET' }, (request, round) =>
      withQuery(request, round, '/api/v1/capital', 'balanceQuery', {}),
    );
  }

  #signedPlace(
    keyPair: KeyPair,
    clientId: number,
    { side, priceTicks }: Terms,
    windowMs?: number,
  ): SignedBody {
    const market = this.#market;
    const price = priceText(market, priceTicks);
    const quantity = quantityText(market, QUANTITY_LOTS);
    const { symbol } = market;
    const order = { symbol, side, orderType: 'Limit', price, quantity, clientId };
    return signedBody(keyPair, 'orderExecute', order, windowMs);
  }

  #signedCancel(keyPair: KeyPair, clientId: number, windowMs?: number): SignedBody {
    const { symbol } = this.#market;
    return signedBody(keyPair, 'orderCancel', { symbol, clientId }, windowMs);
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
    const { account, clientId, terms } = round;
    if (method === 'POST') {
      round.isPlaced = true;
      account!.placed(clientId!, terms!.priceTicks, status);
    } else if (method === 'DELETE') {
      account!.cancelled(clientId!, status);
      if (body.includes(CANCELLED)) this.outcomes.cancelled++;
    }
  }
}

function signedBody(
  keyPair: KeyPair,
  instruction: string,
  body: SignedParameters,
  windowMs?: number,
): SignedBody {
  const headers = signedHeaders(keyPair, instruction, [body], Date.now(), windowMs);
  return {
    headers: { ...headers, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  };
}

function withBody(request: Request, { headers, body }: SignedBody): Request {
  return { ...request, headers, body };
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
