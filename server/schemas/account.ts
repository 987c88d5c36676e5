import Type from 'typebox';
import { NothingHere } from './market-data.ts';
import { OF_A_SHARD, type Operation } from './operation.ts';
import { AssetSymbol, Count, Decimal, MarketSymbol, nullable, oneOf, Side } from './values.ts';

const Zero = oneOf(['0']);

export const Balance = Type.Object(
  { available: Decimal, locked: Decimal, staked: Zero },
  { title: 'Balance', description: '`locked` is what open orders may cost.' },
);

export const Balances = Type.Record(Type.String(), Balance, {
  title: 'Balances',
  description: 'By asset: every asset the account ever held.',
});

const BasisPoints = Type.String({ pattern: '^[0-9]+$', description: 'Basis points.' });

const Account = Type.Object(
  {
    autoBorrowSettlements: Type.Literal(false),
    autoLend: Type.Literal(false),
    autoRealizePnl: Type.Literal(false),
    autoRepayBorrows: Type.Literal(false),
    borrowLimit: Zero,
    futuresMakerFee: Zero,
    futuresTakerFee: Zero,
    leverageLimit: oneOf(['1']),
    limitOrders: Count,
    liquidating: Type.Literal(false),
    positionLimit: Zero,
    spotMakerFee: BasisPoints,
    spotTakerFee: BasisPoints,
    triggerOrders: Count,
  },
  {
    title: 'Account',
    description:
      'Fees are of markets: these are those that no trade exceeds. The counts are of open orders.',
  },
);

const flag = Type.Optional(
  oneOf(['true', 'false'], {
    description: 'Nothing is lent here: said back in the answer.',
  }),
);
const flagSaidBack = nullable(Type.Boolean());

export const MAX_ORDER_QUERY = Type.Object({
  symbol: MarketSymbol,
  side: Side,
  price: Type.Optional(
    Type.String({
      description: 'A decimal: the price of a limit order; without one, of a market order.',
      examples: ['141.5'],
    }),
  ),
  autoBorrow: flag,
  autoBorrowRepay: flag,
  autoLendRedeem: flag,
  reduceOnly: flag,
});
export const ASSET_QUERY = Type.Object({ symbol: AssetSymbol });
export const MAX_WITHDRAWAL_QUERY = Type.Object({
  symbol: AssetSymbol,
  autoBorrow: flag,
  autoLendRedeem: flag,
});

const MaxOrder = Type.Object(
  {
    autoBorrow: flagSaidBack,
    autoBorrowRepay: flagSaidBack,
    autoLendRedeem: flagSaidBack,
    reduceOnly: flagSaidBack,
    maxOrderQuantity: Decimal,
    price: nullable(Decimal),
    side: Side,
    symbol: MarketSymbol,
  },
  { title: 'MaxOrder' },
);

const MaxBorrow = Type.Object(
  { maxBorrowQuantity: Zero, symbol: AssetSymbol },
  { title: 'MaxBorrow' },
);

const MaxWithdrawal = Type.Object(
  {
    autoBorrow: flagSaidBack,
    autoLendRedeem: flagSaidBack,
    maxWithdrawalQuantity: Decimal,
    symbol: AssetSymbol,
  },
  { title: 'MaxWithdrawal' },
);

const Collateral = Type.Object(
  {
    assetsValue: Zero,
    borrowLiability: Zero,
    collateral: NothingHere,
    imf: Zero,
    liabilitiesValue: Zero,
    marginFraction: Type.Null(),
    mmf: Zero,
    netEquity: Zero,
    netEquityAvailable: Zero,
    netEquityLocked: Zero,
    netExposureFutures: Zero,
    pnlUnrealized: Zero,
    unsettledEquity: Zero,
  },
  { title: 'Collateral', description: 'Nothing is lent here, so nothing secures it.' },
);

const of = (
  method: 'get' | 'patch',
  name: string,
  operationId: string,
  instruction: string,
  summary: string,
) => {
  const path = `/api/v1/${name}`;
  const usual = { tag: 'Account', refusals: OF_A_SHARD } as const;
  return { ...usual, method, path, operationId, instruction, summary };
};

export const ACCOUNT_OPERATIONS: readonly Operation[] = [
  { ...of('get', 'capital', 'balances', 'balanceQuery', 'Balances'), answer: Balances },
  { ...of('get', 'account', 'account', 'accountQuery', 'Settings and fees'), answer: Account },
  {
    ...of('patch', 'account', 'updateAccount', 'accountUpdate', 'Accepted, and changes nothing'),
    body: Type.Object({}, { description: 'Any settings.' }),
    answer: 'nothing',
  },
  {
    ...of(
      'get',
      'account/limits/order',
      'maxOrderQuantity',
      'maxOrderQuantity',
      'How much can be ordered',
    ),
    query: MAX_ORDER_QUERY,
    answer: MaxOrder,
  },
  {
    ...of(
      'get',
      'account/limits/borrow',
      'maxBorrowQuantity',
      'maxBorrowQuantity',
      'How much can be borrowed: nothing',
    ),
    query: ASSET_QUERY,
    answer: MaxBorrow,
  },
  {
    ...of(
      'get',
      'account/limits/withdrawal',
      'maxWithdrawalQuantity',
      'maxWithdrawalQuantity',
      'How much can be withdrawn',
    ),
    query: MAX_WITHDRAWAL_QUERY,
    answer: MaxWithdrawal,
  },
  {
    ...of(
      'get',
      'capital/collateral',
      'accountCollateral',
      'collateralQuery',
      'Collateral: there is none',
    ),
    answer: Collateral,
  },
  {
    ...of(
      'get',
      'borrowLend/positions',
      'borrowLendPositions',
      'borrowLendPositionQuery',
      'Loans: there are none',
    ),
    answer: NothingHere,
  },
  {
    ...of('get', 'position', 'positions', 'positionQuery', 'Positions: there are none'),
    answer: NothingHere,
  },
];
