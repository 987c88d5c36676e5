/** What one message asks of a book. */
export const MessageKind = { New: 0, NewImmediate: 1, Cancel: 2, Modify: 3 } as const;
export type MessageKind = (typeof MessageKind)[keyof typeof MessageKind];

/**
 * Messages of one market as columns, entry `i` of each being message `i`. A cancel names only its order: its
 * side, price and lots are 0. Everything is known before the first message is applied.
 */
export interface MessageFlow {
  readonly count: number;
  readonly kind: Uint8Array;
  /** Given by outsiders: below 2^40, neither dense nor ascending. Their low 32 bits are unique. */
  readonly orderId: Float64Array;
  readonly accountId: Int32Array;
  readonly side: Uint8Array;
  readonly priceTicks: Int32Array;
  /** Of a new order its quantity, of a modify the open quantity it shall have from now on. */
  readonly lots: Int32Array;
}

/** A flow of `count` messages, all zero yet. */
export function allocateFlow(count: number): MessageFlow {
  return {
    count,
    kind: new Uint8Array(count),
    orderId: new Float64Array(count),
    accountId: new Int32Array(count),
    side: new Uint8Array(count),
    priceTicks: new Int32Array(count),
    lots: new Int32Array(count),
  };
}
