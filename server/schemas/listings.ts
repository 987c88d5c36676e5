import Type from 'typebox';
import { ASSET_BLOCKCHAIN } from './blockchains.ts';
import type { Operation } from './operation.ts';
import {
  AssetSymbol,
  alwaysNull,
  Count,
  Decimal,
  MarketSymbol,
  NaiveTimeUs,
  nullable,
  nullMembers,
  oneOf,
} from './values.ts';

const Token = Type.Object(
  {
    blockchain: oneOf([ASSET_BLOCKCHAIN]),
    contractAddress: Type.Null({ description: 'There is none.' }),
    depositEnabled: Type.Literal(false),
    displayName: Type.String(),
    maximumWithdrawal: Type.Null({ description: 'There is none.' }),
    minimumDeposit: Decimal,
    minimumWithdrawal: Decimal,
    nativeDecimals: Count,
    withdrawEnabled: Type.Literal(true),
    withdrawalFee: oneOf(['0']),
  },
  {
    title: 'Token',
    description:
      'No asset of this venue lives on a blockchain. Withdrawals name one all the same, this or any other; deposits are ' +
      "the operator's alone.",
  },
);

const Asset = Type.Object(
  {
    coingeckoId: alwaysNull,
    displayName: Type.String(),
    symbol: AssetSymbol,
    tokens: Type.Array(Token, { minItems: 1, maxItems: 1 }),
  },
  { title: 'Asset' },
);

const multiplier = nullable(Decimal);

const PriceFilter = Type.Object(
  {
    ...nullMembers(['borrowEntryFeeMaxMultiplier', 'borrowEntryFeeMinMultiplier']),
    maxImpactMultiplier: Decimal,
    maxMultiplier: multiplier,
    maxPrice: Decimal,
    ...nullMembers(['maxPriceUpdateMultiplier', 'meanMarkPriceBand', 'meanPremiumBand']),
    minImpactMultiplier: Decimal,
    minMultiplier: multiplier,
    minPrice: Decimal,
    ...nullMembers(['minPriceUpdateMultiplier']),
    tickSize: Decimal,
  },
  {
    title: 'PriceFilter',
    description:
      "The multipliers are of the last trade's price: `maxMultiplier` and `minMultiplier` bound limit orders, null where " +
      'the market has no band; the two of impact bound the prices at which market orders trade.',
  },
);

const QuantityFilter = Type.Object(
  {
    maxQuantity: Decimal,
    minNotional: nullable(Decimal),
    minQuantity: Decimal,
    stepSize: Decimal,
  },
  {
    title: 'QuantityFilter',
    description: '`minNotional`, an extension: the least value of an order, in the quote asset.',
  },
);

const Market = Type.Object(
  {
    baseSymbol: AssetSymbol,
    createdAt: NaiveTimeUs,
    filters: Type.Object({ price: PriceFilter, quantity: QuantityFilter }),
    ...nullMembers(['fundingInterval', 'fundingRateLowerBound', 'fundingRateUpperBound']),
    haltReason: nullable(
      Type.String({
        description:
          'An extension: why the market is down beyond its state. `KILL_SWITCH`, or the failure of its shard.',
      }),
    ),
    imfFunction: alwaysNull,
    marketType: oneOf(['SPOT']),
    mmfFunction: alwaysNull,
    openInterestLimit: oneOf(['0']),
    orderBookState: oneOf(['Open', 'PostOnly', 'CancelOnly', 'Closed'], {
      title: 'OrderBookState',
    }),
    positionLimitWeight: alwaysNull,
    quoteSymbol: AssetSymbol,
    symbol: MarketSymbol,
    visible: Type.Literal(true),
  },
  { title: 'Market' },
);

export const MarketType = oneOf(['SPOT', 'PERP', 'IPERP', 'DATED', 'PREDICTION', 'RFQ'], {
  title: 'MarketType',
});

/** May be given several times, also as `marketType[0]`; a list without SPOT lets none of our markets in. */
export const marketTypes = Type.Optional(
  Type.Array(MarketType, { description: 'All kinds unless given; all markets here are SPOT.' }),
);

export const MARKETS_QUERY = Type.Object({ marketType: marketTypes });
export const MARKET_QUERY = Type.Object({ symbol: MarketSymbol });

const get = (path: string, operationId: string, summary: string) =>
  ({ method: 'get', path, operationId, tag: 'Market data', summary }) as const;

export const LISTING_OPERATIONS: readonly Operation[] = [
  { ...get('/api/v1/assets', 'assets', 'All assets'), answer: Type.Array(Asset) },
  {
    ...get('/api/v1/markets', 'markets', 'All markets'),
    query: MARKETS_QUERY,
    answer: Type.Array(Market),
  },
  { ...get('/api/v1/market', 'market', 'One market'), query: MARKET_QUERY, answer: Market },
];
