import { MoveFunds, TransferFunds } from '../../engine/protocol/commands.ts';
import { DECIMAL_LENGTH_MAX, formatDecimal, parseDecimal } from '../../engine/protocol/decimal.ts';
import { TransferKind } from '../../engine/protocol/enums.ts';
import { FundsMoved } from '../../engine/protocol/events.ts';
import type { FieldsOf, Message } from '../../engine/protocol/message.ts';
import { homeShardOfAccount } from '../../engine/protocol/sharding.ts';
import { REQUESTED_PREFIX } from '../../engine/protocol/transfer-id.ts';
import { ApiError, invalidRequest } from '../api-error.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { type HttpReply, json, type Route } from '../http/route.ts';
import type { AccountDirectory } from '../registry/account-directory.ts';
import type { Asset, Registry } from '../registry/registry.ts';
import { parseAccountId } from './accounts.ts';
import { BodyFields } from './body-fields.ts';
import { askShards, partOf } from './shard-request.ts';

const TRANSFER_ID_LENGTH_MAX = 128;
const ACCOUNT_ID_MOST = 2 ** 53 - 1;
const RESERVED_ID = invalidRequest(
  `id must not begin with ${REQUESTED_PREFIX}, as those of withdrawals do that accounts ask for`,
);

/**
 * `POST /admin/accounts/{accountId}/deposits` and `/withdrawals {id, asset, quantity}` →
 * `{asset, available, locked}`: the balance after it. The shard knows every transfer of the account by
 * its id: a repeated one moves nothing and gets the balance, another one of the same id is refused.
 *
 * `POST /admin/transfers {id, fromAccountId, toAccountId, asset, quantity}` moves what is available from one account to
 * another, and answers the balance of the first. Its ids are of the account it is from.
 */
export function transferRoutes(
  engine: EngineClient,
  registry: Registry,
  accounts: AccountDirectory,
): Route[] {
  const readMove = (fields: BodyFields) => {
    const transferId = fields.text('id', TRANSFER_ID_LENGTH_MAX);
    if (transferId.startsWith(REQUESTED_PREFIX)) throw RESERVED_ID;
    const asset = registry.assetBySymbol(fields.text('asset', 16));
    if (asset === undefined) throw new ApiError(400, 'INVALID_ASSET', 'Invalid asset');
    const amountUnits = amountOf(fields.text('quantity', DECIMAL_LENGTH_MAX), asset);
    return { asset, move: { requestId: 0, transferId, assetId: asset.assetId, amountUnits } };
  };
  const answer = async <F extends RequestFields>(
    message: Message<F>,
    command: FieldsOf<F>,
    accountId: number,
    { symbol, scale }: Asset,
  ): Promise<HttpReply> => {
    const shard = homeShardOfAccount(accountId, engine.shardCount);
    const moved = partOf(await askShards(engine, message, command, shard), FundsMoved);
    return json({
      asset: symbol,
      available: formatDecimal(moved.availableUnits, scale),
      locked: formatDecimal(moved.lockedUnits, scale),
    });
  };
  const route = (name: string, kind: TransferKind): Route => ({
    method: 'post',
    path: `/admin/accounts/:accountId/${name}`,
    async handle(request, parameters) {
      const accountId = parseAccountId(parameters.accountId!, accounts);
      const { asset, move } = readMove(new BodyFields(request.body));
      return answer(MoveFunds, { ...move, kind, accountId }, accountId, asset);
    },
  });
  const between: Route = {
    method: 'post',
    path: '/admin/transfers',
    async handle(request) {
      const fields = new BodyFields(request.body);
      const accountOf = (name: string): number =>
        parseAccountId(String(fields.integer(name, 1, ACCOUNT_ID_MOST)), accounts);
      const accountId = accountOf('fromAccountId');
      const toAccountId = accountOf('toAccountId');
      if (accountId === toAccountId) {
        throw invalidRequest('fromAccountId and toAccountId are the same account');
      }
      const { asset, move } = readMove(fields);
      return answer(TransferFunds, { ...move, accountId, toAccountId }, accountId, asset);
    },
  };
  return [
    route('deposits', TransferKind.Deposit),
    route('withdrawals', TransferKind.Withdrawal),
    between,
  ];
}

type RequestFields = { requestId: 'wideUint' };

function amountOf(quantity: string, asset: Asset): number {
  const amountUnits = parseDecimal(quantity, asset.scale);
  if (typeof amountUnits === 'number' && amountUnits > 0) return amountUnits;
  throw invalidRequest(
    `quantity must be a positive decimal of at most ${asset.scale.decimals} places, below 2^53 units`,
  );
}
