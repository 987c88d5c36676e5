import { type KeyPair, websocketSignature } from '../client/signing.ts';
import type { Random } from '../random.ts';
import { pick } from './mutate.ts';

export const SYMBOLS = ['AAA_USD', 'BBB_USD'] as const;

/** What a request may refer to. */
export interface KnownThings {
  readonly keyPair: KeyPair;
  /** Ids of orders of the account, and of another one, that were open at some time. */
  readonly orderIds: readonly string[];
}

export interface ValidRest {
  readonly method: 'GET' | 'POST' | 'DELETE' | 'PATCH';
  readonly path: string;
  /** Null for what needs no signature. */
  readonly instruction: string | null;
  /** In the query of a GET, else the body; an array is a batch. */
  readonly parameters: Record<string, unknown> | Record<string, unknown>[];
}

/** A new order such as clients send. */
export function validOrder(random: Random): Record<string, unknown> {
  const isMarket = random.chance(0.15);
  const side = pick(random, ['Bid', 'Ask']);
  const order: Record<string, unknown> = {
    symbol: pick(random, SYMBOLS),
    side,
    orderType: isMarket ? 'Market' : 'Limit',
    quantity: String(random.integer(1, 5)),
  };
  if (!isMarket) order.price = `${random.integer(90, 110)}.${random.integer(10, 99)}`;
  if (random.chance(0.3)) order.clientId = random.integer(0, 40);
  if (!isMarket && random.chance(0.3)) order.timeInForce = pick(random, ['GTC', 'IOC', 'FOK']);
  else if (!isMarket && random.chance(0.2)) order.postOnly = true;
  if (random.chance(0.1)) {
    order.selfTradePrevention = pick(random, ['RejectTaker', 'RejectMaker', 'RejectBoth']);
  }
  if (!isMarket && random.chance(0.1)) {
    delete order.quantity;
    order.triggerQuantity = '1';
    order.triggerPrice = String(random.integer(80, 120));
  }
  return order;
}

function orderReference(random: Random, { orderIds }: KnownThings): Record<string, unknown> {
  const symbol = pick(random, SYMBOLS);
  if (orderIds.length > 0 && random.chance(0.7)) return { symbol, orderId: pick(random, orderIds) };
  return { symbol, clientId: random.integer(0, 40) };
}

/** A request of the websocket. */
export function validFrame(random: Random, known: KnownThings): Record<string, unknown> {
  const id = random.chance(0.8) ? random.integer(0, 1_000_000) : `id ${random.integer(0, 99)}`;
  const method = pick(random, [
    ...['order.place', 'order.place', 'order.place', 'order.batch', 'order.cancel', 'order.cancel'],
    ...['order.reduce', 'order.replace', 'order.query', 'order.query', 'order.cancelAll'],
    ...['SUBSCRIBE', 'UNSUBSCRIBE', 'session.login', 'session.status', 'balances.query'],
    // Rare, since the socket is of no use after it. What cancels orders later is left out: states are compared.
    random.chance(0.1) ? 'session.logout' : 'order.unknown',
  ]);
  return { id, method, ...membersOf(method, random, known) };
}

function membersOf(method: string, random: Random, known: KnownThings): Record<string, unknown> {
  switch (method) {
    case 'order.place':
      return { params: validOrder(random) };
    case 'order.batch':
      return { params: Array.from({ length: random.integer(1, 4) }, () => validOrder(random)) };
    case 'order.reduce':
      return { params: { ...orderReference(random, known), quantity: '1' } };
    case 'order.replace':
      return { params: { ...orderReference(random, known), price: `${random.integer(90, 110)}` } };
    case 'order.cancelAll':
      return random.chance(0.5) ? {} : { params: { symbol: pick(random, SYMBOLS) } };
    case 'SUBSCRIBE':
    case 'UNSUBSCRIBE':
      // Not of depth: a listener of a quiet market makes it consume ids.
      return random.chance(0.3)
        ? { params: ['account.orderUpdate'], signature: websocketSignature(known.keyPair) }
        : {
            params: [`${pick(random, ['trade', 'ticker', 'bookTicker'])}.${pick(random, SYMBOLS)}`],
          };
    case 'session.login':
      return { signature: websocketSignature(known.keyPair) };
    default:
      return { params: orderReference(random, known) };
  }
}

/** A request over REST. */
export function validRest(random: Random, known: KnownThings): ValidRest {
  const symbol = pick(random, SYMBOLS);
  const path = '/api/v1/order';
  const reference = orderReference(random, known);
  return pick<() => ValidRest>(random, [
    () => ({
      ...{ method: 'POST', path, instruction: 'orderExecute' },
      parameters: validOrder(random),
    }),
    () => ({
      ...{ method: 'POST', path, instruction: 'orderExecute' },
      parameters: validOrder(random),
    }),
    () => ({
      ...{ method: 'POST', path: '/api/v1/orders', instruction: 'orderExecute' },
      parameters: Array.from({ length: random.integer(1, 3) }, () => validOrder(random)),
    }),
    () => ({ ...{ method: 'GET', path, instruction: 'orderQuery' }, parameters: reference }),
    () => ({ ...{ method: 'DELETE', path, instruction: 'orderCancel' }, parameters: reference }),
    () => ({
      ...{ method: 'PATCH', path, instruction: 'orderModify' },
      parameters: { ...reference, price: String(random.integer(90, 110)) },
    }),
    () => ({
      ...{ method: 'PATCH', path, instruction: 'orderModify' },
      parameters: { ...reference, reduceQuantity: '1' },
    }),
    () => ({
      ...{ method: 'GET', path: '/api/v1/orders', instruction: 'orderQueryAll' },
      parameters: random.chance(0.5) ? { symbol } : {},
    }),
    () => ({
      ...{ method: 'DELETE', path: '/api/v1/orders', instruction: 'orderCancelAll' },
      parameters: { symbol },
    }),
    () => ({
      ...{ method: 'GET', path: '/api/v1/capital', instruction: 'balanceQuery' },
      parameters: {},
    }),
    () => ({
      ...{ method: 'GET', path: `/api/v1/${pick(random, PUBLIC)}`, instruction: null },
      parameters: { symbol, limit: '5', interval: '1m', startTime: '1700000000' },
    }),
  ])();
}

const PUBLIC = [
  ...['assets', 'markets', 'market', 'ticker', 'tickers', 'depth', 'trades', 'trades/history'],
  ...['time', 'ping', 'status', 'nowhere'],
];
