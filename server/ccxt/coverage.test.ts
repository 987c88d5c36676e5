import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import ccxt from 'ccxt';

/** The tests that call each method, by file. */
const TESTED: Readonly<Record<string, readonly string[]>> = {
  'market-data': [
    ...[
      'fetchMarkets',
      'fetchCurrencies',
      'fetchCurrenciesWs',
      'loadMarkets',
      'fetchTicker',
      'fetchTickers',
    ],
    ...['fetchOrderBook', 'fetchL2OrderBook', 'fetchTrades', 'fetchStatus', 'fetchTime'],
    ...['fetchFundingRate', 'fetchOpenInterest', 'fetchFundingRateHistory'],
    ...['publicGetApiV1Market', 'publicGetApiV1Markets', 'publicGetApiV1Ping'],
    ...['publicGetApiV1Time', 'publicGetApiV1MarkPrices', 'publicGetApiV1OpenInterest'],
    ...['publicGetApiV1FundingRates', 'publicGetApiV1Wallets', 'publicGetApiV1Collateral'],
    ...['publicGetApiV1BorrowLendMarkets', 'publicGetApiV1Securities'],
    'publicGetApiV1Prediction',
  ],
  candles: ['fetchOHLCV', 'fetchMarkOHLCV', 'fetchIndexOHLCV'],
  orders: [
    ...['createOrder', 'createOrders', 'createLimitOrder', 'createLimitBuyOrder'],
    ...['createLimitSellOrder', 'createMarketOrder', 'createMarketBuyOrder'],
    ...['createMarketSellOrder', 'createMarketOrderWithCost', 'createMarketBuyOrderWithCost'],
    ...['createMarketSellOrderWithCost', 'createPostOnlyOrder', 'createReduceOnlyOrder'],
    ...['createTriggerOrder', 'cancelOrder', 'cancelAllOrders', 'editOrder', 'fetchOpenOrder'],
    ...['fetchOpenOrders', 'fetchBalance'],
  ],
  errors: ['createOrderWithTakeProfitAndStopLoss', 'publicGetApiV1PredictionTags'],
  streams: [
    ...['watchTicker', 'watchTickers', 'watchBidsAsks', 'watchTrades', 'watchTradesForSymbols'],
    ...['watchOrderBook', 'watchOrderBookForSymbols', 'unWatchTicker', 'unWatchTickers'],
    ...['unWatchBidsAsks', 'unWatchTrades', 'unWatchTradesForSymbols', 'unWatchOrderBook'],
    'unWatchOrderBookForSymbols',
  ],
  'candle-streams': [
    ...['watchOHLCV', 'watchOHLCVForSymbols', 'unWatchOHLCV', 'unWatchOHLCVForSymbols'],
  ],
  'account-history': [
    ...['fetchOrders', 'fetchClosedOrders', 'fetchMyTrades', 'fetchDeposits', 'fetchWithdrawals'],
    ...['withdraw', 'fetchDepositAddress', 'fetchPositions', 'fetchFundingHistory'],
    'privatePatchApiV1Account',
  ],
  'history-pages': [
    ...['privateGetApiV1Account', 'privateGetApiV1AccountLimitsOrder'],
    ...['privateGetApiV1AccountLimitsWithdrawal', 'privateGetApiV1BorrowLendPositions'],
    ...['privateGetApiV1CapitalCollateral', 'privateGetWapiV1HistorySettlement'],
  ],
  'order-stream': ['watchOrders', 'unWatchOrders', 'watchPositions', 'unWatchPositions'],
};

/** Endpoints that ccxt's own methods call: tested with those. */
const TESTED_BY_METHOD: Readonly<Record<string, string>> = {
  publicGetApiV1Assets: 'fetchCurrencies',
  publicGetApiV1Ticker: 'fetchTicker',
  publicGetApiV1Tickers: 'fetchTickers',
  publicGetApiV1Depth: 'fetchOrderBook',
  publicGetApiV1Klines: 'fetchOHLCV',
  publicGetApiV1Status: 'fetchStatus',
  publicGetApiV1Trades: 'fetchTrades',
  publicGetApiV1TradesHistory: 'fetchTrades',
  privateGetApiV1Capital: 'fetchBalance',
  privateGetApiV1Order: 'fetchOpenOrder',
  privateGetApiV1Orders: 'fetchOpenOrders',
  privatePostApiV1Order: 'createOrder',
  privatePostApiV1Orders: 'createOrders',
  privateDeleteApiV1Order: 'cancelOrder',
  privateDeleteApiV1Orders: 'cancelAllOrders',
  privateGetApiV1Position: 'fetchPositions',
  privateGetWapiV1CapitalDeposits: 'fetchDeposits',
  privateGetWapiV1CapitalDepositAddress: 'fetchDepositAddress',
  privateGetWapiV1CapitalWithdrawals: 'fetchWithdrawals',
  privatePostWapiV1CapitalWithdrawals: 'withdraw',
  privateGetWapiV1HistoryFills: 'fetchMyTrades',
  privateGetWapiV1HistoryFunding: 'fetchFundingHistory',
  privateGetWapiV1HistoryOrders: 'fetchOrders',
};

const NO_METHOD = 'ccxt announces it and has no method that does it';
const LOANS = 'of loans';
const PERPETUALS = 'of perpetuals';
const RFQ = 'of requests for quotes';
const STRATEGIES = 'of scheduled orders; ccxt signs it without an instruction';
const PREDICTIONS = 'of prediction markets and securities';
const DUST = 'of the conversion of small balances';

/** What has no test, and why. */
const NOT_TESTED: Readonly<Record<string, string>> = {
  createMarketOrderWs: NO_METHOD,
  fetchOpenInterestHistory: NO_METHOD,
  publicGetApiV1BorrowLendMarketsHistory: LOANS,
  publicGetApiV1BorrowLendApy: LOANS,
  publicGetApiV1MarketSessions: PREDICTIONS,
  publicGetApiV1MarketHolidays: PREDICTIONS,
  privateGetApiV1AccountLimitsBorrow: LOANS,
  privateGetApiV1BorrowLendPositionLiquidationPrice: LOANS,
  privateGetWapiV1HistoryBorrowLend: LOANS,
  privateGetWapiV1HistoryInterest: LOANS,
  privateGetWapiV1HistoryBorrowLendPositions: LOANS,
  privatePostApiV1BorrowLend: LOANS,
  privateGetWapiV1HistoryDust: DUST,
  privatePostApiV1AccountConvertDust: DUST,
  privateGetWapiV1HistoryPosition: PERPETUALS,
  privateGetApiV1Rfqs: RFQ,
  privateGetWapiV1HistoryRfq: RFQ,
  privateGetWapiV1HistoryQuote: RFQ,
  privateGetWapiV1HistoryRfqFill: RFQ,
  privateGetWapiV1HistoryQuoteFill: RFQ,
  privatePostApiV1Rfq: RFQ,
  privatePostApiV1RfqAccept: RFQ,
  privatePostApiV1RfqRefresh: RFQ,
  privatePostApiV1RfqCancel: RFQ,
  privatePostApiV1RfqQuote: RFQ,
  privateGetWapiV1HistoryStrategies: STRATEGIES,
  privateGetApiV1Strategy: STRATEGIES,
  privateGetApiV1Strategies: STRATEGIES,
  privatePostApiV1Strategy: STRATEGIES,
  privateDeleteApiV1Strategy: STRATEGIES,
  privateDeleteApiV1Strategies: STRATEGIES,
};

const exchange = new ccxt.pro.backpack();

/** What `has` says of the exchange itself. */
const FLAGS = new Set(['publicAPI', 'privateAPI', 'spot', 'margin', 'swap', 'ws']);

/** Whatever ccxt says it can do here, and what its classes for this exchange define for users. */
function unifiedMethods(): string[] {
  const names = Object.entries(exchange.has)
    .filter(([name, can]) => can && !FLAGS.has(name))
    // Some are written otherwise than the methods are.
    .map(([name]) => name.replace(/^unwatch/, 'unWatch'));
  for (let type = Object.getPrototypeOf(exchange); ; type = Object.getPrototypeOf(type)) {
    if (type === ccxt.Exchange.prototype || type.constructor.name === 'Exchange') break;
    names.push(...Object.getOwnPropertyNames(type).filter(isForUsers));
  }
  return [...new Set(names)];
}

function isForUsers(name: string): boolean {
  const isHelper = /^(?:createOrderRequest|watchPublic|watchPrivate)$/.test(name);
  return /^(?:fetch|watch|unWatch|create|cancel|edit|withdraw)/.test(name) && !isHelper;
}

/** The methods that ccxt makes of the exchange's paths: `privateGetApiV1Order`. */
function implicitMethods(): string[] {
  const methods: string[] = [];
  for (const [access, verbs] of Object.entries(exchange.describe().api as Api)) {
    for (const [verb, paths] of Object.entries(verbs)) {
      for (const path of Object.keys(paths)) {
        const words = [verb, ...path.split(/[^a-zA-Z0-9]/)];
        methods.push(access + words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join(''));
      }
    }
  }
  return methods;
}

type Api = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;

const tested = new Set([...Object.values(TESTED).flat(), ...Object.keys(TESTED_BY_METHOD)]);

test('every method of ccxt is tested, or it is said why not', () => {
  const all = [...unifiedMethods(), ...implicitMethods()];
  assert.ok(all.length > 130, `only ${all.length} methods`);
  const unknown = all.filter((name) => !tested.has(name) && !(name in NOT_TESTED));
  assert.deepEqual(unknown, []);
  // Inherited by every exchange of ccxt, and not in its `has`.
  const known = new Set([...all, 'loadMarkets', 'fetchClosedOrders']);
  const named = [...tested, ...Object.keys(NOT_TESTED)];
  assert.deepEqual(
    named.filter((name) => !known.has(name)),
    [],
  );
  assert.deepEqual(
    Object.keys(NOT_TESTED).filter((name) => tested.has(name)),
    [],
  );
});

test('an implicit method is there under the name that the table has', () => {
  for (const name of implicitMethods()) assert.equal(typeof exchange[name], 'function', name);
});

test('each file calls the methods that the table says it tests', () => {
  const missing = Object.entries(TESTED).flatMap(([file, methods]) => {
    const text = readFileSync(new URL(`./${file}.test.js`, import.meta.url), 'utf8');
    return methods.filter((name) => !text.includes(`.${name}(`)).map((name) => `${file}: ${name}`);
  });
  assert.deepEqual(missing, []);
  for (const method of Object.values(TESTED_BY_METHOD)) assert.ok(tested.has(method), method);
});

test('what the table says ccxt has no method for throws before anything is sent', async () => {
  const absent = Object.entries(NOT_TESTED).filter(([, why]) => why === NO_METHOD);
  for (const [name] of absent) await assert.rejects(exchange[name]('SOL/USDC'), ccxt.NotSupported);
});
