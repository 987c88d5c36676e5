import { MoveFunds } from '../../engine/protocol/commands.ts';
import { formatDecimal, parseDecimal } from '../../engine/protocol/decimal.ts';
import { TransferKind } from '../../engine/protocol/enums.ts';
import { FundsMoved } from '../../engine/protocol/events.ts';
import { homeShardOfAccount } from '../../engine/protocol/sharding.ts';
import { REQUESTED_PREFIX } from '../../engine/protocol/transfer-id.ts';
import { ApiError, invalidRequest } from '../api-error.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { json, type Route } from '../http/route.ts';
import type { AccountDirectory } from '../registry/account-directory.ts';
import type { Asset, Registry } from '../registry/registry.ts';
import { parseAccountId } from './accounts.ts';
import { BodyFields } from './body-fields.ts';
import { askShards, partOf } from './shard-request.ts';

const TRANSFER_ID_LENGTH_MAX = 128;
const DECIMAL_LENGTH_MAX = 40;
const RESERVED_ID = invalidRequest(
  `id must not begin with ${REQUESTED_PREFIX}, as those of withdrawals do that accounts ask for`,
);

/**
 * `POST /admin/accounts/{accountId}/deposits` and `/withdrawals {id, asset, quantity}` →
 * `{asset, available, locked}`: the balance after it. The shard knows every transfer of the account by
 * its id: a repeated one moves nothing and gets the balance, another one of the same id is refused.
 */
export function transferRoutes(
  engine: EngineClient,
  registry: Registry,
  accounts: AccountDirectory,
): Route[] {
  const route = (name: string, kind: TransferKind): Route => ({
    method: 'post',
    path: `/admin/accounts/:accountId/${name}`,
    async handle(request, parameters) {
      const accountId = parseAccountId(parameters.accountId!, accounts);
      const fields = new BodyFields(request.body);
      const transferId = fields.text('id', TRANSFER_ID_LENGTH_MAX);
      if (transferId.startsWith(REQUESTED_PREFIX)) throw RESERVED_ID;
      const asset = registry.assetBySymbol(fields.text('asset', 16));
      if (asset === undefined) throw new ApiError(400, 'INVALID_ASSET', 'Invalid asset');
      const amountUnits = amountOf(fields.text('quantity', DECIMAL_LENGTH_MAX), asset);
      const { assetId } = asset;
      const command = { requestId: 0, kind, accountId, transferId, assetId, amountUnits };
      const shard = homeShardOfAccount(accountId, engine.shardCount);
      const moved = partOf(await askShards(engine, MoveFunds, command, shard), FundsMoved);
      return json({
        asset: asset.symbol,
        available: formatDecimal(moved.availableUnits, asset.scale),
        locked: formatDecimal(moved.lockedUnits, asset.scale),
      });
    },
  });
  return [route('deposits', TransferKind.Deposit), route('withdrawals', TransferKind.Withdrawal)];
}

function amountOf(quantity: string, asset: Asset): number {
  const amountUnits = parseDecimal(quantity, asset.scale);
  if (typeof amountUnits === 'number' && amountUnits > 0) return amountUnits;
  throw invalidRequest(
    `quantity must be a positive decimal of at most ${asset.scale.decimals} places, below 2^53 units`,
  );
}
