import { assert } from '../engine/assert.ts';
import { Hash64 } from '../engine/collections/hash64.ts';
import {
  CancelOrder,
  CreateAccount,
  ListAsset,
  ListMarket,
  MoveFunds,
  PlaceOrder,
  StopShard,
} from '../engine/protocol/commands.ts';
import { OrderEventKind } from '../engine/protocol/enums.ts';
import { BookDelta, OrderEvent, Rejected, Trade } from '../engine/protocol/events.ts';
import { FrameReader } from '../engine/protocol/frame-reader.ts';
import { ByteRing } from '../engine/ring/byte-ring.ts';
import { LinkReader, LinkWriter } from '../engine/ring/link.ts';
import { allocateTopology } from '../engine/ring/topology.ts';
import { startShards } from '../engine/shard/shard-pool.ts';
import { FLOW_MIX, type FlowCommand, makeOrderFlow } from './order-flow.ts';

/**
 * Sustained rate of the engine alone:
 *
 *   this thread ── msgpack ring ──▶ shard thread (reserve, match, settle, fees)
 *        ▲                              │
 *        └────────── msgpack ring ──────┘
 *
 * Every command is encoded here and every event it causes is decoded here. The persistence ring is
 * emptied without decoding.
 */
export interface EngineResult {
  readonly commands: number;
  readonly seconds: number;
  readonly trades: number;
  readonly refusals: number;
  /** Of all trades in order: equal for equal seeds and counts. */
  readonly resultHash: string;
}

export const ENGINE_THROUGH_RINGS = {
  name: 'engine alone, one shard, through both rings',
  mix: FLOW_MIX,
  durability: 'none (there is no journal yet)',
  leavesOut: 'sockets, signatures, market-data frames, the database',
};

const ACCOUNTS = 100;
/** Commands under way at most: enough to keep both threads busy, far from filling a ring. */
const WINDOW = 8192;
const BATCH = 256;

/** @param warmUpCount commands sent first and not timed: every run starts a thread with cold code */
export async function runEngineThroughRings(
  seed: number,
  count: number,
  warmUpCount: number,
): Promise<EngineResult> {
  const flow = makeOrderFlow(seed, warmUpCount + count, ACCOUNTS);
  const engine = new EngineSide();
  await engine.setUp();
  engine.send(flow, 0, warmUpCount);
  const start = performance.now();
  engine.send(flow, warmUpCount, flow.length);
  const seconds = (performance.now() - start) / 1000;
  await engine.stop();
  const { trades, refusals } = engine;
  assert(engine.answers === flow.length, `${flow.length} commands, ${engine.answers} answers`);
  return { commands: count, seconds, trades, refusals, resultHash: engine.hash.digest() };
}

/** The gateway's end, without sockets. */
class EngineSide {
  answers = 0;
  trades = 0;
  refusals = 0;
  readonly hash = new Hash64();
  readonly #topology = allocateTopology(1);
  readonly #pool = startShards(this.#topology);
  readonly #commands = new LinkWriter(this.#topology.gatewayToShard[0]!);
  readonly #events = new LinkReader(this.#topology.shardToGateway[0]!);
  readonly #unrecorded = new ByteRing(this.#topology.shardToPersistence[0]!.ring);
  readonly #discard = new Uint8Array(2 ** 20);
  readonly #frame = new FrameReader();
  readonly #order = OrderEvent.create();
  readonly #trade = Trade.create();
  readonly #delta = BookDelta.create();
  readonly #rejected = Rejected.create();

  async setUp(): Promise<void> {
    const { frames } = this.#commands;
    const symbols = ['BASE', 'QUOTE'];
    symbols.forEach((symbol, index) => {
      ListAsset.encode(frames, 0, { requestId: 0, assetId: index + 1, symbol, decimals: 6 });
    });
    ListMarket.encode(frames, 0, {
      ...ListMarket.create(),
      marketId: 1,
      symbol: 'BASE_QUOTE',
      baseAssetId: 1,
      quoteAssetId: 2,
      baseUnitsPerLot: 1,
      quoteUnitsPerTickLot: 1,
      minPriceTicks: 1,
      maxPriceTicks: 1_000_000,
      minQuantityLots: 1,
      maxQuantityLots: 1_000_000,
      makerFeeBps: 8,
      takerFeeBps: 10,
    });
    for (let accountId = 1; accountId <= ACCOUNTS; accountId++) {
      CreateAccount.encode(frames, 0, { requestId: 0, accountId, name: `trader ${accountId}` });
      for (const assetId of [1, 2]) {
        MoveFunds.encode(frames, 0, {
          ...MoveFunds.create(),
          accountId,
          transferId: `${assetId}`,
          assetId,
          amountUnits: 10 ** 13,
        });
      }
    }
    this.#commands.flush();
    let answered = 0;
    while (answered < 3 + ACCOUNTS * 3) {
      answered += this.#events.poll(this.#frame, () => {});
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  /** Sends `flow[from..to)`, never more than `WINDOW` ahead of the answers, and takes every event. */
  send(flow: readonly FlowCommand[], from: number, to: number): void {
    let sent = from;
    while (this.answers < to) {
      const end = Math.min(to, sent + BATCH, this.answers + WINDOW);
      for (; sent < end; sent++) this.#encode(flow[sent]!, sent + 1);
      this.#commands.flush();
      this.#events.poll(this.#frame, this.#take);
      while (this.#unrecorded.read(this.#discard, 0) === this.#discard.length);
    }
  }

  async stop(): Promise<void> {
    StopShard.encode(this.#commands.frames, 0, {});
    this.#commands.flush();
    await Promise.all(this.#pool.stopped);
    await this.#pool.close();
  }

  readonly #place = PlaceOrder.create();
  readonly #cancel = CancelOrder.create();

  #encode(command: FlowCommand, requestId: number): void {
    const { frames } = this.#commands;
    const body = command.isCancel ? this.#cancel : this.#place;
    body.requestId = requestId;
    body.accountId = command.accountId;
    body.marketId = 1;
    body.clientId = command.clientId;
    if (command.isCancel) {
      CancelOrder.encode(frames, 0, this.#cancel);
      return;
    }
    const place = this.#place;
    place.side = command.side;
    place.orderType = command.orderType;
    place.timeInForce = command.timeInForce;
    place.priceTicks = command.priceTicks;
    place.quantityLots = command.quantityLots;
    PlaceOrder.encode(frames, 0, place);
  }

  #take = (frame: FrameReader): void => {
    switch (frame.type) {
      case OrderEvent.type: {
        const event = OrderEvent.decode(frame, this.#order);
        assert(event.kind <= OrderEventKind.Modified, 'unexpected order event');
        if (event.requestId > 0) this.answers++;
        break;
      }
      case Trade.type: {
        const trade = Trade.decode(frame, this.#trade);
        this.trades++;
        this.hash.add(trade.tradeId);
        this.hash.add(trade.priceTicks);
        this.hash.add(trade.quantityLots);
        this.hash.add(trade.makerOrderId);
        this.hash.add(trade.takerOrderId);
        break;
      }
      case BookDelta.type:
        BookDelta.decode(frame, this.#delta);
        break;
      case Rejected.type:
        Rejected.decode(frame, this.#rejected);
        this.refusals++;
        this.answers++;
        break;
      default:
        assert(false, `unexpected event type ${frame.type}`);
    }
  };
}
