import type { Asset, Registry } from '../registry/registry.ts';
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

/** Deposits and withdrawals are administrative acts here, so no asset lives on a blockchain. */
function describe(asset: Asset): object {
  return { coingeckoId: null, displayName: asset.symbol, symbol: asset.symbol, tokens: [] };
}
