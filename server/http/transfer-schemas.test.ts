import { NOT_AN_OBJECT } from '../orders/request-fields.ts';
import { listedRegistry } from '../orders/venue.fixture.ts';
import { holdReaderToSchema } from '../schemas/reader-agreement.fixture.ts';
import { WithdrawRequest } from '../schemas/transfers.ts';
import { readWithdrawal } from './transfers.ts';

const registry = listedRegistry();

holdReaderToSchema('withdraw', {
  schema: WithdrawRequest,
  // Of what is an object; the rest is refused before its signature is checked.
  read(input) {
    if (typeof input !== 'object' || input === null || Array.isArray(input)) return NOT_AN_OBJECT;
    return readWithdrawal(input as Record<string, unknown>, registry);
  },
  known: { symbol: ['USDC', 'SOL'], quantity: ['1', '0.002', 2] },
});
