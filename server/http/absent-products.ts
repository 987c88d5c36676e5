import { json, type Route } from './route.ts';

/** Lists of what the exchange whose API we speak has besides a spot market. */
const PATHS = [
  'borrowLend/markets',
  'collateral',
  'fundingRates',
  'markPrices',
  'openInterest',
  'prediction',
  'securities',
  'wallets',
];

/**
 * Public data of perpetuals, loans and other products that a spot venue does not have: empty lists, so
 * that clients which ask in passing learn that there are none.
 */
export function absentProductRoutes(): Route[] {
  return PATHS.map((name) => ({
    method: 'get',
    path: `/api/v1/${name}`,
    handle: () => json([]),
  }));
}
