/**
 * What a book answers to the messages of a flow, one call for each report, in the order and with the
 * fields of the conformance set (`kind` 0 … 5 in the order of the methods below). `seq` is the number of the message.
 */
export interface Reports {
  orderAck(seq: number, side: number, orderId: number, priceTicks: number, lots: number): void;
  trade(seq: number, priceTicks: number, lots: number, makerId: number, takerId: number): void;
  cancelAck(seq: number, side: number, orderId: number, priceTicks: number): void;
  modifyAck(seq: number, side: number, orderId: number, priceTicks: number, lots: number): void;
  cancelReject(seq: number, orderId: number): void;
  modifyReject(seq: number, orderId: number): void;
}

export const ReportKind = {
  OrderAck: 0,
  Trade: 1,
  CancelAck: 2,
  ModifyAck: 3,
  CancelReject: 4,
  ModifyReject: 5,
} as const;
