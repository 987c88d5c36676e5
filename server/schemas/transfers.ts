import Type from 'typebox';
import { Blockchain } from './blockchains.ts';
import { PAGE_PARAMETERS, TIME_PARAMETERS } from './history.ts';
import { OF_A_SHARD, type Operation } from './operation.ts';
import {
  Amount,
  AssetSymbol,
  Count,
  Decimal,
  NaiveTime,
  nullable,
  nullMembers,
  oneOf,
} from './values.ts';

const TRANSFER_NUMBER_MAX = 2 ** 31 - 1;

export const DEPOSIT_ADDRESS_QUERY = Type.Object({ blockchain: Blockchain });
export const DEPOSITS_QUERY = Type.Object({ ...PAGE_PARAMETERS, ...TIME_PARAMETERS });
export const WITHDRAWALS_QUERY = Type.Object({
  ...PAGE_PARAMETERS,
  ...TIME_PARAMETERS,
  id: Type.Optional(Type.Integer({ minimum: 0, maximum: TRANSFER_NUMBER_MAX })),
  clientId: Type.Optional(Type.String()),
});

export const ADDRESS_LENGTH_MAX = 256;
export const CLIENT_ID_LENGTH_MAX = 128;
export const ASSET_LENGTH_MAX = 16;

/** Text without control characters and lone halves of characters. */
const printable = (maxLength: number) =>
  Type.String({
    minLength: 1,
    maxLength,
    pattern: '^[^\\u0000-\\u001f\\u007f-\\u009f\\ud800-\\udfff]*$',
  });

export const WithdrawRequest = Type.Object(
  {
    address: printable(ADDRESS_LENGTH_MAX),
    blockchain: Blockchain,
    clientId: Type.Optional(
      Type.Union([
        printable(CLIENT_ID_LENGTH_MAX),
        Type.Literal(''),
        Type.Integer({
          minimum: Number.MIN_SAFE_INTEGER,
          maximum: Number.MAX_SAFE_INTEGER,
        }),
        Type.Null(),
      ]),
    ),
    symbol: printable(ASSET_LENGTH_MAX),
    quantity: Amount,
  },
  {
    title: 'WithdrawRequest',
    description:
      'Takes what is available out of the account. The same `clientId` again with the same content moves nothing and is ' +
      'answered as the first; with other content it is refused with 409.',
    examples: [{ address: 'somewhere', blockchain: 'Solana', symbol: 'USDC', quantity: '1' }],
  },
);

const DepositAddress = Type.Object(
  { address: Type.String() },
  {
    title: 'DepositAddress',
    description: 'An address that no chain has: nothing that is sent there arrives.',
  },
);

const Deposit = Type.Object(
  {
    createdAt: NaiveTime,
    fromAddress: nullable(Type.String()),
    id: Count,
    quantity: Decimal,
    source: oneOf(['administrator', 'internal']),
    status: oneOf(['confirmed']),
    symbol: AssetSymbol,
    ...nullMembers([
      ...(['fiatAmount', 'fiatCurrency', 'institutionBic', 'platformMemo'] as const),
      ...(['toAddress', 'transactionHash'] as const),
    ]),
  },
  {
    title: 'Deposit',
    description:
      '`internal` was moved here by the operator from another account, whose id is the `fromAddress`.',
  },
);

const Withdrawal = Type.Object(
  {
    blockchain: nullable(Type.String()),
    clientId: nullable(Type.String()),
    createdAt: NaiveTime,
    fee: oneOf(['0']),
    id: Count,
    isInternal: Type.Boolean(),
    quantity: Decimal,
    status: oneOf(['confirmed']),
    symbol: AssetSymbol,
    toAddress: nullable(Type.String()),
    ...nullMembers([
      ...(['accountIdentifier', 'bankIdentifier', 'bankName', 'fiatFee', 'fiatState'] as const),
      ...(['fiatSymbol', 'identifier', 'providerId', 'subaccountId'] as const),
      ...(['transactionHash', 'triggerAt'] as const),
    ]),
  },
  {
    title: 'Withdrawal',
    description:
      "The operator's withdrawals are among them, which go nowhere, and what he moved to another account " +
      '(`isInternal`), whose id is the `toAddress`.',
  },
);

const WITHDRAWALS_PATH = '/wapi/v1/capital/withdrawals';

export const TRANSFER_OPERATIONS: readonly Operation[] = [
  {
    method: 'get',
    path: '/wapi/v1/capital/deposit/address',
    ...{ operationId: 'depositAddress', tag: 'Transfers' },
    summary: 'A deposit address',
    instruction: 'depositAddressQuery',
    query: DEPOSIT_ADDRESS_QUERY,
    answer: DepositAddress,
  },
  {
    method: 'get',
    path: '/wapi/v1/capital/deposits',
    ...{ operationId: 'deposits', tag: 'Transfers' },
    summary: 'Deposits',
    instruction: 'depositQueryAll',
    query: DEPOSITS_QUERY,
    isPaged: true,
    answer: Type.Array(Deposit),
  },
  {
    ...{ method: 'get', path: WITHDRAWALS_PATH, operationId: 'withdrawals', tag: 'Transfers' },
    summary: 'Withdrawals',
    instruction: 'withdrawalQueryAll',
    query: WITHDRAWALS_QUERY,
    isPaged: true,
    answer: Type.Array(Withdrawal),
  },
  {
    ...{ method: 'post', path: WITHDRAWALS_PATH, operationId: 'withdraw', tag: 'Transfers' },
    summary: 'Withdraws',
    instruction: 'withdraw',
    body: WithdrawRequest,
    answer: Withdrawal,
    refusals: [...OF_A_SHARD, 409],
  },
];
