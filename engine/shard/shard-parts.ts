import { OrderBook } from '../book/order-book.ts';
import { Ledger } from '../ledger/ledger.ts';
import { OpenOrders } from '../ledger/open-orders.ts';
import { Accounts } from './accounts.ts';
import { Markets } from './markets.ts';
import { Matching } from './matching.ts';
import { OrderDesk } from './order-desk.ts';
import { ShardOutputs } from './outputs.ts';
import { Reservations } from './reservations.ts';

/**
 * The classes a shard is made of. A venue's thread can only make the real ones, since a class does not
 * cross to a thread; the simulation puts a deliberately wrong one in a place, to see that it is found out,
 * and a benchmark outputs that encode nothing, to see what the rest costs.
 */
export interface ShardParts {
  readonly Book: typeof OrderBook;
  readonly Ledger: typeof Ledger;
  readonly Orders: typeof OpenOrders;
  readonly Accounts: typeof Accounts;
  /** What it lists has the trigger books, too. */
  readonly Markets: typeof Markets;
  readonly Desk: typeof OrderDesk;
  readonly Matching: typeof Matching;
  readonly Reservations: typeof Reservations;
  readonly Outputs: typeof ShardOutputs;
}

/** What every venue runs on. */
export const SHARD_PARTS: ShardParts = {
  Book: OrderBook,
  Ledger,
  Orders: OpenOrders,
  Accounts,
  Markets,
  Desk: OrderDesk,
  Matching,
  Reservations,
  Outputs: ShardOutputs,
};
