import { assert } from '../../engine/assert.ts';
import {
  AccountDescribed,
  ApiKeyDescribed,
  AssetDescribed,
  BookLevels,
  CancelTimerDescribed,
  KillSwitchDescribed,
  MarketDescribed,
  ShardDescribed,
} from '../../engine/protocol/descriptions.ts';
import { OrderEventKind } from '../../engine/protocol/enums.ts';
import {
  AccountCreated,
  AllowedAddressesSet,
  ApiKeyCreated,
  ApiKeyRevoked,
  AssetListed,
  AuditEntry,
  BalanceChanged,
  BalanceSnapshot,
  BookDelta,
  EventsResumed,
  FundsMoved,
  MarketListed,
  MarketReport,
  MarketStateChanged,
  MatchPrevented,
  OrderEvent,
  Rejected,
  RequestDone,
  ShardReport,
  ShardReturned,
  Trade,
  TurnCommitted,
} from '../../engine/protocol/events.ts';
import { FrameReader } from '../../engine/protocol/frame-reader.ts';
import type { Body } from '../../engine/protocol/message.ts';
import { US_PER_MS } from '../../engine/protocol/time-units.ts';
import { Doorbell } from '../../engine/ring/doorbell.ts';
import { LinkReader } from '../../engine/ring/link.ts';
import type { Topology } from '../../engine/ring/topology.ts';
import { nowUs } from '../clock.ts';
import type { PendingRequests } from './pending-requests.ts';

/** Hears every recorded event, before the request it answers. Bodies are reused: copy what you keep. */
export interface EngineListener {
  onAssetListed(event: Body<typeof AssetListed>): void;
  onMarketListed(event: Body<typeof MarketListed>): void;
  onMarketStateChanged(event: Body<typeof MarketStateChanged>): void;
  onAccountCreated(event: Body<typeof AccountCreated>): void;
  onApiKeyCreated(event: Body<typeof ApiKeyCreated>): void;
  onApiKeyRevoked(event: Body<typeof ApiKeyRevoked>): void;
  onAllowedAddressesSet(event: Body<typeof AllowedAddressesSet>): void;
  onFundsMoved(event: FundsMoved): void;
  onBalanceChanged(event: Body<typeof BalanceChanged>): void;
  /** Not called for snapshots: they answer queries. */
  onOrderEvent(event: OrderEvent): void;
  onTrade(event: Trade): void;
  onBookDelta(event: BookDelta): void;
  /** After a run of events, when the loop is about to yield: flush what was gathered. */
  onBatchEnd(): void;
}

/** Looks at the rings at least this often, should a wake ever be missed. */
const POLL_INTERVAL_MS = 1000;

/** Events taken from a shard before what they lead to is sent. */
const CHUNK_EVENTS = 1024;

/**
 * Events may take so many times as long as the sockets did since the last of them, but not for ever. A loop that reads
 * sockets for longer than it hears events would refuse more and more of what it reads.
 */
const EVENTS_TIME_SHARE = 2;
const EVENTS_TIME_MAX_MS = 100;

/** What a shard may say ahead of what is heard. */
const ABSORBED_BYTES_MAX = 16 * 2 ** 20;

/** As the last sequence of a shard: where its stream stands is not known yet. */
const NOT_JOINED = -1;

/** Takes events off the shards' rings, one chunk per shard and turn, so that sockets get their turn. */
export class EventLoop {
  /** Matches that were prevented within an account so far. */
  preventedMatchCount = 0;
  /** Hears that a shard that has started again by itself takes commands. */
  onShardReturned: (shard: number) => void = () => {};
  readonly #readers: LinkReader[];
  readonly #bell: Doorbell;
  readonly #listener: EngineListener;
  readonly #pending: PendingRequests;
  readonly #frame = new FrameReader();
  readonly #lastSequences: number[];
  /** Of each shard: when the events that are being handled, or were last, were committed to its journal, µs. */
  readonly #journaledUs: number[];
  #delayMaxUs = 0;
  /** Where each shard's stream stood when it began anew: up to there events may come once more. */
  readonly #resumedAt: number[];
  readonly #rareHandlers: ReadonlyMap<number, (frame: FrameReader) => void>;
  /** The one whose events are being handled; −1 between. */
  #shard = -1;
  #chunkLeft = 0;
  #stopping = false;
  #running: Promise<void> = Promise.resolve();

  readonly #orderEvent = OrderEvent.create();
  readonly #trade = Trade.create();
  readonly #bookDelta = BookDelta.create();
  readonly #rejected = Rejected.create();
  readonly #requestDone = RequestDone.create();
  readonly #committed = TurnCommitted.create();

  constructor(topology: Topology, listener: EngineListener, pending: PendingRequests) {
    this.#readers = topology.shardToGateway.map((link) => new LinkReader(link));
    this.#bell = new Doorbell(topology.gatewayBell);
    this.#listener = listener;
    this.#pending = pending;
    this.#lastSequences = this.#readers.map(() => 0);
    this.#journaledUs = this.#readers.map(() => 0);
    this.#resumedAt = this.#readers.map(() => NOT_JOINED);
    this.#rareHandlers = this.#makeRareHandlers(listener);
  }

  /** @param hasHistory see `EngineClient.start` */
  start(hasHistory = false): void {
    if (hasHistory) this.#lastSequences.fill(NOT_JOINED);
    this.#running = this.#run();
  }

  /**
   * When the event that is being handled was committed to its shard's journal, µs; between events, the last time that
   * any was, and so not before what was answered. 0 without journals.
   */
  get journaledUs(): number {
    return this.#journaledUs[this.#shard] ?? Math.max(...this.#journaledUs);
  }

  /**
   * How long events have waited between their commit and being heard, at most, since this was asked the last time, ms;
   * 0 without journals.
   */
  takeDelayMs(): number {
    const delayMs = this.#delayMaxUs / US_PER_MS;
    this.#delayMaxUs = 0;
    return delayMs;
  }

  /** Sequence of the last event of a shard that was heard. */
  lastSequence(shard: number): number {
    return this.#lastSequences[shard]!;
  }

  /** Takes all that a shard has said so far. Its thread is gone, so that comes to an end. */
  takeLastWords(shard: number): void {
    this.#shard = shard;
    while (this.#readers[shard]!.poll(this.#frame, this.#handle) > 0);
    this.#shard = -1;
    this.#listener.onBatchEnd();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#bell.ring();
    await this.#running;
  }

  async #run(): Promise<void> {
    let endedMs = performance.now();
    while (!this.#stopping) {
      const seen = this.#bell.value;
      const beganMs = performance.now();
      const socketsMs = beganMs - endedMs;
      const untilMs = beganMs + Math.min(EVENTS_TIME_MAX_MS, EVENTS_TIME_SHARE * socketsMs);
      if (this.#poll() > 0) {
        while (performance.now() < untilMs && this.#poll() > 0);
        endedMs = performance.now();
        await new Promise((resolve) => setImmediate(resolve));
      } else {
        await this.#bell.sleepAsync(seen, POLL_INTERVAL_MS);
        endedMs = performance.now();
      }
    }
  }

  #hasChunkLeft = (): boolean => this.#chunkLeft-- > 0;

  #poll(): number {
    let frames = 0;
    for (let shard = 0; shard < this.#readers.length; shard++) {
      this.#shard = shard;
      this.#chunkLeft = CHUNK_EVENTS;
      frames += this.#readers[shard]!.poll(this.#frame, this.#handle, this.#hasChunkLeft);
    }
    this.#shard = -1;
    if (frames > 0) this.#listener.onBatchEnd();
    return frames;
  }

  /** Makes room in the rings; what is taken out of them is heard in its turn. */
  absorb(): void {
    for (const reader of this.#readers) reader.absorb(ABSORBED_BYTES_MAX);
  }

  #handle = (frame: FrameReader): void => {
    const { sequence } = frame;
    if (sequence !== 0) {
      const last = this.#lastSequences[this.#shard]!;
      if (last === NOT_JOINED) return;
      if (sequence !== last + 1) {
        const isRepeated = last === this.#resumedAt[this.#shard] && sequence <= last;
        assert(isRepeated, 'event sequence has a hole');
        return;
      }
      this.#lastSequences[this.#shard] = sequence;
    }
    switch (frame.type) {
      case OrderEvent.type: {
        const event = OrderEvent.decode(frame, this.#orderEvent);
        if (event.kind !== OrderEventKind.Snapshot) this.#listener.onOrderEvent(event);
        const isTakerFill = event.kind === OrderEventKind.Fill && !event.isMaker;
        this.#pending.orderEvent(event, isTakerFill, this.#shard, OrderEvent.type);
        break;
      }
      case Trade.type:
        this.#listener.onTrade(Trade.decode(frame, this.#trade));
        break;
      case BookDelta.type:
        this.#listener.onBookDelta(BookDelta.decode(frame, this.#bookDelta));
        break;
      case Rejected.type: {
        const { requestId, code } = Rejected.decode(frame, this.#rejected);
        this.#pending.refused(requestId, code as Parameters<PendingRequests['refused']>[1]);
        break;
      }
      case RequestDone.type:
        this.#pending.done(RequestDone.decode(frame, this.#requestDone).requestId);
        break;
      case TurnCommitted.type:
        this.#beginTurn(TurnCommitted.decode(frame, this.#committed).timeUs);
        break;
      default:
        this.#handleRare(frame);
    }
  };

  #beginTurn(journaledUs: number): void {
    this.#journaledUs[this.#shard] = journaledUs;
    this.#delayMaxUs = Math.max(this.#delayMaxUs, nowUs() - journaledUs);
  }

  #handleRare(frame: FrameReader): void {
    const handle = this.#rareHandlers.get(frame.type);
    assert(handle !== undefined, `unknown event type ${frame.type}`);
    handle(frame);
  }

  #makeRareHandlers(listener: EngineListener): Map<number, (frame: FrameReader) => void> {
    const handlers = new Map<number, (frame: FrameReader) => void>();
    const announce = <B extends { requestId: number }>(
      message: Decoder<B>,
      hear: (event: B) => void,
    ): void => {
      handlers.set(message.type, (frame) => this.#announce(frame, message, hear));
    };
    announce(AssetListed, (event) => listener.onAssetListed(event));
    announce(MarketListed, (event) => listener.onMarketListed(event));
    announce(MarketStateChanged, (event) => listener.onMarketStateChanged(event));
    announce(AccountCreated, (event) => listener.onAccountCreated(event));
    announce(ApiKeyCreated, (event) => listener.onApiKeyCreated(event));
    announce(ApiKeyRevoked, (event) => listener.onApiKeyRevoked(event));
    announce(AllowedAddressesSet, (event) => listener.onAllowedAddressesSet(event));
    announce(FundsMoved, (event) => listener.onFundsMoved(event));
    handlers.set(BalanceChanged.type, (frame) => {
      listener.onBalanceChanged(BalanceChanged.decode(frame, BalanceChanged.create()));
    });
    // The orders that expired by it tell their accounts.
    handlers.set(MatchPrevented.type, () => {
      this.preventedMatchCount++;
    });
    handlers.set(EventsResumed.type, () => {
      this.#resumedAt[this.#shard] = this.#lastSequences[this.#shard]!;
    });
    handlers.set(ShardReturned.type, () => this.onShardReturned(this.#shard));
    const part = <B extends { requestId: number }>(message: Decoder<B>, isLast: boolean): void => {
      handlers.set(message.type, (frame) => this.#part(frame, message, isLast));
    };
    part(BalanceSnapshot, false);
    part(AuditEntry, false);
    part(MarketReport, false);
    part(ShardReport, true);
    handlers.set(ShardDescribed.type, (frame) => this.#join(frame));
    part(AssetDescribed, false);
    part(MarketDescribed, false);
    part(AccountDescribed, false);
    part(ApiKeyDescribed, false);
    part(BookLevels, false);
    part(KillSwitchDescribed, false);
    part(CancelTimerDescribed, false);
    return handlers;
  }

  /** A shard tells where its stream stands: what it records from here on is heard. */
  #join(frame: FrameReader): void {
    const event = ShardDescribed.decode(frame, ShardDescribed.create());
    const last = this.#lastSequences[this.#shard];
    const { eventSequence } = event;
    assert(last === NOT_JOINED || last === eventSequence, 'a shard stands elsewhere than heard');
    this.#lastSequences[this.#shard] = eventSequence;
    this.#pending.part(event.requestId, ShardDescribed.type, this.#shard, event, false, false);
  }

  /** An event that everybody hears once (a repeated one has no sequence) and one request waits for. */
  #announce<B extends { requestId: number }>(
    frame: FrameReader,
    message: Decoder<B>,
    hear: (event: B) => void,
  ): void {
    const event = message.decode(frame, message.create());
    if (frame.sequence !== 0) hear(event);
    this.#pending.part(event.requestId, message.type, this.#shard, event, false);
  }

  #part<B extends { requestId: number }>(
    frame: FrameReader,
    message: Decoder<B>,
    isLast: boolean,
  ): void {
    const event = message.decode(frame, message.create());
    this.#pending.part(event.requestId, message.type, this.#shard, event, false, isLast);
  }
}

interface Decoder<B> {
  readonly type: number;
  create(): B;
  decode(frame: FrameReader, target: B): B;
}
