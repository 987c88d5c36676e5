import { ListAsset } from '../../engine/protocol/commands.ts';
import { AssetListed } from '../../engine/protocol/events.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { json, type Route } from '../http/route.ts';
import type { Asset, Registry } from '../registry/registry.ts';
import { BodyFields } from './body-fields.ts';
import { Creations } from './creations.ts';
import { ASSET_DECIMALS_MAX, checkAssetSymbol } from './listing.ts';
import { ALL_SHARDS, askShards, partOf } from './shard-request.ts';

/** `POST /admin/assets {symbol, decimals}` → `{assetId, symbol, decimals}`. */
export function assetRoutes(engine: EngineClient, registry: Registry): Route[] {
  const creations = new Creations<Asset>('asset', (symbol) => {
    const asset = registry.assetBySymbol(symbol);
    return asset && { content: String(asset.scale.decimals), result: asset };
  });

  async function list(symbol: string, decimals: number): Promise<Asset> {
    const assetId = registry.nextAssetId;
    const command = { requestId: 0, assetId, symbol, decimals };
    const parts = await askShards(engine, ListAsset, command, ALL_SHARDS);
    const listed = partOf(parts, AssetListed);
    return registry.addAsset(listed.assetId, listed.symbol, listed.decimals);
  }

  return [
    {
      method: 'post',
      path: '/admin/assets',
      async handle(request) {
        const fields = new BodyFields(request.body);
        const symbol = fields.text('symbol', 16);
        checkAssetSymbol(symbol);
        const decimals = fields.integer('decimals', 0, ASSET_DECIMALS_MAX);
        const asset = await creations.once(symbol, String(decimals), () => list(symbol, decimals));
        return json({ assetId: asset.assetId, symbol: asset.symbol, decimals });
      },
    },
  ];
}
