import { Random } from '../collections/random.ts';
import { CancelScope, TransferKind } from '../protocol/enums.ts';
import { BookShapes } from '../shard/book-shapes.fixture.ts';
import { combinationOf, FlowCoverage } from '../shard/flow-coverage.fixture.ts';
import type { Command } from '../shard/shard-harness.fixture.ts';
import { type Step, TwinVenue, type VenueSetup } from '../shard/venue-comparison.fixture.ts';
import { type Regime, VenueFlow } from '../shard/venue-flow.fixture.ts';
import { stopBurst } from './draw-burst.ts';
import { drawChange, drawLively, drawTaker } from './draw-crowd.ts';
import {
  AMPLE_REGIME,
  AMPLE_UNITS,
  drawRegime,
  type Mode,
  type SimulationCase,
} from './simulation-case.ts';

/** What of a case is wished for; the seed decides the rest. */
export interface CaseWishes {
  readonly mode?: Mode | undefined;
  readonly commands?: number | undefined;
  readonly shardCount?: number | undefined;
}

const COMMANDS_MIN = 200;
const COMMANDS_SPREAD = 2_500;
/** How many orders a chase may be after. */
const RECENT_ORDERS = 12;
/** Numbers of the steps that the mixed flow knows nothing of. */
const FIRST_SHAPE_NUMBER = 2 ** 29;
const FIRST_OWN_NUMBER = 2 ** 30;
/** One step in so many is the first of several that bring about a drawn combination of order and book. */
const SHAPE_ONE_IN = 10;
/** One case in so many, where funds are ample, has an account with as many stop orders as it may have. */
const BURST_ONE_IN = 4;
/** Steps before it, so that markets have traded. */
const STEPS_BEFORE_BURST = 150;

/** The case of a seed. `coverage` counts what its orders meet, where that is predicted. */
export function drawCase(
  seed: number,
  wishes: CaseWishes,
  coverage?: FlowCoverage,
): SimulationCase {
  const random = new Random(seed);
  const mode = wishes.mode ?? drawMode(random, wishes.shardCount);
  const commands = wishes.commands ?? COMMANDS_MIN + random.below(COMMANDS_SPREAD);
  const regime = drawRegime(random, mode);
  const shardCounts = shardCountsOf(mode, wishes.shardCount ?? [1, 2, 2, 4, 4][random.below(5)]!);
  const draft = new CaseDraft(random, mode, regime, coverage);
  while (draft.steps.length < commands) draft.addNext();
  const { steps, fixedSteps } = draft;
  return { seed, mode, shardCounts, regime, fixedSteps, steps: steps.slice(0, commands) };

  function shardCountsOf(ofMode: Mode, drawn: number): readonly number[] {
    if (ofMode === 'twin') return [1];
    return isCrowded(ofMode) || wishes.shardCount !== undefined ? [drawn] : [1, 2, 4];
  }
}

/**
 * Comparing with the twin is the sharpest proof, of one shard; a crowd is the widest search, and takes the
 * least time: so these are drawn most.
 */
function drawMode(random: Random, shardCount: number | undefined): Mode {
  const several: readonly Mode[] = [
    ...(['lockstep', 'shards', 'crash', 'crash'] as const),
    ...(['crowd', 'crowd', 'crowd', 'crowd'] as const),
  ];
  const isOneKnown = shardCount === undefined || shardCount === 1;
  const known: readonly Mode[] = isOneKnown ? ['twin', 'twin', 'twin', ...several] : several;
  return known[random.below(known.length)]!;
}

/** Draws the steps of a case beside a twin that knows where prices and orders are. */
class CaseDraft {
  readonly steps: Step[] = [];
  readonly fixedSteps: number;
  readonly #random: Random;
  readonly #mode: Mode;
  readonly #regime: Regime;
  readonly #coverage: FlowCoverage | undefined;
  readonly #twin: TwinVenue;
  readonly #flow: VenueFlow;
  /** Null where funds are not ample. */
  readonly #shapes: BookShapes | null;
  /** Whether there is a burst of stop orders still to come. */
  #isBurstDue: boolean;
  readonly #recent: Step[] = [];
  #number = FIRST_OWN_NUMBER;

  constructor(random: Random, mode: Mode, regime: Regime, coverage: FlowCoverage | undefined) {
    this.#random = random;
    this.#mode = mode;
    this.#regime = regime;
    this.#coverage = isCrowded(mode) ? undefined : coverage;
    this.#twin = new TwinVenue(regime.setup, 1);
    this.#flow = new VenueFlow(random.nextUint32(), regime, this.#twin);
    const isShaped = regime.name === AMPLE_REGIME && !isCrowded(mode);
    this.#shapes = isShaped ? new BookShapes(random, regime, this.#twin, FIRST_SHAPE_NUMBER) : null;
    this.#isBurstDue = isShaped && random.below(BURST_ONE_IN) === 0;
    const opening = this.#flow.opening();
    const isAmple = mode === 'shards';
    for (const step of isAmple ? ampleDeposits(opening, regime.setup) : opening) this.#add(step);
    this.fixedSteps = isAmple ? this.steps.length : 0;
  }

  addNext(): void {
    if (this.#isBurstDue && this.steps.length >= STEPS_BEFORE_BURST) {
      this.#isBurstDue = false;
      for (const step of stopBurst(this.#random, this.#regime, this.#twin)) {
        this.#add({ number: this.#number++, ...step });
      }
      return;
    }
    if (this.#shapes !== null && this.#random.below(SHAPE_ONE_IN) === 0) {
      const { reachable } = FlowCoverage;
      const wanted = reachable[this.#random.below(reachable.length)]!;
      for (const step of this.#shapes.stepsTo(wanted)) this.#add(step);
      return;
    }
    const roll = isCrowded(this.#mode) ? this.#random.below(12) : 0;
    if (roll < 4) this.#addMixed();
    else if (roll < 8) this.#addLively();
    else this.#chase();
  }

  #addLively(): void {
    const body = drawLively(this.#random, this.#regime);
    this.#add({ number: this.#number++, command: { kind: 'place', body } });
    if (body.triggerPriceTicks === 0 || this.#random.below(6) > 0) return;
    // While the stop order is on its way to its market.
    const { accountId } = body;
    const all = { requestId: 0, accountId, marketId: 0, scope: CancelScope.TriggerPending };
    this.#add({ number: this.#number++, command: { kind: 'cancelAll', body: all } });
  }

  /** Where funds are ample they stay so. */
  #addMixed(): void {
    const step = this.#flow.next();
    if (this.#mode !== 'shards' || step.command.kind !== 'moveFunds') this.#add(step);
  }

  #add(drawn: Step): void {
    const isTold = this.#mode === 'twin' || this.#mode === 'lockstep';
    const step = isTold ? drawn : byClientId(drawn);
    const command = this.#twin.resolve(step);
    const combination = this.#coverage && combinationOf(command, this.#twin);
    const { refusal } = this.#twin.predict(this.#inTime(command), step.number);
    this.#coverage?.count(combination ?? null, refusal);
    this.steps.push(step);
    if (command.kind !== 'place') return;
    if (this.#recent.unshift(step) > RECENT_ORDERS) this.#recent.pop();
  }

  /** Several commands after one recent order: some of them are under way when it trades or ends. */
  #chase(): void {
    const random = this.#random;
    // One that is gone already may still be there for an engine that is behind.
    const open = this.#recent.filter(({ number }) => this.#isOpen(number));
    const chased = random.below(5) > 0 && open.length > 0 ? open : this.#recent;
    const count = Math.max(1, chased.length);
    // The newest come first, and are the most likely to be under way.
    const placed = chased[Math.min(random.below(count), random.below(count))];
    if (placed === undefined) {
      this.#addMixed();
      return;
    }
    for (let left = 1 + random.below(4); left > 0; left--) {
      const number = this.#number++;
      const command = this.#chaser(placed);
      const isKnownToTwin = !command.kind.startsWith('query');
      if (isKnownToTwin) this.#add({ number, command });
      else this.steps.push({ number, command });
    }
  }

  #chaser(placed: Step): Command {
    const regime = this.#regime;
    if (this.#random.below(4) > 0) return drawChange(this.#random, regime, placed);
    return { kind: 'place', body: drawTaker(this.#random, regime, placed) };
  }

  #isOpen(clientId: number): boolean {
    return this.#twin.venue.orders.some((order) => order.clientId === clientId);
  }

  /** In a crowd the twin only keeps track of what there may be, so for it every command comes in time. */
  #inTime(command: Command): Command {
    if (this.#mode !== 'crowd' || !('expiresAtUs' in command.body)) return command;
    return { ...command, body: { ...command.body, expiresAtUs: 0 } } as Command;
  }
}

/** Whether any number of commands is under way after the same few orders. */
export function isCrowded(mode: Mode): boolean {
  return mode === 'crowd' || mode === 'crash';
}

/** The same step with every order named by a client id that is the number of its step. */
function byClientId({ number, command, target }: Step): Step {
  const body: Record<string, unknown> = { ...command.body };
  if (command.kind === 'place') body.clientId = number;
  if (target !== undefined) Object.assign(body, { orderId: 0, clientId: target });
  return { number, command: { kind: command.kind, body } as unknown as Command };
}

/** As many steps as an opening has: a deposit to every account, of every asset, that cannot be spent. */
function ampleDeposits(opening: readonly Step[], { accountIds, assetIds }: VenueSetup): Step[] {
  return opening.map(({ number }, at) => {
    const assetId = assetIds[at % assetIds.length]!;
    const accountId = accountIds[Math.floor(at / assetIds.length)]!;
    const transfer = { requestId: 0, kind: TransferKind.Deposit, transferId: `t${number}` };
    const body = { ...transfer, accountId, assetId, amountUnits: AMPLE_UNITS };
    return { number, command: { kind: 'moveFunds', body } };
  });
}
