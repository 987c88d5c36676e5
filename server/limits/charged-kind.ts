import type { SignedParameters } from '../auth/signing-strings.ts';
import { BATCH_ORDERS_MAX } from '../schemas/order-requests.ts';
import type { KeyMeter } from './limits.ts';

/** The bucket of a key that pays for a request. */
export type ChargedKind = keyof KeyMeter;

/** Tokens for `count` orders in one request; a batch that is too long is refused for its length and costs no more. */
export function tokensOf(count: number): number {
  return Math.min(Math.max(1, count), BATCH_ORDERS_MAX);
}

/** What takes orders back, or will, belongs to the cancels: who has used up his orders must not lose his way out. */
const CANCEL_INSTRUCTIONS: ReadonlySet<string> = new Set([
  ...['orderCancel', 'orderCancelAll', 'orderCancelAllAfter'],
]);
const CANCELS: ReadonlySet<string> = new Set([
  ...['order.cancel', 'order.cancelAll', 'order.reduce'],
  ...['session.cancelAllAfter', 'session.cancelOnDisconnect'],
]);

/** Of a signed REST request. What is not known here is a request like any other. */
export function kindOfSigned(
  instruction: string,
  parameterSets: readonly SignedParameters[],
): ChargedKind {
  if (instruction === 'orderModify' && parameterSets[0]?.some(isReduction)) return 'cancels';
  if (!instruction.startsWith('order') || instruction.includes('Query')) return 'requests';
  return CANCEL_INSTRUCTIONS.has(instruction) ? 'cancels' : 'orders';
}

/** One instruction for two requests: with this member it takes off an order, without it replaces it. */
function isReduction([name]: SignedParameters[number]): boolean {
  return name === 'reduceQuantity';
}

/** Of a websocket's method: what is no query and takes nothing back is an order. */
export function kindOfMethod(method: string): ChargedKind {
  // Nearly all there ever is; the rest is looked up.
  if (method === 'order.place') return 'orders';
  if (method === 'order.cancel' || CANCELS.has(method)) return 'cancels';
  const isOrder = method.startsWith('order.') && !method.startsWith('order.query');
  return isOrder ? 'orders' : 'requests';
}
