import type { HistoryPage, HistoryRange } from '../../persistence/account-history.ts';
import type { QueryParameters } from './query.ts';
import type { HttpReply } from './route.ts';
import { jsonText } from './signed-request.ts';

const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 1000;

/** The last millisecond of the year 9999. */
const TIME_MS_MAX = 253_402_300_799_999;

/** Which page is asked for. */
export type PageRequest = Pick<HistoryRange, 'limit' | 'offset' | 'isAscending'>;

export const EMPTY_PAGE: HistoryPage = { items: '[]', total: 0 };

/** `limit`, `offset` and `sortDirection`; newest first unless asked otherwise. */
export function pageParameters(parameters: QueryParameters): PageRequest {
  const direction = parameters.oneOf('sortDirection', 'SortDirection', ['Asc', 'Desc']);
  return {
    limit: parameters.integer('limit', 1, LIMIT_MAX) ?? LIMIT_DEFAULT,
    offset: parameters.integer('offset', 0, Number.MAX_SAFE_INTEGER) ?? 0,
    isAscending: direction === 'Asc',
  };
}

/** `from` and `to`, milliseconds since the epoch: rows have microseconds, and the last millisecond is meant whole. */
export function timeParameters(parameters: QueryParameters): Pick<HistoryRange, 'fromUs' | 'toUs'> {
  const fromMs = parameters.integer('from', 0, TIME_MS_MAX);
  const toMs = parameters.integer('to', 0, TIME_MS_MAX);
  return {
    fromUs: fromMs === undefined ? null : fromMs * 1000,
    toUs: toMs === undefined ? null : (toMs + 1) * 1000,
  };
}

/** A page with the headers that say which one of how many it is; pages are counted from 1. */
export function pageReply({ items, total }: HistoryPage, request: PageRequest): HttpReply {
  const { limit, offset } = request;
  return {
    ...jsonText(items),
    headers: {
      'X-Page-Count': String(Math.ceil(total / limit)),
      'X-Current-Page': String(Math.floor(offset / limit) + 1),
      'X-Page-Size': String(limit),
      'X-Total': String(total),
    },
  };
}
