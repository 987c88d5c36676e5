import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Static } from 'typebox';
import { firstLineOf, requestedTransferId } from '../../engine/protocol/transfer-id.ts';
import { type HistoryRange, WHOLE_HISTORY } from '../../persistence/account-history.ts';
import type { HistoryGate } from '../account/history-gate.ts';
import { ApiError, invalidRequest } from '../api-error.ts';
import type { OrderGateway } from '../orders/order-gateway.ts';
import {
  isWithin,
  QUANTITY_FIELD,
  type RequestFields,
  readAmount,
} from '../orders/request-fields.ts';
import type { KillSwitches } from '../protection/kill-switches.ts';
import type { Registry } from '../registry/registry.ts';
import {
  ADDRESS_LENGTH_MAX,
  ASSET_LENGTH_MAX,
  CLIENT_ID_LENGTH_MAX,
  DEPOSIT_ADDRESS_QUERY,
  DEPOSITS_QUERY,
  WITHDRAWALS_QUERY,
} from '../schemas/transfers.ts';
import { BAD_BLOCKCHAIN, readBlockchain } from './blockchains.ts';
import { EMPTY_PAGE, pageParameters, pageReply, timeParameters } from './pages.ts';
import { queryReader } from './query-reader.ts';
import { type HttpReply, type HttpRequest, json, type Route } from './route.ts';
import {
  authenticateBody,
  authenticateQuery,
  jsonText,
  type SignedRequests,
} from './signed-request.ts';

const readAddressQuery = queryReader(DEPOSIT_ADDRESS_QUERY, { blockchain: BAD_BLOCKCHAIN });
const readDepositsQuery = queryReader(DEPOSITS_QUERY);
const readWithdrawalsQuery = queryReader(WITHDRAWALS_QUERY);

/** The money has moved by then, so its record is waited for longer than by a question; clients have 10 s. */
const RECORD_WAIT_MS = 4000;
const RECORD_RETRY_MS = 100;

const OUTCOME_UNSEEN = new ApiError(
  504,
  'TIMEOUT',
  'The withdrawal was made and is not in the history yet: ask for it there before you send it again',
);

const STOPPED = new ApiError(
  403,
  'ACCOUNT_DEACTIVATED',
  'The account is stopped by the kill switch: only the operator withdraws from it',
);

export interface TransferRoutesDependencies extends SignedRequests {
  readonly killSwitches: Pick<KillSwitches, 'stopsAccount'>;
  readonly gateway: OrderGateway;
  readonly history: HistoryGate;
  readonly registry: Registry;
}

/**
 * `/wapi/v1/capital`: deposits, withdrawals and the deposit address. There is no chain: money comes by the operator
 * alone, and what is withdrawn is gone and confirmed at once, wherever to.
 */
export function transferRoutes(dependencies: TransferRoutesDependencies): Route[] {
  const path = '/wapi/v1/capital/withdrawals';
  return [
    {
      method: 'get',
      path: '/wapi/v1/capital/deposit/address',
      handle: (request) => depositAddress(dependencies, request),
    },
    {
      method: 'get',
      path: '/wapi/v1/capital/deposits',
      handle: (request) => listDeposits(dependencies, request),
    },
    { method: 'get', path, handle: (request) => listWithdrawals(dependencies, request) },
    { method: 'post', path, handle: (request) => withdraw(dependencies, request) },
  ];
}

/** An address that no chain has: the same one for ever, and nothing that is sent there arrives. */
async function depositAddress(
  dependencies: TransferRoutesDependencies,
  request: HttpRequest,
): Promise<HttpReply> {
  const { grant } = await authenticateQuery(dependencies, request, 'depositAddressQuery');
  const { blockchain } = readAddressQuery(request.query);
  return json({ address: `ringside-${blockchain.toLowerCase()}-account-${grant.key.accountId}` });
}

async function listDeposits(
  dependencies: TransferRoutesDependencies,
  request: HttpRequest,
): Promise<HttpReply> {
  const { grant } = await authenticateQuery(dependencies, request, 'depositQueryAll');
  const range = rangeOf(readDepositsQuery(request.query), grant.key.accountId);
  return pageReply(await dependencies.history.deposits(range), range);
}

async function listWithdrawals(
  dependencies: TransferRoutesDependencies,
  request: HttpRequest,
): Promise<HttpReply> {
  const { grant } = await authenticateQuery(dependencies, request, 'withdrawalQueryAll');
  const parameters = readWithdrawalsQuery(request.query);
  const range = rangeOf(parameters, grant.key.accountId);
  const { id: number, clientId } = parameters;
  const name = { number, clientId: readClientId(clientId) ?? undefined };
  return pageReply(await dependencies.history.withdrawals(range, name), range);
}

function rangeOf(parameters: Static<typeof DEPOSITS_QUERY>, accountId: number): HistoryRange {
  const page = pageParameters(parameters);
  return { ...WHOLE_HISTORY, ...page, ...timeParameters(parameters), accountId };
}

/**
 * Takes what is available out of the account. A request with the `clientId` of an earlier one and the same content
 * moves nothing and is answered as that one; with other content it is refused with 409. Nothing is moved while the
 * database, which has the withdrawal's id, is away, nor when the key or the window has ended before it answered; and
 * none from an account that the kill switch has stopped, whose keys may be in the wrong hands: the operator's own
 * withdrawals do not pass here.
 */
async function withdraw(
  dependencies: TransferRoutesDependencies,
  request: HttpRequest,
): Promise<HttpReply> {
  const { authenticator, gateway, history, killSwitches, registry } = dependencies;
  const { grant, body } = await authenticateBody(dependencies, request, 'withdraw');
  const { stopping } = gateway;
  if (stopping !== undefined) throw stopping;
  const { accountId } = grant.key;
  const { transferId, assetId, amountUnits } = readWithdrawal(body, registry);
  const range = { ...WHOLE_HISTORY, accountId, limit: 1 };
  const name = { transferId: firstLineOf(transferId) };
  await history.withdrawals(range, name);
  // In the turn in which it is sent: behind the end of its key, or a latch that is set from here on, nothing goes out.
  authenticator.assertInForce(grant);
  if (killSwitches.stopsAccount(accountId)) throw STOPPED;
  await gateway.withdraw({ accountId, transferId, assetId, amountUnits });
  const deadlineMs = performance.now() + RECORD_WAIT_MS;
  for (;;) {
    const { items, total } = await history.withdrawals(range, name).catch(() => EMPTY_PAGE);
    if (total > 0) return jsonText(items.slice(1, -1));
    if (performance.now() > deadlineMs) throw OUTCOME_UNSEEN;
    await delay(RECORD_RETRY_MS);
  }
}

interface Withdrawal {
  readonly transferId: string;
  readonly assetId: number;
  readonly amountUnits: number;
}

/** @throws ApiError */
export function readWithdrawal(body: RequestFields, registry: Registry): Withdrawal {
  const address = readText(body.address, 'address', ADDRESS_LENGTH_MAX);
  const blockchain = readBlockchain(body.blockchain);
  const clientId = readClientId(body.clientId);
  const symbol = readText(body.symbol, 'symbol', ASSET_LENGTH_MAX);
  const asset = registry.assetBySymbol(symbol);
  if (asset === undefined) throw new ApiError(400, 'INVALID_ASSET', 'Invalid asset');
  const amountUnits = readAmount(body.quantity, asset.scale, QUANTITY_FIELD);
  if (amountUnits instanceof ApiError) throw amountUnits;
  const transferId = requestedTransferId({ blockchain, address }, clientId, randomUUID());
  return { transferId, assetId: asset.assetId, amountUnits };
}

/** Clients have text or a number; empty and null are none. */
function readClientId(value: unknown): string | null {
  if (value === undefined || value === null || value === '') return null;
  return readText(
    Number.isSafeInteger(value) ? String(value) : value,
    'clientId',
    CLIENT_ID_LENGTH_MAX,
  );
}

function readText(value: unknown, name: string, lengthMax: number): string {
  const isFit = typeof value === 'string' && value !== '' && isWithin(value, lengthMax);
  if (isFit && !/[\p{Cc}\p{Cs}]/u.test(value)) return value;
  throw invalidRequest(`\`${name}\` must be 1 to ${lengthMax} printable characters`);
}
