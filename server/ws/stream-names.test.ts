import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KLINE_INTERVALS } from '../../persistence/kline-intervals.ts';
import { listedRegistry } from '../orders/venue.fixture.ts';
import { readStreamName } from './stream-names.ts';

const registry = listedRegistry();

/** `public`, `private`, `silent`, or the number of the error. */
function kindOf(name: unknown): string | number {
  const request = readStreamName(name, registry);
  return request.kind === 'refused' ? request.error.code : request.kind;
}

test('the public streams of a listed market', () => {
  const kinds = ['trade', 'depth', 'bookTicker', 'ticker', 'depth.200ms', 'depth.600ms'];
  const klines = KLINE_INTERVALS.map((interval) => `kline.${interval}`);
  assert.equal(klines.length, 16);
  for (const kind of [...kinds, 'depth.1000ms', ...klines]) {
    const request = readStreamName(`${kind}.SOL_USDC`, registry);
    assert.ok(request.kind === 'public', kind);
    assert.equal(request.market.symbol, 'SOL_USDC', kind);
    assert.equal(kindOf(`${kind}.DOGE_USDC`), 'silent', kind);
  }
});

test('streams of derivatives and of accounts are taken', () => {
  for (const name of ['markPrice.SOL_USDC', 'openInterest.SOL_USDC_PERP', 'liquidation']) {
    assert.equal(kindOf(name), 'silent', name);
  }
  assert.equal(kindOf('fundingRate'), 'silent');
  for (const kind of ['orderUpdate', 'balanceUpdate', 'positionUpdate', 'rfqUpdate']) {
    assert.equal(kindOf(`account.${kind}`), 'private', kind);
  }
  for (const kind of ['orderUpdate', 'positionUpdate', 'rfqUpdate']) {
    assert.equal(kindOf(`account.${kind}.SOL_USDC`), 'private', kind);
    assert.equal(kindOf(`account.${kind}.DOGE_USDC`), 'silent', kind);
  }
});

test('anything else is an invalid stream, and a wrong window an invalid depth window', () => {
  for (const name of [
    ...['', '.', 'depth', 'depth.', 'kline', 'kline.', 'kline.SOL_USDC', 'kline.1m', 'kline.1m.'],
    ...['kline.1M.SOL_USDC', 'kline.7m.SOL_USDC', 'kline..SOL_USDC', 'kline.1m.1m.SOL_USDC'],
    ...['trade.200ms.SOL_USDC', 'ticker.1d.SOL_USDC', 'depth.200ms.200ms.SOL_USDC'],
    ...['markPrice', 'markPrice.', 'markPrice.1s.SOL_USDC', 'liquidation.', 'liquidations'],
    ...[
      'account',
      'account.',
      'account.trades',
      'account.orderUpdate.SOL_USDC.x',
      'Depth.SOL_USDC',
    ],
    ...['toString.SOL_USDC', 'kline.toString.SOL_USDC', `depth.${'x'.repeat(200)}`],
    ...[7, null, undefined, {}, ['depth.SOL_USDC']],
  ]) {
    assert.equal(kindOf(name), 4006, String(name));
  }
  for (const window of ['3ms', '100ms', '200', '1000MS', '0ms', '', 'toString']) {
    assert.equal(kindOf(`depth.${window}.SOL_USDC`), 4008, window);
    assert.equal(kindOf(`depth.${window}.DOGE_USDC`), 4008, window);
  }
});
