import {
  CancelOrder,
  CreateAccount,
  ListAsset,
  ListMarket,
  MoveFunds,
  PlaceOrder,
  ReduceOrder,
  ReplaceOrder,
} from '../../engine/protocol/commands.ts';
import { OrderType, TimeInForce } from '../../engine/protocol/enums.ts';
import type { FrameWriter } from '../../engine/protocol/frame-writer.ts';
import type { Body } from '../../engine/protocol/message.ts';
import type { OrderDesk } from '../../engine/shard/order-desk.ts';
import { type CommandFlow, CommandKind } from '../workloads/command-flow.ts';

/** All markets quote in asset 1; market `m` trades asset `m + 1`. */
const QUOTE = 1;
/** Of all accounts together in each asset: ample, and within the supply a shard may hold. */
const SUPPLY_UNITS = 8e15;

/**
 * Encodes what a flow needs to find: assets, markets, accounts, and ample funds of every asset that an
 * account will sell or pay with. Answers the number of commands; each is answered by one event.
 */
export function encodeSetup(frames: FrameWriter, flow: CommandFlow): number {
  const units = Math.floor(SUPPLY_UNITS / flow.accountCount);
  let commands = 0;
  for (let assetId = 1; assetId <= flow.marketCount + 1; assetId++, commands++) {
    ListAsset.encode(frames, 0, { requestId: 1, assetId, symbol: `ASSET${assetId}`, decimals: 6 });
  }
  for (let marketId = 1; marketId <= flow.marketCount; marketId++, commands++) {
    ListMarket.encode(frames, 0, {
      ...ListMarket.create(),
      requestId: 1,
      marketId,
      symbol: `MARKET${marketId}`,
      baseAssetId: marketId + 1,
      quoteAssetId: QUOTE,
      tickUnits: 1,
      lotUnits: 1,
      baseUnitsPerLot: 1,
      quoteUnitsPerTickLot: 1,
      minPriceTicks: 1,
      maxPriceTicks: 2 ** 31 - 1,
      minQuantityLots: 1,
      maxQuantityLots: 1_000_000,
      makerFeeBps: 8,
      takerFeeBps: 10,
    });
  }
  for (let accountId = 1; accountId <= flow.accountCount; accountId++, commands++) {
    CreateAccount.encode(frames, 0, { requestId: 1, accountId, name: `trader ${accountId}` });
    encodeDeposit(frames, accountId, QUOTE, units);
    commands++;
  }
  for (const key of basesSold(flow)) {
    encodeDeposit(frames, Math.floor(key / 4096), key % 4096, units);
    commands++;
  }
  return commands;
}

/** Each (account, base asset) that sells in the flow, as account × 4096 + asset. */
function basesSold(flow: CommandFlow): Set<number> {
  const keys = new Set<number>();
  for (let at = 0; at < flow.count; at++) {
    if (flow.side[at] === 1) keys.add(flow.accountId[at]! * 4096 + flow.marketId[at]! + 1);
  }
  return keys;
}

function encodeDeposit(
  frames: FrameWriter,
  accountId: number,
  assetId: number,
  amountUnits: number,
): void {
  MoveFunds.encode(frames, 0, {
    ...MoveFunds.create(),
    requestId: 1,
    accountId,
    transferId: `${assetId}`,
    assetId,
    amountUnits,
  });
}

/** Makes commands of a flow one at a time, each in one reused object: as frames, or as calls. */
export class CommandEncoder {
  readonly #place = { ...PlaceOrder.create(), orderType: OrderType.Limit as number };
  readonly #cancel = CancelOrder.create();
  readonly #replace = ReplaceOrder.create();
  readonly #reduce = ReduceOrder.create();

  encode(frames: FrameWriter, flow: CommandFlow, at: number, requestId: number): void {
    switch (flow.kind[at]) {
      case CommandKind.Cancel:
        CancelOrder.encode(frames, 0, this.#refer(this.#cancel, flow, at, requestId));
        return;
      case CommandKind.Replace:
        ReplaceOrder.encode(frames, 0, this.#replaceOf(flow, at, requestId));
        return;
      case CommandKind.Reduce:
        ReduceOrder.encode(frames, 0, this.#reduceOf(flow, at, requestId));
        return;
      default:
        PlaceOrder.encode(frames, 0, this.#placeOf(flow, at, requestId));
    }
  }

  /** The same without a codec, straight to who takes the shard's order commands. */
  call(desk: OrderDesk, flow: CommandFlow, at: number, requestId: number): void {
    switch (flow.kind[at]) {
      case CommandKind.Cancel:
        desk.cancel(this.#refer(this.#cancel, flow, at, requestId));
        return;
      case CommandKind.Replace:
        desk.replace(this.#replaceOf(flow, at, requestId));
        return;
      case CommandKind.Reduce:
        desk.reduce(this.#reduceOf(flow, at, requestId));
        return;
      default:
        desk.place(this.#placeOf(flow, at, requestId));
    }
  }

  #replaceOf(flow: CommandFlow, at: number, requestId: number): Body<typeof ReplaceOrder> {
    const replace = this.#refer(this.#replace, flow, at, requestId);
    replace.priceTicks = flow.priceTicks[at]!;
    replace.quantityLots = flow.lots[at]!;
    return replace;
  }

  #reduceOf(flow: CommandFlow, at: number, requestId: number): Body<typeof ReduceOrder> {
    const reduce = this.#refer(this.#reduce, flow, at, requestId);
    reduce.quantityLots = flow.lots[at]!;
    return reduce;
  }

  #placeOf(flow: CommandFlow, at: number, requestId: number): PlaceOrder {
    const place = this.#place;
    const isImmediate = flow.kind[at] === CommandKind.PlaceImmediate;
    place.requestId = requestId;
    place.accountId = flow.accountId[at]!;
    place.marketId = flow.marketId[at]!;
    place.clientId = flow.clientId[at]!;
    place.side = flow.side[at]!;
    place.timeInForce = isImmediate ? TimeInForce.IOC : TimeInForce.GTC;
    place.priceTicks = flow.priceTicks[at]!;
    place.quantityLots = flow.lots[at]!;
    return place;
  }

  #refer<B extends Body<typeof CancelOrder>>(
    body: B,
    flow: CommandFlow,
    at: number,
    requestId: number,
  ): B {
    body.requestId = requestId;
    body.accountId = flow.accountId[at]!;
    body.marketId = flow.marketId[at]!;
    body.clientId = flow.clientId[at]!;
    return body;
  }
}
