import { assert } from '../assert.ts';
import type { PlaceOrder } from '../protocol/commands.ts';
import { KillScope, OrderEventKind } from '../protocol/enums.ts';
import {
  BalanceChanged,
  BalanceSnapshot,
  FundsMoved,
  OrderEvent,
  Rejected,
  RequestDone,
} from '../protocol/events.ts';
import type { Body } from '../protocol/message.ts';
import { RejectCode } from '../protocol/reject-codes.ts';
import type { Shard } from '../shard/shard.ts';
import { shardsOf } from '../shard/shard-cluster.fixture.ts';
import type { Command, Heard, Said } from '../shard/shard-harness.fixture.ts';
import type { VenueSetup } from '../shard/venue-comparison.fixture.ts';
import { SentProtections } from './sent-protections.ts';
import { ToldBalances } from './told-balances.ts';
import { type Sweep, sweepOf, ToldCancels } from './told-cancels.ts';
import { checkAsAsked, type ToldOrder, ToldOrders } from './told-orders.ts';
import { ToldQueue } from './told-queue.ts';

/** What a command of an account that there is none of may be refused for. */
const REFUSALS_OF_UNKNOWN: readonly RejectCode[] = [
  ...[RejectCode.UnknownAccount, RejectCode.UnknownMarket, RejectCode.UnknownOrder],
];

const KILL_CODES: readonly number[] = [RejectCode.KillSwitch, RejectCode.AccountKillSwitch];

interface Asked {
  readonly command: Command;
  /** Where it stands among the commands sent. */
  readonly at: number;
  /** A latch was sent before it that stops such a command. */
  readonly isStopped: boolean;
  /** What must be gone when it was answered; null where nothing must. */
  readonly sweep: Sweep | null;
  /** Shards that have not said that they are done. */
  shardsLeft: number;
}

/**
 * Somebody who knows what was asked of a venue and hears all it says, and predicts nothing: whatever is
 * under way, what the venue says must fit together, be what was asked for, and hold when it is at rest.
 */
export class Witness {
  readonly #setup: VenueSetup;
  readonly #shardCount: number;
  readonly #protections: SentProtections;
  readonly #orders = new ToldOrders();
  readonly #balances = new ToldBalances();
  readonly #cancels = new ToldCancels();
  readonly #queues = new Map<number, ToldQueue>();
  readonly #asked = new Map<number, Asked>();

  constructor(setup: VenueSetup, shardCount: number) {
    this.#setup = setup;
    this.#shardCount = shardCount;
    this.#protections = new SentProtections(setup);
    for (const { marketId } of setup.markets) this.#queues.set(marketId, new ToldQueue());
  }

  /** `command` is about to be sent; no shard's time is before `nowUs` when it takes it. */
  ask(command: Command, nowUs: number): void {
    const protections = this.#protections;
    const isOfTimer = command.kind === 'fireCancelTimer';
    const isSweeping = !isOfTimer || protections.fires(command, nowUs);
    this.#asked.set(command.body.requestId, {
      command,
      at: this.#asked.size,
      isStopped: protections.stops(command),
      sweep: isSweeping ? sweepOf(command) : null,
      shardsLeft: shardsOf(command, this.#shardCount).length,
    });
    protections.send(command);
    if (command.kind === 'setMarketState') {
      this.#cancels.setMarketState(command.body.marketId, command.body.state);
    }
  }

  /** Takes in what one shard said until `nowUs`, in its order. */
  hear({ said }: Heard, nowUs: number): void {
    for (const one of said) {
      try {
        this.#take(one, nowUs);
      } catch (error) {
        const { message } = error as Error;
        throw new Error(`${message}: ${JSON.stringify(one.body)}`, { cause: error });
      }
    }
  }

  /** At rest, once everything was heard. */
  checkAtRest(shards: readonly Shard[]): void {
    for (const { state } of shards) {
      for (const { book, spec } of state.markets.values()) {
        if (book !== null) this.#queues.get(spec.marketId)!.check(book);
      }
    }
    this.#cancels.check(({ last, placedBy }) => {
      assert(placedBy !== 0, `nobody was told what placed order ${last.orderId}`);
      return this.#asked.get(placedBy)!.at;
    });
    this.#balances.compare(shards);
    this.#orders.compare(shards);
  }

  #take({ type, isRecorded, body }: Said, nowUs: number): void {
    switch (type) {
      case OrderEvent.type:
        if (isRecorded) this.#order(body as OrderEvent);
        else this.#orders.checkSnapshot(body as OrderEvent);
        break;
      case FundsMoved.type:
        if (isRecorded) this.#balances.moved(body as FundsMoved);
        break;
      case BalanceChanged.type:
        this.#balances.changed(body as Body<typeof BalanceChanged>);
        break;
      case BalanceSnapshot.type:
        this.#balance(body as Body<typeof BalanceSnapshot>);
        break;
      case RequestDone.type:
        this.#done(body as Body<typeof RequestDone>);
        break;
      case Rejected.type:
        this.#refused(body as Body<typeof Rejected>, nowUs);
    }
  }

  #order(event: OrderEvent): void {
    const { command: asked, isStopped = false } = this.#asked.get(event.requestId) ?? {};
    assert(!isStopped, 'the kill switch did not stop it');
    const before = this.#orders.open.get(event.orderId);
    const sweep = asked === undefined ? null : sweepOf(asked);
    if (sweep !== null && before !== undefined) this.#cancels.checkCancelled(sweep, before);
    const order = this.#orders.take(event);
    if (asked?.kind === 'place') this.#placed(order, asked.body);
    const isReplaced = event.kind === OrderEventKind.Modified && asked?.kind !== 'reduce';
    this.#queues.get(event.marketId)!.add(event, isReplaced);
    const spec = this.#setup.markets.find(({ marketId }) => marketId === event.marketId)!;
    this.#balances.ordered(event, spec);
  }

  #placed(order: ToldOrder, asked: PlaceOrder): void {
    order.placedBy = asked.requestId;
    checkAsAsked(order, asked);
  }

  #balance({ requestId, assetId, availableUnits, lockedUnits }: Body<typeof BalanceSnapshot>) {
    const asked = this.#asked.get(requestId)?.command;
    if (asked?.kind !== 'queryBalances') return;
    const { accountId } = asked.body;
    this.#balances.checkSnapshot(accountId, assetId, availableUnits, lockedUnits);
  }

  #done({ requestId }: Body<typeof RequestDone>): void {
    const asked = this.#asked.get(requestId);
    if (asked === undefined) return;
    const { command, at, sweep } = asked;
    assert(this.#isOfKnown(command), 'an unknown account was answered');
    if (--asked.shardsLeft > 0 || sweep === null) return;
    this.#cancels.endAll(sweep, at, this.#orders.open.values());
  }

  #refused({ requestId, code }: Body<typeof Rejected>, nowUs: number): void {
    const asked = this.#asked.get(requestId);
    if (asked === undefined) return;
    const { command, at } = asked;
    if (command.kind === 'cancel' && code === RejectCode.UnknownOrder) {
      this.#cancels.refuse(command.body, at, this.#orders.open.values());
    }
    const expiresAtUs = 'expiresAtUs' in command.body ? command.body.expiresAtUs : 0;
    const isOver = expiresAtUs > 0 && expiresAtUs < nowUs;
    assert(isOver || code !== RejectCode.RequestExpired, 'it was refused before its time was over');
    const isExplained = !KILL_CODES.includes(code) || this.#protections.explains(code);
    assert(isExplained, 'it was stopped by a kill switch that nobody has set');
    const isKnown = this.#isOfKnown(command);
    const isOfUnknown = REFUSALS_OF_UNKNOWN.includes(code as RejectCode);
    assert(isKnown || isOfUnknown, 'an unknown account was refused for something else');
    assert(!isKnown || code !== RejectCode.UnknownAccount, 'a known account was refused');
  }

  #isOfKnown({ kind, body }: Command): boolean {
    const { accountIds } = this.#setup;
    if (kind === 'setKillSwitch') {
      return body.scope !== KillScope.Account || accountIds.includes(body.targetId);
    }
    return !('accountId' in body) || accountIds.includes(body.accountId);
  }
}
