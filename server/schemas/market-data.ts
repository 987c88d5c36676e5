import Type from 'typebox';
import { KLINE_INTERVALS } from '../../persistence/kline-intervals.ts';
import type { Operation } from './operation.ts';
import {
  Decimal,
  Level,
  MarketSymbol,
  NaiveSpacedSecond,
  oneOf,
  SignedDecimal,
  TimeMs,
  TimeUs,
  TradeId,
} from './values.ts';

const { MAX_SAFE_INTEGER } = Number;

export const KlineInterval = oneOf(KLINE_INTERVALS, { title: 'KlineInterval' });

/** A count as text, as tickers and candles have it. */
const CountText = Type.String({ pattern: '^[0-9]+$' });

const Ticker = Type.Object(
  {
    firstPrice: Decimal,
    high: Decimal,
    lastPrice: Decimal,
    low: Decimal,
    priceChange: SignedDecimal,
    priceChangePercent: SignedDecimal,
    quoteVolume: Decimal,
    symbol: MarketSymbol,
    trades: CountText,
    volume: Decimal,
  },
  {
    title: 'Ticker',
    description:
      'A rolling window. `priceChangePercent` is a fraction of 1. Prices are "0" where nothing was traded.',
  },
);

const Depth = Type.Object(
  {
    asks: Type.Array(Level),
    bids: Type.Array(Level),
    lastUpdateId: Type.String({ pattern: '^[0-9]+$' }),
    timestamp: TimeUs,
  },
  {
    title: 'Depth',
    description:
      'Both sides ascending by price: the best bid is the last one. The book after the event `lastUpdateId` of the depth stream.',
  },
);

const PublicTrade = Type.Object(
  {
    id: TradeId,
    isBuyerMaker: Type.Boolean(),
    price: Decimal,
    quantity: Decimal,
    quoteQuantity: Decimal,
    timestamp: TimeMs,
  },
  { title: 'PublicTrade' },
);

const Kline = Type.Object(
  {
    close: Decimal,
    end: NaiveSpacedSecond,
    high: Decimal,
    low: Decimal,
    open: Decimal,
    quoteVolume: Decimal,
    start: NaiveSpacedSecond,
    trades: CountText,
    volume: Decimal,
  },
  {
    title: 'Kline',
    description: 'A candle. One without trades repeats the last close.',
  },
);

const tickerInterval = Type.Optional(
  oneOf(['1d', '1w'], { title: 'TickerInterval', description: 'The window; 1d unless given.' }),
);

export const TICKER_QUERY = Type.Object({ interval: tickerInterval, symbol: MarketSymbol });
export const TICKERS_QUERY = Type.Object({ interval: tickerInterval });

export const DEPTH_QUERY = Type.Object({
  limit: Type.Optional(
    oneOf(['5', '10', '20', '50', '100', '500', '1000'], {
      title: 'DepthLimit',
      description: 'Levels of each side; 1000 unless given.',
    }),
  ),
  symbol: MarketSymbol,
});

const tradeLimit = Type.Optional(
  Type.Integer({ minimum: 1, maximum: 1000, description: 'How many; 100 unless given.' }),
);

export const TRADES_QUERY = Type.Object({ symbol: MarketSymbol, limit: tradeLimit });
export const TRADE_HISTORY_QUERY = Type.Object({
  symbol: MarketSymbol,
  limit: tradeLimit,
  offset: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: MAX_SAFE_INTEGER,
      description: 'How many to pass over; 0 unless given.',
    }),
  ),
});

const seconds = (description: string) =>
  Type.Integer({ minimum: 0, maximum: MAX_SAFE_INTEGER, description });

export const KLINES_QUERY = Type.Object({
  symbol: MarketSymbol,
  interval: KlineInterval,
  priceType: Type.Optional(
    oneOf(['Last', 'Index', 'Mark'], {
      title: 'KlinePriceType',
      description: 'A spot market has only Last, which it is unless given.',
    }),
  ),
  startTime: seconds('Seconds since the epoch; the first candle contains it.'),
  endTime: Type.Optional(
    seconds('Seconds since the epoch, not before `startTime`; now unless given.'),
  ),
});

const get = (path: string, operationId: string, summary: string) =>
  ({ method: 'get', path: `/api/v1/${path}`, operationId, tag: 'Market data', summary }) as const;

/** Lists of what a spot venue does not have. */
const ABSENT: readonly (readonly [path: string, operationId: string])[] = [
  ['borrowLend/markets', 'borrowLendMarkets'],
  ['collateral', 'collateral'],
  ['fundingRates', 'fundingRates'],
  ['markPrices', 'markPrices'],
  ['openInterest', 'openInterest'],
  ['prediction', 'prediction'],
  ['securities', 'securities'],
  ['wallets', 'wallets'],
];

/** A list that a spot venue has nothing for. */
export const NothingHere = Type.Array(Type.Unknown(), {
  maxItems: 0,
  description: 'Always empty on a spot venue.',
});

export const MARKET_DATA_OPERATIONS: readonly Operation[] = [
  {
    ...get('ticker', 'ticker', 'How a market traded in the last day or week'),
    query: TICKER_QUERY,
    answer: Ticker,
  },
  {
    ...get('tickers', 'tickers', 'The tickers of all markets'),
    query: TICKERS_QUERY,
    answer: Type.Array(Ticker),
  },
  {
    ...get('depth', 'depth', 'The best levels of a book'),
    query: DEPTH_QUERY,
    answer: Depth,
    refusals: [404],
  },
  {
    ...get('trades', 'trades', 'The last trades of a market, newest first'),
    query: TRADES_QUERY,
    answer: Type.Array(PublicTrade),
  },
  {
    ...get('trades/history', 'tradeHistory', 'The trades of a market in pages, newest first'),
    query: TRADE_HISTORY_QUERY,
    answer: Type.Array(PublicTrade),
    refusals: [503],
  },
  {
    ...get('klines', 'klines', 'Candles, ascending, 1000 at most'),
    query: KLINES_QUERY,
    answer: Type.Array(Kline),
    refusals: [503],
  },
  ...ABSENT.map(([path, operationId]) => ({
    ...get(path, operationId, 'Of products that this venue does not have'),
    answer: NothingHere,
  })),
];
