/** How the API has a time: UTC without a zone, in milliseconds. */
const naiveIso = (column: string): string => `to_char(${column}, 'YYYY-MM-DD"T"HH24:MI:SS.MS')`;

/** Without trailing zeros, and never with an exponent. */
const decimal = (amount: string): string => `trim_scale(${amount})::text`;

/** Members that are null of everything on a spot venue without attachments, strategies or chains. */
const nulls = (...names: string[]): string => names.map((name) => `null as "${name}"`).join(', ');

/** A table of the projection, and how the API has its rows. */
export interface HistoryTable {
  /** With the condition that its rows have in common. */
  readonly name: string;
  readonly condition: string;
  readonly timeColumn: string;
  /** Which totals by month are kept of its rows; null: none. */
  readonly counted: 'orders' | 'fills' | null;
  /** By time; together they are of one row. */
  readonly orderedBy: readonly string[];
  /** In SQL, whether a row is of an order that the account, `$1`, called by the value of a parameter. */
  readonly ofClientId: (parameter: string) => string;
  readonly joins: string;
  /** The columns of the answer, by the API's names. */
  readonly columns: string;
}

export const ORDERS: HistoryTable = {
  name: 'orders',
  condition: 'true',
  timeColumn: 'created_at',
  counted: 'orders',
  orderedBy: ['created_at', 'order_id'],
  ofClientId: (parameter) => `client_id = ${parameter}`,
  joins: 'join markets using (market_id)',
  columns: `client_id as "clientId", ${naiveIso('created_at')} as "createdAt",
    ${decimal('executed_quantity')} as "executedQuantity",
    ${decimal('executed_quote_quantity')} as "executedQuoteQuantity",
    expiry_reason as "expiryReason", order_id::text as id, order_type as "orderType",
    case order_type when 'Limit' then post_only end as "postOnly", ${decimal('price')} as price,
    ${decimal('coalesce(quantity, executed_quantity)')} as quantity,
    ${decimal('coalesce(price * quantity, quote_quantity)')} as "quoteQuantity",
    self_trade_prevention as "selfTradePrevention", side, status, symbol,
    time_in_force as "timeInForce",
    case when trigger_price is not null then 'LastPrice' end as "triggerBy",
    ${decimal('trigger_price')} as "triggerPrice",
    case when trigger_price is not null then ${decimal('quantity')} end as "triggerQuantity",
    ${nulls(
      ...['slippageTolerance', 'slippageToleranceType', 'strategyId', 'systemOrderType'],
      ...['stopLossLimitPrice', 'stopLossTriggerBy', 'stopLossTriggerPrice'],
      ...['takeProfitLimitPrice', 'takeProfitTriggerBy', 'takeProfitTriggerPrice'],
    )}`,
};

/** An account that trades with itself has two fills of one trade. */
export const FILLS: HistoryTable = {
  name: 'fills',
  condition: 'true',
  timeColumn: 'filled_at',
  counted: 'fills',
  orderedBy: ['filled_at', 'trade_id', 'market_id', 'order_id'],
  // Their index has no client ids: an order of which there are fills is found in that of the orders.
  ofClientId: (parameter) =>
    `order_id in (select order_id from orders where account_id = $1 and client_id = ${parameter})`,
  joins: `join markets using (market_id)
    join (select asset_id as fee_asset_id, symbol as fee_symbol from assets) as fee_assets
      using (fee_asset_id)`,
  columns: `client_id::text as "clientId", ${decimal('fee')} as fee, fee_symbol as "feeSymbol",
    is_maker as "isMaker", order_id::text as "orderId", ${decimal('price')} as price,
    ${decimal('quantity')} as quantity, side, symbol, ${naiveIso('filled_at')} as timestamp,
    trade_id as "tradeId", ${nulls('systemOrderType')}`,
};

/**
 * There is no chain: what came is confirmed at once, from nowhere when the operator paid it in, or from another
 * account.
 */
export const DEPOSITS: HistoryTable = {
  name: 'transfers',
  condition: `kind in ('Deposit', 'TransferIn')`,
  timeColumn: 'moved_at',
  counted: null,
  orderedBy: ['account_id', 'transfer_number'],
  ofClientId: () => 'false',
  joins: 'join assets using (asset_id)',
  columns: `${naiveIso('moved_at')} as "createdAt", transfer_number as id,
    ${decimal('amount')} as quantity,
    case kind when 'Deposit' then 'administrator' else 'internal' end as source,
    'confirmed' as status, symbol, case kind when 'TransferIn' then address end as "fromAddress",
    ${nulls(
      ...['fiatAmount', 'fiatCurrency', 'institutionBic', 'platformMemo'],
      ...['toAddress', 'transactionHash'],
    )}`,
};

/** Those of the operator among them, which go nowhere, and what went to another account. */
export const WITHDRAWALS: HistoryTable = {
  name: 'transfers',
  condition: `kind in ('Withdrawal', 'TransferOut')`,
  timeColumn: 'moved_at',
  counted: null,
  orderedBy: ['account_id', 'transfer_number'],
  ofClientId: () => 'false',
  joins: 'join assets using (asset_id)',
  columns: `case kind when 'Withdrawal' then blockchain end as blockchain, client_id as "clientId", ${naiveIso('moved_at')} as "createdAt",
    '0' as fee, transfer_number as id, kind = 'TransferOut' as "isInternal",
    ${decimal('amount')} as quantity,
    'confirmed' as status, symbol, address as "toAddress",
    ${nulls(
      ...['accountIdentifier', 'bankIdentifier', 'bankName', 'fiatFee', 'fiatState', 'fiatSymbol'],
      ...['identifier', 'providerId', 'subaccountId', 'transactionHash', 'triggerAt'],
    )}`,
};
