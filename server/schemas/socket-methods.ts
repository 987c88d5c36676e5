import Type, { type TProperties, type TSchema } from 'typebox';
import { OPEN_ORDERS_MAX } from '../../engine/shard/order-desk.ts';
import { Balances } from './account.ts';
import { Refusal } from './errors.ts';
import { BatchAnswer, ExecutedOrder, Order } from './order-objects.ts';
import {
  BatchRequest,
  CancelAllAfterRequest,
  CancelAllRequest,
  OrderReference,
  PlaceOrderRequest,
  ReduceOrderRequest,
  ReplaceOrderRequest,
} from './order-requests.ts';
import { CancelTimer } from './orders.ts';
import { Count, MarketSymbol, nullable, oneOf, TimeUs } from './values.ts';

/** One method of the socket: what it is asked, and what its reply tells. */
export interface SocketMethod {
  readonly method: string;
  readonly summary: string;
  readonly params?: TSchema;
  /** Whether a request without params means something. */
  readonly isParamless?: boolean;
  readonly result: TSchema;
  /** Whether a shard was asked, so that the reply says how safe its answer is. */
  readonly isExecuted: boolean;
}

/** Beyond these numbers are not exact: another one would come back. */
const { MIN_SAFE_INTEGER, MAX_SAFE_INTEGER } = Number;

export const RequestId = Type.Union(
  [
    Type.Number({ minimum: MIN_SAFE_INTEGER, maximum: MAX_SAFE_INTEGER }),
    Type.String({ maxLength: 128 }),
  ],
  { title: 'RequestId', description: "The client's own; comes back in the reply." },
);

/** API key, signature, timestamp and window: of `instruction=subscribe&timestamp=…&window=…`. */
export const FrameSignature = Type.Unsafe<[string, string, string, string]>({
  title: 'FrameSignature',
  description:
    'API key, signature (both base64), timestamp and window (ms, as text): Ed25519 of `instruction=subscribe&timestamp=…&window=…`.',
  type: 'array',
  prefixItems: [{ type: 'string' }, { type: 'string' }, { type: 'string' }, { type: 'string' }],
  items: false,
  minItems: 4,
});

/** Of a request, ms since the epoch: its microseconds are the last that are counted exactly, in the year 2255. */
export const EXPIRES_AT_MS_MAX = Math.floor(MAX_SAFE_INTEGER / 1000);

const ExpiresAtMs = Type.Integer({
  title: 'ExpiresAtMs',
  description:
    'Milliseconds since the epoch: the request is refused when its turn comes later, by the clock of `times`; so is a new order, or a replace, whose shard takes it up later.',
  minimum: 0,
  maximum: EXPIRES_AT_MS_MAX,
});

/** The longest that orders may outlive their last socket. */
export const GRACE_MS_MAX = 600_000;

const guard = nullable(Type.Object({ graceMs: Count }, { title: 'DisconnectGuard' }));

const graceMs = Type.Optional(
  nullable(Type.Integer({ minimum: 0, maximum: GRACE_MS_MAX, description: '5000 unless given.' })),
);

export const GuardRequest = Type.Object(
  { cancelOnDisconnect: Type.Boolean(), graceMs },
  {
    title: 'CancelOnDisconnectRequest',
    description: "Whether the account's orders are cancelled when its last socket has gone.",
  },
);

/** The same at a login, where nothing need be said of it. */
export const LoginParams = Type.Object(
  { cancelOnDisconnect: Type.Optional(nullable(Type.Boolean())), graceMs },
  {
    title: 'LoginParams',
    description:
      'As of `session.cancelOnDisconnect`; what was asked for before a reconnect goes on unless given.',
  },
);

const SessionStatus = Type.Object(
  {
    isLoggedIn: Type.Boolean(),
    inFlight: Count,
    privateStreams: Count,
    accountId: Type.Optional(Count),
    apiKey: Type.Optional(Type.String()),
    permissions: Type.Optional(Type.Array(oneOf(['read', 'trade']))),
    cancelOnDisconnect: Type.Optional(guard),
    cancelAllAfter: Type.Optional(Type.Array(CancelTimer)),
    isStopped: Type.Optional(Type.Boolean({ description: 'By the kill switch.' })),
  },
  { title: 'SessionStatus' },
);

export const OpenOrdersRequest = Type.Object(
  {
    symbol: Type.Optional(nullable(MarketSymbol)),
    limit: Type.Optional(nullable(Type.Integer({ minimum: 1, maximum: OPEN_ORDERS_MAX }))),
    after: Type.Optional(nullable(Type.String({ pattern: '^[0-9]{1,16}$' }))),
  },
  {
    title: 'OpenOrdersRequest',
    description: 'The oldest first; `after` is the last order id of the page before.',
  },
);

export const SOCKET_METHODS: readonly SocketMethod[] = [
  {
    ...{ method: 'order.place', summary: 'Places an order', isExecuted: true },
    ...{ params: PlaceOrderRequest, result: ExecutedOrder },
  },
  {
    ...{ method: 'order.batch', summary: 'Places up to 50 orders', isExecuted: true },
    ...{ params: BatchRequest, result: BatchAnswer },
  },
  {
    ...{ method: 'order.cancel', summary: 'Cancels an order', isExecuted: true },
    ...{ params: OrderReference, result: ExecutedOrder },
  },
  {
    ...{ method: 'order.reduce', summary: 'Takes off an order', isExecuted: true },
    ...{ params: ReduceOrderRequest, result: ExecutedOrder },
  },
  {
    ...{ method: 'order.replace', summary: 'Replaces an order', isExecuted: true },
    ...{ params: ReplaceOrderRequest, result: ExecutedOrder },
  },
  {
    ...{ method: 'order.cancelAll', summary: 'Cancels open orders', isExecuted: true },
    ...{ params: CancelAllRequest, isParamless: true, result: Type.Array(Order) },
  },
  {
    ...{ method: 'order.query', summary: 'One open order, or a list of them', isExecuted: true },
    params: Type.Union([OrderReference, OpenOrdersRequest]),
    isParamless: true,
    result: Type.Union([Order, Type.Array(Order)]),
  },
  {
    ...{ method: 'balances.query', summary: 'Balances', isExecuted: true },
    result: Balances,
  },
  {
    ...{ method: 'session.login', summary: 'Logs in by a signature', isExecuted: false },
    params: LoginParams,
    isParamless: true,
    result: Type.Object({ accountId: Count, cancelOnDisconnect: guard }, { title: 'LoginResult' }),
  },
  {
    ...{ method: 'session.logout', summary: 'Logs out', isExecuted: false },
    result: Type.Object({ accountId: Count }, { title: 'LogoutResult' }),
  },
  {
    ...{ method: 'session.status', summary: 'Who the session is', isExecuted: false },
    result: SessionStatus,
  },
  {
    method: 'session.cancelOnDisconnect',
    ...{ summary: 'What becomes of the orders without a socket', isExecuted: true },
    params: GuardRequest,
    result: Type.Object({ cancelOnDisconnect: guard }, { title: 'CancelOnDisconnectResult' }),
  },
  {
    method: 'session.cancelAllAfter',
    ...{ summary: 'Sets the dead-man timer of the account', isExecuted: true },
    ...{ params: CancelAllAfterRequest, result: CancelTimer },
  },
];

/** `order.place` as `OrderPlace`. */
export function nameOfMethod({ method }: SocketMethod): string {
  return method.replace(/(?:^|\.)(\w)/g, (_all, letter: string) => letter.toUpperCase());
}

export function requestOf(method: SocketMethod): Type.TObject {
  const { params, isParamless = false } = method;
  const members: TProperties = {
    id: RequestId,
    method: Type.Literal(method.method),
    expiresAtMs: Type.Optional(nullable(ExpiresAtMs)),
  };
  if (params !== undefined) members.params = isParamless ? Type.Optional(nullable(params)) : params;
  if (method.method === 'session.login') members.signature = FrameSignature;
  return Type.Object(members, { title: `${nameOfMethod(method)}Request` });
}

const TIMES = { received: TimeUs, published: TimeUs };
const Times = Type.Object(TIMES, { title: 'Times' });
const EngineTimes = Type.Object(
  { ...TIMES, matched: Type.Optional(TimeUs), journaled: Type.Optional(TimeUs) },
  {
    title: 'EngineTimes',
    description:
      'When the gateway had the request, a shard took it up, a journal had it, and the reply was written.',
  },
);

const Acknowledgement = oneOf(['accepted', 'journaled', 'settled'], {
  title: 'Acknowledgement',
  description: 'Where what the engine did is: in memory, on disk, in the database.',
});

export function replyOf(method: SocketMethod): Type.TObject {
  const { isExecuted, result } = method;
  const engine = isExecuted ? { ack: Acknowledgement, times: EngineTimes } : { times: Times };
  const members = { id: RequestId, status: Type.Literal(200), result, ...engine };
  return Type.Object(members, { title: `${nameOfMethod(method)}Reply` });
}

/** Of any method, when it is refused. */
export const SocketRefusal = Type.Object(
  {
    id: nullable(RequestId),
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    error: Refusal,
    times: Times,
  },
  { title: 'SocketRefusal' },
);

const subscription = (method: 'SUBSCRIBE' | 'UNSUBSCRIBE', title: string) =>
  Type.Object(
    {
      id: Type.Optional(RequestId),
      method: Type.Literal(method),
      params: Type.Array(Type.String({ maxLength: 128 }), { description: 'Names of streams.' }),
      signature: Type.Optional(FrameSignature),
    },
    {
      title,
      description:
        'Silent when it is done, unless it has an `id`. Private streams are those of the signature, or of the login.',
    },
  );

export const SubscribeRequest = subscription('SUBSCRIBE', 'SubscribeRequest');
export const UnsubscribeRequest = subscription('UNSUBSCRIBE', 'UnsubscribeRequest');

export const SubscribedReply = Type.Object(
  { id: RequestId, result: Type.Null() },
  { title: 'SubscribedReply' },
);

/** The numbers of the streaming subset. */
export const StreamRefusal = Type.Object(
  {
    id: nullable(RequestId),
    error: Type.Object({
      code: Type.Unsafe<number>({
        type: 'integer',
        enum: [4002, 4003, 4006, 4008, 4029],
        description:
          '4002 parse error, 4003 signature, 4006 invalid stream, 4008 invalid depth window, 4029 too many, or busy.',
      }),
      message: Type.String(),
    }),
  },
  { title: 'StreamRefusal' },
);
