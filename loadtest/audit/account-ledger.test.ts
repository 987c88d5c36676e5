import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AccountLedger } from './account-ledger.ts';
import { Decimal } from './decimal-sums.ts';

const MARKET = { baseSymbol: 'A', quoteSymbol: 'Q' };
const BEFORE = { A: { available: '10', locked: '0' }, Q: { available: '1000', locked: '50.5' } };
const decimal = (text: string): Decimal => new Decimal().read(Buffer.from(text), 0, text.length);

interface Fill {
  readonly isBid: boolean;
  readonly quantity: string;
  readonly price: string;
  readonly fee: string;
  readonly feeAsset: string;
}
const BUY: Fill = {
  ...{ isBid: true, quantity: '0.003', price: '100.05', fee: '0.06003', feeAsset: 'Q' },
};

function fill(ledger: AccountLedger, { isBid, quantity, price, fee, feeAsset }: Fill): void {
  ledger.fill(isBid, decimal(quantity), decimal(price), MARKET);
  ledger.fee(feeAsset, decimal(fee));
}

test('balances with the fills are those that they must be, whatever is locked', () => {
  const ledger = new AccountLedger(BEFORE, [MARKET]);
  fill(ledger, BUY);
  fill(ledger, { ...BUY, isBid: false, quantity: '1', price: '2', fee: '0.1' });
  // 1050.5 − 0.30015 − 0.06003 + 2 − 0.1.
  const now = {
    A: { available: '9', locked: '0.003' },
    Q: { available: '1000', locked: '52.03982' },
  };
  assert.deepEqual(ledger.compare(now), { compared: 2, wrong: [] });
  const off = { ...now, Q: { available: '1000', locked: '52.03983' } };
  assert.deepEqual(ledger.compare(off).wrong, ['Q has changed by 1.53983, by its fills 1.53982']);
  assert.deepEqual(ledger.compare({ Q: now.Q }).wrong, [
    'A has changed by -10, by its fills -0.997',
  ]);
});

test('without a fill nothing of the traded assets may change', () => {
  const ledger = new AccountLedger(BEFORE, [MARKET]);
  assert.deepEqual(ledger.compare({ ...BEFORE, Z: { available: '5', locked: '0' } }).wrong, []);
  const less = { ...BEFORE, A: { available: '9.9', locked: '0' } };
  assert.deepEqual(ledger.compare(less).wrong, ['A has changed by -0.1, by its fills 0']);
});

test('a fee in an asset of its own is taken from that', () => {
  const ledger = new AccountLedger({ ...BEFORE, F: { available: '1', locked: '0' } }, [MARKET]);
  fill(ledger, { ...BUY, feeAsset: 'F', fee: '0.25', quantity: '1', price: '1' });
  const now = { A: { available: '11', locked: '0' }, Q: { available: '1049.5', locked: '0' } };
  assert.deepEqual(ledger.compare({ ...now, F: { available: '0.75', locked: '0' } }).wrong, []);
});
