/** What one command of an account asks of the venue. */
export const CommandKind = {
  Place: 0,
  PlaceImmediate: 1,
  Cancel: 2,
  Replace: 3,
  Reduce: 4,
} as const;
export type CommandKind = (typeof CommandKind)[keyof typeof CommandKind];

/**
 * Commands as columns, entry `i` of each being command `i`; fields a kind does not have are 0. An order is
 * named by its client id, unique in the flow. Fixed before the first command is sent.
 */
export interface CommandFlow {
  readonly count: number;
  /** Markets are 1 … marketCount, accounts 1 … accountCount. */
  readonly marketCount: number;
  readonly accountCount: number;
  readonly kind: Uint8Array;
  readonly accountId: Int32Array;
  readonly marketId: Int32Array;
  readonly clientId: Float64Array;
  readonly side: Uint8Array;
  readonly priceTicks: Int32Array;
  /**
   * To place: the quantity; to replace: the new total, what has executed included, or 0 = as it is; to reduce:
   * what to take off.
   */
  readonly lots: Int32Array;
}

export function allocateCommands(
  count: number,
  marketCount: number,
  accountCount: number,
): CommandFlow {
  return {
    count,
    marketCount,
    accountCount,
    kind: new Uint8Array(count),
    accountId: new Int32Array(count),
    marketId: new Int32Array(count),
    clientId: new Float64Array(count),
    side: new Uint8Array(count),
    priceTicks: new Int32Array(count),
    lots: new Int32Array(count),
  };
}

/** Commands `from` … `to` − 1 of a flow, in the same memory. */
export function sliceOf(flow: CommandFlow, from: number, to: number): CommandFlow {
  return {
    ...flow,
    count: to - from,
    kind: flow.kind.subarray(from, to),
    accountId: flow.accountId.subarray(from, to),
    marketId: flow.marketId.subarray(from, to),
    clientId: flow.clientId.subarray(from, to),
    side: flow.side.subarray(from, to),
    priceTicks: flow.priceTicks.subarray(from, to),
    lots: flow.lots.subarray(from, to),
  };
}
