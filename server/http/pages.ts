import type { Static, TObject } from 'typebox';
import type { HistoryPage, HistoryRange } from '../../persistence/account-history.ts';
import type { PAGE_PARAMETERS, TIME_PARAMETERS } from '../schemas/history.ts';
import type { HttpReply } from './route.ts';
import { jsonText } from './signed-request.ts';

const LIMIT_DEFAULT = 100;

/** Which page is asked for. */
export type PageRequest = Pick<HistoryRange, 'limit' | 'offset' | 'isAscending'>;

export const EMPTY_PAGE: HistoryPage = { items: '[]', total: 0 };

/** `limit`, `offset` and `sortDirection`; newest first unless asked otherwise. */
export function pageParameters({
  limit = LIMIT_DEFAULT,
  offset = 0,
  sortDirection,
}: Static<TObject<typeof PAGE_PARAMETERS>>): PageRequest {
  return { limit, offset, isAscending: sortDirection === 'Asc' };
}

/** `from` and `to`, milliseconds since the epoch: rows have microseconds, and the last millisecond is meant whole. */
export function timeParameters({
  from: fromMs,
  to: toMs,
}: Static<TObject<typeof TIME_PARAMETERS>>): Pick<HistoryRange, 'fromUs' | 'toUs'> {
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
