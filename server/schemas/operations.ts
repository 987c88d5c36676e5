import { ACCOUNT_OPERATIONS } from './account.ts';
import { HISTORY_OPERATIONS } from './history.ts';
import { LISTING_OPERATIONS } from './listings.ts';
import { MARKET_DATA_OPERATIONS } from './market-data.ts';
import type { Operation } from './operation.ts';
import { ORDER_OPERATIONS } from './orders.ts';
import { SYSTEM_OPERATIONS } from './system.ts';
import { TRANSFER_OPERATIONS } from './transfers.ts';

/** Every request of the public REST API: a test holds them against the routes, both ways. */
export const OPERATIONS: readonly Operation[] = [
  ...SYSTEM_OPERATIONS,
  ...LISTING_OPERATIONS,
  ...MARKET_DATA_OPERATIONS,
  ...ORDER_OPERATIONS,
  ...ACCOUNT_OPERATIONS,
  ...HISTORY_OPERATIONS,
  ...TRANSFER_OPERATIONS,
];
