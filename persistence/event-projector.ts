import { assert } from '../engine/assert.ts';
import { nameOf, OrderBookState, OrderEventKind, TransferKind } from '../engine/protocol/enums.ts';
import {
  AccountCreated,
  AllowedAddressesSet,
  ApiKeyCreated,
  ApiKeyRevoked,
  AssetListed,
  BalanceChanged,
  BookDelta,
  FundsMoved,
  MarketListed,
  MarketStateChanged,
  MatchPrevented,
  OrderEvent,
  Trade,
} from '../engine/protocol/events.ts';
import type { FrameReader } from '../engine/protocol/frame-reader.ts';
import { transferIdParts } from '../engine/protocol/transfer-id.ts';
import { type Batch, NO_KEY_CHANGE, PREVENTION_NAMES, SIDE_NAMES } from './batch.ts';
import { EventMonths } from './event-months.ts';
import { Listings } from './listings.ts';

/**
 * Turns recorded events into what a batch writes. An event that names an asset or market that no
 * stream has listed yet changes nothing and is answered with false: the listing comes from another
 * shard, whose ring is read independently.
 */
export class EventProjector {
  /** What the events before have listed. */
  listings = new Listings();
  /** When the events before were. */
  months = new EventMonths([]);
  /** Of the event that was applied last, when it has rows in partitions; else 0. */
  rowTimeUs = 0;
  readonly #assetListed = AssetListed.create();
  readonly #marketListed = MarketListed.create();
  readonly #marketStateChanged = MarketStateChanged.create();
  readonly #accountCreated = AccountCreated.create();
  readonly #apiKeyCreated = ApiKeyCreated.create();
  readonly #apiKeyRevoked = ApiKeyRevoked.create();
  readonly #allowedAddressesSet = AllowedAddressesSet.create();
  readonly #balanceChanged = BalanceChanged.create();
  readonly #fundsMoved = FundsMoved.create();
  readonly #trade = Trade.create();
  readonly #matchPrevented = MatchPrevented.create();
  #orderEvent = OrderEvent.create();

  /** Takes the event that `reader` stands on into `batch`. False when the event must wait. */
  apply(reader: FrameReader, batch: Batch): boolean {
    this.rowTimeUs = 0;
    switch (reader.type) {
      case OrderEvent.type:
        return this.#applyOrderEvent(reader, batch);
      case Trade.type:
        return this.#applyTrade(reader, batch);
      case BookDelta.type:
        return true;
      case MatchPrevented.type:
        return this.#applyMatchPrevented(reader, batch);
      case BalanceChanged.type:
        return this.#applyBalanceChanged(reader, batch);
      case FundsMoved.type:
        return this.#applyFundsMoved(reader, batch);
      case AccountCreated.type:
        return this.#applyAccountCreated(reader, batch);
      case ApiKeyCreated.type:
        return this.#applyApiKeyCreated(reader, batch);
      case ApiKeyRevoked.type:
        return this.#applyApiKeyRevoked(reader, batch);
      case AllowedAddressesSet.type:
        return this.#applyAllowedAddressesSet(reader, batch);
      case AssetListed.type:
        return this.#applyAssetListed(reader, batch);
      case MarketListed.type:
        return this.#applyMarketListed(reader, batch);
      case MarketStateChanged.type:
        return this.#applyMarketStateChanged(reader, batch);
      default:
        assert(false, `message type ${reader.type} is not a recorded event`);
        return false;
    }
  }

  #applyAssetListed(reader: FrameReader, batch: Batch): boolean {
    const event = AssetListed.decode(reader, this.#assetListed);
    this.listings.addAsset(event);
    batch.changedAssets.add(event.assetId);
    return true;
  }

  #applyMarketListed(reader: FrameReader, batch: Batch): boolean {
    const event = MarketListed.decode(reader, this.#marketListed);
    const { listings } = this;
    if (!listings.hasAsset(event.baseAssetId) || !listings.hasAsset(event.quoteAssetId)) {
      return false;
    }
    listings.addMarket(event, OrderBookState.Open);
    batch.changedMarkets.add(event.marketId);
    return true;
  }

  #applyMarketStateChanged(reader: FrameReader, batch: Batch): boolean {
    const event = MarketStateChanged.decode(reader, this.#marketStateChanged);
    if (!this.listings.hasMarket(event.marketId)) return false;
    const market = this.listings.market(event.marketId);
    market.state = event.state;
    market.updatedAtUs = event.timeUs;
    batch.changedMarkets.add(event.marketId);
    return true;
  }

  #applyAccountCreated(reader: FrameReader, batch: Batch): boolean {
    const event = AccountCreated.decode(reader, this.#accountCreated);
    batch.accounts.set(event.accountId, { name: event.name, timeUs: event.timeUs });
    return true;
  }

  #applyApiKeyCreated(reader: FrameReader, batch: Batch): boolean {
    const event = ApiKeyCreated.decode(reader, this.#apiKeyCreated);
    const { publicKey, allowedAddresses, ...created } = event;
    batch.keys.set(publicKey, { created, allowedAddresses, revokedAtUs: null });
    return true;
  }

  #applyApiKeyRevoked(reader: FrameReader, batch: Batch): boolean {
    const { publicKey, timeUs } = ApiKeyRevoked.decode(reader, this.#apiKeyRevoked);
    const change = batch.keys.get(publicKey) ?? NO_KEY_CHANGE;
    batch.keys.set(publicKey, { ...change, revokedAtUs: timeUs });
    return true;
  }

  #applyAllowedAddressesSet(reader: FrameReader, batch: Batch): boolean {
    const event = AllowedAddressesSet.decode(reader, this.#allowedAddressesSet);
    const { publicKey, allowedAddresses } = event;
    const change = batch.keys.get(publicKey) ?? NO_KEY_CHANGE;
    batch.keys.set(publicKey, { ...change, allowedAddresses });
    return true;
  }

  #applyFundsMoved(reader: FrameReader, batch: Batch): boolean {
    const event = FundsMoved.decode(reader, this.#fundsMoved);
    if (!this.listings.hasAsset(event.assetId)) return false;
    const { accountId, assetId, timeUs } = event;
    const { transfers } = batch.tables;
    const { id, destination, clientId } = transferIdParts(event.transferId);
    transfers.count++;
    transfers.columns.account_id.bigint(accountId);
    transfers.columns.kind.text(nameOf(TransferKind, event.kind));
    transfers.columns.transfer_id.text(id);
    transfers.columns.asset_id.bigint(assetId);
    transfers.columns.amount.numeric(event.amountUnits, this.listings.asset(assetId).scale);
    transfers.columns.moved_at.timestamp(timeUs);
    transfers.columns.client_id.textOrNull(clientId);
    transfers.columns.blockchain.textOrNull(destination?.blockchain ?? null);
    transfers.columns.address.textOrNull(destination?.address ?? null);
    batch.setBalance(accountId, assetId, event.availableUnits, event.lockedUnits, timeUs);
    return true;
  }

  #applyBalanceChanged(reader: FrameReader, batch: Batch): boolean {
    const event = BalanceChanged.decode(reader, this.#balanceChanged);
    const { accountId, assetId, availableUnits, lockedUnits, timeUs } = event;
    if (!this.listings.hasAsset(assetId)) return false;
    batch.setBalance(accountId, assetId, availableUnits, lockedUnits, timeUs);
    return true;
  }

  #applyTrade(reader: FrameReader, batch: Batch): boolean {
    const trade = Trade.decode(reader, this.#trade);
    const { marketId, tradeId, priceTicks, quantityLots, timeUs } = trade;
    if (!this.listings.hasMarket(marketId)) return false;
    const market = this.listings.market(marketId);
    if (tradeId <= market.lastTradeId)
      assert(false, `trade ${tradeId} of market ${marketId} again`);
    market.lastTradeId = tradeId;
    const quoteUnits = priceTicks * quantityLots * market.spec.quoteUnitsPerTickLot;
    assert(Number.isSafeInteger(quoteUnits), 'a trade is worth more than 2^53 - 1 quote units');
    const row = batch.tables.trades.addRow();
    row.bigint(marketId);
    row.bigint(tradeId);
    row.numeric(priceTicks, market.priceScale);
    row.numeric(quantityLots, market.quantityScale);
    row.numeric(quoteUnits, market.quoteScale);
    row.encodedText(SIDE_NAMES[trade.takerSide]!);
    row.bigint(trade.makerOrderId);
    row.bigint(trade.takerOrderId);
    row.timestamp(timeUs);
    this.rowTimeUs = timeUs;
    batch.months.trades.add(timeUs);
    batch.klinesOf(marketId).addTrade(timeUs, tradeId, priceTicks, quantityLots, quoteUnits);
    return true;
  }

  #applyMatchPrevented(reader: FrameReader, batch: Batch): boolean {
    const event = MatchPrevented.decode(reader, this.#matchPrevented);
    if (!this.listings.hasMarket(event.marketId)) return false;
    const { priceScale, quantityScale } = this.listings.market(event.marketId);
    const row = batch.tables.preventedMatches.addRow();
    row.bigint(event.marketId);
    row.bigint(event.makerOrderId);
    row.bigint(event.takerOrderId);
    row.bigint(event.accountId);
    row.encodedText(SIDE_NAMES[event.takerSide]!);
    row.encodedText(PREVENTION_NAMES[event.mode]!);
    row.numeric(event.priceTicks, priceScale);
    row.numeric(event.quantityLots, quantityScale);
    row.timestamp(event.timeUs);
    this.rowTimeUs = event.timeUs;
    batch.months.prevented_matches.add(event.timeUs);
    return true;
  }

  #applyOrderEvent(reader: FrameReader, batch: Batch): boolean {
    const event = OrderEvent.decode(reader, this.#orderEvent);
    if (!this.listings.hasMarket(event.marketId)) return false;
    if (event.kind === OrderEventKind.Fill) this.#addFill(event, batch);
    const { accountId, timeUs } = event;
    const { spec } = this.listings.market(event.marketId);
    const { baseAvailableUnits, baseLockedUnits, quoteAvailableUnits, quoteLockedUnits } = event;
    batch.setBalance(accountId, spec.baseAssetId, baseAvailableUnits, baseLockedUnits, timeUs);
    batch.setBalance(accountId, spec.quoteAssetId, quoteAvailableUnits, quoteLockedUnits, timeUs);
    this.rowTimeUs = timeUs;
    this.#orderEvent = batch.setOrder(event);
    return true;
  }

  #addFill(event: OrderEvent, batch: Batch): void {
    const market = this.listings.market(event.marketId);
    const { spec, priceScale, quantityScale, quoteScale } = market;
    const quoteUnits = event.fillPriceTicks * event.fillLots * spec.quoteUnitsPerTickLot;
    assert(Number.isSafeInteger(quoteUnits), 'a fill is worth more than 2^53 - 1 quote units');
    const row = batch.tables.fills.addRow();
    row.bigint(event.marketId);
    row.bigint(event.tradeId);
    row.bigint(event.orderId);
    row.bigint(event.accountId);
    if (event.clientId === null) row.null();
    else row.bigint(event.clientId);
    row.encodedText(SIDE_NAMES[event.side]!);
    row.numeric(event.fillPriceTicks, priceScale);
    row.numeric(event.fillLots, quantityScale);
    row.numeric(quoteUnits, quoteScale);
    row.numeric(event.feeUnits, quoteScale);
    row.bigint(spec.quoteAssetId);
    row.bool(event.isMaker);
    row.timestamp(event.timeUs);
    batch.months.fills.add(event.timeUs);
    batch.historyCounts.addFill(event.accountId, event.marketId, event.timeUs);
  }
}
