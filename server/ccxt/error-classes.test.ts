import assert from 'node:assert/strict';
import { test } from 'node:test';
import ccxt from 'ccxt';
import { RejectCode } from '../../engine/protocol/reject-codes.ts';
import {
  type ApiError,
  apiErrorOf,
  busyError,
  haltedError,
  shuttingDownError,
} from '../api-error.ts';

/** What a user of ccxt catches for each code of ours, by the class's own name: they extend each other. */
const CLASSES: Readonly<Record<string, string>> = {
  INSUFFICIENT_FUNDS: 'InsufficientFunds',
  INVALID_ASSET: 'BadRequest',
  INVALID_CLIENT_REQUEST: 'BadRequest',
  INVALID_MARKET: 'BadSymbol',
  INVALID_ORDER: 'InvalidOrder',
  INVALID_PRICE: 'InvalidOrder',
  INVALID_QUANTITY: 'BadRequest',
  INVALID_RANGE: 'BadRequest',
  ORDER_LIMIT: 'OperationRejected',
  RESOURCE_NOT_FOUND: 'ExchangeNotAvailable',
  SERVER_ERROR: 'NetworkError',
  TIMEOUT: 'RequestTimeout',
  TRADING_PAUSED: 'ExchangeNotAvailable',
  UNAUTHORIZED: 'AuthenticationError',
};

/** What ccxt makes of a code that its exchange has not. */
const UNKNOWN_TO_CCXT = 'ExchangeError';

const exchange = new ccxt.backpack();

function assertClass({ status, code, message }: ApiError): void {
  const response = { code, message };
  const body = JSON.stringify(response);
  const handle = () =>
    exchange.handleErrors(status, '', '', 'POST', {}, body, response, undefined, undefined);
  assert.throws(handle, (error: Error) => {
    assert.equal(error.constructor.name, CLASSES[code] ?? UNKNOWN_TO_CCXT, code);
    assert.equal(error.message, `backpack ${body}`);
    return true;
  });
}

test('every refusal of the engine is of the class that ccxt users expect of its code', () => {
  const codes = Object.values(RejectCode);
  assert.ok(codes.length > 20);
  const used = new Set<string>();
  for (const rejectCode of codes) {
    const error = apiErrorOf(rejectCode);
    used.add(error.code);
    assertClass(error);
  }
  const missing = Object.keys(CLASSES).filter((code) => !used.has(code));
  assert.deepEqual(missing, []);
});

test('a venue that cannot take a request now says so by codes that ccxt knows, or by ExchangeError', () => {
  assertClass(haltedError());
  assertClass(busyError());
  assertClass(shuttingDownError());
});
