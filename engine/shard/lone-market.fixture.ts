import {
  CreateAccount,
  ListAsset,
  ListMarket,
  type MarketSpec,
  MoveFunds,
  PlaceOrder,
} from '../protocol/commands.ts';
import { OrderType, Side, TimeInForce } from '../protocol/enums.ts';
import { type Heard, LoneShard, marketOf } from './shard-harness.fixture.ts';

export const BASE = 1;
export const QUOTE = 2;
export const FIRST_FUNDS = 100_000_000;

type OrderTerms = Partial<Omit<PlaceOrder, 'accountId' | 'side' | 'priceTicks' | 'quantityLots'>>;

/** One shard with one market, whose accounts 1 … 4 have ample funds of both assets. */
export class LoneMarket extends LoneShard {
  constructor(fields: Partial<MarketSpec> = {}) {
    super();
    this.send(ListAsset, { assetId: BASE, symbol: 'BASE', decimals: 0 });
    this.send(ListAsset, { assetId: QUOTE, symbol: 'QUOTE', decimals: 0 });
    const spec = marketOf({ marketId: 1, baseAssetId: BASE, quoteAssetId: QUOTE, ...fields });
    this.send(ListMarket, spec);
    for (const accountId of [1, 2, 3, 4]) {
      this.send(CreateAccount, { accountId, name: `account ${accountId}` });
      for (const assetId of [BASE, QUOTE]) {
        const transfer = { kind: 0, accountId, assetId, transferId: `first ${assetId}` };
        this.send(MoveFunds, { ...transfer, amountUnits: FIRST_FUNDS });
      }
    }
  }

  /** A limit order, good till cancelled unless `terms` say otherwise. */
  bid(accountId: number, priceTicks: number, quantityLots: number, terms: OrderTerms = {}): Heard {
    return this.#place(Side.Bid, accountId, priceTicks, quantityLots, terms);
  }

  ask(accountId: number, priceTicks: number, quantityLots: number, terms: OrderTerms = {}): Heard {
    return this.#place(Side.Ask, accountId, priceTicks, quantityLots, terms);
  }

  /** A trade of one lot between accounts 3 and 4, in a book that has nothing better. */
  trade(priceTicks: number): Heard {
    this.ask(3, priceTicks, 1);
    return this.bid(4, priceTicks, 1);
  }

  #place(
    side: Side,
    accountId: number,
    priceTicks: number,
    quantityLots: number,
    terms: OrderTerms,
  ): Heard {
    const isBudget = (terms.quoteBudgetUnits ?? 0) > 0;
    return this.send(PlaceOrder, {
      ...{ marketId: 1, accountId, side, priceTicks, quantityLots: isBudget ? 0 : quantityLots },
      ...{ orderType: OrderType.Limit, timeInForce: TimeInForce.GTC },
      ...terms,
    });
  }
}

/** The terms of a market order; its price is the protection price. */
export const MARKET = { orderType: OrderType.Market, timeInForce: TimeInForce.IOC } as const;
