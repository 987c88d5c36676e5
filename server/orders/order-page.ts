import type { OrderEvent } from '../../engine/protocol/events.ts';
import { OPEN_ORDERS_MAX } from '../../engine/shard/order-desk.ts';
import { type ApiError, invalidRequest } from '../api-error.ts';
import { isPlainObject, isPresent } from './request-fields.ts';

const BAD_LIMIT = invalidRequest(`\`limit\` must be an integer 1 to ${OPEN_ORDERS_MAX}`);
const BAD_AFTER = invalidRequest('`after` is not a string of digits');
const ORDER_ID = /^\d{1,16}$/;

/** Takes a page out of a list of orders, which stand in the order of their ids. */
type Page = (orders: OrderEvent[]) => OrderEvent[];

/**
 * `{limit?, after?}`: at most so many, of those whose ids come after this one. The ids of one account grow, so who asks
 * on from the last id of a page gets each order once that was open all the while.
 */
export function readPage(params: unknown): Page | ApiError {
  if (!isPlainObject(params)) return (orders) => orders;
  const { limit = null, after = null } = params;
  const isCount = typeof limit === 'number' && Number.isInteger(limit);
  if (isPresent(limit) && !(isCount && limit >= 1 && limit <= OPEN_ORDERS_MAX)) return BAD_LIMIT;
  if (isPresent(after) && !(typeof after === 'string' && ORDER_ID.test(after))) return BAD_AFTER;
  const from = after === null ? 0 : Number(after);
  const most = limit === null ? OPEN_ORDERS_MAX : Number(limit);
  return (orders) => orders.filter(({ orderId }) => orderId > from).slice(0, most);
}
