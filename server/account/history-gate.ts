import {
  type AccountHistory,
  HISTORY_POOL_SIZE,
  type HistoryPage,
  type HistoryRange,
  isTooSlow,
  type WithdrawalName,
} from '../../persistence/account-history.ts';
import { isRefusal } from '../../persistence/database-errors.ts';
import type { Writer } from '../../persistence/writer-client.ts';
import { ApiError, busyError } from '../api-error.ts';
import type { AccountPositions } from './account-positions.ts';
import { Turnstile } from './turnstile.ts';

/** How long a question waits for the rows of what its account has been told. */
const PROJECTION_WAIT_MS = 2000;

/** Under way at a time, for all accounts and for each. */
const QUESTIONS_MAX = 64;
const QUESTIONS_OF_ACCOUNT_MAX = 16;
const LINE_WAIT_MS = 2000;

/**
 * Answers questions of an account's past from the database, with everything in it that the account can know of: a
 * question waits until the rows of the account's last event are there. What cannot be answered so in time is refused
 * by name, and old rows never pass for new ones:
 *
 * - 503 `HISTORY_UNAVAILABLE`: the database is away, or nothing is written to it;
 * - 503 `HISTORY_BEHIND`: the rows are not there after 2 s;
 * - 503 `HISTORY_TIMEOUT`: the statement took the server too long;
 * - 429 `TOO_MANY_REQUESTS`, 503 `BUSY`: more questions are under way than the account, or the venue, may have.
 */
export class HistoryGate {
  readonly #source: AccountHistory;
  readonly #positions: AccountPositions;
  readonly #projection: Pick<Writer, 'reach'>;
  readonly #turnstile = new Turnstile({
    insideMax: HISTORY_POOL_SIZE,
    presentMax: QUESTIONS_MAX,
    presentOfOneMax: QUESTIONS_OF_ACCOUNT_MAX,
    waitMsMax: LINE_WAIT_MS,
  });

  constructor(parts: {
    source: AccountHistory;
    positions: AccountPositions;
    projection: Pick<Writer, 'reach'>;
  }) {
    this.#source = parts.source;
    this.#positions = parts.positions;
    this.#projection = parts.projection;
  }

  /** @throws ApiError see above, as do the others */
  orders(range: HistoryRange): Promise<HistoryPage> {
    return this.#read(range, () => this.#source.orders(range));
  }

  fills(range: HistoryRange): Promise<HistoryPage> {
    return this.#read(range, () => this.#source.fills(range));
  }

  deposits(range: HistoryRange): Promise<HistoryPage> {
    return this.#read(range, () => this.#source.deposits(range));
  }

  withdrawals(range: HistoryRange, name?: WithdrawalName): Promise<HistoryPage> {
    return this.#read(range, () => this.#source.withdrawals(range, name));
  }

  async #read({ accountId }: HistoryRange, ask: () => Promise<HistoryPage>): Promise<HistoryPage> {
    const approach = (): Promise<void> => this.#catchUp(accountId);
    const outcome = await this.#turnstile.pass(accountId, approach, () => ask().catch(refuse));
    if (outcome === 'tooManyOfOne') throw TOO_MANY;
    if (outcome === 'tooMany' || outcome === 'tooLong') throw busyError();
    return outcome.result;
  }

  async #catchUp(accountId: number): Promise<void> {
    const { shard, sequence } = this.#positions.of(accountId);
    const reach = await this.#projection.reach(shard, sequence, PROJECTION_WAIT_MS);
    if (reach === 'away') throw UNAVAILABLE;
    if (reach === 'behind') throw BEHIND;
  }
}

const UNAVAILABLE = new ApiError(
  503,
  'HISTORY_UNAVAILABLE',
  'The database is out of reach, try again',
);
const BEHIND = new ApiError(
  503,
  'HISTORY_BEHIND',
  'The history does not have the last events of this account yet, try again',
);
const TOO_SLOW = new ApiError(
  503,
  'HISTORY_TIMEOUT',
  'The history took too long to search: narrow the request, or go less far back',
);
const TOO_MANY = new ApiError(
  429,
  'TOO_MANY_REQUESTS',
  'Too many history requests of this account are under way',
);

/** The database may be away: that is the client's news, not an error of ours. */
function refuse(error: unknown): never {
  if (isTooSlow(error)) throw TOO_SLOW;
  throw isRefusal(error) ? error : UNAVAILABLE;
}
