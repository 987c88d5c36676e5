import { formatDecimal } from '../../engine/protocol/decimal.ts';
import type { Asset, Registry } from '../registry/registry.ts';
import { ASSET_BLOCKCHAIN } from '../schemas/blockchains.ts';
import { json, type Route } from './route.ts';

export function assetRoutes(parts: { registry: Registry }): Route[] {
  return [
    {
      method: 'get',
      path: '/api/v1/assets',
      handle: () => json(parts.registry.assets.map(describe)),
    },
  ];
}

/**
 * Clients take an asset without a token for one that is switched off, so each has one. No asset lives on a blockchain:
 * the token is withdrawn by it like by any other, down to one unit, and nothing comes in by it.
 */
function describe({ symbol, scale }: Asset): object {
  const unit = formatDecimal(1, scale);
  const token = {
    blockchain: ASSET_BLOCKCHAIN,
    contractAddress: null,
    depositEnabled: false,
    displayName: symbol,
    maximumWithdrawal: null,
    minimumDeposit: unit,
    minimumWithdrawal: unit,
    nativeDecimals: scale.decimals,
    withdrawEnabled: true,
    withdrawalFee: '0',
  };
  return { coingeckoId: null, displayName: symbol, symbol, tokens: [token] };
}
