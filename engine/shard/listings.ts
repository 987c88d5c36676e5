import { MAX_ASSETS } from '../ledger/ledger.ts';
import type { ListAsset, ListMarket, MarketSpec, SetMarketState } from '../protocol/commands.ts';
import type { OrderBookState } from '../protocol/enums.ts';
import { AssetListed, MarketListed, MarketStateChanged } from '../protocol/events.ts';
import type { Body } from '../protocol/message.ts';
import { RejectCode } from '../protocol/reject-codes.ts';
import type { Saved } from '../snapshot/saved.ts';
import type { SnapshotReader } from '../snapshot/snapshot-reader.ts';
import type { SnapshotWriter } from '../snapshot/snapshot-writer.ts';
import type { Markets } from './markets.ts';
import type { ShardOutputs } from './outputs.ts';

/**
 * What is listed. Every shard is told everything; one of them, the owner by id, records the event, so
 * that it happens once. The same listing again changes nothing and is answered as the first time: whoever does not know
 * what became of it, since a shard was gone, asks for it again.
 */
export class Listings implements Saved {
  /** Time of the command being applied, µs. */
  nowUs = 0;
  readonly #shard: number;
  readonly #shardCount: number;
  readonly #markets: Markets;
  readonly #outputs: ShardOutputs;
  readonly #assets = new Map<number, { symbol: string; decimals: number }>();

  constructor(shard: number, shardCount: number, markets: Markets, outputs: ShardOutputs) {
    this.#shard = shard;
    this.#shardCount = shardCount;
    this.#markets = markets;
    this.#outputs = outputs;
  }

  /** By id, in the order of their listing. */
  get assets(): ReadonlyMap<number, { readonly symbol: string; readonly decimals: number }> {
    return this.#assets;
  }

  hasAsset(assetId: number): boolean {
    return this.#assets.has(assetId);
  }

  /** Whether it is this shard that records the asset's listing. */
  ownsAsset(assetId: number): boolean {
    return assetId % this.#shardCount === this.#shard;
  }

  listAsset(command: Body<typeof ListAsset>): void {
    const { requestId, assetId, symbol, decimals } = command;
    const known = this.#assets.get(assetId);
    const isOwner = this.ownsAsset(assetId);
    if (known !== undefined) {
      const isSame = known.symbol === symbol && known.decimals === decimals;
      if (!isSame) this.#outputs.refuse(requestId, RejectCode.AlreadyExists);
      else if (isOwner) this.#outputs.answer(AssetListed, { ...command, timeUs: this.nowUs });
      else this.#outputs.done(requestId);
      return;
    }
    if (assetId >= MAX_ASSETS) {
      this.#outputs.refuse(requestId, RejectCode.TooManyAssets);
      return;
    }
    this.#assets.set(assetId, { symbol, decimals });
    if (!isOwner) {
      this.#outputs.done(requestId);
      return;
    }
    this.#outputs.record(AssetListed, { ...command, timeUs: this.nowUs });
  }

  listMarket(command: Body<typeof ListMarket>): void {
    const { requestId, ...spec } = command;
    const known = this.#markets.get(spec.marketId);
    if (known !== undefined) {
      const timeUs = known.createdAtUs;
      if (!areSame(known.spec, spec)) this.#outputs.refuse(requestId, RejectCode.AlreadyExists);
      else if (known.book !== null) this.#outputs.answer(MarketListed, { ...command, timeUs });
      else this.#outputs.done(requestId);
      return;
    }
    if (!this.#assets.has(spec.baseAssetId) || !this.#assets.has(spec.quoteAssetId)) {
      this.#outputs.refuse(requestId, RejectCode.UnknownAsset);
      return;
    }
    const market = this.#markets.list(spec, this.nowUs);
    if (market.book === null) {
      this.#outputs.done(requestId);
      return;
    }
    this.#outputs.record(MarketListed, { ...command, timeUs: this.nowUs });
  }

  setMarketState({ requestId, marketId, state }: Body<typeof SetMarketState>): void {
    const market = this.#markets.get(marketId);
    if (market === undefined) {
      this.#outputs.refuse(requestId, RejectCode.UnknownMarket);
      return;
    }
    market.state = state as OrderBookState;
    if (market.book === null) {
      this.#outputs.done(requestId);
      return;
    }
    this.#outputs.record(MarketStateChanged, { requestId, marketId, state, timeUs: this.nowUs });
  }

  save(writer: SnapshotWriter): void {
    const row = writer.table('assets', 3);
    for (const [assetId, { symbol, decimals }] of this.#assets) {
      row.put(assetId);
      row.putText(symbol);
      row.put(decimals);
    }
    row.end();
  }

  load(reader: SnapshotReader): void {
    const row = reader.table('assets', 3);
    while (row.next()) {
      const assetId = row.take();
      this.#assets.set(assetId, { symbol: row.takeText(), decimals: row.take() });
    }
  }
}

function areSame(one: MarketSpec, other: MarketSpec): boolean {
  return Object.entries(one).every(([name, value]) => other[name as keyof MarketSpec] === value);
}
