import { OrderBook } from '../../engine/book/order-book.ts';
import { replay } from '../replay/replay.ts';
import type { Reports } from '../replay/reports.ts';
import { TradeList } from '../replay/trade-list.ts';
import { allocateCommands, type CommandFlow, CommandKind } from './command-flow.ts';
import { type MessageFlow, MessageKind } from './message-flow.ts';

const KINDS: Record<MessageKind, CommandKind> = {
  [MessageKind.New]: CommandKind.Place,
  [MessageKind.NewImmediate]: CommandKind.PlaceImmediate,
  [MessageKind.Cancel]: CommandKind.Cancel,
  [MessageKind.Modify]: CommandKind.Replace,
};

/**
 * The same flow as commands of accounts in market 1, an outsider's order id becoming (by its low 32 bits)
 * the client id; and the trades a book makes of it, by client ids, which the venue must make as well. A message's
 * modify names the open quantity, a venue's replace the total: the book is asked what had executed.
 */
export function commandsOf(
  flow: MessageFlow,
  accountCount: number,
): { commands: CommandFlow; trades: TradeList } {
  const commands = allocateCommands(flow.count, 1, accountCount);
  const executed = new Map<number, number>();
  const trades = new TradeList();
  const nothing = (): void => {};
  const listener: Reports = {
    orderAck: nothing,
    cancelAck: nothing,
    modifyAck: nothing,
    cancelReject: nothing,
    modifyReject: nothing,
    trade(_seq, priceTicks, lots, maker, taker) {
      executed.set(maker, (executed.get(maker) ?? 0) + lots);
      executed.set(taker, (executed.get(taker) ?? 0) + lots);
      trades.add(priceTicks, lots, maker % 2 ** 32, taker % 2 ** 32);
    },
  };
  const book = new OrderBook();
  for (let at = 0; at < flow.count; at++) {
    const orderId = flow.orderId[at]!;
    const kind = KINDS[flow.kind[at]! as MessageKind];
    const before = kind === CommandKind.Replace ? (executed.get(orderId) ?? 0) : 0;
    commands.kind[at] = kind;
    commands.accountId[at] = flow.accountId[at]!;
    commands.marketId[at] = 1;
    commands.clientId[at] = orderId % 2 ** 32;
    commands.side[at] = flow.side[at]!;
    commands.priceTicks[at] = flow.priceTicks[at]!;
    commands.lots[at] = flow.lots[at]! + before;
    replay(flow, at, at + 1, book, listener);
  }
  return { commands, trades };
}
