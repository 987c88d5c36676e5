import Type, { type TProperties } from 'typebox';
import { ExpiryReason } from '../../engine/protocol/enums.ts';
import { RejectCode } from '../../engine/protocol/reject-codes.ts';
import { DEPTH_WINDOWS_MS } from '../market-data/depth-window.ts';
import {
  AssetSymbol,
  ClientId,
  Count,
  Decimal,
  Level,
  MarketSymbol,
  NaiveSecond,
  nullable,
  OrderId,
  OrderStatusName,
  oneOf,
  SelfTradePreventionMode,
  Side,
  TimeInForce,
  TimeUs,
  TradeId,
  UpdateId,
} from './values.ts';

/** One kind of stream: its frames and the names that it is subscribed by. */
export interface Stream {
  readonly name: string;
  readonly summary: string;
  /** With `{…}` for what the client fills in. */
  readonly names: readonly string[];
  /** The frame. */
  readonly frame: Type.TObject;
}

const E = { ...TimeUs, title: undefined, description: 'When the venue sent it, µs of the epoch.' };
const T = { ...TimeUs, title: undefined, description: 'When the engine acted, µs of the epoch.' };
const TIMES = { E: Type.Unsafe<number>(E), T: Type.Unsafe<number>(T) };

function frameOf(name: string, data: TProperties): Type.TObject {
  const frame = { data: Type.Object(data, { title: `${name}Data` }), stream: Type.String() };
  return Type.Object(frame, { title: `${name}Frame` });
}

const said = (description: string, schema: Type.TSchema = Decimal) =>
  Type.Unsafe<unknown>({ ...schema, title: undefined, description });

const quantityOf = (side: string) => nullable(said(`Quantity at the best ${side}.`));

const WINDOWS = DEPTH_WINDOWS_MS.map((ms) => `depth.${ms}ms.{symbol}`);

const PUBLIC: readonly Stream[] = [
  {
    name: 'trade',
    summary: 'Each trade of a market',
    names: ['trade.{symbol}'],
    frame: frameOf('Trade', {
      ...TIMES,
      a: said("The seller's order id.", OrderId),
      b: said("The buyer's order id.", OrderId),
      e: Type.Literal('trade'),
      m: Type.Boolean({ description: 'Whether the buyer is the maker.' }),
      p: said('Price.'),
      q: said('Quantity.'),
      s: MarketSymbol,
      t: TradeId,
    }),
  },
  {
    name: 'depth',
    summary: 'Each change of a book, or all changes of a window in one frame',
    names: ['depth.{symbol}', ...WINDOWS],
    frame: frameOf('Depth', {
      ...TIMES,
      U: said('The first update id of the frame: one more than `u` of the frame before.', UpdateId),
      a: Type.Array(Level, { description: 'Asks: total quantities, zero where a level is gone.' }),
      b: Type.Array(Level, { description: 'Bids, likewise.' }),
      e: Type.Literal('depth'),
      s: MarketSymbol,
      u: said('The last update id of the frame.', UpdateId),
    }),
  },
  {
    name: 'bookTicker',
    summary: 'The best bid and ask, when they change',
    names: ['bookTicker.{symbol}'],
    frame: frameOf('BookTicker', {
      ...TIMES,
      A: quantityOf('ask'),
      B: quantityOf('bid'),
      a: nullable(said('The best ask.')),
      b: nullable(said('The best bid.')),
      e: Type.Literal('bookTicker'),
      s: MarketSymbol,
      u: UpdateId,
    }),
  },
  {
    name: 'ticker',
    summary: 'How a market traded in the last day, each second',
    names: ['ticker.{symbol}'],
    frame: frameOf('TickerUpdate', {
      E: TIMES.E,
      V: said('Volume in the quote asset.'),
      c: said('Last price.'),
      e: Type.Literal('ticker'),
      h: said('Highest price.'),
      l: said('Lowest price.'),
      n: said('Number of trades.', Count),
      o: said('First price.'),
      s: MarketSymbol,
      v: said('Volume in the base asset.'),
    }),
  },
  {
    name: 'kline',
    summary: 'The running candle of an interval, and each one when it closes',
    names: ['kline.{interval}.{symbol}'],
    frame: frameOf('KlineUpdate', {
      E: TIMES.E,
      T: said('End of the candle.', NaiveSecond),
      X: Type.Boolean({ description: 'Whether the candle is closed.' }),
      c: said('Close.'),
      e: Type.Literal('kline'),
      h: said('High.'),
      l: said('Low.'),
      n: said('Number of trades.', Count),
      o: said('Open.'),
      s: MarketSymbol,
      t: said('Start of the candle.', NaiveSecond),
      v: said('Volume in the base asset.'),
    }),
  },
];

const expiryReasons = Object.keys(ExpiryReason).filter((name) => name !== 'None');

const orderUpdate: Stream = {
  name: 'orderUpdate',
  summary: 'What happens to the orders of the account; signed',
  names: ['account.orderUpdate', 'account.orderUpdate.{symbol}'],
  frame: frameOf('OrderUpdate', {
    ...TIMES,
    e: oneOf(
      [
        ...(['orderAccepted', 'orderFill', 'orderCancelled', 'orderExpired'] as const),
        ...(['orderModified', 'triggerPlaced', 'triggerFailed'] as const),
      ],
      { title: 'OrderEvent' },
    ),
    i: OrderId,
    s: MarketSymbol,
    S: Side,
    o: oneOf(['LIMIT', 'MARKET']),
    X: OrderStatusName,
    f: TimeInForce,
    V: SelfTradePreventionMode,
    O: Type.Literal('USER'),
    r: Type.Literal(false, { description: 'Reduce only: never on a spot venue.' }),
    y: Type.Boolean({ description: 'Post only.' }),
    q: said('Quantity.'),
    z: said('Executed quantity.'),
    Z: said('Executed quantity in the quote asset.'),
    t: nullable(said('Trade id of a fill.', TradeId)),
    c: Type.Optional(ClientId),
    p: Type.Optional(said('Limit price.')),
    Q: Type.Optional(said('Value of a limit order, or the budget of a market order by quote.')),
    B: Type.Optional(Type.Literal('LastPrice', { description: 'Of a stop order.' })),
    P: Type.Optional(said("A stop order's trigger price.")),
    Y: Type.Optional(said("A stop order's trigger quantity.")),
    l: Type.Optional(said('Quantity of this fill.')),
    L: Type.Optional(said('Price of this fill.')),
    m: Type.Optional(Type.Boolean({ description: 'Whether this fill was as maker.' })),
    n: Type.Optional(said('Fee of this fill.')),
    N: Type.Optional(said('Asset of the fee.', AssetSymbol)),
    R: Type.Optional(oneOf(expiryReasons, { title: 'ExpiryReason' })),
    rejectReason: Type.Optional(
      oneOf(Object.keys(RejectCode), {
        title: 'RejectReason',
        description: 'An extension: why a stop order failed when it fired.',
      }),
    ),
  }),
};

const balanceUpdate: Stream = {
  name: 'balanceUpdate',
  summary: 'A balance of the account behind each event that changed it; signed',
  names: ['account.balanceUpdate', 'account.balanceUpdate.{asset}'],
  frame: frameOf('BalanceUpdate', {
    ...TIMES,
    A: said('Available.'),
    L: said('Locked by open orders.'),
    S: Type.Literal('0', { description: 'Staked: nothing is on this venue.' }),
    a: AssetSymbol,
    e: Type.Literal('balanceUpdate'),
  }),
};

export const STREAMS: readonly Stream[] = [...PUBLIC, orderUpdate, balanceUpdate];
