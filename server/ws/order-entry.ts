import { Permission } from '../../engine/protocol/enums.ts';
import type { OrderEvent } from '../../engine/protocol/events.ts';
import type { RejectCode } from '../../engine/protocol/reject-codes.ts';
import { US_PER_MS } from '../../engine/protocol/time-units.ts';
import { ApiError, apiErrorOf, busyError, invalidRequest } from '../api-error.ts';
import { forbidden } from '../auth/authenticate.ts';
import { nowUs } from '../clock.ts';
import type { OrderAnswer } from '../engine/pending-requests.ts';
import { balanceEntries } from '../orders/balances.ts';
import { BatchAnswers } from '../orders/batch-answers.ts';
import type { OrderGateway } from '../orders/order-gateway.ts';
import { readPage } from '../orders/order-page.ts';
import { isPlainObject, isPresent, type RequestFields } from '../orders/request-fields.ts';
import type { Registry } from '../registry/registry.ts';
import { EXPIRES_AT_MS_MAX } from '../schemas/socket-methods.ts';
import { REQUEST_ID_LENGTH_MAX } from './decode-frame.ts';
import type { Replies } from './replies.ts';
import { type Frame, IN_FLIGHT_MAX, type RequestId, type Session } from './session.ts';
import {
  NOT_LOGGED_IN,
  SERVER_ERROR,
  type SessionMethods,
  type SessionRequest,
} from './session-methods.ts';
import type { Sessions } from './sessions.ts';

/** Lists and cancel-alls one socket may have under way. */
const SOCKET_LISTS_IN_FLIGHT_MAX = 4;

const BUSY = busyError();
const FORBIDDEN = forbidden();
const NO_REQUEST_ID = invalidRequest(
  `\`id\` must be a number within ±${Number.MAX_SAFE_INTEGER} or a string of up to ${REQUEST_ID_LENGTH_MAX} characters`,
);
const UNKNOWN_METHOD = invalidRequest('Unknown method');
const BAD_EXPIRY = invalidRequest(
  `\`expiresAtMs\` is not a whole number from 0 to ${EXPIRES_AT_MS_MAX}`,
);
const EXPIRED = invalidRequest('Request has expired');

/** The order entry methods: everything a socket can ask besides its streams. */
export class OrderEntry {
  readonly #gateway: OrderGateway;
  readonly #sessions: Sessions;
  readonly #sessionMethods: SessionMethods;
  readonly #registry: Registry;

  constructor(
    gateway: OrderGateway,
    sessions: Sessions,
    sessionMethods: SessionMethods,
    registry: Registry,
  ) {
    this.#gateway = gateway;
    this.#sessions = sessions;
    this.#sessionMethods = sessionMethods;
    this.#registry = registry;
  }

  /** Handles one frame whose `method` is none of the stream methods; every frame gets one reply. */
  handle<T extends Frame>(
    session: Session,
    method: string,
    fields: RequestFields,
    id: RequestId | null,
    receivedUs: number,
    replies: Replies<T>,
  ): void {
    const expiresAtUs = readExpiryUs(fields);
    let refusal: ApiError | undefined;
    if (id === null) refusal = NO_REQUEST_ID;
    else if (expiresAtUs instanceof ApiError) refusal = expiresAtUs;
    else {
      refusal = this.#dispatch(method, { session, id, receivedUs, expiresAtUs, fields, replies });
    }
    if (refusal !== undefined)
      this.#sessions.send(session, replies.refused(id, receivedUs, refusal));
  }

  /** Answers the refusal when there will be no other reply. */
  #dispatch<T extends Frame>(method: string, request: SessionRequest<T>): ApiError | undefined {
    switch (method) {
      case 'order.place':
        return this.#place(request);
      case 'order.cancel':
        return this.#cancel(request);
      case 'order.replace':
        return this.#replace(request);
      case 'order.reduce':
        return this.#reduce(request);
      case 'order.batch':
        return this.#batch(request);
      case 'order.cancelAll':
        return this.#cancelAll(request);
      case 'order.query':
        return this.#query(request);
      case 'balances.query':
        return this.#queryBalances(request);
      default: {
        const answered = this.#sessionMethods.handle(method, request);
        return answered === null ? UNKNOWN_METHOD : answered;
      }
    }
  }

  #place<T extends Frame>(request: SessionRequest<T>): ApiError | undefined {
    const account = this.#admit(request.session, Permission.Trade);
    if (typeof account !== 'number') return account;
    const answer = new ExecutedOrderAnswer(request, this.#sessions);
    const { fields, expiresAtUs } = request;
    return counted(request, this.#gateway.place(account, fields.params, answer, expiresAtUs));
  }

  #replace<T extends Frame>(request: SessionRequest<T>): ApiError | undefined {
    const account = this.#admit(request.session, Permission.Trade);
    if (typeof account !== 'number') return account;
    const answer = new ExecutedOrderAnswer(request, this.#sessions);
    const { fields, expiresAtUs } = request;
    return counted(request, this.#gateway.replace(account, fields.params, answer, expiresAtUs));
  }

  #reduce<T extends Frame>(request: SessionRequest<T>): ApiError | undefined {
    const account = this.#admit(request.session, Permission.Trade);
    if (typeof account !== 'number') return account;
    const answer = new ExecutedOrderAnswer(request, this.#sessions);
    return counted(request, this.#gateway.reduce(account, request.fields.params, answer));
  }

  #cancel<T extends Frame>(request: SessionRequest<T>): ApiError | undefined {
    const account = this.#admit(request.session, Permission.Trade);
    if (typeof account !== 'number') return account;
    const answer = new ExecutedOrderAnswer(request, this.#sessions);
    return counted(request, this.#gateway.cancel(account, request.fields.params, answer));
  }

  /** The account that may do this on the socket, or the refusal. */
  #admit({ grant, inFlight }: Session, permission: number): number | ApiError {
    const { stopping } = this.#gateway;
    if (stopping !== undefined) return stopping;
    if (grant === null) return NOT_LOGGED_IN;
    if ((grant.key.permissions & permission) !== permission) return FORBIDDEN;
    return inFlight < IN_FLIGHT_MAX ? grant.key.accountId : BUSY;
  }

  /** One order if the params name one, else the open orders of a market or of all, or a page of them. */
  #query<T extends Frame>(request: SessionRequest<T>): ApiError | undefined {
    const account = this.#admit(request.session, Permission.Read);
    if (typeof account !== 'number') return account;
    const { params } = request.fields;
    const namesOrder =
      isPlainObject(params) && (params.orderId !== undefined || params.clientId !== undefined);
    if (!namesOrder) {
      const page = readPage(params);
      if (page instanceof ApiError) return page;
      return this.#gather(request, async () => page(await this.#gateway.queryAll(account, params)));
    }
    const answer = new OrderAloneAnswer(request, this.#sessions);
    return counted(request, this.#gateway.query(account, params, answer));
  }

  #cancelAll<T extends Frame>(request: SessionRequest<T>): ApiError | undefined {
    const account = this.#admit(request.session, Permission.Trade);
    if (typeof account !== 'number') return account;
    return this.#gather(request, () => this.#gateway.cancelAll(account, request.fields.params));
  }

  #batch<T extends Frame>(request: SessionRequest<T>): ApiError | undefined {
    const account = this.#admit(request.session, Permission.Trade);
    if (typeof account !== 'number') return account;
    const { session, id, receivedUs, expiresAtUs, fields, replies } = request;
    const startAnswers = (count: number): BatchAnswers<T> => {
      session.inFlight++;
      return new BatchAnswers(count, replies, (items, matchedUs) => {
        session.inFlight--;
        if (session.socket === null) return;
        this.#sessions.send(session, replies.list(id, receivedUs, matchedUs, items));
      });
    };
    return this.#gateway.batch(account, fields.params, startAnswers, expiresAtUs);
  }

  #queryBalances<T extends Frame>(request: SessionRequest<T>): ApiError | undefined {
    const account = this.#admit(request.session, Permission.Read);
    if (typeof account !== 'number') return account;
    const { session, id, receivedUs, replies } = request;
    const answer = this.#gateway.balances(account).then((balances) => {
      const result = Object.fromEntries(balanceEntries(balances, this.#registry));
      return replies.executed(id, receivedUs, result);
    });
    session.inFlight++;
    void this.#replyWith(request, answer).finally(() => session.inFlight--);
    return undefined;
  }

  #gather<T extends Frame>(
    request: SessionRequest<T>,
    ask: () => Promise<OrderEvent[]>,
  ): ApiError | undefined {
    const { session } = request;
    if (session.listsInFlight >= SOCKET_LISTS_IN_FLIGHT_MAX) return BUSY;
    session.inFlight++;
    session.listsInFlight++;
    void this.#replyWithList(request, ask());
    return undefined;
  }

  async #replyWithList<T extends Frame>(
    request: SessionRequest<T>,
    answer: Promise<OrderEvent[]>,
  ): Promise<void> {
    const { session, id, receivedUs, replies } = request;
    const frame = answer.then((orders) => {
      const matchedUs = orders.reduce((latest, order) => Math.max(latest, order.timeUs), 0);
      const items = orders.map((order) => replies.listOrder(order));
      return replies.list(id, receivedUs, matchedUs, items);
    });
    await this.#replyWith(request, frame);
    session.inFlight--;
    session.listsInFlight--;
  }

  /** Sends the reply when it is there, or the refusal that comes instead. */
  async #replyWith<T extends Frame>(
    { session, id, receivedUs, replies }: SessionRequest<T>,
    answer: Promise<T>,
  ): Promise<void> {
    const frame = await answer.catch((error: unknown) => {
      const refusal = error instanceof ApiError ? error : SERVER_ERROR;
      return replies.refused(id, receivedUs, refusal);
    });
    if (session.socket !== null) this.#sessions.send(session, frame);
  }
}

/**
 * Until when a request may be taken, µs; 0 when it does not say. The clock is the one of `times`, and it never steps
 * back: behind a request that was received later, nothing that expired before is taken any more, however late its bytes
 * come, and however long they wait behind a login.
 */
function readExpiryUs({ expiresAtMs }: RequestFields): number | ApiError {
  if (!isPresent(expiresAtMs)) return 0;
  if (typeof expiresAtMs !== 'number' || !Number.isInteger(expiresAtMs)) return BAD_EXPIRY;
  if (expiresAtMs < 0 || expiresAtMs > EXPIRES_AT_MS_MAX) return BAD_EXPIRY;
  const expiresAtUs = expiresAtMs * US_PER_MS;
  return nowUs() > expiresAtUs ? EXPIRED : expiresAtUs;
}

/** Counts a request that was sent; its answer comes in a later turn. */
function counted<T extends Frame>(
  { session }: SessionRequest<T>,
  refusal: ApiError | undefined,
): ApiError | undefined {
  if (refusal === undefined) session.inFlight++;
  return refusal;
}

/** Turns the engine's answer to one request into its reply, unless the socket is gone. */
abstract class SingleOrderAnswer<T extends Frame> implements OrderAnswer {
  /** Not with what was asked: thousands may wait for a shard, and each collection would copy it. */
  protected readonly request: Omit<SessionRequest<T>, 'fields' | 'expiresAtUs'>;
  readonly #sessions: Sessions;

  constructor({ session, id, receivedUs, replies }: SessionRequest<T>, sessions: Sessions) {
    this.request = { session, id, receivedUs, replies };
    this.#sessions = sessions;
  }

  answered(order: Readonly<OrderEvent>, fills: readonly Readonly<OrderEvent>[]): void {
    const { session } = this.request;
    session.inFlight--;
    if (session.socket !== null) this.#sessions.send(session, this.reply(order, fills));
  }

  refused(code: RejectCode): void {
    const { session, id, receivedUs, replies } = this.request;
    session.inFlight--;
    if (session.socket !== null)
      this.#sessions.send(session, replies.refused(id, receivedUs, apiErrorOf(code)));
  }

  protected abstract reply(order: Readonly<OrderEvent>, fills: readonly Readonly<OrderEvent>[]): T;
}

class ExecutedOrderAnswer<T extends Frame> extends SingleOrderAnswer<T> {
  protected override reply(order: Readonly<OrderEvent>, fills: readonly Readonly<OrderEvent>[]): T {
    const { id, receivedUs, replies } = this.request;
    return replies.executedOrder(id, receivedUs, order, fills);
  }
}

class OrderAloneAnswer<T extends Frame> extends SingleOrderAnswer<T> {
  protected override reply(order: Readonly<OrderEvent>): T {
    const { id, receivedUs, replies } = this.request;
    return replies.order(id, receivedUs, order);
  }
}
