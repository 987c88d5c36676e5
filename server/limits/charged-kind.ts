import type { KeyMeter } from './limits.ts';

/** The bucket of a key that pays for a request. */
export type ChargedKind = keyof KeyMeter;

/** What a batch costs at most: a longer one is refused for its length. */
const BATCH_ORDERS_MAX = 50;

/** Tokens for `count` orders in one request. */
export function tokensOf(count: number): number {
  return Math.min(Math.max(1, count), BATCH_ORDERS_MAX);
}

/** Of a signed REST request. What is not known here is a request like any other. */
export function kindOfInstruction(instruction: string): ChargedKind {
  if (!instruction.startsWith('order') || instruction.includes('Query')) return 'requests';
  return /^orderCancel(?!Replace)/.test(instruction) ? 'cancels' : 'orders';
}

/** Of a websocket's method: what is no query and takes nothing back is an order. */
export function kindOfMethod(method: string): ChargedKind {
  // Nearly all there ever is; the rest is read.
  if (method === 'order.place') return 'orders';
  if (method === 'order.cancel') return 'cancels';
  if (!method.startsWith('order.') || method.startsWith('order.query')) return 'requests';
  return /^order\.(?:cancel(?!Replace)|reduce$)/.test(method) ? 'cancels' : 'orders';
}
